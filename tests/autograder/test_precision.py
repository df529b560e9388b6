"""Small values are judged by their own size: to their last digits, with the value in the report."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder.precision import scaled

with_seed = pytest.mark.parametrize("seed", [1, 2])


def grade(name, function, seed):
    return autograder.grade(name, function, rng=np.random.default_rng(seed))


def quiet_sigmoid(z):
    z = np.asarray(z, z.dtype if z.dtype.kind == "f" else float)
    with np.errstate(over="ignore"):
        a = 1 / (1 + np.exp(-z))
    return a, a


@with_seed
def test_an_overflow_that_ends_in_zero_is_seen_where_only_the_digits_show_it(seed):
    report = grade("sigmoid_forward", quiet_sigmoid, seed)
    assert [case.trait for case in report.failures] == ["tiny values"]
    assert report.points == pytest.approx(0.9 * report.max_points)
    assert report.mistakes[0].name == "silences the overflow"
    assert "out loses the digits of small values" in report.text
    assert "e-3" in report.text
    assert "got 0" in report.text


@with_seed
def test_what_is_wrong_altogether_is_said_once(seed):
    report = grade("sigmoid_forward", lambda z: (np.zeros(z.shape), np.zeros(z.shape)), seed)
    tiny = next(case for case in report.cases if case.trait == "tiny values")
    assert tiny.summary.count("out") == 1


@pytest.mark.parametrize("value", [None, "text", 3.0, np.zeros(5), [1, 2]])
def test_a_result_of_another_form_is_a_failure_with_a_reason(value):
    report = grade("softmax", lambda logits: value, 1)
    assert report.points == 0
    assert all(case.summary for case in report.failures)


def test_scaling_keeps_what_is_right_and_shows_what_is_not():
    right = np.array([1e-310, 0.3, 0.0, 1e300])
    assert np.all((scaled(right, right) >= 0.5) | (right == 0))
    assert np.isinf(scaled(np.array([1.0, 0.3, 0.0, 1e300]), right)[0])
    assert scaled(np.zeros(3), right).shape == (3,)
    assert scaled(right[:3].astype(np.float32), right[:3]).dtype == np.float32
