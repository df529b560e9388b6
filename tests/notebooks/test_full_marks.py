"""Across the trust boundary, a unit's solution gets every point and what students start from gets none."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.building import Project, write_course
from autograder.leaderboard import result_of
from autograder.outcome import Outcome
from autograder.planning import check_jobs
from autograder.sandbox import get_sandbox
from autograder.source import blank_notebook, load_assignment
from autograder.worker import SandboxRun, Task

PROJECT = Project(Path(__file__).resolve().parents[2])
UNITS = [unit.name for unit in PROJECT.units()]


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    """Grade the solution or the blank notebook of a unit."""
    if problems := get_sandbox("bubblewrap").problems():
        pytest.skip(problems[0])
    course = write_course(tmp_path_factory.mktemp("course"), PROJECT)

    def graded(unit: str, job: int) -> Outcome:
        assignment = load_assignment(course, unit)
        task = Task(assignment, SandboxRun(unit, folder=assignment.folder), seed=7)
        return task(check_jobs(assignment)[job]).outcome

    return graded


@pytest.mark.parametrize("unit", UNITS)
def test_the_solution_gets_every_point_and_every_bonus(grade, unit):
    outcome = grade(unit, 0)
    wrong = [(cell.id, cell.message) for cell in outcome.cells if cell.status not in ("passed", "manual")]
    assert wrong == []
    assert outcome.verdict == "passed"
    measured = result_of(outcome)
    assert (measured is not None) == (unit == "07_capstone")
    assert measured is None or (measured.images == 597 and measured.cpu_seconds > 0)


@pytest.mark.parametrize("unit", UNITS)
def test_the_blank_notebook_gets_nothing(grade, unit):
    outcome = grade(unit, 1)
    assert [cell.id for cell in outcome.cells if (cell.points or 0) + cell.bonus > 0] == []
    assert len(outcome.unanswered) > 0
    assert outcome.verdict == "failed"


@pytest.mark.parametrize("unit", UNITS)
def test_the_blank_notebook_is_what_students_are_given(tmp_path, unit):
    source = load_assignment(write_course(tmp_path, PROJECT), unit).notebooks[0]
    blank = nbformat.reads(blank_notebook(source), as_version=4)
    given = nbformat.read(PROJECT.course / unit / f"{unit}.ipynb", as_version=4)
    assert [cell.source for cell in blank.cells] == [cell.source for cell in given.cells]
    assert [_checksum(cell) for cell in blank.cells] == [_checksum(cell) for cell in given.cells]


def _checksum(cell) -> str:
    """What nbgrader takes for an empty answer."""
    settings = cell.metadata.get("nbgrader", {})
    return settings["checksum"] if settings.get("solution") else ""
