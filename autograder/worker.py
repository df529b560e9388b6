"""One submission, bytes in, Outcome out: the pure part of grading, the same on a thread and on a cluster."""

from __future__ import annotations

import html
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum

from autograder.carried import carried_notes
from autograder.errors import GraderError, UnreadableSubmission
from autograder.outcome import CellOutcome, Outcome
from autograder.sandbox import Limits, get_sandbox
from autograder.sandbox.room import furnished, limits_for, student_view
from autograder.sanitize import sanitize
from autograder.source import GRADED, Assignment, SourceCell, SourceNotebook

if TYPE_CHECKING:
    from autograder.runner import RunResult
    from autograder.verdicts import CellResult

MISSING = "was not handed in"
NOTES_CELL = "autograder-notes"


class Run(Protocol):
    """Runs one aligned notebook; the fake of the tests has the same one method."""

    def __call__(
        self, notebook: NotebookNode, source: SourceNotebook, *, files: Mapping[str, bytes], seed: int
    ) -> RunResult:
        """Raises GraderError where the infrastructure failed."""


@dataclass(frozen=True, slots=True)
class SandboxRun:
    """The real one: student code in a sandbox, tests on this side.

    ``folder`` holds the source's own helper modules; no kernel sees it, nor anything else in ``private``. Of
    ``limits``, what is as usual gives way to the assignment's own.
    """

    assignment: str
    sandbox: str = "bubblewrap"
    limits: Limits = field(default_factory=Limits)
    folder: Path | None = None
    private: tuple[Path, ...] = ()

    def __call__(
        self, notebook: NotebookNode, source: SourceNotebook, *, files: Mapping[str, bytes], seed: int
    ) -> RunResult:
        """Run across the trust boundary. Raises GraderError where the infrastructure failed."""
        from autograder.runner import run_notebook

        view = student_view(self.assignment)
        result = run_notebook(
            notebook,
            source,
            sandbox=get_sandbox(self.sandbox),
            course=_furnished(self.assignment),
            limits=limits_for(self.assignment, self.limits),
            files=files,
            packages=view.packages,
            private=self.private,
            seed=seed,
            folder=self.folder,
        )
        return replace(result, notes=(*carried_notes(notebook, source), *result.notes)) if view.learns else result


@cache
def _furnished(assignment: str) -> Path:
    """The folder that every kernel of an assignment sees, made once a process and gone with it."""
    keep = ExitStack()
    Finalize(None, keep.close, exitpriority=0)  # a worker process ends without what atexit knows
    return keep.enter_context(furnished(student_view(assignment)))


