"""What became of one submission: frozen records, and pure functions over them.

Three verdicts never mix. ``passed``: every automatic point, bonus aside. ``failed``: the student did not earn
them all, or could not be read. ``grader-failed``: we could not judge (a sandbox broke, a test cell of ours
raised); such a cell has no points at all, which is not the same as zero points.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["passed", "failed", "grader-failed"]


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """One graded cell. ``points`` is None where no points could be decided: by hand later, or a grader fault.

    ``bonus`` (of at most ``max_bonus``) comes on top of ``max_points``; nbgrader calls it extra credit.
    ``measured``: named numbers by which a class can be compared.
    """

    notebook: str
    id: str
    points: float | None
    max_points: float
    bonus: float = 0.0
    max_bonus: float = 0.0
    status: Literal["passed", "failed", "grader-failed", "manual"] = "failed"
    message: str = ""
    measured: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One submission. ``unanswered`` names (notebook, cell) left as released; ``absent`` maps a notebook that
    was not graded to the reason. ``fault`` is set where the grader failed as a whole.
    """

    student: str
    assignment: str
    cells: tuple[CellOutcome, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    unanswered: tuple[tuple[str, str], ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    fault: str = ""

    @property
    def verdict(self) -> Verdict:
        """See the module's first lines."""
        if self.fault or any(cell.status == "grader-failed" for cell in self.cells):
            return "grader-failed"
        if self.absent or any(cell.status == "failed" and cell.max_points for cell in self.cells):
            return "failed"
        return "passed"


def score(outcome: Outcome) -> float | None:
    """Automatic points with bonus; None where the grader failed."""
    if outcome.verdict == "grader-failed":
        return None
    return sum((cell.points or 0.0) + cell.bonus for cell in outcome.cells)


def max_score(outcome: Outcome) -> float:
    """Points of all graded cells, those marked by hand included, bonus not."""
    return sum(cell.max_points for cell in outcome.cells)


def waiting(outcome: Outcome) -> float:
    """Points that a person has still to give."""
    return sum(cell.max_points for cell in outcome.cells if cell.status == "manual" and cell.points is None)


def faults(outcome: Outcome) -> list[str]:
    """What the grader could not judge, a sentence each."""
    if outcome.fault:
        return [outcome.fault]
    return [f"{c.notebook}/{c.id}: {c.message}" for c in outcome.cells if c.status == "grader-failed"]


def to_json(outcome: Outcome) -> dict[str, Any]:
    """As plain data, for the journal."""
    return asdict(outcome)


def from_json(data: dict[str, Any]) -> Outcome:
    """The outcome that ``to_json`` described.

    Raises
    ------
    KeyError, TypeError
        Where the data is of another version of this record.
    """
    pairs = {name: tuple((a, b) for a, b in data[name]) for name in ("unanswered", "absent")}
    cells = tuple(_cell(cell) for cell in data["cells"])
    return Outcome(**{**data, **pairs, "cells": cells, "notes": tuple(data["notes"])})


def _cell(data: dict[str, Any]) -> CellOutcome:
    return CellOutcome(**{**data, "measured": tuple((name, value) for name, value in data.get("measured", ()))})
