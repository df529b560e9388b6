"""A class is graded once, by one writer, whatever happens to single submissions or to the run."""

from __future__ import annotations

import csv
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from classroom import ASSIGNMENT, FakeRun, hand_in, handed_in, make_plan, run_class
from nbgrader.api import Gradebook

from autograder import grading
from autograder.errors import AutograderError, GraderError
from autograder.feedback import FeedbackWriter
from autograder.gradebook import GradebookWriter
from autograder.grading import self_check
from autograder.planning import check_jobs

pytestmark = pytest.mark.usefixtures("plain_pages")
RIGHT = "def add(a, b):\n    return a + b"
WRONG = "def add(a, b):\n    return 0"


@pytest.fixture
def ran(tmp_path):
    return tmp_path / "ran"


def runs(ran):
    return len(ran.read_text().splitlines()) if ran.exists() else 0


def points(result):
    return {line.student: line.score for line in result.rows}


def verdicts(result):
    return {line.student: line.verdict for line in result.rows}


def test_each_submission_gets_its_own_points(homework, pile):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    hand_in(pile, "bob", handed_in(homework, "half"))
    hand_in(pile, "cyd", handed_in(homework, None, None))
    result = run_class(make_plan(homework, pile))
    assert points(result) == {"ann": 3.0, "bob": 1.0, "cyd": 0.0}
    assert verdicts(result) == {"ann": "passed", "bob": "failed", "cyd": "failed"}


def test_an_unreadable_notebook_gets_zero_a_reason_and_a_page_and_stops_nobody(homework, pile):
    hand_in(pile, "ann", b'{"cells": [')
    hand_in(pile, "bob", handed_in(homework, RIGHT))
    result = run_class(make_plan(homework, pile))
    assert points(result) == {"ann": 0.0, "bob": 3.0}
    assert verdicts(result)["ann"] == "failed"
    assert "could not be read" in result.rows[0].note
    assert "could not be read" in (homework.feedback("ann", ASSIGNMENT) / "hw.html").read_text()


def test_a_student_without_a_notebook_gets_zero_and_reads_why(homework, pile):
    hand_in(pile, "bob", handed_in(homework, RIGHT))
    (pile / "ann" / ASSIGNMENT).mkdir(parents=True)
    (pile / "ann" / ASSIGNMENT / "homework.pdf").write_bytes(b"%PDF")
    result = run_class(make_plan(homework, pile))
    assert points(result)["ann"] == 0.0
    assert "no notebook was handed in" in result.rows[0].note


def test_a_grader_fault_is_tried_twice_and_is_never_a_zero(homework, pile, ran):
    hand_in(pile, "ann", handed_in(homework, "fault"))
    hand_in(pile, "bob", handed_in(homework, "half-judged a + b"))
    result = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert points(result) == {"ann": None, "bob": None}
    assert {line.student for line in result.faults} == {"ann", "bob"}
    assert "the sandbox did not start" in result.rows[0].note
    assert runs(ran) == 3
    with (homework.root / "grades.csv").open() as file:
        assert [line["score"] for line in csv.DictReader(file)] == ["", ""]
    with GradebookWriter(homework.db_url, ASSIGNMENT) as book:
        grades = book._of(book_table("Grade"), book._find("ann").id)
        assert all(grade.auto_score is None and grade.needs_manual_grade for grade in grades)


def book_table(name):
    from nbgrader import api

    return getattr(api, name)


def test_an_unexpected_error_in_a_worker_is_a_grader_fault_that_names_its_kind(homework, pile):
    class Broken(FakeRun):
        def __call__(self, *args, **kwargs):
            raise ZeroDivisionError("in the grader")

    hand_in(pile, "ann", handed_in(homework, RIGHT))
    result = run_class(make_plan(homework, pile, Broken()))
    assert verdicts(result) == {"ann": "grader-failed"}
    assert "ZeroDivisionError: in the grader" in result.rows[0].note


def test_a_second_run_grades_nobody_twice_and_says_the_same(homework, pile, ran):
    for student in ("ann", "bob"):
        hand_in(pile, student, handed_in(homework, RIGHT))
    first = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    second = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert runs(ran) == 2
    assert first.rows == second.rows


