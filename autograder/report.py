"""What a check found, as plain data: text in a terminal, a table in a notebook, a number for nbgrader."""

from __future__ import annotations

import os
from dataclasses import dataclass
from textwrap import fill, indent
from typing import Any

from autograder import report_html

GRADING = frozenset({"autograde", "validate"})  # what nbgrader says in NBGRADER_EXECUTION while it grades
WIDTH = 100
MOST_OTHERS = 6  # failing cases told in a line each; more are only counted


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: its trait, the credit for it from 0 to 1, and what was wrong."""

    trait: str
    credit: float
    call: str = ""
    summary: str = ""
    details: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return self.credit >= 1

    @property
    def mark(self) -> str:
        """✓ for right, ◐ for partly right, ✗ for wrong."""
        return "✓" if self.passed else "◐" if self.credit > 0 else "✗"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A known mistake that was recognised, and the sentence that helps."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """The result of a check. ``failures`` are the cases not (or only partly) right."""

    name: str
    points: float
    max_points: float
    cases: tuple[CaseResult, ...]
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    reread: str = ""
    bonus: bool = False

    @property
    def passed(self) -> bool:
        """Whether it has all its points."""
        return self.points >= self.max_points

    @property
    def failures(self) -> tuple[CaseResult, ...]:
        """The cases that are not right."""
        return tuple(case for case in self.cases if not case.passed)

    @property
    def headline(self) -> str:
        """The result in a line: "17 of 20 cases right; ignores the stride"."""
        right = f"{len(self.cases) - len(self.failures)} of {len(self.cases)} cases right"
        return "; ".join([right, *(mistake.name for mistake in self.mistakes)])

    @property
    def verdict(self) -> str:
        """One sentence of comment."""
        if self.passed:
            return f"All {len(self.cases)} cases are right. Well done!"
        if not any(case.credit for case in self.cases):
            return "No case is right yet. Begin with the first one; the rest often follows."
        rest = len(self.failures)
        many = "One case is" if rest == 1 else f"{rest} of {len(self.cases)} cases are"
        return f"{many} not right yet; the others are."

    @property
    def score(self) -> str:
        """The points, as text."""
        kind = "bonus points" if self.bonus else "points"
        return f"{self.points:g} of {self.max_points:g} {kind}"

    @property
    def told(self) -> tuple[CaseResult, ...]:
        """The failing cases that get a line each: some of those after the first."""
        return self.failures[1 : 1 + MOST_OTHERS]

    @property
    def untold(self) -> int:
        """How many failing cases are only counted."""
        return max(0, len(self.failures) - 1 - MOST_OTHERS)

    @property
    def text(self) -> str:
        """The report for a terminal."""
        head = f"{self.name}: {self.score}. {self.verdict}"
        return "\n".join([head, "", *_grid(self.cases), *self._first(), *self._why(), *self._rest()])

    def _first(self) -> list[str]:
        if not self.failures:
            return []
        case = self.failures[0]
        lines = [case.summary, *case.details, *case.hints]
        return [
            "",
            f"{case.mark} {case.trait}",
            f"    with {case.call}",
            *(indent(line, "    ") for line in lines),
        ]

    def _why(self) -> list[str]:
        said = [f"Looks like: {m.name}. {m.sentence}" for m in self.mistakes]
        again = [f"Read again: {self.reread}"] if self.failures and self.reread else []
        return [line for it in (*said, *self.notes, *again) for line in ("", fill(it, WIDTH))]

    def _rest(self) -> list[str]:
        lines = [f"{case.mark} {case.trait}: {case.summary}" for case in self.told]
        more = [f"… and {self.untold} more"] if self.untold else []
        return ["", *lines, *more] if lines else []

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return report_html.page(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Text and HTML; while nbgrader runs the cell, the text is the points alone, which is how it counts."""
        graded = os.environ.get("NBGRADER_EXECUTION") in GRADING
        return {
            "text/plain": repr(float(self.points)) if graded else self.text,
            "text/html": self._repr_html_(),
        }


def _grid(cases: tuple[CaseResult, ...]) -> list[str]:
    """The cases in columns."""
    cells = [f"{case.mark} {case.trait}" for case in cases]
    wide = max(map(len, cells), default=1) + 2
    count = max(1, WIDTH // wide)
    rows = (cells[i : i + count] for i in range(0, len(cells), count))
    return ["".join(cell.ljust(wide) for cell in row).rstrip() for row in rows]
