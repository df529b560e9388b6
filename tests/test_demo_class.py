"""The demo class, graded by the command as an instructor would, and held to the table beside it."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from nbgrader.api import Gradebook

import autograder
from autograder.gradebook import commands_on_path

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "examples" / "demo_class"
UNIT = "05_convolution"
SEED = 20_240_517
SECRET = "canary-5f0c1e"  # planted wherever a student must not look
PORT = 47_651  # where dina_looks_around.py knocks
STRAY = Path("/tmp/mallory_was_here")  # what a student's code would leave behind, had it run out here
FORWARD = {"conv2d_backward": "conv2d_forward", "conv2d_forward_fast": "conv2d_forward"} | {
    f"{pool}_backward": f"{pool}_forward" for pool in ("max_pool2d", "avg_pool2d", "global_avg_pool")
}
# what the in-process run cannot do with these students' notebooks: survive, or find their functions
NOT_ALONE = ("adil", "bea", "carl", "dina", "mallory", "omar", "pia", "quinn", "xenia", "yara", "yusuf", "zoe")


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def read_table(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a CSV file, by student."""
    return {row["student"]: row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}


make = load(DEMO / "make.py")
EXPECTED = read_table(DEMO / "expected.csv")
STUDENTS = sorted(path.stem for path in (DEMO / "students").glob("*.py"))
CHEATS = [name for name in STUDENTS if name.startswith("mallory")]
HONEST = [name for name in STUDENTS if not name.startswith(NOT_ALONE)]


def digests(*folders: Path) -> dict[Path, str]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the command left behind."""

    code: int
    said: str
    output: Path
    home: Path
    knocks: int
    before: Mapping[Path, str]
    after: Mapping[Path, str]

    def rows(self) -> dict[str, dict[str, str]]:
        return read_table(self.output / "grades.csv")

    def cells(self, student: str) -> dict[str, tuple[float, float]]:
        """Points and bonus of every test cell."""
        with Gradebook(f"sqlite:///{self.output / 'gradebook.db'}") as book:
            grades = [g for n in book.find_submission(UNIT, student).notebooks for g in n.grades]
            return {
                grade.name.removeprefix("check_"): (grade.auto_score or 0.0, grade.extra_credit or 0.0)
                for grade in grades
                if grade.name.startswith("check_")
            }


@pytest.fixture(scope="session")
def knocks() -> Iterator[list[Any]]:
    """A listener on this machine; nobody in a sandbox may reach it."""
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", PORT)) as listener:

        def listen() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                connection.close()
                heard.append(address)

        threading.Thread(target=listen, daemon=True).start()
        yield heard
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory, knocks: list[Any]) -> Run:
    folder = tmp_path_factory.mktemp("demo_class")
    home, output, submitted = folder / "home", folder / "output", folder / "submitted"
    for place in (home, output, folder):
        place.mkdir(exist_ok=True)
        (place / "canary.txt").write_text(SECRET)
    with commands_on_path(), Gradebook(f"sqlite:///{output / 'gradebook.db'}") as book:
        book.add_student("canary", last_name=SECRET)
    make.make(submitted)
    STRAY.unlink(missing_ok=True)
    guarded = (submitted, home, ROOT / "nnlib", ROOT / "solutions", ROOT / "course")
    before = digests(*guarded)
    command = [Path(sys.executable).parent / "autograder", "grade", UNIT, "--submissions", submitted]
    options = ["--output", output, "--jobs", "2", "--seed", str(SEED)]
    environment = {**os.environ, "HOME": str(home), "DEMO_CLASS_SECRET": SECRET, "COLUMNS": "200"}
    done = subprocess.run(
        [*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )
    after = {path: found for path, found in digests(*guarded).items() if ".cache" not in path.parts}
    return Run(done.returncode, done.stdout + done.stderr, output, home, len(knocks), before, after)


def test_every_student_has_a_line_in_the_table() -> None:
    assert sorted(EXPECTED) == STUDENTS


def test_run_ends_well(graded: Run) -> None:
    assert graded.code == 0, graded.said
    assert sorted(graded.rows()) == STUDENTS


@pytest.mark.parametrize("student", STUDENTS)
def test_points_are_those_of_the_table(student: str, graded: Run) -> None:
    cells = graded.cells(student)
    points, bonus = (sum(values) for values in zip(*cells.values(), strict=True))
    assert (points, bonus) == pytest.approx(
        (float(EXPECTED[student]["points"]), float(EXPECTED[student]["bonus"])), abs=1e-3
    ), cells


@pytest.mark.parametrize("student", STUDENTS)
def test_verdict_and_note_are_those_of_the_table(student: str, graded: Run) -> None:
    row = graded.rows()[student]
    assert row["verdict"] == EXPECTED[student]["verdict"]
    for words in filter(None, EXPECTED[student]["note"].split(";")):
        assert words.strip() in row["note"]


@pytest.mark.parametrize("student", CHEATS)
def test_cheats_get_nothing_for_what_they_attack(student: str, graded: Run) -> None:
    attacked = EXPECTED[student]["attacks"].split()
    cells = graded.cells(student)
    assert attacked
    assert {name: cells[name] for name in attacked} == dict.fromkeys(attacked, (0.0, 0.0))


def alone(student: str) -> dict[str, Any]:
    """What a student's answers define, run in this process, cell by cell."""
    space: dict[str, Any] = {"np": np, "__name__": "__main__"}
    answers: dict[str, str] = {}
    for deed in make.read_deeds(DEMO / "students" / f"{student}.py"):
        if deed.verb in ("answer", "duplicate") and deed.options["id"].startswith("write_"):
            answers[f"{deed.verb} {deed.options['id']}"] = deed.text
        elif deed.verb == "delete":
            answers.pop(f"answer {deed.options['id']}", None)
        elif deed.verb == "scratch":
            answers[deed.text] = deed.text
    for text in answers.values():
        with contextlib.suppress(Exception, SystemExit):  # the notebook would go on as well
            exec(compile(text, student, "exec"), space)
    return space


