"""What differs is said precisely: type, shape, dtype, the first value; and what it looks like."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.calling import NotTried, Opaque, Raised
from autograder.comparison import compare, same
from autograder.hints import hint_for

RIGHT = np.random.default_rng(0).normal(size=(2, 3, 4, 5))


def summary(expected, got):
    problem = compare("out", expected, got)
    return "" if problem is None else problem.summary


def hint(got, expected=RIGHT):
    problem = compare("out", expected, got)
    return "" if problem is None else problem.hint


def test_equal_arrays_have_no_problem():
    assert compare("out", RIGHT, RIGHT.copy()) is None


@pytest.mark.parametrize(("dtype", "off", "fine"), [
    ("float64", 1e-11, True), ("float64", 1e-7, False), ("float32", 1e-6, True), ("float32", 1e-2, False),
])  # fmt: skip
def test_the_tolerance_is_that_of_the_dtype(dtype, off, fine):
    expected = RIGHT.astype(dtype)
    assert (compare("out", expected, (expected + off).astype(dtype)) is None) == fine


def test_shapes_are_told():
    assert summary(RIGHT, RIGHT[:, :2]) == "out: expected shape (2, 3, 4, 5), got (2, 2, 4, 5)"


def test_dtypes_are_told_where_values_agree():
    assert summary(RIGHT.astype(np.float32), RIGHT) == "out: expected dtype float32, got float64"


def test_the_first_differing_index_is_told_with_both_values():
    got = RIGHT.copy()
    got[1, 2, 0, 3] += 1
    got[1, 2, 3, 3] += 1
    problem = compare("dx", RIGHT, got)
    assert problem.details[0] == f"dx[1, 2, 0, 3]: expected {RIGHT[1, 2, 0, 3]:.6g}, got {got[1, 2, 0, 3]:.6g}"
    assert problem.details[1] == "2 of 120 values differ"


def test_values_that_differ_look_different():
    problem = compare("dx", np.array([-1.10693897, 1.0]), np.array([-1.10693851, 1.0]))
    assert problem.details[0] == "dx[0]: expected -1.10693897, got -1.10693851"


def test_what_is_nearly_right_gets_no_hint_at_its_form():
    wanted = np.array([-0.629312622, 1.0, 2.0, 3.0])
    problem = compare("w", wanted, wanted - 1.6e-8, {"float64": 1e-9})
    assert problem.details == ("w[0]: expected -0.629312622, got -0.629312638", "4 of 4 values differ")
    assert not problem.hint


@pytest.mark.parametrize(("got", "words"), [
    (RIGHT.tolist(), "np.array"), (None, "return"), ((RIGHT, 1), "too many"),
    (RIGHT * 7, "7 times too large"), (RIGHT / 4, "4 times too small"),
    (-RIGHT, "sign"), (RIGHT + 2, "2 too large"),
    (np.full_like(RIGHT, np.nan), "nan"), (np.full_like(RIGHT, np.inf), "inf"),
    (np.zeros_like(RIGHT), "All of it is 0"), (np.trunc(RIGHT).astype(int), "cut off"),
    (RIGHT[..., ::-1], "turned round"), (np.roll(RIGHT, 1, axis=3), "shifted"),
    (RIGHT.transpose(0, 1, 3, 2), "another order"), (RIGHT[:, :, :0], "empty"), (RIGHT[:, :, :-1], "+ 1"),
    (RIGHT.reshape(2, 3, 20), "reshape"),
])  # fmt: skip
def test_a_wrong_array_is_recognised(got, words):
    assert words in hint(got)


def test_a_first_part_that_is_right_is_told_only_where_no_other_part_is():
    got = RIGHT.copy()
    got[1] += RIGHT[0]
    assert "does a loop stop too early" in hint(got)
    both = np.concatenate([got, RIGHT])
    assert hint(both, np.concatenate([RIGHT, RIGHT])) == ""


def test_exchanged_axes_of_one_size_are_recognised():
    square = RIGHT[:, :, :4, :4]
    assert "exchanged" in hint(square.swapaxes(2, 3), square)


def test_a_list_where_one_number_belongs_is_not_told_to_become_an_array():
    assert hint([0.5, 0.25], np.array(0.75)) == "One number is expected."


def test_no_rule_holds_for_other_numbers():
    assert hint_for(RIGHT, np.random.default_rng(1).normal(size=RIGHT.shape)) == ""


@pytest.mark.parametrize(("expected", "got"), [
    (RIGHT[:1, :1, :1, :1], RIGHT[:1, :1, :1, :1] + 1), (np.zeros((2, 2)), np.ones((2, 2))),
    (np.zeros(()), np.ones(())), (RIGHT, np.zeros((0,))), (np.zeros((0, 2)), np.zeros((2, 0))),
    (np.ones(3), np.array([True, False, True])), (np.ones(3), np.array([1, 2, 3], np.uint8)),
])  # fmt: skip
def test_rules_survive_small_and_odd_arrays(expected, got):
    assert compare("out", expected, got) is not None


@pytest.mark.parametrize(("got", "words"), [
    (3.0, "//"), (3.5, "//"), (np.float64(3), "//"), (True, "expected 3"), (None, "got None"), ("3", "expected 3"),
    (np.array([3]), "an array (1,)"), (4, "got 4"), (10**4000, "a huge int"), (float("nan"), "expected 3"),
])  # fmt: skip
def test_an_int_must_be_an_int(got, words):
    problem = compare("result", 3, got)
    assert words in f"{problem.summary} {problem.hint}"


def test_a_numpy_int_is_an_int():
    assert compare("result", 3, np.int64(3)) is None


def test_exceptions_in_place_of_values():
    raised = Raised("IndexError", "index 5", ("In[3], line 2, in f:  x[5]",), ("IndexError", "LookupError"))
    assert summary(RIGHT, raised) == "it raised IndexError: index 5"
    assert compare("out", RIGHT, raised).details == ("In[3], line 2, in f:  x[5]",)
    assert compare("out", Raised("LookupError", ""), raised) is None  # a subclass will do
    assert "expected a ValueError, but it raised IndexError" in summary(Raised("ValueError", ""), raised)
    assert summary(Raised("ValueError", ""), RIGHT) == (
        "expected a ValueError, but it returned an array (2, 3, 4, 5) of float64"
    )


def test_what_was_not_tried_or_not_read_is_said():
    assert summary(RIGHT, NotTried("not tried")) == "not tried"
    assert "got a generator" in summary(RIGHT, Opaque("a generator"))


def test_tuples_are_compared_item_by_item():
    assert compare("cache", (RIGHT, 1), (RIGHT, 1)) is None
    assert summary((RIGHT, 1), (RIGHT, 2)) == "out[1]: expected 1, got 2"
    assert summary((RIGHT, 1), (RIGHT,)) == "out: expected a tuple of 2, got a tuple of 1"


@pytest.mark.parametrize(("a", "b", "alike"), [
    (RIGHT, RIGHT.copy(), True), (RIGHT, RIGHT + 1, False), (RIGHT, RIGHT.astype(np.float32), False),
    (1, 1.0, False),
    (np.array([np.nan]), np.array([np.nan]), True), ((1, RIGHT), (1, RIGHT), True), ((1,), (1, 2), False),
    (Raised("ValueError", "a"), Raised("ValueError", "b"), True),
    (Raised("TypeError", "'float' object"), Raised("TypeError", "a float"), True),
    (Raised("TypeError", "'float' object"), Raised("TypeError", "tuple indices"), False),
    (Raised("ValueError", "sequence"), Raised("TypeError", "not tuple"), True),
    (Raised("ValueError", "could not broadcast"), Raised("ValueError", "setting with a sequence"), False),
    (Raised("TypeError", "no"), Raised("TypeError", "no"), False),
    (Opaque("a"), Opaque("a"), True), (float("nan"), float("nan"), True), (None, None, True),
])  # fmt: skip
def test_wrong_in_the_same_way(a, b, alike):
    assert same(a, b) is alike
