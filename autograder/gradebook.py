"""The one writer into nbgrader's own gradebook, so that formgrader, feedback and exporters go on working.

One transaction a submission. What it writes is what nbgrader's ``SaveAutoGrades`` would: scores given by hand
stay, and are marked for another look. Where the grader failed there is no automatic score, and the cell waits
for a person. Late penalties are those of the course's own nbgrader plugin.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from nbgrader import api
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder.errors import AutograderError, GraderError
from autograder.outcome import CellOutcome, Outcome

NO_RESPONSE = "No response."


@contextlib.contextmanager
def commands_on_path() -> Iterator[None]:
    """nbgrader calls ``alembic`` by name to make a gradebook: let it find the one beside this Python."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def parse_timestamp(text: str) -> datetime | None:
    """The moment a ``timestamp.txt`` names, in UTC as nbgrader keeps it; None where it names none."""
    try:
        return parse_utc(text.strip()) if text.strip() else None
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class NotebookMarks:
    """What the gradebook says about one notebook: (score, out of) by cell id, and comments by cell id."""

    score: float
    max_score: float
    penalty: float
    cells: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    comments: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """What the gradebook says about one submission, scores given by hand and late penalties included."""

    notebooks: Mapping[str, NotebookMarks]

    @property
    def score(self) -> float:
        """Points, after late penalties."""
        return sum(n.score - n.penalty for n in self.notebooks.values())

    @property
    def max_score(self) -> float:
        """Points that could be had, bonus not counted."""
        return sum(n.max_score for n in self.notebooks.values())


@dataclass(frozen=True, slots=True)
class FinalMark:
    """A student's points, late penalties taken off. ``waiting``: some are still to be given by hand."""

    student: str
    score: float
    max_score: float
    waiting: bool


