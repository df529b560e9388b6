"""The gradebook says what nbgrader itself would say, and keeps what people wrote into it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from classroom import ASSIGNMENT, hand_in, handed_in, make_plan, run_class
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy import event

from autograder.course_folder import CourseFolder
from autograder.errors import AutograderError, GraderError
from autograder.gradebook import GradebookWriter, commands_on_path, parse_timestamp
from autograder.outcome import CellOutcome, Outcome

pytestmark = pytest.mark.usefixtures("plain_pages")
RIGHT = "def add(a, b):\n    return a + b"


def grades(course: CourseFolder, student: str) -> dict:
    with Gradebook(course.db_url) as book:
        submission = book.find_submission(ASSIGNMENT, student)
        found = submission.notebooks[0].grades
        columns = ("auto_score", "manual_score", "extra_credit", "needs_manual_grade", "score")
        return {g.name: tuple(getattr(g, column) for column in columns) for g in found}


def comments(course: CourseFolder, student: str) -> dict:
    with Gradebook(course.db_url) as book:
        notebook = book.find_submission(ASSIGNMENT, student).notebooks[0]
        return {comment.name: comment.auto_comment for comment in notebook.comments}


def grade_one(course, pile, code, text="An answer.", student="ann", **files):
    hand_in(pile, student, handed_in(course, code, text), **files)
    return next(line for line in run_class(make_plan(course, pile)).rows if line.student == student)


@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's add_submission
@pytest.mark.parametrize(("code", "text"), [(RIGHT, "x"), ("half", "x"), ("nothing", None), (None, None)])
def test_it_equals_what_nbgrader_saves_for_the_same_executed_notebook(homework, pile, code, text):
    grade_one(homework, pile, code, text)
    ours = grades(homework, "ann"), comments(homework, "ann")
    executed = nbformat.read(homework.autograded("ann", ASSIGNMENT) / "hw.ipynb", as_version=4)
    with Gradebook(homework.db_url) as book:
        book.remove_submission(ASSIGNMENT, "ann")
        book.add_submission(ASSIGNMENT, "ann")
    resources = {"notebook": "hw", "assignment": ASSIGNMENT, "student": "ann", "db_url": homework.db_url}
    SaveAutoGrades().preprocess(executed, {"nbgrader": resources})
    theirs = grades(homework, "ann"), comments(homework, "ann")
    bonus = ours[0].pop("check_fast"), theirs[0].pop("check_fast")
    assert ours == theirs
    assert bonus[0][2] == (1.0 if code == RIGHT else 0.0)


def test_bonus_is_extra_credit_and_falls_back_to_zero_on_a_regrade(homework, pile):
    grade_one(homework, pile, RIGHT)
    assert grades(homework, "ann")["check_fast"] == (0.0, None, 1.0, False, 1.0)
    grade_one(homework, pile, "slow")
    assert grades(homework, "ann")["check_fast"] == (0.0, None, 0.0, False, 0.0)


def test_a_regrade_keeps_scores_given_by_hand_and_asks_for_another_look(homework, pile):
    grade_one(homework, pile, "half")
    with Gradebook(homework.db_url) as book:
        for name, score in (("explain", 2.5), ("check_add", 1.5)):
            grade = book.find_grade(name, "hw", ASSIGNMENT, "ann")
            grade.manual_score, grade.needs_manual_grade = score, False
        book.find_grade("check_fast", "hw", ASSIGNMENT, "ann").extra_credit = 0.25
        book.find_grade("explain", "hw", ASSIGNMENT, "ann").extra_credit = 0.5
        book.db.commit()
    row = grade_one(homework, pile, RIGHT)
    after = grades(homework, "ann")
    assert after["explain"] == (None, 2.5, 0.5, True, 3.0)
    assert after["check_add"] == (2.0, 1.5, None, True, 1.5)
    assert after["check_fast"][2] == 1.0
    assert row.score == 5.5


def test_resuming_does_not_ask_for_another_look_at_what_was_reviewed(homework, pile):
    grade_one(homework, pile, RIGHT)
    with Gradebook(homework.db_url) as book:
        grade = book.find_grade("explain", "hw", ASSIGNMENT, "ann")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.db.commit()
    assert run_class(make_plan(homework, pile)).rows[0].score == 5.0
    assert grades(homework, "ann")["explain"] == (None, 2.0, None, False, 2.0)


def test_what_the_grader_could_not_judge_has_no_score_and_waits_for_a_person(homework, pile):
    grade_one(homework, pile, RIGHT)
    grade_one(homework, pile, "half-judged a + b")
    assert grades(homework, "ann")["check_add"] == (None, None, None, True, 0.0)


def test_a_missing_notebook_gets_zero_everywhere_and_needs_nobody(homework, pile):
    hand_in(pile, "bob", handed_in(homework, RIGHT))
    (pile / "ann").mkdir()
    (pile / "ann" / "essay.pdf").write_bytes(b"%PDF")
    run_class(make_plan(homework, pile))
    found = grades(homework, "ann")
    assert {name: (auto, needs) for name, (auto, _, _, needs, _) in found.items()} == dict.fromkeys(
        ("check_add", "check_fast", "explain"), (0.0, False)
    )


def test_an_unanswered_cell_is_commented_and_loses_the_comment_when_answered(homework, pile):
    grade_one(homework, pile, None, None)
    assert comments(homework, "ann") == {"write_add": "No response.", "explain": "No response."}
    assert grades(homework, "ann")["explain"][0] == 0.0
    grade_one(homework, pile, RIGHT)
    assert comments(homework, "ann") == {"write_add": None, "explain": None}
    assert grades(homework, "ann")["explain"][0] is None


def test_the_timestamp_is_kept_and_a_late_penalty_is_the_courses_plugins(homework, pile):
    homework.config.LateSubmissionPlugin.penalty_method = "zero"
    with Gradebook(homework.db_url) as book:
        book.update_or_create_assignment(ASSIGNMENT, duedate="2024-01-01 00:00:00 UTC")
    late = grade_one(homework, pile, RIGHT, **{"timestamp.txt": b"2024-01-02 03:04:05 UTC"})
    on_time = grade_one(homework, pile, RIGHT, student="bob", **{"timestamp.txt": b"2023-12-31 00:00:00 UTC"})
    assert (late.score, on_time.score) == (0.0, 3.0)
    assert "3 points off for being late" in late.note
    with Gradebook(homework.db_url) as book:
        submission = book.find_submission(ASSIGNMENT, "ann")
        assert submission.timestamp == datetime(2024, 1, 2, 3, 4, 5)
        assert submission.late_submission_penalty == 3.0


@pytest.mark.parametrize("text", ["", "yesterday-ish", "2024-99-99 00:00:00 UTC"])
def test_a_timestamp_that_is_none_is_none(text):
    assert parse_timestamp(text) is None


def test_one_submission_is_one_transaction(homework):
    outcome = Outcome("ann", ASSIGNMENT, (CellOutcome("hw", "check_add", 1.0, 2.0),))
    with GradebookWriter(homework.db_url, ASSIGNMENT) as book:
        commits = []
        event.listen(book._book.engine, "commit", commits.append)
        book.save(outcome)
        assert len(commits) == 1


def test_a_refusal_leaves_nothing_of_the_submission_behind(homework):
    outcome = Outcome("ann", ASSIGNMENT, (CellOutcome("hw", "check_add", "many", 2.0),))
    with GradebookWriter(homework.db_url, ASSIGNMENT) as book:
        with pytest.raises(GraderError, match="ann: the gradebook refused"):
            book.save(outcome)
        assert book.marks("ann") is None
        book.save(Outcome("ann", ASSIGNMENT, ()))
        assert book.marks("ann").score == 0.0


def test_an_assignment_that_was_never_generated_is_an_error_that_says_so(homework):
    with pytest.raises(AutograderError, match="generate_assignment"):
        GradebookWriter(homework.db_url, "another")


def test_a_gradebook_that_is_none_is_an_error(tmp_path):
    (tmp_path / "gradebook.db").write_bytes(b"not a database, but long enough to be looked at")
    with pytest.raises(AutograderError, match="cannot be opened"):
        GradebookWriter(f"sqlite:///{tmp_path / 'gradebook.db'}", ASSIGNMENT)


def test_nbgrader_finds_the_commands_of_this_environment(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with commands_on_path():
        assert Path(os.environ["PATH"].split(os.pathsep)[0], "python").exists()
    assert os.environ["PATH"] == "/nowhere"
