"""From what was asked for at the command line to a plan that can run."""

from __future__ import annotations

import atexit
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from autograder import processes
from autograder.course_folder import CourseFolder, copy_course, make_workspace
from autograder.errors import AutograderError
from autograder.grading import Plan
from autograder.leaderboard import NAMINGS
from autograder.sandbox import Limits, get_sandbox
from autograder.source import Assignment, blank_notebook, load_assignment
from autograder.worker import Job, SandboxRun, Task, own_files

OUTPUT = Path("build") / "graded"


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for. ``course`` None means this project's own unit; ``cluster`` a Dask scheduler."""

    assignment: str
    submissions: Path
    course: Path | None = None
    output: Path | None = None
    jobs: int = 2
    sandbox: str = "bubblewrap"
    seed: int | None = None
    fresh: bool = False
    self_check: bool = True
    cluster: str | None = None
    limits: Limits = field(default_factory=Limits)
    naming: str = "pseudonyms"


def open_course(settings: Settings) -> CourseFolder:
    """The folder that results go to, its assignment generated.

    Raises
    ------
    AutograderError
        Where there is no such course or unit, or nbgrader refuses it.
    """
    name = settings.assignment
    if Path(name).name != name or name in ("", ".", ".."):
        raise AutograderError(f"{name!r} is no name of an assignment; give the name of its folder")
    if settings.course is None:
        course = _own_unit(name, settings.output or OUTPUT)
    elif settings.output is None or settings.output.resolve() == settings.course.resolve():
        course = CourseFolder.open(settings.course)
    else:
        course = copy_course(settings.course, settings.output, name)
    load_source(course, name)
    return course


def load_source(course: CourseFolder, name: str) -> Assignment:
    """The assignment, known to the gradebook. Raises AutograderError where it cannot be."""
    if not course.source(name).is_dir():
        return load_assignment(course.root, name)  # says what there is instead
    course.release(name)
    return load_assignment(course.root, name)


def _own_unit(name: str, output: Path) -> CourseFolder:
    """A unit of this course, built from ``solutions/`` into the output."""
    from autograder.building import COURSE_CONFIG, write_source

    course = make_workspace(output, COURSE_CONFIG)
    if write_source(name, course.source(name)):
        course.generate(name)
    return course


def plan(settings: Settings, course: CourseFolder, seed: int) -> Plan:
    """Everything a run needs to know. Raises AutograderError where the sandbox or a choice cannot be had."""
    naming = next((known for known in NAMINGS if known == settings.naming), None)
    if naming is None:
        raise AutograderError(f"--leaderboard is one of {', '.join(NAMINGS)}, not {settings.naming!r}")
    problems = get_sandbox(settings.sandbox).problems()
    if problems:
        raise AutograderError("\n  ".join([f"the sandbox {settings.sandbox!r} cannot be used:", *problems]))
    assignment = load_assignment(course.root, settings.assignment)
    task = Task(
        assignment, _run(settings, course, assignment), seed, own_files(assignment), _kept(course, assignment)
    )
    make_executor, window = _executors(settings)
    return Plan(
        course=course,
        submissions=settings.submissions,
        task=task,
        make_executor=make_executor,
        window=window,
        circumstances=f"{digest(assignment)} {seed} {settings.sandbox} {settings.limits}",
        warnings=(UNPROTECTED,) if settings.sandbox == "none" else (),
        naming=naming,
    )


UNPROTECTED = "graded without a sandbox (--sandbox none)"


def _run(settings: Settings, course: CourseFolder, assignment: Assignment) -> SandboxRun:
    private = (course.root.resolve(), settings.submissions.resolve(), assignment.folder.resolve())
    return SandboxRun(assignment.name, settings.sandbox, settings.limits, assignment.folder, private)


def _kept(course: CourseFolder, assignment: Assignment) -> frozenset[str]:
    """Files of which nbgrader's ``Autograde.exclude_overwriting`` says that the student's own version counts."""
    excluded = course.config.Autograde.get("exclude_overwriting", {})
    return frozenset(excluded.get(assignment.name, ()))


def digest(assignment: Assignment) -> str:
    """Changes when a cell, a test, points, a further file or this package changes."""
    parts = [version("nnlib-course"), repr(assignment.notebooks)]
    files = [name.encode() + (assignment.folder / name).read_bytes() for name in assignment.files]
    return hashlib.sha256(b"\0".join([*(part.encode("utf-8", "replace") for part in parts), *files])).hexdigest()


def choose_seed(settings: Settings, recorded: int | None) -> int:
    """The seed asked for, else that of the run to resume, else a new one that nobody can know beforehand."""
    if settings.seed is not None:
        return settings.seed
    return recorded if recorded is not None else secrets.randbelow(2**31)


def _executors(settings: Settings) -> tuple[Callable[[], Executor], int]:
    """Makes executors, and how many submissions to have in hand: twice the workers, so that none waits."""
    if settings.cluster is None:
        return lambda: processes.pool(settings.jobs), 2 * settings.jobs
    try:
        from distributed import Client
    except ImportError as error:
        raise AutograderError("--cluster needs Dask distributed: install the extra 'cluster'") from error
    try:
        client = Client(settings.cluster, timeout=20)
    except OSError as error:
        raise AutograderError(f"no Dask scheduler answers at {settings.cluster}: {error}") from error
    atexit.register(client.close)
    return lambda: client.get_executor(pure=False), 2 * max(1, sum(client.nthreads().values()))


def check_jobs(assignment: Assignment) -> list[Job]:
    """The instructor's solution and the blank notebook, as if handed in."""
    right = {f"{source.name}.ipynb": source.nb_json.encode() for source in assignment.notebooks}
    blank = {f"{source.name}.ipynb": blank_notebook(source).encode() for source in assignment.notebooks}
    return [Job("the solution", right), Job("a blank notebook", blank)]