def final_marks(url: str, assignment: str) -> list[FinalMark]:
    """The marks of a class, by student; none if nobody's is there. Raises AutograderError without a gradebook."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).is_file():  # nbgrader would make an empty one
        raise AutograderError(f"there is no gradebook {path}; grade the class first")
    try:
        with api.Gradebook(url) as book:
            marks = list(map(_final_mark, book.assignment_submissions(assignment)))
    except (OSError, SQLAlchemyError) as error:
        raise AutograderError(f"the gradebook {url} cannot be opened: {error}") from error
    return sorted(marks, key=lambda mark: mark.student)


def _final_mark(handed_in: api.SubmittedAssignment) -> FinalMark:
    score = max(0.0, handed_in.score - handed_in.late_submission_penalty)
    return FinalMark(handed_in.student_id, score, handed_in.max_score, handed_in.needs_manual_grade)


class GradebookWriter:
    """An open gradebook, for one assignment.

    Raises
    ------
    AutograderError
        Where the gradebook cannot be opened or does not know the assignment.
    """

    def __init__(self, url: str, assignment: str, config: Config | None = None) -> None:
        try:
            with commands_on_path():
                self._book = api.Gradebook(url)
            found = self._book.find_assignment(assignment)
        except api.MissingEntry as error:
            raise AutograderError(
                f"the gradebook does not know {assignment!r}; run 'nbgrader generate_assignment {assignment}'"
            ) from error
        except (OSError, SQLAlchemyError) as error:
            raise AutograderError(f"the gradebook {url} cannot be opened: {error}") from error
        self._db = self._book.db
        self._assignment_id: str = found.id
        self._notebooks: dict[str, str] = {n.id: n.name for n in found.notebooks}
        self._cells = self._layout()
        self._late = AssignLatePenalties(config=config)
        self._late.init_plugin()
        self._db.rollback()

    def _layout(self) -> dict[str, tuple[str, str, str, float]]:
        """By cell id: notebook's id, the cell's name, its kind, its points."""
        cells = self._db.query(api.BaseCell).filter(api.BaseCell.notebook_id.in_(self._notebooks))
        return {c.id: (c.notebook_id, c.name, c.type, getattr(c, "max_score", 0.0)) for c in cells}

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def save(self, outcome: Outcome, timestamp: datetime | None = None) -> Marks:
        """Write one outcome, all of it or nothing, and return what the gradebook now says.

        Raises
        ------
        GraderError
            Where the database refuses; nothing of this outcome is then in it.
        """
        try:
            submission = self._submission(outcome.student, timestamp)
            self._write(submission, outcome)
            self._db.flush()
            self._penalize(submission)
            self._db.commit()
            return self._marks(submission.id)
        except SQLAlchemyError as error:
            self._db.rollback()
            raise GraderError(f"{outcome.student}: the gradebook refused the grades: {error}") from error
        except BaseException:
            self._db.rollback()
            raise
        finally:
            self._db.expunge_all()

    def marks(self, student: str) -> Marks | None:
        """What the gradebook says about ``student``; None where it holds no submission."""
        found = self._find(student)
        return None if found is None else self._marks(found.id)

    def _find(self, student: str) -> api.SubmittedAssignment | None:
        wanted = {"assignment_id": self._assignment_id, "student_id": student}
        return self._db.query(api.SubmittedAssignment).filter_by(**wanted).one_or_none()

    def _submission(self, student: str, timestamp: datetime | None) -> api.SubmittedAssignment:
        submission = self._find(student) or self._create(student)
        if timestamp is not None:
            submission.timestamp = timestamp
        return submission

    def _create(self, student: str) -> api.SubmittedAssignment:
        """Rows by id: through its relationships nbgrader would load every other submission too."""
        if self._db.get(api.Student, student) is None:
            self._db.add(api.Student(id=student))
        submission = api.SubmittedAssignment(
            id=api.new_uuid(), assignment_id=self._assignment_id, student_id=student
        )
        self._db.add(submission)
        self._db.flush()
        for notebook_id in self._notebooks:
            copy = api.SubmittedNotebook(id=api.new_uuid(), notebook_id=notebook_id, assignment_id=submission.id)
            self._db.add(copy)
            self._db.flush()
            self._db.add_all(self._rows(notebook_id, copy.id))
        self._db.flush()
        return submission

    def _rows(self, notebook_id: str, copy_id: str) -> list[Any]:
        tables = {
            "GradeCell": (api.Grade,),
            "SolutionCell": (api.Comment,),
            "TaskCell": (api.Grade, api.Comment),
        }
        mine = ((cell, kind) for cell, (where, _, kind, _) in self._cells.items() if where == notebook_id)
        return [table(cell_id=cell, notebook_id=copy_id) for cell, kind in mine for table in tables[kind]]

    def _write(self, submission: api.SubmittedAssignment, outcome: Outcome) -> None:
        graded = {(cell.notebook, cell.id): cell for cell in outcome.cells}
        absent = dict(outcome.absent)
        for grade in self._of(api.Grade, submission.id):
            where, name, kind, _ = self._cells[grade.cell_id]
            cell = graded.get((self._notebooks[where], name))
            if cell is not None:
                _enter(grade, cell, gone=cell.notebook in absent, task=kind == "TaskCell")
        for comment in self._of(api.Comment, submission.id):
            where, name, kind, _ = self._cells[comment.cell_id]
            notebook = self._notebooks[where]
            silent = (notebook, name) in outcome.unanswered and kind != "TaskCell"
            comment.auto_comment = absent.get(notebook) or (NO_RESPONSE if silent else None)

    def _of(self, table: type[api.Base], submission_id: str) -> list[Any]:
        query = self._db.query(table).join(api.SubmittedNotebook)
        return list(query.filter(api.SubmittedNotebook.assignment_id == submission_id))

    def _penalize(self, submission: api.SubmittedAssignment) -> None:
        """As nbgrader's AssignLatePenalties, with the plugin that the course configures."""
        late = submission.total_seconds_late
        copies = self._db.query(api.SubmittedNotebook).filter_by(assignment_id=submission.id)
        for notebook in copies:
            notebook.late_submission_penalty = None
            if late > 0:
                penalty = self._late.plugin_inst.late_submission_penalty(
                    submission.student_id, notebook.score, late
                )
                if penalty is not None:
                    notebook.late_submission_penalty = self._late._check_late_penalty(notebook, penalty)

    def _marks(self, submission_id: str) -> Marks:
        table = api.SubmittedNotebook
        rows = self._db.execute(
            select(table.id, table.notebook_id, table.late_submission_penalty).where(
                table.assignment_id == submission_id
            )
        ).all()
        return Marks({self._notebooks[of]: self._notebook(copy, of, late or 0.0) for copy, of, late in rows})

    def _notebook(self, copy_id: str, notebook_id: str, penalty: float) -> NotebookMarks:
        grades = select(api.Grade.cell_id, api.Grade.score).where(api.Grade.notebook_id == copy_id)
        comments = select(api.Comment.cell_id, api.Comment.comment).where(api.Comment.notebook_id == copy_id)
        points = [(self._cells[cell], score) for cell, score in self._db.execute(grades)]
        return NotebookMarks(
            score=sum(score for _, score in points),
            max_score=sum(most for where, _, _, most in self._cells.values() if where == notebook_id),
            penalty=penalty,
            cells={name: (score, most) for (_, name, _, most), score in points},
            comments={self._cells[cell][1]: text for cell, text in self._db.execute(comments)},
        )


def _enter(grade: api.Grade, cell: CellOutcome, *, gone: bool, task: bool) -> None:
    """One cell's grade, by nbgrader's rules; a task is only ever graded by hand."""
    by_hand = grade.manual_score is not None
    if gone:
        grade.auto_score, grade.needs_manual_grade = cell.points, False
    elif not task or grade.auto_score is not None:
        grade.auto_score = cell.points
        grade.needs_manual_grade = by_hand or cell.points is None
    if cell.max_bonus and not by_hand:
        grade.extra_credit = cell.bonus
