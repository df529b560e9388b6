"""Grades a class: many workers, one writer, a journal between them.

What a kill may interrupt, in this order: executed notebooks on disk, then the journal's line, then gradebook
and feedback, then the journal's mark that they are written. A resumed run goes on behind the last of these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import Protocol

from autograder import leaderboard
from autograder import outcome as outcomes
from autograder.course_folder import CourseFolder, put
from autograder.errors import GraderError, UnreadableSubmission
from autograder.feedback import FeedbackWriter
from autograder.gradebook import NO_RESPONSE, GradebookWriter, Marks, parse_timestamp
from autograder.intake import Submission, discover
from autograder.journal import Journal, content_key
from autograder.outcome import Outcome, Verdict
from autograder.scheduling import Fault, Scheduler, abandon
from autograder.summary import Row, grades_csv, row
from autograder.worker import Graded, Job, Task, not_judged

log = logging.getLogger(__name__)


class Progress(Protocol):
    """Is told about each submission as it is done."""

    def __call__(self, student: str, verdict: Verdict) -> None:
        """One more is done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: what is graded, where it goes, by how many.

    ``circumstances`` is whatever else decides points (source, seed, sandbox): where it changes, everybody is
    graded anew. ``window`` bounds the submissions in memory. ``warnings`` go into every row. ``naming`` says what
    students are called where the class is compared.
    """

    course: CourseFolder
    submissions: Path
    task: Task
    make_executor: Callable[[], Executor]
    window: int = 2
    circumstances: str = ""
    warnings: tuple[str, ...] = ()
    naming: leaderboard.Naming = "pseudonyms"

    @property
    def assignment(self) -> str:
        """The assignment's name."""
        return self.task.assignment.name

    def found(self) -> Iterator[Submission]:
        """The submissions, lazily. Raises AutograderError where there are none."""
        return discover(self.submissions, self.task.assignment)


@dataclass(frozen=True, slots=True)
class ClassResult:
    """How a run ended. ``compared``: the files of a leaderboard, where there is one."""

    rows: tuple[Row, ...]
    interrupted: bool = False
    compared: tuple[Path, ...] = ()

    @property
    def faults(self) -> tuple[Row, ...]:
        """Submissions that the grader could not judge."""
        return tuple(line for line in self.rows if line.verdict == "grader-failed")


def grade_class(
    plan: Plan, journal: Journal, book: GradebookWriter, tell: Progress, pause: Callable[[int], None]
) -> ClassResult:
    """Grade what the journal does not hold yet, and write ``grades.csv``; and a leaderboard, where something was
    measured by which the class can be compared.

    At an interrupt nothing new is begun, ``pause(in hand)`` is called, and what is in hand is finished; a
    second interrupt passes through as KeyboardInterrupt. Raises AutograderError where there is nothing to
    grade, and GraderError where results cannot be written.
    """
    writer = _Writer(plan, journal, book, tell)
    scheduler = Scheduler(plan.task, writer.jobs(), plan.make_executor, plan.window)
    interrupted = False
    with closing(scheduler):
        try:
            writer.drain(scheduler)
        except KeyboardInterrupt:
            interrupted = True
            scheduler.stop()
            pause(scheduler.in_hand)
            writer.drain(scheduler)
    rows = tuple(sorted(writer.rows.values(), key=lambda line: line.student))
    put(plan.course.root / "grades.csv", grades_csv(rows))
    compared = leaderboard.write(plan.course, plan.assignment, writer.results, plan.naming)
    return ClassResult(rows, interrupted, tuple(compared))


