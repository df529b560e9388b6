"""What stands on top of a feedback page: the points of each exercise, and in a line what was lost there.

It is read off the executed notebook and the marks alone, so it serves any course: the words of a check where
there is one, the message of a failed assertion, a comment given by hand. All text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from autograder.gradebook import NO_RESPONSE, NotebookMarks

LONGEST = 220  # characters of what is said about one exercise
EMPTY = "Nothing was handed in here."
WAITING = "An answer is here; a person reads it and gives the points."
# told apart with any colour vision, and 4.5:1 on white
COLOURS = {
    "✓": "#00734F",
    "◐": "#8A5A00",
    "✗": "#B04500",
    "–": "#555555",
}

_HEAD = re.compile(r"\A[^\n]*? of [^\n]*?points\. (?P<verdict>[^\n.;]*)")
_MISTAKE = re.compile(r"^Looks like: (?P<name>.+?)\. ", re.MULTILINE)
_FIRST = re.compile(r"^[✗◐] (?P<trait>[^\n]+)\n    with [^\n]*\n    (?P<wrong>[^\n]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """A graded cell: the anchor of its place on the page, its points, and what is said about them."""

    anchor: str
    score: float
    points: float
    said: str = ""
    written: bool = False

    @property
    def mark(self) -> str:
        """✓ for all points (any bonus counts as such), ◐ for a part of them, ✗ for none, – if none was lost."""
        if not self.score and (not self.points or self.said == WAITING):
            return "–"
        return "✓" if self.score >= self.points else "◐" if self.score else "✗"

    @property
    def name(self) -> str:
        """The function that was tested, or the question, as its cell is called."""
        if self.written:
            return self.anchor.replace("_", " ")
        return re.sub(r"^(check|test)_", "", self.anchor)

    @property
    def worth(self) -> str:
        """The points as text: "5.65 / 6", or "+3" for a bonus."""
        return f"{self.score:.4g} / {self.points:.4g}" if self.points else f"+{self.score:.4g} bonus"


def rows(notebook: NotebookNode, marks: NotebookMarks) -> Iterator[Row]:
    """A row for each graded cell, in the order of the notebook."""
    silent = False
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if is_solution(cell):
            silent = marks.comments.get(name) == NO_RESPONSE
        if is_grade(cell) or is_task(cell):
            score, points = marks.cells.get(name, (0.0, 0.0))
            written = cell.cell_type == "markdown"
            comment = marks.comments.get(name) or ("" if score else WAITING)
            said = comment if written else what_was_wrong(cell)
            row = Row(name, score, points, EMPTY if silent and not score else said, written)
            yield row if row.mark != "✓" else replace(row, said=marks.comments.get(name) or "")


def what_was_wrong(cell: NotebookNode) -> str:
    """What a test said about a function, in a line or two; empty where it said nothing."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return ": ".join(filter(None, (output.ename, output.evalue.strip().partition("\n")[0])))
        if said := from_report(str(output.get("data", {}).get("text/plain", ""))):
            return said
    return ""


def from_report(text: str) -> str:
    """The verdict, the mistakes that were recognised, else the first wrong case, of a check's text."""
    head = _HEAD.match(text)
    if head is None:
        return ""
    names = [found["name"] for found in _MISTAKE.finditer(text)]
    if names:
        return f"{head['verdict']}. Looks like: {'; '.join(names)}."
    first = _FIRST.search(text)
    return f"{head['verdict']}." + (f" First: {first['trait']}: {first['wrong']}" if first else "")


def summary(student: str, name: str, marks: NotebookMarks, listed: Iterable[Row]) -> str:
    """The head of a page as HTML: whose it is, the points, and a table with a link to each exercise."""
    listed = list(listed)
    total = f"{marks.score - marks.penalty:.4g} of {marks.max_score:.4g} points"
    lost = [row for row in listed if row.mark in "◐✗"]
    parts = [f"<h4>{escape(name)}: {total}</h4>", f"<p>{escape(student)}{_outline(listed, lost)}</p>"]
    if marks.penalty > 0:
        parts.append(f'<p class="late-penalty">Taken off for being late: {marks.penalty:.4g}</p>')
    if listed:
        parts.append(f'<table class="points">{"".join(map(_html, listed))}</table>')
    return "".join(parts)


def _outline(listed: list[Row], lost: list[Row]) -> str:
    if not listed:
        return ""
    counted = sum(row.mark != "–" for row in listed)
    where = "; what was lost is marked ◐ or ✗, and each name leads to its place" if lost else ""
    return f" · all points in {counted - len(lost)} of {counted}{where}"


def _html(row: Row) -> str:
    said = row.said if len(row.said) <= LONGEST else row.said[: LONGEST - 1] + "…"
    anchor = escape(row.anchor)
    return (
        f'<tr><td><b style="color:{COLOURS[row.mark]}">{row.mark}</b></td>'
        f'<td><a href="#{anchor}">{escape(row.name)}</a></td>'
        f'<td class="worth">{row.worth}</td><td class="said">{escape(said)}</td></tr>'
    )


def report_first(cell: Any) -> None:
    """In a test cell, what the test says stands before what the student's code printed, and stands there once."""
    told = [o for o in cell.outputs if o.output_type == "display_data"]
    printed = [o for o in cell.outputs if o.output_type not in ("display_data", "execute_result")]
    value = [o for o in cell.outputs if o.output_type == "execute_result"]
    cell.outputs = [*told, *([] if told else value), *printed]
