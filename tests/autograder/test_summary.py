"""grades.csv and the table."""

from __future__ import annotations

import csv
import io

import pytest
from rich.console import Console

from autograder.gradebook import Marks, NotebookMarks
from autograder.outcome import CellOutcome, Outcome
from autograder.summary import BREAKS, MOST_NOTE, Row, grades_csv, row, table

ANN = Row("ann", "hw", 3.5, 5.0, "passed", 0.5)
BOB = Row("bob", "hw", None, 5.0, "grader-failed", 1.0, "grader fault: no sandbox")


def parsed(*rows):
    return list(csv.DictReader(io.StringIO(grades_csv(rows).decode())))


def shown(*rows):
    console = Console(file=io.StringIO(), width=120)
    console.print(table(rows))
    return console.file.getvalue()


def test_the_columns_are_those_that_are_documented():
    assert grades_csv([]).decode() == "student,assignment,score,max_score,verdict,seconds,note\n"


def test_a_score_is_a_number_or_empty_where_the_grader_failed():
    ann, bob = parsed(ANN, BOB)
    assert (ann["score"], ann["max_score"]) == ("3.5", "5")
    assert (bob["score"], bob["verdict"]) == ("", "grader-failed")


@pytest.mark.parametrize("start", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_is_never_a_formula(start):
    (line,) = parsed(Row(start, "hw", 1.0, 1.0, "passed", 0.0, start))
    assert line["student"] == f"'{start}".translate(BREAKS)
    assert line["note"].startswith("'")


@pytest.mark.parametrize("text", ['say "hi", then go', "two\nlines", "ü, 漢字, 🎓", "half \ud800 a pair"])
def test_any_text_survives_quoting(text):
    (line,) = parsed(Row("ann", "hw", 1.0, 1.0, "passed", 0.0, text))
    assert line["note"] == text.replace("\ud800", "?").replace("\n", " ")


def test_a_row_has_the_gradebooks_points_and_says_what_is_left_to_do():
    cells = (CellOutcome("hw", "a", 2.0, 2.0, status="passed"), CellOutcome("hw", "b", None, 3.0, status="manual"))
    marks = Marks({"hw": NotebookMarks(4.0, 5.0, 0.5)})
    made = row(Outcome("ann", "hw", cells, notes=("a  note",), seconds=1.234), marks, ("no sandbox",))
    assert (made.score, made.max_score, made.seconds, made.verdict) == (3.5, 5.0, 1.23, "passed")
    assert made.note == "a note; 0.5 points off for being late; 3 points still to be given by hand; no sandbox"


def test_a_grader_fault_comes_first_in_the_note_and_has_no_score():
    made = row(Outcome("ann", "hw", (), notes=("x",), fault="disk full"), Marks({}))
    assert made.score is None
    assert made.note.startswith("grader fault: disk full")


def test_a_note_is_short():
    made = row(Outcome("ann", "hw", (), notes=("long " * 1000,)), Marks({}))
    assert len(made.note) == MOST_NOTE


def test_the_table_shows_everybody_and_how_the_class_did():
    text = shown(ANN, BOB, Row("[red]cyd[/red]", "hw", 0.0, 5.0, "failed", 0.1, "[bold]no markup"))
    assert "3.5 / 5" in text
    assert "— / 5" in text
    assert "[red]cyd[/red]" in text
    assert "[bold]no markup" in text
    assert "mean 1.8, median 1.8 of 5 points, 2 submissions" in text


def test_a_class_of_grader_faults_has_no_distribution():
    assert "mean" not in shown(BOB)


def test_bonus_beyond_the_maximum_is_in_the_last_bin():
    assert "90–100" in shown(Row("ann", "hw", 8.0, 5.0, "passed", 0.1))


def test_a_long_note_leaves_room_for_the_score_and_the_verdict():
    long = Row("a_student_with_a_long_name", "hw", 38.17, 53.0, "grader-failed", 123.4, "very long words " * 30)
    console = Console(file=io.StringIO(), width=80)
    console.print(table([long]))
    assert "38.17 / 53" in console.file.getvalue()
    assert "grader-failed" in console.file.getvalue()
