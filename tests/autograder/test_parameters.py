"""What counts as a parameter, and what of it is kept."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.parameters import NoParameters, count, stored, zeroed

NESTED = {"w": np.ones((3, 4)), "layers": [(np.zeros(2, np.float32), 7), None, True, 0.5]}


def test_every_number_counts_and_so_does_every_letter():
    assert count(NESTED) == 12 + 2 + 1 + 1 + 1 + 1 + len("w" + "layers")
    assert count(np.ones((5, 6))) == 30
    assert count("abc") == 3


@pytest.mark.parametrize("bit", [None, True, False, (), [], {}, ""])
def test_what_can_tell_a_bit_is_not_free(bit):
    assert count(bit) == 1
    assert count([bit] * 500) == 500
    assert stored([bit]) == [bit]


def test_a_key_is_no_hiding_place():
    assert count({"x" * 500: 1, 12345: 1}) == 500 + 1 + 1 + 1


def test_what_is_kept_has_the_precision_of_float32_the_same_form_and_dtypes():
    third = 1 / 3
    kept = stored({"w": np.array([third]), "n": third, "k": [3, "name"]})
    assert kept["w"][0] == kept["n"] == float(np.float32(third)) != third
    assert kept["w"].dtype == np.float64
    assert kept["k"] == [3, "name"]
    assert type(kept["k"][0]) is int


@pytest.mark.parametrize("packed", [2**53 + 1, 123_456_789_012_345, 10**50])
def test_several_numbers_cannot_be_packed_into_one(packed):
    assert stored(packed) != packed
    if packed < 2**63:
        assert stored(np.array([packed]))[0] != packed


def test_numbers_that_a_network_has_survive():
    for value in (0, -1, 10, 2**24, 0.5, -3.25, float("inf")):
        assert stored(value) == value
    assert np.array_equal(stored(np.arange(-100, 100)), np.arange(-100, 100))
    assert stored(np.array([True, False])).dtype == bool


def test_it_is_a_copy():
    original = np.ones(3)
    empty: list[int] = []
    kept = stored([original, empty])
    kept[0][:] = 7
    kept[1].append(7)
    assert original.tolist() == [1, 1, 1]
    assert empty == []


def test_zeroed_empties_floats_alone():
    emptied = zeroed({"w": np.ones(2), "size": (3, 4), "p": 0.5})
    assert emptied["w"].tolist() == [0, 0]
    assert emptied["size"] == (3, 4)
    assert emptied["p"] == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (object(), "an object"),
        ([np.ones(2), lambda: 0], "a function"),
        (b"packed", "a bytes"),
        (np.array([1j]), "an array"),
        (np.zeros((7, 0)), "an empty array"),
        ({1, 2}, "a set"),
        (np.array(["a"]), "texts"),
    ],
)
def test_what_is_no_number_is_refused_by_name(value, words):
    with pytest.raises(NoParameters, match=f"arrays and numbers in tuples, lists and dicts, got .*{words}"):
        count(value)


def test_what_is_nested_without_end_is_refused():
    endless: list = []
    endless.append(endless)
    with pytest.raises(NoParameters, match="20 deep"):
        stored(endless)
