"""The command line: what it says, and what it exits with."""

from __future__ import annotations

import csv
import os
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from classroom import ASSIGNMENT, FakeRun, hand_in, handed_in
from typer.testing import CliRunner

from autograder import building, cli, doctor, planning, processes
from autograder.building import BuildError
from autograder.course_folder import CourseFolder
from autograder.doctor import Finding
from autograder.planning import Settings, choose_seed, digest, open_course
from autograder.source import load_assignment

pytestmark = pytest.mark.usefixtures("plain_pages")
RIGHT = "def add(a, b):\n    return a + b"


@pytest.fixture
def fake(monkeypatch):
    """A machine with a sandbox that needs no kernel."""
    monkeypatch.setattr(planning, "_run", lambda *_: FakeRun())
    monkeypatch.setattr(planning, "get_sandbox", lambda _: SimpleNamespace(problems=list))
    monkeypatch.setattr(processes, "pool", ThreadPoolExecutor)  # so that what is patched here counts


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(cli.out, "width", 200)
    runner = CliRunner()
    return lambda *words: runner.invoke(cli.app, [str(word) for word in words])


@pytest.fixture
def grade(run, homework, pile, fake):
    return lambda *more: run("grade", ASSIGNMENT, "--submissions", pile, "--course", homework.root, *more)


def test_a_graded_class_exits_0_and_says_where_everything_is(grade, homework, pile):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    result = grade()
    assert result.exit_code == 0, result.output
    assert "3 / 5" in result.output
    for place in ("gradebook.db", "grades.csv", "feedback", "formgrader"):
        assert place in result.output
    assert (homework.root / "grades.csv").read_text().startswith("student,assignment,score")


def test_marks_and_feedback_go_back_into_the_platforms_table(grade, run, homework, pile, tmp_path):
    hand_in(pile, "Ada_Lovelace_4711", handed_in(homework, RIGHT, None))
    hand_in(pile, "Emmy_Noether_4712", handed_in(homework, RIGHT))
    assert grade().exit_code == 0
    table = tmp_path / "Grades.csv"
    table.write_text(
        "Identifier,Full name,Grade,Maximum grade\n"
        "Participant 4711,Ada Lovelace,,10\nParticipant 4712,Emmy Noether,,10\n"
    )
    result = run("fill", ASSIGNMENT, table, "--output", homework.root)
    assert result.exit_code == 0, result.output
    for words in (
        "1 of 2 marks",
        "'Grade'",
        "scaled from 5 points to the platform's 10",
        "by hand (--all takes them): Emmy",
    ):
        assert words in result.output
    lines = (homework.root / "Grades_filled.csv").read_text().splitlines()
    assert [line.split(",")[2] for line in lines] == ["Grade", "6", ""]
    with zipfile.ZipFile(homework.root / "Grades_feedback.zip") as archive:
        assert archive.namelist() == ["Ada Lovelace_4711_assignsubmission_file_/hw.html"]
        assert b"Homework" in archive.read(archive.namelist()[0])


def test_a_table_that_cannot_be_filled_exits_1_and_writes_nothing(run, homework, tmp_path):
    table = tmp_path / "Grades.csv"
    table.write_text("Identifier,Grade\n")
    places = {
        homework.root: "nobody's hw is in the gradebook",
        tmp_path: "no gradebook",
        tmp_path / "x": "no course",
    }
    for place, said in places.items():
        result = run("fill", ASSIGNMENT, table, "--output", place)
        assert result.exit_code == 1
        assert said in result.output
    assert not (tmp_path / "gradebook.db").exists()
    assert not list(homework.root.glob("Grades*"))


def test_a_grader_fault_exits_3_and_is_in_the_courses_log(grade, homework, pile):
    hand_in(pile, "ann", handed_in(homework, "fault"))
    result = grade()
    assert result.exit_code == 3
    assert "grader-failed" in result.output
    assert "could not be judged" in result.output
    assert "ann: grader fault: the sandbox did not start" in homework.log.read_text()


def test_a_source_whose_solution_fails_exits_3_and_grades_nobody(grade, homework, pile, monkeypatch):
    monkeypatch.setattr("classroom.WORDS", {})
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    result = grade()
    assert result.exit_code == 3
    assert "hw/check_add" in result.output
    assert not (homework.root / "grades.csv").exists()
    assert grade("--no-self-check").exit_code == 0


def test_an_unknown_assignment_exits_1_and_suggests_one(run, homework, pile, fake):
    result = run("grade", "hx", "--submissions", pile, "--course", homework.root)
    assert result.exit_code == 1
    assert "there is no assignment 'hx'" in result.output
    assert "holds hw" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", ["../hw", "a/b", ".."])
def test_an_assignment_is_a_name_and_no_path(run, homework, pile, fake, name):
    result = run("grade", name, "--submissions", pile, "--course", homework.root)
    assert result.exit_code == 1
    assert "no name of an assignment" in result.output


def test_an_empty_class_exits_1(grade):
    result = grade()
    assert result.exit_code == 1
    assert "no submissions" in result.output


@pytest.mark.parametrize(
    "words", [["grade"], ["grade", "hw"], ["grade", "hw", "--submissions", "/nowhere"], ["grad"], ["grade", "--x"]]
)
def test_a_wrong_command_line_exits_2(run, words):
    assert run(*words).exit_code == 2


def test_a_machine_without_the_sandbox_exits_1_and_says_how_to_get_it(grade, homework, pile, monkeypatch):
    problem = SimpleNamespace(problems=lambda: ["run apt-get install bubblewrap"])
    monkeypatch.setattr(planning, "get_sandbox", lambda _: problem)
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    result = grade()
    assert result.exit_code == 1
    assert "apt-get install bubblewrap" in result.output


