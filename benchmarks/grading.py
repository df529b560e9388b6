"""Time per submission, beside stock ``nbgrader autograde`` on the same notebooks in the same run.

An ordinary nbgrader assignment of 26 cells, handed in by a class of students who all solved it. Both commands
are timed as an instructor would run them, from start to end, in turns; the table gives the medians.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from rich.console import Console
from rich.table import Table

STUDENTS = 16
ROUNDS = 3
JOBS = 2
ASSIGNMENT = "ps1"
CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'


def _metadata(name: str, **fields: object) -> dict[str, object]:
    base = {
        "grade_id": name,
        "grade": False,
        "locked": False,
        "solution": False,
        "task": False,
        "schema_version": 3,
    }
    return {"nbgrader": {**base, **fields}}


def _exercise(number: int) -> list[nbformat.NotebookNode]:
    body = f"### BEGIN SOLUTION\n    return x * {number}\n    ### END SOLUTION"
    write = new_code_cell(f"def times_{number}(x):\n    {body}")
    write.metadata = _metadata(f"write_{number}", solution=True)
    check = new_code_cell(
        f"x = np.linspace(-1, 1, 50)\nassert_allclose(times_{number}(x), {number} * x)\n"
        f"assert times_{number}(3) == {3 * number}"
    )
    check.metadata = _metadata(f"check_{number}", grade=True, locked=True, points=2)
    return [new_markdown_cell(f"Exercise {number}: multiply by {number}."), write, check]


def source() -> nbformat.NotebookNode:
    """The assignment: a title, the imports, and eight exercises of three cells."""
    cells = [
        new_markdown_cell("# Products"),
        new_code_cell("import numpy as np\nfrom numpy.testing import assert_allclose"),
    ]
    for number in range(2, 10):
        cells += _exercise(number)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _run(command: list[str], folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def make_course(folder: Path) -> None:
    """A course with a release and a class of submissions."""
    (folder / "source" / ASSIGNMENT).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(source(), folder / "source" / ASSIGNMENT / "ps1.ipynb")
    _run(["nbgrader", "generate_assignment", ASSIGNMENT], folder)
    for number in range(STUDENTS):
        target = folder / "submitted" / f"student{number:02}" / ASSIGNMENT
        target.mkdir(parents=True)
        nbformat.write(solved(folder), target / "ps1.ipynb")


def solved(folder: Path) -> nbformat.NotebookNode:
    """The release with the answers filled in, as a student hands it in."""
    notebook = nbformat.read(folder / "release" / ASSIGNMENT / "ps1.ipynb", 4)
    answers = {c.metadata.nbgrader.grade_id: c.source for c in source().cells if "nbgrader" in c.metadata}
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    return notebook


def _copy(course: Path) -> Path:
    copy = Path(tempfile.mkdtemp(prefix="bench-", dir=course.parent))
    shutil.copytree(course, copy, dirs_exist_ok=True)
    return copy


def _stock(course: Path) -> None:
    _run(["nbgrader", "autograde", ASSIGNMENT], course)


def _ours(jobs: int) -> Callable[[Path], None]:
    command = [
        "autograder",
        "grade",
        ASSIGNMENT,
        "--course",
        ".",
        "--submissions",
        "submitted",
        "--jobs",
        str(jobs),
    ]
    return lambda course: _run(command, course)


PEERS: dict[str, Callable[[Path], None]] = {
    "stock nbgrader autograde (no sandbox, no feedback)": _stock,
    f"autograder grade --jobs {JOBS} (sandbox, feedback, self-check)": _ours(JOBS),
    "autograder grade --jobs 1": _ours(1),
}


def measure(course: Path) -> dict[str, float]:
    """Seconds per submission by peer: medians over interleaved rounds."""
    times: dict[str, list[float]] = {name: [] for name in PEERS}
    for _ in range(ROUNDS):
        for name, grade in PEERS.items():
            copy = _copy(course)
            start = time.perf_counter()
            grade(copy)
            times[name].append((time.perf_counter() - start) / STUDENTS)
            shutil.rmtree(copy)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        course = Path(name) / "course"
        course.mkdir()
        make_course(course)
        medians = measure(course)
    stock = next(iter(medians.values()))
    table = Table(
        title=f"Grading: {STUDENTS} submissions of 26 cells, median of {ROUNDS} rounds, start-up included"
    )
    for heading in ("", "s / submission", "/ stock"):
        table.add_column(heading, justify="left" if not heading else "right")
    for peer, seconds in medians.items():
        table.add_row(peer, f"{seconds:.2f}", f"{seconds / stock:.2f}")
    Console().print(table)
