"""Numbers are compared to a tolerance, whatever kind of number they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograder
from nnlib.optimizers import clip_by_global_norm
from nnlib.schedules import exponential_decay


def grade(name, function):
    return autograder.grade(name, function, rng=np.random.default_rng(1))


@pytest.mark.parametrize("kind", [float, np.float64, np.asarray])
def test_any_kind_of_number_is_right(kind):
    assert grade("exponential_decay", lambda lr, step, rate: kind(lr * math.exp(-rate * step))).passed


def test_a_last_digit_more_or_less_is_right_and_a_thousandth_is_not():
    assert grade("exponential_decay", lambda *a: exponential_decay(*a) * (1 + 1e-12)).passed
    assert grade("exponential_decay", lambda *a: exponential_decay(*a) * 1.001).points == 0


@pytest.mark.parametrize("wrong", [lambda *a: [exponential_decay(*a)], lambda *a: str(exponential_decay(*a))])
def test_what_is_no_number_is_wrong(wrong):
    assert grade("exponential_decay", wrong).points == 0


def test_a_tuple_is_as_good_as_a_list():
    def as_tuple(grads, max_norm):
        clipped, norm = clip_by_global_norm(grads, max_norm)
        return tuple(clipped), np.float64(norm)

    assert grade("clip_by_global_norm", as_tuple).passed


def test_of_two_values_each_earns_its_part():
    report = grade("clip_by_global_norm", lambda grads, most: (clip_by_global_norm(grads, most)[0], 0.0))
    assert report.points == pytest.approx(1.575, abs=0.006)  # three of four parts, and the norm of zeros is 0