def test_an_unknown_sandbox_exits_1(run, homework, pile):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    result = run("grade", ASSIGNMENT, "--submissions", pile, "--course", homework.root, "--sandbox", "chroot")
    assert result.exit_code == 1
    assert "choose one of bubblewrap" in result.output


def test_no_sandbox_is_said_in_every_row_and_stays_in_the_log(grade, homework, pile):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    assert grade("--sandbox", "none").exit_code == 0
    with (homework.root / "grades.csv").open() as file:
        assert "without a sandbox" in next(csv.DictReader(file))["note"]
    assert "WARNING" in homework.log.read_text()
    assert "without a sandbox" in homework.log.read_text()


def test_an_interrupt_exits_130_and_says_how_to_go_on(grade, homework, pile, monkeypatch):
    for student in ("ann", "bob", "cyd", "dan", "eve", "fay"):
        hand_in(pile, student, handed_in(homework, RIGHT))
    original, calls = cli.Progress.advance, []

    def advance(self, bar):
        calls.append(bar)
        if len(calls) == 1:
            raise KeyboardInterrupt
        original(self, bar)

    monkeypatch.setattr(cli.Progress, "advance", advance)
    result = grade("--jobs", 1)
    assert result.exit_code == 130
    assert "run the same command again" in result.output
    assert grade("--jobs", 1).exit_code == 0
    with (homework.root / "grades.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 6


def test_a_second_interrupt_ends_at_once_with_130(grade, homework, pile, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    class Ended(BaseException):
        pass

    def ended(code):
        raise Ended(code)

    hand_in(pile, "ann", handed_in(homework, RIGHT))
    monkeypatch.setattr("autograder.grading.grade_class", stop)
    monkeypatch.setattr(os, "_exit", ended)
    with pytest.raises(Ended, match="130"):
        grade()


def test_results_go_to_output_and_the_course_stays_as_it_was(grade, homework, pile, tmp_path):
    before = {p: p.read_bytes() for p in homework.root.rglob("*") if p.is_file()}
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    assert grade("--output", tmp_path / "out").exit_code == 0
    assert {p: p.read_bytes() for p in homework.root.rglob("*") if p.is_file()} == before
    for name in (
        "gradebook.db",
        "nbgrader_config.py",
        "source",
        "submitted",
        "autograded",
        "feedback",
        "grades.csv",
    ):
        assert (tmp_path / "out" / name).exists()


def test_the_seed_is_the_one_asked_for_or_the_recorded_one_or_a_new_one(pile):
    asked = Settings("hw", pile, seed=5)
    left = Settings("hw", pile)
    assert choose_seed(asked, 7) == 5
    assert choose_seed(left, 7) == 7
    assert choose_seed(left, None) != choose_seed(left, None)


def test_a_changed_source_or_file_changes_the_digest(homework):
    first = load_assignment(homework.root, ASSIGNMENT)
    assert digest(first) == digest(load_assignment(homework.root, ASSIGNMENT))
    (homework.source(ASSIGNMENT) / "data.csv").write_text("1")
    second = load_assignment(homework.root, ASSIGNMENT)
    (homework.source(ASSIGNMENT) / "data.csv").write_text("2")
    assert len({digest(first), digest(second)}) == 2


def test_a_unit_of_this_course_is_built_into_the_output(homework, pile, tmp_path, monkeypatch):
    def write_source(name, folder):
        folder.mkdir(parents=True)
        (folder / "hw.ipynb").write_bytes((homework.source(name) / "hw.ipynb").read_bytes())
        return True

    generated = []
    monkeypatch.setattr(building, "write_source", write_source)
    monkeypatch.setattr(CourseFolder, "generate", lambda _, name: generated.append(name))
    monkeypatch.setattr(CourseFolder, "release", lambda *_: None)
    course = open_course(Settings(ASSIGNMENT, pile, output=tmp_path / "out"))
    assert course.root == tmp_path / "out"
    assert generated == [ASSIGNMENT]
    assert load_assignment(course.root, ASSIGNMENT).notebooks[0].name == "hw"


def test_the_doctor_exits_0_or_1(run, monkeypatch):
    monkeypatch.setattr(doctor, "examine", lambda: (Finding("sky"), Finding("sea", "salt", needed=False)))
    assert run("doctor").exit_code == 0
    monkeypatch.setattr(doctor, "examine", lambda: (Finding("bubblewrap", "apt-get install it"),))
    result = run("doctor")
    assert result.exit_code == 1
    assert "apt-get install it" in result.output


def test_build_says_what_it_wrote_and_check_what_is_stale(run, monkeypatch):
    monkeypatch.setattr(building, "build", lambda say: say("wrote course/05/") or True)
    assert "wrote course/05/" in run("build").output
    monkeypatch.setattr(building, "check_build", lambda: ("course/05 is stale",))
    result = run("check")
    assert result.exit_code == 1
    assert "course/05 is stale" in result.output
    monkeypatch.setattr(building, "check_build", lambda: ())
    assert run("check").exit_code == 0


def test_a_source_that_cannot_be_built_exits_1_without_a_traceback(run, monkeypatch):
    def broken(**_):
        raise BuildError("cell 3 has no id")

    monkeypatch.setattr(building, "build", broken)
    result = run("build")
    assert result.exit_code == 1
    assert "cell 3 has no id" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["grade", "doctor", "build", "check"])
def test_every_command_documents_its_exit_codes(run, command):
    text = re.sub(r"\W+", " ", run(command, "--help").output)
    for code in ("0 everything done", "1 bad input", "2 wrong command line", "3 a fault of the grader", "130"):
        assert code in text