@dataclass(frozen=True, slots=True)
class Job:
    """One submission as bytes; ``problems`` is what its intake noticed, ``refused`` why nothing was read."""

    student: str
    files: Mapping[str, bytes]
    key: str = ""
    problems: tuple[str, ...] = ()
    timestamp: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """An outcome, and the executed notebooks as JSON by notebook name."""

    outcome: Outcome
    notebooks: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for a whole class; calling it grades one submission. Picklable.

    ``files`` are the assignment's own further files. They replace what a student handed in under the same
    name, as in nbgrader, except for the names in ``keep``.
    """

    assignment: Assignment
    run: Run
    seed: int
    files: Mapping[str, bytes] = field(default_factory=dict)
    keep: frozenset[str] = frozenset()

    def __call__(self, job: Job) -> Graded:
        """Grade one submission.

        Raises
        ------
        GraderError
            Where the grader failed; whatever the student did is in the outcome instead.
        """
        start = time.perf_counter()
        parts = [self._notebook(source, job) for source in self.assignment.notebooks]
        outcome = Outcome(
            student=job.student,
            assignment=self.assignment.name,
            cells=tuple(cell for part in parts for cell in part.cells),
            notes=(*job.problems, *(note for part in parts for note in part.notes)),
            seconds=round(time.perf_counter() - start, 3),
            unanswered=tuple(pair for part in parts for pair in part.unanswered),
            absent=tuple((part.name, part.absent) for part in parts if part.absent),
        )
        return Graded(outcome, {part.name: part.executed for part in parts if part.executed})

    def _notebook(self, source: SourceNotebook, job: Job) -> _Part:
        raw = job.files.get(f"{source.name}.ipynb")
        if raw is None:
            return _absent(source, f"could not be read: {job.refused}" if job.refused else MISSING)
        try:
            clean = sanitize(raw, source)
        except UnreadableSubmission as error:
            return _absent(source, f"could not be read: {error}")
        result = self.run(clean.notebook, source, files=self._files(job), seed=self.seed)
        return _judged(source, result, (*clean.notes, *result.notes), job.problems)

    def _files(self, job: Job) -> dict[str, bytes]:
        own = {name: data for name, data in job.files.items() if not name.endswith(".ipynb")}
        return {**own, **{n: data for n, data in self.files.items() if n not in self.keep or n not in own}}


@dataclass(frozen=True, slots=True)
class _Part:
    """What one notebook contributes to an outcome."""

    name: str
    cells: tuple[CellOutcome, ...]
    notes: tuple[str, ...] = ()
    unanswered: tuple[tuple[str, str], ...] = ()
    absent: str = ""
    executed: bytes = b""


def graded_cells(source: SourceNotebook) -> list[SourceCell]:
    """The cells that carry points, bonus or a grade."""
    return [cell for cell in source.cells if cell.kind in GRADED]


def is_automatic(cell: SourceCell) -> bool:
    """Whether a test decides; a test cell of text is marked by hand, as in nbgrader."""
    return cell.kind == "test" and cell.cell_type == "code"


def _absent(source: SourceNotebook, reason: str) -> _Part:
    """No notebook to run: every point of it is lost, and the student reads why."""
    sentence = f"{source.name}.ipynb {reason}"
    status = {True: "failed", False: "manual"}
    cells = tuple(
        _cell(source, cell, points=0.0, status=status[is_automatic(cell)], message=sentence)
        for cell in graded_cells(source)
    )
    page = _bytes(notice(source, [sentence]))
    notes = () if reason == MISSING else (sentence,)  # what is missing, intake has said
    return _Part(source.name, cells, notes, absent=sentence, executed=page)


def _judged(source: SourceNotebook, result: RunResult, notes: tuple[str, ...], problems: tuple[str, ...]) -> _Part:
    executed = result.notebook
    silent = {cell.metadata.nbgrader.grade_id for cell in executed.cells if _unanswered(cell)}
    results = {cell.id: cell for cell in result.cells}
    cells = tuple(
        _from_test(source, cell, results.get(cell.id or ""))
        if is_automatic(cell)
        else _cell(source, cell, points=0.0 if cell.id in silent else None, status="manual")
        for cell in graded_cells(source)
    )
    add_notes(executed, [*problems, *notes])
    unanswered = tuple((source.name, name) for name in sorted(silent))
    return _Part(source.name, cells, notes, unanswered, executed=_bytes(executed))


def _from_test(source: SourceNotebook, cell: SourceCell, result: CellResult | None) -> CellOutcome:
    if result is None or result.fraction is None or result.status == "grader-failed":
        message = result.message if result else "the runner gave no result for this cell"
        return _cell(source, cell, points=None, status="grader-failed", message=message)
    given = {"points": cell.points * result.fraction, "bonus": cell.bonus * result.fraction}
    said = {"status": result.status, "message": result.message, "measured": result.measured}
    return _cell(source, cell, **given, **said)


def _cell(source: SourceNotebook, cell: SourceCell, **fields: Any) -> CellOutcome:
    return CellOutcome(source.name, cell.id or "", max_points=cell.points, max_bonus=cell.bonus, **fields)


def _unanswered(cell: NotebookNode) -> bool:
    """nbgrader's own sign of an empty answer: the checksum is still that of the released cell."""
    settings = cell.metadata.get("nbgrader", {})
    return bool(
        settings.get("solution")
        and not settings.get("task")
        and settings.get("checksum") == compute_checksum(cell)
    )


def not_judged(assignment: Assignment, job: Job, reason: str) -> Graded:
    """The outcome where the grader failed twice: no points, no zero, a person has to look."""
    every = [(source, cell) for source in assignment.notebooks for cell in graded_cells(source)]
    cells = tuple(_cell(s, c, points=None, status="grader-failed", message="not judged") for s, c in every)
    sentence = "This submission could not be graded because of a fault of the grader. It will be graded again."
    pages = {source.name: _bytes(notice(source, [sentence])) for source in assignment.notebooks}
    outcome = Outcome(job.student, assignment.name, cells, job.problems, fault=reason or "no reason given")
    return Graded(outcome, pages)


def notice(source: SourceNotebook, sentences: list[str]) -> NotebookNode:
    """A notebook that only says something, for where there is none to show."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = nbformat.from_dict(dict(source.kernelspec))
    add_notes(notebook, sentences)
    return notebook


def add_notes(notebook: NotebookNode, notes: list[str]) -> None:
    """Put ``notes``, as plain text, into a first cell, which formgrader and feedback then show."""
    if notes:
        items = "".join(f"<li>{html.escape(' '.join(note.split()))}</li>" for note in dict.fromkeys(notes))
        text = f'<div class="alert alert-info"><b>Notes of the grader</b><ul>{items}</ul></div>'
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id=NOTES_CELL))


def _bytes(notebook: NotebookNode) -> bytes:
    return nbformat.writes(notebook).encode("utf-8", "replace") + b"\n"


def own_files(assignment: Assignment) -> dict[str, bytes]:
    """The further files of the assignment's folder, read once for the class.

    Raises
    ------
    GraderError
        Where one cannot be read.
    """
    try:
        return {name: (assignment.folder / name).read_bytes() for name in assignment.files}
    except OSError as error:
        raise GraderError(f"a file of the assignment cannot be read: {error}") from error
