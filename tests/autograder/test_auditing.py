"""An audit judges each line by the student's own lines above it, and names the first wrong one with both values."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder.auditing import Audit
from autograder.calling import Caller
from autograder.exercise import TOLERANCE, Case

STEPS = {
    "double": lambda x: 2 * x,
    "square": lambda double: double**2,
    "sum": lambda double, square: double + square,
}
AUDIT = Audit(("x",), STEPS, {"first": ("double",), "rest": ("square", "sum")})


def judged(function, x=3.0):
    case = Case("a point", (x,))
    (seen,) = AUDIT.observe((case,), function, None, Caller())
    return AUDIT.judge(case, {}, seen, TOLERANCE)


def test_right_lines_earn_everything():
    found = judged(lambda x: {"double": 6, "square": np.float64(36), "sum": np.array(42.0), "more": "ignored"})
    assert found.earned == {"first": 1, "rest": 1}
    assert not any(found.problems.values())


def test_one_mistake_is_one_wrong_line():
    found = judged(lambda x: {"double": 5, "square": 25, "sum": 30})
    assert found.earned == {"first": 0, "rest": 1}
    problem = found.problems["double"]
    assert problem.summary == "the first wrong line is double"
    assert problem.details == ("double: expected 6, got 5", "computed from your own x = 3")
    assert found.problems["square"] is found.problems["sum"] is None


def test_a_second_mistake_is_named_too_with_the_students_own_values():
    found = judged(lambda x: {"double": 5, "square": 36, "sum": 41.5})
    assert found.problems["square"].details[0] == "square: expected 25, got 36"
    assert found.problems["sum"].summary == "wrong as well: sum"
    assert found.problems["sum"].details == (
        "sum: expected 41, got 41.5",
        "computed from your own double = 5, square = 36",
    )
    assert found.credit == 0


@pytest.mark.parametrize(("result", "words"), [
    (None, "expected a dict with the keys double, square, sum, got None"),
    ((6, 36, 42), "expected a dict with the keys double, square, sum, got a tuple of 3"),
    ({"double": 6, "square": 36}, "sum: expected one number, got None"),
    ({"double": 6, "square": [36], "sum": 42}, "square: expected one number, got a list of 1"),
    ({"double": float("nan"), "square": 36, "sum": 42}, "the first wrong line is double"),
])  # fmt: skip
def test_what_is_no_number_is_described(result, words):
    problems = [problem.summary for problem in judged(lambda x: result).problems.values() if problem]
    assert words in problems[0]


def test_a_line_after_one_that_is_missing_is_judged_by_the_right_value():
    assert judged(lambda x: {"square": 36, "sum": 42}).earned == {"first": 0, "rest": 1}


def test_an_exception_is_told_once():
    def failing(x):
        raise ZeroDivisionError("no")

    report = autograder.grade("derivation_steps", lambda *a: failing(a[0]), rng=np.random.default_rng(1))
    assert report.points == 0
    assert {case.summary for case in report.cases} == {"it raised ZeroDivisionError: no"}  # not once for each line


def test_the_report_names_the_line_and_says_what_to_think_of():
    from autograder.exercises.unit02.derivation import line

    report = autograder.grade("derivation_steps", line(dz2=lambda dy: dy), rng=np.random.default_rng(1))
    assert "the first wrong line is dz2" in report.text
    assert "wrong as well" not in report.text
    assert [mistake.name for mistake in report.mistakes] == ["forgets the derivative of the sigmoid"]
