"""From the value of a test cell to its share of the points, by nbgrader's rules."""

from __future__ import annotations

import numpy as np
import pytest
from boundary import notebooks
from nbgrader.utils import determine_grade

from autograder.errors import StudentError
from autograder.trusted import TestRun
from autograder.verdicts import judge

SHARES = [
    (1.5, 0.75), (0, 0.0), (2, 1.0), (-3, 0.0), (7.0, 1.0), (np.float32(0.5), 0.25), (np.int64(1), 0.5),
    (float("nan"), 0.0), (float("inf"), 0.0), (10**400, 0.0), (np.float64("nan"), 0.0),
    (None, 1.0), (True, 1.0), (False, 1.0), ("1", 1.0), ([0], 1.0), (np.zeros(3), 1.0),
]  # fmt: skip


def judged(run):
    source, submitted = notebooks(("test", "pass"))
    result, outputs = judge(source.cells[0], run)
    submitted.cells[0].outputs = outputs
    return result, determine_grade(submitted.cells[0])


@pytest.mark.parametrize(("value", "share"), SHARES, ids=lambda value: str(value)[:12])
def test_a_number_is_the_points_and_nbgrader_reads_the_same(value, share):
    result, read = judged(TestRun(value=value))
    assert result.fraction == share
    assert read == (2 * share, 2.0)


def test_an_error_is_no_points_and_a_fault_of_the_grader_is_none_at_all():
    failed, read = judged(TestRun(error=StudentError("no")))
    assert (failed.status, failed.fraction, read) == ("failed", 0.0, (0.0, 2.0))
    fault, _ = judged(TestRun(error=ZeroDivisionError("ours"), fault=True))
    assert (fault.status, fault.fraction) == ("grader-failed", None)
