"""What a run shows and leaves behind about the whole class: ``grades.csv``, and a table in the terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import mean, median
from typing import Any

from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autograder import outcome as outcomes
from autograder.gradebook import Marks
from autograder.outcome import Outcome, Verdict

MOST_NOTE = 400
FORMULA = ("=", "+", "-", "@", " ")  # a spreadsheet computes what begins so, also behind a space
BREAKS = str.maketrans(dict.fromkeys("\t\r\n", " "))
STYLES: dict[Verdict, str] = {"passed": "green", "failed": "red", "grader-failed": "bold magenta"}
BINS = 10
BAR = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``grades.csv``. ``score`` is None where the grader failed."""

    student: str
    assignment: str
    score: float | None
    max_score: float
    verdict: Verdict
    seconds: float
    note: str = ""


def row(outcome: Outcome, marks: Marks, warnings: Sequence[str] = ()) -> Row:
    """The line for one outcome; points are the gradebook's, with those given by hand."""
    judged = outcome.verdict != "grader-failed"
    return Row(
        student=outcome.student,
        assignment=outcome.assignment,
        score=round(marks.score, 4) if judged else None,
        max_score=marks.max_score,
        verdict=outcome.verdict,
        seconds=round(outcome.seconds, 2),
        note=_note(outcome, marks, warnings),
    )


def _note(outcome: Outcome, marks: Marks, warnings: Sequence[str]) -> str:
    faults = [f"grader fault: {fault}" for fault in outcomes.faults(outcome)]
    late = sum(notebook.penalty for notebook in marks.notebooks.values())
    penalty = [f"{late:g} points off for being late"] if late else []
    by_hand = outcomes.waiting(outcome)
    hand = [f"{by_hand:g} points still to be given by hand"] if by_hand else []
    parts = [*faults, *outcome.notes, *penalty, *hand, *warnings]
    return _short("; ".join(" ".join(part.split()) for part in dict.fromkeys(parts)))


def _short(text: str) -> str:
    return text if len(text) <= MOST_NOTE else text[: MOST_NOTE - 1] + "…"


def grades_csv(rows: Iterable[Row]) -> bytes:
    """The class as CSV."""
    return as_csv(Row, rows)


def as_csv(kind: type, rows: Iterable[Any]) -> bytes:
    """Records of one ``kind`` as CSV, in UTF-8; text that a spreadsheet would compute gets an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(kind)]
    writer.writerow(names)
    writer.writerows([_field(getattr(line, name)) for name in names] for line in rows)
    return text.getvalue().encode("utf-8", "replace")


def _field(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        line = value.translate(BREAKS)
        return f"'{line}" if line.startswith(FORMULA) else line
    return f"{value:g}" if value == int(value) else repr(value)


def table(rows: Sequence[Row]) -> RenderableType:
    """The class, then its distribution."""
    grid = Table(title=None, header_style="bold", pad_edge=False, expand=False)
    for heading in ("student", "score", "verdict", "s"):
        side: JustifyMethod = "right" if heading in ("score", "s") else "left"
        grid.add_column(heading, justify=side, no_wrap=True)
    grid.add_column("note")  # the one that gives way where the terminal is narrow; whole in grades.csv
    for line in rows:
        verdict = Text(line.verdict, style=STYLES[line.verdict])
        grid.add_row(escape(line.student), _points(line), verdict, f"{line.seconds:.1f}", _one_line(line.note))
    return Group(grid, *_distribution([line for line in rows if line.score is not None]))


def _one_line(note: str) -> Text:
    return Text(note[:160], no_wrap=True, overflow="ellipsis")


def _points(line: Row) -> str:
    return f"{'—' if line.score is None else f'{line.score:g}'} / {line.max_score:g}"


def _distribution(rows: Sequence[Row]) -> list[RenderableType]:
    """How many students reached which share of the points."""
    scores = [line.score or 0.0 for line in rows]
    most = max((line.max_score for line in rows), default=0.0)
    if not scores or not most:
        return []
    counts = [0] * BINS
    for score in scores:
        counts[min(int(BINS * score / most), BINS - 1)] += 1
    scale = min(1.0, BAR / max(counts))
    bars = [
        f"{100 * i // BINS:>4}–{100 * (i + 1) // BINS:<3} % {'█' * round(scale * n) or '·':<{BAR}} {n}"
        for i, n in enumerate(counts)
    ]
    means = f"mean {mean(scores):.1f}, median {median(scores):.1f} of {most:g} points, {len(scores)} submissions"
    return [Text(), Text("\n".join(bars)), Text(means)]


def paths(console: Console, places: Sequence[tuple[str, Path | str]]) -> None:
    """Say where everything is; a line is never broken, so that a path can be copied."""
    width = max(len(name) for name, _ in places)
    for name, place in places:
        console.print(Text(f"{name:<{width}}  {place}"), soft_wrap=True)