def test_the_page_of_whom_a_person_gave_points_or_wrote_to_is_made_anew_by_the_next_run(
    homework, pile, ran, monkeypatch
):
    for student in ("ann", "bob", "cyd"):
        hand_in(pile, student, handed_in(homework, RIGHT))
    run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    with Gradebook(homework.db_url) as book:
        book.find_grade("explain", "hw", ASSIGNMENT, "ann").manual_score = 2.5
        book.find_comment("explain", "hw", ASSIGNMENT, "cyd").manual_comment = "Say more."
        book.db.commit()
    shown = {}
    monkeypatch.setattr(FeedbackWriter, "write", lambda _, student, marks: shown.update({student: marks.score}))
    result = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert points(result) == {"ann": 5.5, "bob": 3.0, "cyd": 3.0}
    assert shown == {"ann": 5.5, "cyd": 3.0}
    assert runs(ran) == 3


def test_a_changed_submission_and_a_grader_fault_are_graded_again_and_nothing_else(homework, pile, ran):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    hand_in(pile, "bob", handed_in(homework, WRONG))
    hand_in(pile, "cyd", handed_in(homework, "fault"))
    run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    ran.unlink()
    hand_in(pile, "bob", handed_in(homework, RIGHT))
    hand_in(pile, "cyd", handed_in(homework, "fault"))
    result = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert "ann" not in ran.read_text()
    assert runs(ran) == 1 + 2
    assert points(result) == {"ann": 3.0, "bob": 3.0, "cyd": None}


@pytest.mark.parametrize("changes", [{"circumstances": "another source"}, {"fresh": True}])
def test_everybody_is_graded_again_when_the_source_changes_or_on_demand(homework, pile, ran, changes):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    fresh = changes.pop("fresh", False)
    run_class(make_plan(homework, pile, FakeRun(ran=ran), **changes), fresh=fresh)
    assert runs(ran) == 2


def test_an_executed_notebook_that_was_deleted_is_made_again(homework, pile, ran):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    (homework.autograded("ann", ASSIGNMENT) / "hw.ipynb").unlink()
    run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert runs(ran) == 2