@dataclass(slots=True)
class _Writer:
    """The only one that writes; runs in the main thread."""

    plan: Plan
    journal: Journal
    book: GradebookWriter
    tell: Progress
    rows: dict[str, Row] = field(default_factory=dict)
    results: dict[str, leaderboard.Result | None] = field(default_factory=dict)
    pages: FeedbackWriter = field(init=False)

    def __post_init__(self) -> None:
        self.pages = FeedbackWriter(self.plan.course, self.plan.assignment)

    def jobs(self) -> Iterator[Job]:
        """Read one submission after another; those graded before only get their row."""
        for submission in self.plan.found():
            job = _read(submission, self.plan.circumstances)
            self._keep(job)
            if job.key in self.journal and self._is_whole(outcome := self.journal.outcome(job.key)):
                self._again(job, outcome)
            else:
                yield job

    def drain(self, scheduler: Scheduler[Job, Graded]) -> None:
        """Write results until there are none."""
        for job, result in scheduler.results():
            self._record(job, self._judged(job, result))

    def _judged(self, job: Job, result: Graded | Fault) -> Graded:
        if isinstance(result, Graded):
            return result
        log.error("%s: the grader failed: %r", job.student, result.error, exc_info=result.error)
        kind = "" if isinstance(result.error, GraderError) else f"{type(result.error).__name__}: "
        return not_judged(self.plan.task.assignment, job, f"{kind}{result.error}")

    def _record(self, job: Job, graded: Graded) -> None:
        folder = self.plan.course.autograded(job.student, self.plan.assignment)
        for name, notebook in graded.notebooks.items():
            put(folder / f"{name}.ipynb", notebook)
        for fault in outcomes.faults(graded.outcome):
            log.error("%s: grader fault: %s", job.student, fault)
        self.journal.add(job.key, graded.outcome)
        self._save(job, graded.outcome)

    def _again(self, job: Job, outcome: Outcome) -> None:
        marks = self.book.marks(job.student)
        if marks is None or job.key not in self.journal.saved:
            self._save(job, outcome)
            return
        if _touched_by_hand(marks, outcome):
            self._write_page(outcome, marks)
        self._done(outcome, marks)

    def _save(self, job: Job, outcome: Outcome) -> None:
        marks = self.book.save(outcome, parse_timestamp(job.timestamp))
        self._write_page(outcome, marks)
        self.journal.mark_saved(job.key)
        self._done(outcome, marks)

    def _write_page(self, outcome: Outcome, marks: Marks) -> None:
        """The student's page; who is on a leaderboard under a pseudonym reads there under which."""
        if self.plan.naming == "pseudonyms" and leaderboard.result_of(outcome):
            alias = leaderboard.pseudonym(outcome.student, leaderboard.salt_of(self.plan.course))
            self.pages.write(outcome.student, marks, alias)
        else:
            self.pages.write(outcome.student, marks)

    def _done(self, outcome: Outcome, marks: Marks) -> None:
        self.rows[outcome.student] = row(outcome, marks, self.plan.warnings)
        self.results[outcome.student] = leaderboard.result_of(outcome)
        self.tell(outcome.student, outcome.verdict)

    def _is_whole(self, outcome: Outcome) -> bool:
        folder = self.plan.course.autograded(outcome.student, self.plan.assignment)
        return all((folder / f"{n.name}.ipynb").is_file() for n in self.plan.task.assignment.notebooks)

    def _keep(self, job: Job) -> None:
        """A copy of what was handed in, for formgrader, unless it was read from there."""
        folder = self.plan.course.submitted(job.student, self.plan.assignment)
        if self.plan.submissions.resolve() in folder.resolve().parents:
            return
        stamp = {"timestamp.txt": job.timestamp.encode()} if job.timestamp else {}
        for name, data in {**job.files, **stamp}.items():
            put(folder / name, data)


def _touched_by_hand(marks: Marks, outcome: Outcome) -> bool:
    """Whether a person gave points or wrote a comment: then the feedback page may be older than they are."""
    given = {(c.notebook, c.id): (c.points or 0.0) + c.bonus for c in outcome.cells}
    ours = {None, "", NO_RESPONSE, *dict(outcome.absent).values()}
    return any(
        not set(notebook.comments.values()) <= ours
        or any(not isclose(given.get((name, cell), 0.0), score) for cell, (score, _) in notebook.cells.items())
        for name, notebook in marks.notebooks.items()
    )


def _read(submission: Submission, circumstances: str) -> Job:
    files, refused = {}, ""
    try:
        files = submission.read()
    except UnreadableSubmission as error:
        refused = str(error)
    stamp = submission.timestamp or ""
    key = content_key(submission.student, files, f"{circumstances}\n{stamp}\n{refused}")
    return Job(submission.student, files, key, submission.problems, stamp, refused)


def self_check(task: Task, solution: Sequence[Job], make_executor: Callable[[], Executor]) -> None:
    """Grade the source's own solution and its blank release before anybody else.

    Raises
    ------
    GraderError
        Where the solution does not get every point or the blank one gets any, naming the cells.
    """
    executor = make_executor()
    try:
        futures = [executor.submit(task, job) for job in solution]
        right, blank = (future.result().outcome for future in futures)
    finally:
        abandon(executor)
    wrong = [f"{c.notebook}/{c.id}: {c.message or c.status}" for c in right.cells if c.status not in FULL]
    given = [f"{c.notebook}/{c.id}" for c in blank.cells if (c.points or 0.0) + c.bonus > 0]
    if wrong:
        raise GraderError("the source's own solution does not get full marks:\n  " + "\n  ".join(wrong))
    if given:
        raise GraderError("the blank notebook gets points:\n  " + "\n  ".join(given))


FULL = ("passed", "manual")
