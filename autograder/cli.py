"""The ``autograder`` command: grade a class, look at the machine, build the notebooks."""

from __future__ import annotations

import logging
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

import autograder.quick_start  # noqa: F401 - before all that imports nbgrader
from autograder.errors import AutograderError, GraderError
from autograder.outcome import Verdict
from autograder.sandbox import Limits

if TYPE_CHECKING:  # the help must not wait for nbgrader
    from autograder.gradebook import GradebookWriter
    from autograder.grading import ClassResult, Plan
    from autograder.journal import Journal
    from autograder.planning import Settings

EXIT_CODES = (
    "Exit codes: 0 everything done; 1 bad input, nothing graded (doctor: grading cannot run; check: something "
    "is stale); 2 wrong command line; 3 a fault of the grader, named in the table (run again to retry it); "
    "130 interrupted (run again to go on)."
)
LIMITS = Limits()
OK, BAD_INPUT, GRADER_FAULT, INTERRUPTED = 0, 1, 3, 130

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
WIDTH = None if sys.stdout.isatty() else 150  # in a log file, a table may be wide
out, err = Console(width=WIDTH), Console(stderr=True)


@contextmanager
def _exit_codes() -> Iterator[None]:
    """Errors that say what to do need no traceback."""
    try:
        yield
    except GraderError as error:
        err.print(f"the grader failed: {error}", markup=False, style="bold magenta", soft_wrap=True)
        raise typer.Exit(GRADER_FAULT) from None
    except AutograderError as error:
        err.print(f"error: {error}", markup=False, style="red", soft_wrap=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        err.print("interrupted; run the same command again to go on")
        sys.stderr.flush()
        os._exit(INTERRUPTED)  # workers still wait for their kernels, which end with this process


@app.command(epilog=EXIT_CODES)
def grade(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as 05_convolution.")],
    submissions: Annotated[
        Path, typer.Option(help="Folder by student, flat folder or zip archive of notebooks.", exists=True)
    ],
    course: Annotated[Path | None, typer.Option(help="Another nbgrader course folder.")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for the results [default: build/graded].")] = None,
    jobs: Annotated[int, typer.Option(help="Submissions at a time.", min=1, max=256)] = os.cpu_count() or 1,
    sandbox: Annotated[
        str, typer.Option(help="bubblewrap, docker, podman, or none (no protection).")
    ] = "bubblewrap",
    seed: Annotated[int | None, typer.Option(help="Decides the tests' inputs [default: drawn].", min=0)] = None,
    fresh: Annotated[bool, typer.Option("--fresh/--resume", help="Grade everybody anew.")] = False,
    self_check: Annotated[bool, typer.Option(help="First grade the solution and the blank notebook.")] = True,
    cluster: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to grade on.")] = None,
    cell_seconds: Annotated[float, typer.Option(help="Time for one cell.", min=0.1)] = LIMITS.cell_seconds,
    call_seconds: Annotated[
        float, typer.Option(help="Time for one call by a test.", min=0.1)
    ] = LIMITS.call_seconds,
    notebook_seconds: Annotated[float, typer.Option(help="Time for a notebook.", min=1)] = LIMITS.notebook_seconds,
    leaderboard: Annotated[
        str, typer.Option(help="Of the capstone: who is called by what (pseudonyms, ranks, names).")
    ] = "pseudonyms",
) -> None:
    """Grade a class: gradebook, executed notebooks, feedback pages, grades.csv, and a table."""
    from autograder import processes

    if cluster is None:
        processes.warm_up()
    from autograder.planning import Settings

    limits = replace(
        LIMITS, cell_seconds=cell_seconds, call_seconds=call_seconds, notebook_seconds=notebook_seconds
    )
    settings = Settings(
        assignment,
        submissions,
        course,
        output,
        jobs,
        sandbox,
        seed,
        fresh,
        self_check,
        cluster,
        limits,
        leaderboard,
    )
    with _exit_codes():
        code = _grade(settings)
    raise typer.Exit(code)


def _grade(settings: Settings) -> int:
    """Grade, show the table, and return the exit code."""
    from autograder import planning
    from autograder.gradebook import GradebookWriter
    from autograder.grading import self_check
    from autograder.journal import Journal

    course = planning.open_course(settings)
    journal_at = course.journal(settings.assignment)
    with _logging_to(course.log), Journal(journal_at, fresh=settings.fresh) as journal:
        seed = planning.choose_seed(settings, journal.seed)
        plan = planning.plan(settings, course, seed)
        if seed != journal.seed:
            journal.start(seed)
        for warning in plan.warnings:
            logging.getLogger("autograder").warning("%s: %s", plan.assignment, warning)
        if settings.self_check and plan.circumstances not in journal.checked:
            with err.status("checking that the solution gets full marks and the blank notebook none"):
                self_check(plan.task, planning.check_jobs(plan.task.assignment), plan.make_executor)
            journal.mark_checked(plan.circumstances)
        with GradebookWriter(course.db_url, plan.assignment, course.config) as book:
            result = _graded(plan, journal, book)
    _report(plan, result)
    return INTERRUPTED if result.interrupted else GRADER_FAULT if result.faults else OK


def _graded(plan: Plan, journal: Journal, book: GradebookWriter) -> ClassResult:
    from autograder.grading import grade_class

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err) as progress:
        bar = progress.add_task(plan.assignment, total=sum(1 for _ in plan.found()))

        def tell(student: str, verdict: Verdict) -> None:
            if verdict == "grader-failed":
                progress.console.print(f"{student}: {verdict}", markup=False, style="bold magenta")
            progress.advance(bar)

        def pause(in_hand: int) -> None:
            progress.console.print(f"finishing {in_hand} in hand; press Ctrl-C again to stop at once")

        return grade_class(plan, journal, book, tell, pause)


def _report(plan: Plan, result: ClassResult) -> None:
    from autograder import summary

    root = plan.course.root.resolve()
    out.print(summary.table(result.rows))
    out.print()
    places: list[tuple[str, Path | str]] = [
        ("gradebook", plan.course.db_url.removeprefix("sqlite:///")),
        ("feedback", plan.course.feedback("STUDENT", plan.assignment)),
        ("grades", root / "grades.csv"),
        (
            "in the browser",
            f"cd {shlex.quote(str(root))} && {shlex.quote(str(JUPYTER))} lab --LabApp.default_url=/formgrader",
        ),
    ]
    places += [("leaderboard", path.resolve()) for path in result.compared if path.suffix == ".html"]
    summary.paths(out, places)
    if result.faults:
        err.print(f"{len(result.faults)} could not be judged by a fault of the grader; run again to retry")
    if result.interrupted:
        err.print("interrupted; run the same command again to go on")


JUPYTER = Path(sys.executable).with_name("jupyter")  # formgrader comes with this environment


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    """Warnings and faults stay beside the gradebook, in nbgrader's own log."""
    handler = logging.FileHandler(path, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    package = logging.getLogger("autograder")
    package.addHandler(handler)
    package.propagate = False  # the terminal gets the table and one line, not a traceback
    try:
        yield
    finally:
        package.propagate = True
        package.removeHandler(handler)
        handler.close()


@app.command(epilog=EXIT_CODES)
def fill(
    assignment: Annotated[str, typer.Argument(help="Name of the assignment, such as 05_convolution.")],
    sheet: Annotated[
        Path, typer.Argument(help="The table that the platform gives, as CSV.", exists=True, dir_okay=False)
    ],
    output: Annotated[Path | None, typer.Option(help="Where it was graded [default: build/graded].")] = None,
    column: Annotated[str, typer.Option(help="The heading of the points, where it cannot be told.")] = "",
    all_marks: Annotated[
        bool, typer.Option("--all", help="Also marks that wait for points by hand, as they are now.")
    ] = False,
) -> None:
    """Fill the table of Moodle, Canvas or Blackboard with the gradebook's marks; zip feedback for Moodle."""
    from autograder import planning, returning

    with _exit_codes():
        for line in returning.fill(output or planning.OUTPUT, assignment, sheet, column, all_marks=all_marks):
            out.print(line, markup=False, soft_wrap=True)


@app.command(epilog=EXIT_CODES)
def doctor() -> None:
    """Say what this machine lacks for grading, and how to get it."""
    from autograder import doctor as machine

    findings = machine.examine()
    out.print(machine.table(findings))
    raise typer.Exit(OK if machine.can_grade(findings) else BAD_INPUT)


@app.command(epilog=EXIT_CODES)
def build() -> None:
    """Write course/ and the executed notebooks from solutions/."""
    from autograder import building

    with _exit_codes():
        if not building.build(say=lambda line: out.print(line, markup=False, soft_wrap=True)):
            out.print("everything is as it should be")


@app.command(epilog=EXIT_CODES)
def check() -> None:
    """Say what build would change, and what stands in course/ and must not; change nothing."""
    from autograder import building

    with _exit_codes():
        problems = building.check_build()
    for line in problems:
        err.print(line, markup=False, soft_wrap=True)
    raise typer.Exit(BAD_INPUT if problems else OK)
