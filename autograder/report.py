"""What a check found, as plain data: text in a terminal, a table in a notebook, a number for nbgrader."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import fill, indent
from typing import Any

from autograder import report_html
from autograder.marking import Mark

GRADING = frozenset({"autograde", "validate"})  # what nbgrader says in NBGRADER_EXECUTION while it grades
WIDTH = 100
MOST_OTHERS = 6  # problems told in a line each; more are only counted
MOST_CHIPS = 5  # cases told with one problem


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
    """The result of a check. ``failures`` are the cases not (or only partly) right.

    ``marks`` say what each aspect earned, ``rule`` how. ``written``: the function is not as it was released.
    ``measured``: numbers by which a class can be compared, such as an accuracy.
    """

    name: str
    points: float
    max_points: float
    cases: tuple[CaseResult, ...]
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
    reread: str = ""
    bonus: bool = False
    marks: tuple[Mark, ...] = ()
    rule: str = ""
    written: bool = True
    measured: Mapping[str, float] = field(default_factory=dict)

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
        if not self.written:
            return "not written"
        right = f"{len(self.cases) - len(self.failures)} of {len(self.cases)} cases right"
        return "; ".join([right, *(mistake.name for mistake in self.mistakes)])

    @property
    def verdict(self) -> str:
        """One sentence of comment."""
        if self.passed:
            return f"All {len(self.cases)} cases are right. Well done!"
        if not self.written:
            return "It is not written yet: it raises NotImplementedError."
        if not any(case.credit for case in self.cases):
            return "No case is right yet. Begin with the first one; the rest often follows."
        rest = len(self.failures)
        if rest == len(self.cases):
            return "Something is right in some of the cases, but no case is all right yet."
        many = "One case is" if rest == 1 else f"{rest} of {len(self.cases)} cases are"
        return f"{many} not right yet; the others are."

    @property
    def score(self) -> str:
        """The points, as text."""
        kind = "bonus points" if self.bonus else "points"
        return f"{self.points:g} of {self.max_points:g} {kind}"

    @property
    def others(self) -> tuple[tuple[str, tuple[CaseResult, ...]], ...]:
        """The failing cases after the first, those with the same problem together."""
        found: dict[str, list[CaseResult]] = {}
        for case in self.failures[1:]:
            found.setdefault(case.summary, []).append(case)
        return tuple((summary, tuple(cases)) for summary, cases in found.items())

    @property
    def untold(self) -> int:
        """How many failing cases are only counted."""
        return sum(len(cases) for _, cases in self.others[MOST_OTHERS:])

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """The other failing cases, and their problem, for a line each."""
        return tuple((_several(cases), summary) for summary, cases in self.others[:MOST_OTHERS])

    @property
    def text(self) -> str:
        """The report for a terminal."""
        head = f"{self.name}: {self.score}. {self.verdict}"
        if not self.written:
            return head
        return "\n".join([head, *self._first(), *self._why(), "", *self._grid(), *self._rest()])

    @property
    def rows(self) -> tuple[tuple[str, tuple[CaseResult, ...]], ...]:
        """The cases of each aspect, with what it earned: "padding 0.6 of 1.2"; or all in one row."""
        found = {case.trait: case for case in self.cases}
        named = tuple((_label(mark), tuple(found[trait] for trait in mark.traits)) for mark in self.marks)
        return named or (("", self.cases),)

    def _grid(self) -> list[str]:
        """The cases in columns, or those of an aspect in a line; then how they count."""
        wide = max(len(label) for label, _ in self.rows) + 2
        lines = [_line(label.ljust(wide), map(_chip, cases)) for label, cases in self.rows]
        how = [fill(self.rule, WIDTH)] if self.failures and self.rule else []
        return [*(lines if self.marks else _columns(self.cases)), *how]

    def _first(self) -> list[str]:
        if not self.failures:
            return []
        case = self.failures[0]
        lines = [case.summary, *case.details, *case.hints]
        return [
            "",
            f"{case.mark} {case.trait}",
            *([f"    with {case.call}"] if case.call else []),
            *(indent(line, "    ") for line in lines),
        ]

    def _why(self) -> list[str]:
        said = [f"Looks like: {m.name}. {m.sentence}" for m in self.mistakes]
        again = [f"Read again: {self.reread}"] if self.failures and self.reread else []
        return [line for it in (*said, *self.notes, *again) for line in ("", fill(it, WIDTH))]

    def _rest(self) -> list[str]:
        lines = [f"{cases}: {summary}" for cases, summary in self.told]
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


def _several(cases: Sequence[CaseResult]) -> str:
    """The marks and traits of the first of some cases."""
    more = [f"{len(cases) - MOST_CHIPS} more"] if len(cases) > MOST_CHIPS else []
    return ", ".join([*map(_chip, cases[:MOST_CHIPS]), *more])


def _chip(case: CaseResult) -> str:
    return f"{case.mark} {case.trait}"


def _line(label: str, chips: Iterable[str]) -> str:
    """Chips after a label, in several lines where they are many; a chip is not broken."""
    glued = "  ".join(chip.replace(" ", "\N{NO-BREAK SPACE}") for chip in chips)
    told = fill(glued, WIDTH, initial_indent=label, subsequent_indent=" " * len(label), break_long_words=False)
    return told.replace("\N{NO-BREAK SPACE}", " ")


def _label(mark: Mark) -> str:
    return f"{mark.name} {_number(mark.points)} of {_number(mark.max_points)}"


def _number(points: float) -> str:
    return f"{round(points, 2):g}"


def _columns(cases: tuple[CaseResult, ...]) -> list[str]:
    """The cases in columns."""
    cells = list(map(_chip, cases))
    wide = max(map(len, cells), default=1) + 2
    count = max(1, WIDTH // wide)
    rows = (cells[i : i + count] for i in range(0, len(cells), count))
    return ["".join(cell.ljust(wide) for cell in row).rstrip() for row in rows]
