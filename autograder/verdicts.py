"""From what a test cell did to what it is worth: pure functions over records."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.errors import StudentError
from autograder.report import Report
from autograder.source import SourceCell
from autograder.trusted import TestRun

Status = Literal["passed", "failed", "grader-failed"]


@dataclass(frozen=True, slots=True)
class CellResult:
    """The result of one test cell: ``fraction`` of its points, None where the grader failed; what was measured."""

    id: str
    status: Status
    fraction: float | None
    message: str = ""
    measured: tuple[tuple[str, float], ...] = ()


def judge(
    known: SourceCell, run: TestRun, said: list[NotebookNode] | None = None
) -> tuple[CellResult, list[NotebookNode]]:
    """The result of a test, and the outputs that make nbgrader's own rules give the same points."""
    outputs = [*_said(said or []), *_printed(run)]
    if run.fault:
        message = f"the check itself failed: {_first_line(run.error)}" if run.error else ""
        return CellResult(str(known.id), "grader-failed", None, message), [*outputs, _words(FAULT)]
    if run.error is not None:
        outputs.append(_error(run))
        return CellResult(str(known.id), "failed", 0.0, _first_line(run.error)), outputs
    fraction = _fraction(run.value, known.points)
    outputs += _value(run.value, known, fraction)
    status: Status = "passed" if fraction >= 1 else "failed"
    message, measured = "", tuple[tuple[str, float], ...]()
    if isinstance(run.value, Report):
        message, measured = run.value.headline, tuple(run.value.measured.items())
    return CellResult(str(known.id), status, fraction, message, measured), outputs


FAULT = "The grader failed here. A person will look at your work.\n"


def _words(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


def _fraction(value: Any, points: float) -> float:
    """nbgrader's rules: a last value that is a number is the points; a test without an error has them all."""
    if isinstance(value, Report):
        return value.points / value.max_points if value.max_points else float(value.passed)
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool) and points > 0:
        return _share(value, points)
    return 1.0


def _share(value: Any, points: float) -> float:
    """A number of points as a share of them; what is no finite number is none."""
    try:
        share = float(value) / points
    except OverflowError:
        return 0.0
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0


def _value(value: Any, known: SourceCell, fraction: float) -> list[NotebookNode]:
    if isinstance(value, Report):
        shown = new_output("display_data", {"text/plain": value.text, "text/html": value._repr_html_()})
        return [
            shown,
            _number(fraction * known.points, f"{fraction * (known.points or known.bonus):.4g} points"),
        ]
    if fraction < 1:
        return [_number(fraction * known.points, "")]
    return [new_output("execute_result", {"text/plain": repr(value)[:2000]})] if type(value) in (str,) else []


def _number(points: float, words: str) -> NotebookNode:
    """What nbgrader reads as partial credit."""
    data = {"text/plain": repr(round(points, 6))}
    return new_output("execute_result", {**data, "text/html": f"<p>{words}</p>"} if words else data)


def _said(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """What the student's functions printed while they were called; on stderr it would cost the points."""
    return [_words(o.text) for o in outputs if o.output_type == "stream"]


def _printed(run: TestRun) -> list[NotebookNode]:
    return [_words("".join(run.printed))] if run.printed else []


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__


def _error(run: TestRun) -> NotebookNode:
    error = run.error
    own = error.student_traceback.splitlines() if isinstance(error, StudentError) else []
    lines = [*run.lines, *(["in your code:", *own] if own else []), f"{type(error).__name__}: {error}"[:4000]]
    return new_output("error", ename=type(error).__name__, evalue=str(error)[:2000], traceback=lines)


def stopped_outputs(reason: str) -> list[NotebookNode]:
    """What a cell shows that had to be stopped."""
    return [new_output("error", ename="Stopped", evalue=reason, traceback=[f"Stopped: {reason}"])]
