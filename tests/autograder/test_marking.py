"""Points are earned by aspects: all or nothing for each returned value, and no more than that for an error."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder import checking, marking
from autograder.exercise import Aspect, Case, Judgement
from autograder.exercises.unit05 import shares

TEMPLATE = checking.find("conv2d_backward")
CASES = tuple(Case(trait, ()) for trait in ("plain", "stride 2", "stride 3"))
ASPECTS = (Aspect("basics", 40, frozenset({"plain"})), Aspect("stride", 60, frozenset({"stride 2", "stride 3"})))
EXERCISE = replace(TEMPLATE, points=10, aspects=ASPECTS, worth={"dx": 3, "dw": 2, "db": 1})


def judged(*rows):
    """A judgement for each row of 0s and 1s: what dx, dw and db earn."""
    return [Judgement({}, dict(zip(("dx", "dw", "db"), map(float, row), strict=True))) for row in rows]


def points(*rows, exercise=EXERCISE, cases=CASES):
    return marking.points(exercise, cases, marking.earned(cases, judged(*rows)))


@pytest.mark.parametrize(("rows", "expected"), [
    (("111", "111", "111"), 10), (("000", "000", "000"), 0), (("111", "111", "000"), 4), (("111", "011", "011"), 7),
    (("111", "111", "110"), 9), (("110", "110", "011"), 10 * (0.4 * 5 + 0.6 * 2) / 6), (("001", "001", "001"), 10 / 6),
])  # fmt: skip
def test_an_aspect_is_earned_by_each_value_that_is_right_in_all_of_its_cases(rows, expected):
    assert points(*rows) == pytest.approx(expected, abs=0.006)


def test_values_count_the_same_unless_it_is_said_otherwise():
    assert points("111", "011", "011", exercise=replace(EXERCISE, worth={})) == 8


def test_without_aspects_each_case_counts_the_same():
    assert points("111", "000", "000", exercise=replace(EXERCISE, aspects=())) == pytest.approx(3.33)


def test_a_right_error_earns_nothing_where_no_result_is_right():
    cases = (*CASES[:2], replace(CASES[2], raises=ValueError))
    exercise = replace(EXERCISE, aspects=())
    assert points("000", "000", "111", exercise=exercise, cases=cases) == 0
    assert points("001", "000", "111", exercise=exercise, cases=cases) > 3


def test_speed_counts_once_all_else_is_right():
    cases = (*CASES[:2], replace(CASES[2], timed=True))
    assert points("111", "111", "100", cases=cases) == pytest.approx(3.33)
    assert points("111", "110", "100", cases=cases) == 0


def test_marks_say_what_each_aspect_earned():
    marks = marking.marks(EXERCISE, CASES, marking.earned(CASES, judged("111", "111", "011")))
    assert [(mark.name, mark.points, mark.max_points) for mark in marks] == [("basics", 4, 4), ("stride", 3, 6)]
    assert marks[1].traits == ("stride 2", "stride 3")


def test_the_rule_is_said():
    assert marking.rule(EXERCISE, CASES).endswith("of 6 parts, dx 3, dw 2, db 1.")
    assert marking.rule(replace(EXERCISE, aspects=()), CASES) == "Each case counts the same."
    assert "speed counts" in marking.rule(EXERCISE, (replace(CASES[0], timed=True),))


def test_a_trait_of_two_aspects_counts_in_the_later_one():
    basics, ties = shares.aspects(basics=90, equal_values=10)
    assert "equal values" not in basics.traits
    assert ties.traits == {"equal values"}
