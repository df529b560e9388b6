"""Guard: a unit tests each exercise of its registry once, for the points that the exercise says."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from nbformat import NotebookNode

from autograder.ownership import parse


class Graded(Protocol):
    """What this guard needs of an exercise."""

    @property
    def name(self) -> str:
        """What ``check`` is called with."""

    @property
    def max_points(self) -> float:
        """What it is worth."""

    @property
    def bonus(self) -> bool:
        """Whether its points are extra credit."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A test cell that calls ``check``."""

    cell: str
    exercise: str
    points: float
    bonus: float


def checked(source: NotebookNode) -> tuple[Checked, ...]:
    """Return every call of ``check`` in the test cells of a source notebook."""
    return tuple(
        Checked(cell.id, name, cell.metadata.nbgrader.points, cell.metadata.get("autograder", {}).get("bonus", 0))
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
        for name in _check_names(cell.source)
    )


def _check_names(source: str) -> Iterator[str]:
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
            first = node.args[0] if node.args else None
            yield str(first.value) if isinstance(first, ast.Constant) else ""


def coverage_problems(source: NotebookNode, exercises: Iterable[Graded]) -> list[str]:
    """Return a sentence for each exercise not tested once, and each test that no exercise or points fit."""
    known = {exercise.name: exercise for exercise in exercises}
    tests = checked(source)
    times = Counter(test.exercise for test in tests)
    problems = [
        f"exercise {name!r} is tested by {times[name]} cells; one is meant" for name in known if times[name] != 1
    ]
    return problems + [problem for test in tests for problem in _misfits(test, known.get(test.exercise))]


def _misfits(test: Checked, exercise: Graded | None) -> Iterator[str]:
    if exercise is None:
        yield f"cell {test.cell!r} checks {test.exercise!r}, which is no exercise"
        return
    points, bonus = (0.0, exercise.max_points) if exercise.bonus else (exercise.max_points, 0.0)
    if (test.points, test.bonus) != (points, bonus):
        meant = f"points=0 bonus={bonus:g}" if exercise.bonus else f"points={points:g}"
        yield f"cell {test.cell!r} has points={test.points:g} bonus={test.bonus:g}; its exercise says {meant}"
