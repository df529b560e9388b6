"""A race is timed on a clock that we set: right first, then fast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder import checking


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def costing(self, function, seconds):
        def slower(*args):
            self.now += seconds
            return function(*args)

        return slower


def small(rng):
    return rng.normal(size=(2, 1, 4, 4)), rng.normal(size=(1, 1, 2, 2)), rng.normal(size=1), 1, 0


def race(seconds, ours=1.0, own=None, function=None):
    """The report of a race in which calls take that long."""
    clock, exercise = Clock(), checking.find("conv2d_forward_fast")
    kind = replace(exercise.kind, loops=clock.costing(exercise.kind.loops, ours), draw=small, clock=clock)
    forward = clock.costing(exercise.kind.loops, own) if own else None
    timed = clock.costing(function or exercise.reference, seconds)
    return checking.examine(replace(exercise, kind=kind), timed, forward, np.random.default_rng(1))


def test_ten_times_as_fast_is_worth_all_points():
    assert race(0.1).points == 3
    assert race(0.01).passed


def test_less_than_twice_as_fast_is_worth_nothing_and_says_how_fast():
    report = race(0.6)
    assert report.points == 0
    assert "1.7 times as fast" in report.text
    assert "im2col" in report.text


def test_points_grow_with_the_logarithm_of_the_speed_up():
    assert race(1 / np.sqrt(20)).points == pytest.approx(1.5, abs=0.01)
    assert race(0.3).points < race(0.2).points


def test_slow_loops_of_ones_own_do_not_help():
    assert race(0.2, own=50.0).points == race(0.2).points


def test_ones_own_loops_are_the_measure_where_they_are_faster_than_ours():
    assert race(0.1, own=0.5).points < race(0.1).points
    assert "your own loops" in race(0.1, own=0.5).text


def test_who_was_fast_from_the_start_is_measured_by_our_loops():
    assert race(0.1, own=0.1).points == 3


def test_a_fast_wrong_function_gets_nothing():
    exercise = checking.find("conv2d_forward_fast")
    assert race(0.01, function=exercise.misconceptions[0].function).points == 0


def test_remembered_results_are_of_no_use():
    seen = []

    def remembering(x, *rest):
        seen.append(x.tobytes())
        return checking.find("conv2d_forward_fast").reference(x, *rest)

    race(0.1, own=0.5, function=remembering)
    timed = seen[-3:]
    assert len(set(timed)) == 3
    assert seen.count(timed[0]) == 1


def test_race_alternatives_are_right():
    for alternative in checking.find("conv2d_forward_fast").alternatives:
        assert race(0.05, function=alternative).passed


def test_a_race_function_that_raises_is_told_so():
    def stuck(*args):
        raise RuntimeError("stuck")

    assert "stuck" in race(0.1, function=stuck).text