@pytest.mark.parametrize("student", HONEST)
@pytest.mark.filterwarnings("ignore")
def test_honest_students_get_in_class_what_they_get_alone(student: str, graded: Run) -> None:
    space = alone(student)
    in_class = graded.cells(student)
    for exercise in autograder.exercises():
        if exercise.name not in space or exercise.bonus:
            continue
        forward = space.get(FORWARD.get(exercise.name, ""))
        rng = np.random.default_rng([SEED, zlib.crc32(exercise.name.encode())])
        report = autograder.grade(exercise.name, space[exercise.name], forward=forward, rng=rng)
        assert in_class[exercise.name][0] == pytest.approx(report.points, abs=1e-3), exercise.name


def test_no_secret_is_in_anything_written(graded: Run) -> None:
    own = {"gradebook.db", "canary.txt"}
    files = (path for path in graded.output.rglob("*") if path.is_file() and path.name not in own)
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in graded.said


def test_files_outside_of_the_sandbox_stay_as_they_were(graded: Run) -> None:
    assert {path: graded.after.get(path) for path in graded.before} == dict(graded.before)
    assert (graded.output / "canary.txt").read_text() == SECRET
    assert not STRAY.exists()


def test_network_is_unreachable(graded: Run) -> None:
    assert graded.knocks == 0


def test_feedback_runs_no_script_of_a_students(graded: Run) -> None:
    pages = [path.read_text() for path in (graded.output / "feedback" / "mallory_active_content").rglob("*.html")]
    assert pages
    for page in pages:
        assert "<script>document.title" not in page
        assert 'onerror="document.title' not in page
        assert 'onload="document.title' not in page


def test_making_the_class_twice_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        make.make(tmp_path / name)
    found = {
        name: {p.relative_to(tmp_path / name): h for p, h in digests(tmp_path / name).items()}
        for name in ("one", "two")
    }
    assert found["one"] == found["two"]
