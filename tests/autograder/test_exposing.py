"""Hunts in any function: an input counts by the wrong versions that it exposes."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import checking

RIGHT = (np.ones(3), np.random.default_rng(0).normal(size=(6, 3)), 0.5, 0.7, 0.9, 0.05)


def hunt(name, found):
    return autograder.grade(name, lambda: found, rng=np.random.default_rng(1))


def test_one_good_input_exposes_all():
    assert hunt("hunt_adam_bug", RIGHT).passed


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({0: 1.0}, "w: expected an array, got 1.0"),
        ({1: np.ones(3)}, "gradients: expected shape (steps, *w.shape) with 1 to 50 steps, got (3,) for w (3,)"),
        ({1: np.full((2, 3), np.nan)}, "finite numbers"),
        ({0: np.full(3, 1e9)}, "drown in rounding"),
        ({3: 1.0}, "beta1: expected a number from 0 to below 1, got 1.0"),
        ({2: np.ones(2)}, "lr: expected a number from 0 to below 10"),
    ],
)
def test_what_is_no_input_is_told(change, words):
    found = [change.get(i, value) for i, value in enumerate(RIGHT)]
    report = hunt("hunt_adam_bug", found)
    assert words in report.text
    assert report.points == 0


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ((np.ones((3, 2)), np.ones(4), 2), "x and y must have as many examples, got 3 and 4"),
        ((np.ones((3, 2)), np.ones(3), 0), "batch_size: expected an int from 1 on, got 0"),
        ((np.ones((600, 2)), np.ones(600), 7), "expected 1 to 500 examples"),
        (7, "expected a tuple (x, y, batch_size), got 7"),
    ],
)
def test_what_cannot_be_cut_is_told(found, words):
    report = hunt("hunt_batch_bug", found)
    assert words in report.text
    assert report.points == 0


MEASURED = checking.find("hunt_measuring_bug").reference()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({0: np.ones(120)}, "x: expected an array (N, D) of numbers"),
        ({0: np.full((120, 2), np.inf)}, "x must hold finite numbers up to 1e+06"),
        (
            {1: MEASURED[1][:-1]},
            "labels: expected an array (120,) of whole numbers, as x has 120 images, got an array (119,)",
        ),
        ({2: MEASURED[2] * 0.5}, "groups: expected an array (120,) of whole numbers"),
        ({3: []}, "held_out: expected a list of some of the numbers in groups, got a list of 0"),
        ({3: [[1], [2, 3]]}, "held_out: expected a list of some of the numbers in groups"),
        ({3: 7}, "held_out: expected a list of some of the numbers in groups, got 7"),
        ({3: [99]}, "some digits must be held out, and some must be left to learn from"),
        ({4: 0}, "batch_size: expected an int from 1 on, got 0"),
    ],
)
def test_what_nothing_can_be_measured_on_is_told(change, words):
    report = hunt("hunt_measuring_bug", [change.get(i, value) for i, value in enumerate(MEASURED)])
    assert words in " ".join(report.text.split())
    assert report.points == 0


def test_digits_held_out_may_be_an_array_and_a_batch_a_number_of_numpy():
    x, labels, groups, held_out, batch_size = MEASURED
    assert hunt("hunt_measuring_bug", (x, labels, groups, np.array(held_out), np.int64(batch_size))).passed
    assert hunt("hunt_measuring_bug", (x, labels, groups, tuple(held_out), batch_size)).passed


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("hunt_adam_bug", (np.ones(3), np.zeros((4, 3)), 0.5, 0.7, 0.9, 0.0)),
        ("hunt_batch_bug", (np.full((21, 2), np.nan), np.arange(21), 4)),
    ],
)
def test_an_input_that_has_no_right_result_exposes_nothing(name, found):
    report = hunt(name, found)
    assert "no finite numbers" in report.text
    assert report.points == 0


def test_numbers_of_numpy_are_numbers():
    found = [np.float64(value) if isinstance(value, float) else value for value in RIGHT]
    assert hunt("hunt_adam_bug", found).passed
    assert hunt(
        "hunt_batch_bug", (np.arange(84, dtype=np.float32).reshape(21, 2, 2), np.arange(21), np.int64(4))
    ).passed


def test_a_hunt_that_raises_says_so():
    def failing():
        raise ValueError("no idea")

    report = autograder.grade("hunt_batch_bug", failing, rng=np.random.default_rng(1))
    assert "it raised ValueError: no idea" in report.text
