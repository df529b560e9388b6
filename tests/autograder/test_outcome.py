"""Verdicts and points are pure functions of a record."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from autograder import outcome as outcomes
from autograder.outcome import CellOutcome, Outcome

PASSED = CellOutcome("nb", "a", 2.0, 2.0, status="passed")
FAILED = CellOutcome("nb", "b", 0.5, 2.0, status="failed")
MANUAL = CellOutcome("nb", "c", None, 3.0, status="manual")
FAULT = CellOutcome("nb", "d", None, 2.0, status="grader-failed", message="our test raised")
BONUS = CellOutcome("nb", "e", 0.0, 0.0, bonus=1.5, max_bonus=3.0, status="failed")


def outcome(*cells, **fields):
    return Outcome("ann", "hw", cells, **fields)


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (outcome(PASSED), "passed"),
        (outcome(PASSED, MANUAL), "passed"),
        (outcome(PASSED, BONUS), "passed"),
        (outcome(PASSED, FAILED), "failed"),
        (outcome(PASSED, absent=(("nb", "broken JSON"),)), "failed"),
        (outcome(FAILED, FAULT), "grader-failed"),
        (outcome(PASSED, fault="the disk is full"), "grader-failed"),
    ],
)
def test_a_fault_of_the_grader_outweighs_a_failure_and_a_failure_a_pass(made, verdict):
    assert made.verdict == verdict


def test_a_grader_fault_has_no_score_not_even_zero():
    assert outcomes.score(outcome(PASSED, FAULT)) is None


def test_the_score_adds_points_and_bonus_and_waits_for_what_is_marked_by_hand():
    made = outcome(PASSED, FAILED, MANUAL, BONUS)
    assert outcomes.score(made) == 4.0
    assert outcomes.max_score(made) == 7.0
    assert outcomes.waiting(made) == 3.0


def test_faults_name_the_cell_or_the_whole():
    assert outcomes.faults(outcome(PASSED, FAULT)) == ["nb/d: our test raised"]
    assert outcomes.faults(outcome(FAULT, fault="no sandbox")) == ["no sandbox"]


def test_an_outcome_survives_json():
    made = outcome(PASSED, MANUAL, FAULT, notes=("é", "x"), seconds=1.5, unanswered=(("nb", "c"),))
    assert outcomes.from_json(json.loads(json.dumps(outcomes.to_json(made)))) == made


def test_an_outcome_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        outcome(PASSED).fault = "later"
    assert replace(outcome(PASSED), fault="x") != outcome(PASSED)
