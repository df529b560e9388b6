"""A bug hunt earns by what its input exposes, and what is no input is refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import checking


def grade(name, function, forward=None, seed=1):
    return autograder.grade(name, function, forward=forward, rng=np.random.default_rng(seed))


@pytest.mark.parametrize(("value", "words"), [
    ("tied maxima", "expected a tuple (x, size, stride)"), (None, "got None"), ((1, 2), "a tuple of 2"),
    ((np.ones((1, 1, 3000, 3000)), 1500, 1), "too large to be tried"),
    ((np.ones((1, 1, 4, 4)), 10**9, 1), "number up to"),
    ((np.full((1, 1, 4, 4), np.nan), 2, 2), "finite"), ((np.zeros((0, 1, 4, 4)), 2, 2), "finite"),
    ((np.ones((4, 4)), 2, 2), "does not take this input"), ((np.ones((1, 1, 4, 4)), 9, 1), "does not take"),
    ((np.ones((1, 1, 4, 4)), 2, 0), "does not take"), ((np.ones((1, 1, 4, 4)), (2, 2, 2), 1), "does not take"),
    ((np.ones((1, 1, 4, 4)), "2", 1), "expected an array"), ((np.ones((1, 1, 4, 4)), None, None), "does not take"),
    ((1, 2, 3), "does not take"), ((np.ones((1, 1, 100, 100)), 50, 1), "too large to be tried"),
])  # fmt: skip
def test_a_hunt_that_returns_no_input_is_told_why(value, words):
    report = grade("hunt_pool_bug", lambda: value)
    assert report.points == 0
    assert words in report.text


def test_a_hunt_earns_by_what_it_exposes():
    tied_only = grade("hunt_pool_bug", lambda: (np.ones((1, 1, 4, 4)), 2, 2))
    assert 0 < tied_only.points < 2
    assert [case.trait for case in tied_only.cases if case.passed][:2] == [
        "equal values: all get dout", "equal values: the last gets dout",
    ]  # fmt: skip


def test_the_function_of_a_hunt_is_called_once():
    calls = []

    def hunt():
        calls.append(1)
        return checking.find("hunt_conv_bug").reference()

    assert grade("hunt_conv_bug", hunt).passed
    assert len(calls) == 1


def test_a_layer_as_lists_and_numpy_ints_is_understood():
    x, w, b, _, _ = checking.find("hunt_conv_bug").reference()
    assert grade("hunt_conv_bug", lambda: [x, w, b, [2, 1], (0, 1)]).passed
