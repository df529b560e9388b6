"""Nested containers: every leaf, its path, and the same form again."""

import numpy as np
import pytest

from nnlib.nested import count, items, leaves, mapped

W, B, GAMMA = np.ones((2, 3)), np.zeros(3), np.full(4, 2.0)
PARAMS = [{"w": W, "b": B}, {}, [{"gamma": GAMMA}, []]]


def test_items_come_in_the_containers_order_with_their_paths():
    assert [(path, id(leaf)) for path, leaf in items(PARAMS)] == [
        ("0.w", id(W)),
        ("0.b", id(B)),
        ("2.0.gamma", id(GAMMA)),
    ]


def test_a_path_begins_where_it_is_told_to():
    assert [path for path, _ in items({"w": W, "b": B}, "params")] == ["params.w", "params.b"]


def test_a_bare_array_is_its_own_leaf():
    assert [path for path, _ in items(W)] == [""]
    assert leaves(W)[0] is W
    assert mapped(np.shape, W) == (2, 3)


def test_leaves_and_their_number_of_numbers():
    assert [id(leaf) for leaf in leaves(PARAMS)] == [id(W), id(B), id(GAMMA)]
    assert count(PARAMS) == 6 + 3 + 4
    assert count([{}, []]) == 0


def test_mapped_keeps_the_form_and_leaves_its_arguments_as_they_are():
    doubled = mapped(lambda leaf: 2 * leaf, PARAMS)
    assert mapped(np.shape, doubled) == [{"w": (2, 3), "b": (3,)}, {}, [{"gamma": (4,)}, []]]
    assert [leaf.sum() for leaf in leaves(doubled)] == [12, 0, 16]
    assert [leaf.sum() for leaf in leaves(PARAMS)] == [6, 0, 8]


def test_mapped_takes_the_leaves_at_the_same_places_whatever_the_order_of_keys():
    grads = [{"b": 10 + B, "w": 20 + W}, {}, [{"gamma": 30 + GAMMA}, []]]
    total = mapped(lambda a, b, c: a + b + c, PARAMS, grads, PARAMS)
    assert [leaf.flat[0] for leaf in leaves(total)] == [1 + 21 + 1, 0 + 10 + 0, 2 + 32 + 2]


def test_shapes_are_leaves():
    assert leaves([{"w": (2, 3)}]) == [(2, 3)]


def test_containers_of_another_form_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        mapped(np.add, [W, W], [W])
    with pytest.raises(KeyError, match="b"):
        mapped(np.add, {"w": W, "b": B}, {"w": W})
