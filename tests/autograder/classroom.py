"""A tiny course, a class, and a runner that needs no kernel: what the tests of grading share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.course_folder import CourseFolder, make_workspace
from autograder.errors import GraderError
from autograder.gradebook import GradebookWriter
from autograder.grading import Plan, grade_class
from autograder.journal import Journal
from autograder.source import load_assignment
from autograder.worker import SandboxRun, Task

ASSIGNMENT = "hw"
SOLUTION = "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION"
ANSWER = "A convolution slides."


def cell(maker, text, name, *, bonus=0, **settings):
    settings = {"grade": False, "solution": False, "locked": False, "task": False, **settings}
    made = maker(text, id=name.replace("_", "-"))
    made.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **settings}
    if bonus:
        made.metadata["autograder"] = {"bonus": bonus}
    return made


def source():
    cells = [
        cell(new_markdown_cell, "# Homework", "intro", locked=True),
        cell(new_code_cell, SOLUTION, "write_add", solution=True),
        cell(new_code_cell, "assert add(1, 2) == 3", "check_add", grade=True, locked=True, points=2),
        cell(new_code_cell, "assert fast(add)", "check_fast", grade=True, locked=True, points=0, bonus=1),
        cell(new_markdown_cell, "Explain.", "explain", grade=True, solution=True, points=3),
    ]
    spec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec})


def make_course(root: Path) -> CourseFolder:
    folder = root / "source" / ASSIGNMENT
    folder.mkdir(parents=True)
    nbformat.write(source(), folder / "hw.ipynb")
    course = make_workspace(root)
    course.release(ASSIGNMENT)
    return course


def handed_in(course: CourseFolder, code: str | None, text: str | None = ANSWER) -> bytes:
    """The released notebook with a student's code and text; None leaves a cell as it was."""
    path = course.root / "release" / ASSIGNMENT / "hw.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for made in notebook.cells:
        name = made.metadata.nbgrader.grade_id
        if name == "write_add" and code is not None:
            made.source = code
        if name == "explain" and text is not None:
            made.source = text
    return nbformat.writes(notebook).encode()


def hand_in(folder: Path, student: str, notebook: bytes, **files: bytes) -> None:
    place = folder / student / ASSIGNMENT
    place.mkdir(parents=True, exist_ok=True)
    for name, data in {"hw.ipynb": notebook, **files}.items():
        (place / name).write_bytes(data)


# What the fake runner makes of a student's code: by the words in it, the fraction of check_add and of check_fast.
WORDS = {"a + b": (1.0, 1.0), "slow": (1.0, 0.0), "half": (0.5, 0.0)}


@dataclass(frozen=True)
class FakeRun:
    """Runs nothing: it reads the answer and says what a kernel would have said. Picklable."""

    seconds: float = 0.0
    ran: Path | None = None  # a line here for each notebook run

    def __call__(self, notebook, source, *, files, seed):
        code = next(
            c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "write_add"
        )
        time.sleep(self.seconds)
        self._note(code)
        if "fault" in code:
            raise GraderError("the sandbox did not start")
        broken = "half-judged" in code
        fractions = next((f for word, f in WORDS.items() if word in code), (0.0, 0.0))
        fractions = dict(zip(("check_add", "check_fast"), fractions, strict=True))
        cells = [self._result(c, fractions, broken, _measured(code)) for c in notebook.cells]
        results = tuple(c for c in cells if c is not None)
        return SimpleNamespace(notebook=notebook, cells=results, notes=(), seconds=0.0)

    def _note(self, code):
        if self.ran is not None:
            with self.ran.open("a") as file:
                file.write(f"{code!r}\n")

    def _result(self, cell, fractions, broken, measured):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name not in fractions:
            return None
        if broken and name == "check_add":
            return SimpleNamespace(
                id=name, status="grader-failed", fraction=None, message="NameError in our test", measured=()
            )
        fraction = fractions[name]
        points = fraction * cell.metadata.nbgrader.points
        cell.outputs = [
            new_output("execute_result", {"text/plain": str(points)})
            if fraction
            else new_output("error", ename="AssertionError", evalue="", traceback=[])
        ]
        status = "passed" if fraction == 1 else "failed"
        return SimpleNamespace(id=name, status=status, fraction=fraction, message="", measured=measured)


def _measured(code):
    """What a check would have measured, where the answer says `# measured ACCURACY`."""
    _, _, accuracy = code.partition("# measured ")
    if not accuracy:
        return ()
    return (("accuracy", float(accuracy.split()[0])), ("parameters", 5000.0), ("cpu_seconds", 8.0))


def make_plan(course: CourseFolder, submissions: Path, run: FakeRun | SandboxRun | None = None, **changes) -> Plan:
    task = Task(load_assignment(course.root, ASSIGNMENT), run or FakeRun(), seed=1)
    executor = lambda: ThreadPoolExecutor(2)  # noqa: E731
    return Plan(course, submissions, task, **{"make_executor": executor, **changes})


def ignore(*_):
    """Nobody looks."""


def run_class(plan: Plan, tell=ignore, pause=ignore, *, fresh=False):
    course = plan.course
    with (
        Journal(course.journal(ASSIGNMENT), fresh=fresh) as journal,
        GradebookWriter(course.db_url, ASSIGNMENT, course.config) as book,
    ):
        return grade_class(plan, journal, book, tell, pause)
