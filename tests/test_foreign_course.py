"""An ordinary nbgrader course, knowing nothing of our checks, is protected as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

COURSE = Path(__file__).parents[1] / "examples" / "foreign_course"
COMMANDS = Path(sys.executable).parent
PLUG_IN = "from autograder.nbgrader_plugin import configure\n\nconfigure(c)\n"

FULL = {
    "test_mean": 2.0,
    "test_root": 2.0,
    "test_initials": 1.0,
    "test_count_words": 2.0,
    "test_sort_in_place": 2.0,
    "test_largest": 1.0,
    "test_stack": 4.0,
    "test_standardise": 3.0,
    "test_distances": 3.0,
}
RIGHT = {"rita": set(FULL), "walt": {"test_initials", "test_standardise", "test_distances"}}
# what stock nbgrader gives for wrong answers
ATTACKED = {
    "cheat_builtins": {"test_mean", "test_count_words", "test_stack"},
    "cheat_custom_exception": set(FULL),
    "cheat_equals_everything": {
        "test_mean",
        "test_initials",
        "test_count_words",
        "test_largest",
        "test_distances",
    },
    "cheat_exits": set(),
    "cheat_numpy_testing": {"test_standardise", "test_distances"},
    "cheat_prints_points": {"test_mean", "test_root", "test_initials", "test_standardise"},
    "cheat_redefines_helpers": {"test_mean", "test_initials"},
}
STUDENTS = sorted({*RIGHT, *ATTACKED})
PROTECTED = ("command", "plug_in")

Points = Mapping[str, Mapping[str, float | None]]


def run(*command: str | Path, cwd: Path) -> int:
    environment = {**os.environ, "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([COMMANDS / command[0], *command[1:]], cwd=cwd, env=environment, capture_output=True)
    return done.returncode


def points(gradebook: Path) -> Points:
    with Gradebook(f"sqlite:///{gradebook}") as book:
        return {
            submission.student.id: {
                grade.name: grade.auto_score for notebook in submission.notebooks for grade in notebook.grades
            }
            for submission in book.assignment_submissions("ps1")
        }


def copy_course(target: Path, more_config: str = "") -> Path:
    shutil.copytree(COURSE, target)
    with (target / "nbgrader_config.py").open("a") as config:
        config.write(more_config)
    return target


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Points:
    output = tmp_path_factory.mktemp("command")
    arguments = ("--course", COURSE, "--submissions", COURSE / "submitted", "--output", output, "--jobs", "2")
    assert run("autograder", "grade", "ps1", *map(str, arguments), cwd=output) == 0
    return points(output / "gradebook.db")


@pytest.fixture(scope="module")
def plug_in(tmp_path_factory: pytest.TempPathFactory) -> Points:
    course = copy_course(tmp_path_factory.mktemp("plug_in") / "course", PLUG_IN)
    assert run("nbgrader", "generate_assignment", "ps1", cwd=course) == 0
    assert run("nbgrader", "autograde", "ps1", cwd=course) == 0
    return points(course / "gradebook.db")


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Points:
    course = copy_course(tmp_path_factory.mktemp("stock") / "course")
    assert run("nbgrader", "generate_assignment", "ps1", cwd=course) == 0
    run("nbgrader", "autograde", "ps1", cwd=course)  # fails for those whose kernel dies
    return points(course / "gradebook.db")


def automatic(cells: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: cells[name] for name in FULL}


def expected(cells: set[str]) -> dict[str, float]:
    return {name: most if name in cells else 0.0 for name, most in FULL.items()}


@pytest.mark.parametrize("way", PROTECTED)
@pytest.mark.parametrize("student", STUDENTS)
def test_answers_get_what_they_are_worth_and_cheats_nothing(
    way: str, student: str, request: pytest.FixtureRequest
) -> None:
    assert automatic(request.getfixturevalue(way)[student]) == expected(RIGHT.get(student, set()))


@pytest.mark.parametrize("student", STUDENTS)
def test_command_and_plug_in_agree_on_every_cell(student: str, command: Points, plug_in: Points) -> None:
    assert command[student] == plug_in[student]


@pytest.mark.parametrize("student", sorted(set(STUDENTS) - {"cheat_exits"}))
def test_stock_nbgrader_pays_for_the_cheats(student: str, stock: Points) -> None:
    paid = RIGHT.get(student, set()) | ATTACKED.get(student, set())
    assert automatic(stock[student]) == expected(paid)


def test_stock_nbgrader_has_no_grade_for_who_ends_the_kernel(stock: Points) -> None:
    assert set(automatic(stock["cheat_exits"]).values()) == {None}


def test_the_manually_graded_answer_waits_for_a_person(command: Points) -> None:
    assert command["rita"]["why_median"] is None