def test_what_was_judged_but_not_written_before_a_kill_is_written_by_the_next_run(
    homework, pile, ran, monkeypatch
):
    hand_in(pile, "ann", handed_in(homework, RIGHT))

    def killed(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(GradebookWriter, "save", killed)
        with pytest.raises(SystemExit):
            run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    journal = homework.journal(ASSIGNMENT)
    with journal.open("ab") as file:
        file.write(b'{"kind": "saved", "ke')
    result = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert runs(ran) == 1
    assert points(result) == {"ann": 3.0}
    assert (homework.feedback("ann", ASSIGNMENT) / "hw.html").is_file()


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from classroom import FakeRun, make_plan, run_class
from autograder.course_folder import CourseFolder
course = CourseFolder.open(Path({course!r}))
run_class(make_plan(course, Path({pile!r}), FakeRun(0.05, Path({ran!r}))), lambda *_: print("done", flush=True))
"""


def test_after_kill_9_nothing_is_lost_and_nothing_saved_is_graded_twice(homework, pile, ran):
    for number in range(12):
        hand_in(pile, f"s{number:02}", handed_in(homework, f"{RIGHT}  # {number}"))
    places = {"course": str(homework.root), "pile": str(pile), "ran": str(ran)}
    code = KILLED.format(tests=str(Path(__file__).parent), **places)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    saved = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert saved == ["done\n"] * 3
    result = run_class(make_plan(homework, pile, FakeRun(ran=ran)))
    assert points(result) == {f"s{number:02}": 3.0 for number in range(12)}
    in_hand = 3  # begun, or judged but not recorded, when it was killed
    assert 12 <= runs(ran) <= 12 + in_hand


def test_an_interrupt_finishes_what_is_in_hand_and_leaves_the_rest_for_the_next_run(homework, pile, ran):
    for number in range(8):
        hand_in(pile, f"s{number}", handed_in(homework, f"{RIGHT}  # {number}"))
    told = []

    def tell(student, verdict):
        told.append(student)
        if len(told) == 1:
            raise KeyboardInterrupt

    paused = []
    result = run_class(make_plan(homework, pile, FakeRun(0.01, ran)), tell, paused.append)
    assert result.interrupted
    assert len(paused) == 1
    assert 1 <= len(result.rows) < 8
    assert runs(ran) == len(result.rows)
    assert len(run_class(make_plan(homework, pile, FakeRun(ran=ran))).rows) == 8
    assert runs(ran) == 8


def test_only_the_main_thread_writes(homework, pile, monkeypatch):
    for number in range(4):
        hand_in(pile, f"s{number}", handed_in(homework, RIGHT))
    writers = set()
    for name in ("_record", "_save"):
        original = getattr(grading._Writer, name)

        def noted(self, *args, original=original):
            writers.add(threading.current_thread())
            return original(self, *args)

        monkeypatch.setattr(grading._Writer, name, noted)
    run_class(make_plan(homework, pile))
    assert writers == {threading.main_thread()}


def test_few_submissions_are_in_memory_however_large_the_class(homework, pile, monkeypatch):
    for number in range(20):
        hand_in(pile, f"s{number:02}", handed_in(homework, RIGHT))
    read, most = 0, 0
    original = grading._read

    def counted(*args):
        nonlocal read
        read += 1
        return original(*args)

    done = 0

    def tell(*_):
        nonlocal done, most
        most = max(most, read - done)
        done += 1

    monkeypatch.setattr(grading, "_read", counted)
    run_class(make_plan(homework, pile, window=3), tell)
    assert done == 20
    assert most <= 4


def test_a_task_and_its_job_can_be_sent_to_another_machine(homework, pile):
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    plan = make_plan(homework, pile)
    job = grading._read(next(plan.found()), "")
    task, job = pickle.loads(pickle.dumps((plan.task, job)))
    assert pickle.loads(pickle.dumps(task(job))).outcome.verdict == "passed"


def test_the_executed_notebook_says_what_was_restored(homework, pile):
    notebook = nbformat.reads(handed_in(homework, RIGHT).decode(), as_version=4)
    notebook.cells = [c for c in notebook.cells if c.metadata.nbgrader.grade_id != "check_add"]
    hand_in(pile, "ann", nbformat.writes(notebook).encode())
    result = run_class(make_plan(homework, pile))
    assert points(result) == {"ann": 3.0}
    executed = nbformat.read(homework.autograded("ann", ASSIGNMENT) / "hw.ipynb", as_version=4)
    assert "check_add" in executed.cells[0].source
    assert "check_add" in result.rows[0].note


def test_what_was_handed_in_is_kept_for_formgrader(homework, pile):
    notebook = handed_in(homework, RIGHT)
    hand_in(pile, "ann", notebook, **{"timestamp.txt": b"2024-01-02 03:04:05 UTC"})
    run_class(make_plan(homework, pile))
    kept = homework.submitted("ann", ASSIGNMENT)
    assert (kept / "hw.ipynb").read_bytes() == notebook
    assert (kept / "timestamp.txt").read_text() == "2024-01-02 03:04:05 UTC"


def test_a_course_may_grade_its_own_submitted_folder(homework):
    pile = homework.root / "submitted"
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    assert points(run_class(make_plan(homework, pile))) == {"ann": 3.0}
    assert [path.name for path in pile.rglob("*") if path.is_file()] == ["hw.ipynb"]


def test_an_empty_folder_is_an_error_that_says_what_was_expected(homework, pile):
    with pytest.raises(AutograderError, match="no submissions"):
        run_class(make_plan(homework, pile))


def test_the_self_check_passes_where_the_solution_is_right_and_the_blank_is_not(homework, pile):
    plan = make_plan(homework, pile)
    self_check(plan.task, check_jobs(plan.task.assignment), plan.make_executor)


@pytest.mark.parametrize(
    ("words", "message"),
    [({"nothing": (0.0, 0.0)}, "full marks.*\n.*hw/check_add"), ({"": (1.0, 0.0)}, "(?s)full marks.*check_fast")],
)
def test_the_self_check_names_the_cells_that_are_wrong(homework, pile, monkeypatch, words, message):
    monkeypatch.setattr("classroom.WORDS", words)
    plan = make_plan(homework, pile)
    with pytest.raises(GraderError, match=message):
        self_check(plan.task, check_jobs(plan.task.assignment), plan.make_executor)


def test_the_self_check_refuses_tests_that_a_blank_notebook_passes(homework, pile, monkeypatch):
    monkeypatch.setattr("classroom.WORDS", {"": (1.0, 1.0)})
    plan = make_plan(homework, pile)
    with pytest.raises(GraderError, match="blank notebook gets points"):
        self_check(plan.task, check_jobs(plan.task.assignment), plan.make_executor)


def test_a_class_is_graded_on_dask_with_the_same_code(homework, pile):
    distributed = pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
    hand_in(pile, "ann", handed_in(homework, RIGHT))
    hand_in(pile, "bob", handed_in(homework, "fault"))
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, protocol="inproc"
    )
    with cluster, distributed.Client(cluster) as client:
        plan = make_plan(homework, pile, make_executor=lambda: client.get_executor(pure=False))
        result = run_class(plan)
    assert points(result) == {"ann": 3.0, "bob": None}
