"""The head of a feedback page: at a glance what was lost, where and why."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from autograder.feedback_summary import EMPTY, WAITING, Row, from_report, report_first, rows, summary
from autograder.gradebook import NO_RESPONSE, NotebookMarks
from autograder.report import CaseResult, Mistake, Report

RIGHT = CaseResult("square images", 1.0)
WRONG = CaseResult("no padding", 0.5, "x (2, 2, 5, 5)", "dx: expected shape (2, 2), got (0, 0)")
EMPTY_SLICE = Mistake("unpads dx with p:-p", "dx[:, :, p:-p, p:-p] is empty for p = 0.")


def report(*cases, mistakes=(), points=1.0):
    return Report("conv", points, 2.0, cases, mistakes=tuple(mistakes))


def graded(name, kind=new_code_cell, solution=False, outputs=()):
    cell = kind("text", id=name.replace("_", "-"))
    cell.metadata["nbgrader"] = {"grade_id": name, "grade": True, "solution": solution, "points": 2}
    if outputs:
        cell.outputs = list(outputs)
    return cell


def written(name):
    cell = new_code_cell("def f(): ...", id=name.replace("_", "-"))
    cell.metadata["nbgrader"] = {"grade_id": name, "grade": False, "solution": True}
    return cell


def shown(text):
    return new_output("display_data", {"text/plain": text})


def marks(cells, comments=None, penalty=0.0):
    score, points = (sum(pair[i] for pair in cells.values()) for i in (0, 1))
    return NotebookMarks(score, points, penalty, cells, comments or {})


def listed(cells, graded_marks):
    return list(rows(new_notebook(cells=list(cells)), graded_marks))


def test_a_recognised_mistake_is_named():
    said = from_report(report(RIGHT, WRONG, mistakes=[EMPTY_SLICE]).text)
    assert said.endswith("Looks like: unpads dx with p:-p.")


def test_where_no_mistake_is_recognised_the_first_wrong_case_is_told():
    assert from_report(report(RIGHT, WRONG).text).endswith(f"First: {WRONG.trait}: {WRONG.summary}")


@pytest.mark.parametrize("text", ["", "AssertionError", "2.0", "some points. more"])
def test_other_texts_are_no_reports(text):
    assert from_report(text) == ""


@pytest.mark.parametrize(
    ("message", "said"), [("3 is not 4\nand more", "AssertionError: 3 is not 4"), ("", "AssertionError")]
)
def test_a_failed_assertion_is_told_in_its_first_line(message, said):
    error = new_output("error", ename="AssertionError", evalue=message)
    (row,) = listed([graded("check_add", outputs=[error])], marks({"check_add": (0.0, 2.0)}))
    assert row.said == said


def test_nothing_is_said_about_what_is_right():
    told = shown(report(RIGHT, points=2.0).text)
    (row,) = listed([graded("check_add", outputs=[told])], marks({"check_add": (2.0, 2.0)}))
    assert row == Row("check_add", 2.0, 2.0)


def test_an_exercise_that_was_left_empty_says_so():
    cells = [written("write_add"), graded("check_add", outputs=[shown(report(WRONG).text)])]
    (row,) = listed(cells, marks({"check_add": (0.0, 2.0)}, {"write_add": NO_RESPONSE}))
    assert row.said == EMPTY


@pytest.mark.parametrize(
    ("score", "points", "mark"), [(2, 2, "✓"), (1, 2, "◐"), (0, 2, "✗"), (3, 0, "✓"), (0, 0, "–")]
)
def test_marks_are_for_all_a_part_or_none_of_the_points(score, points, mark):
    assert Row("check_add", score, points).mark == mark


def test_the_table_leads_to_each_exercise():
    found = [Row("check_add", 1.5, 2.0, "one case"), Row("check_fast", 3.0, 0.0)]
    table = BeautifulSoup(summary("ann", "hw", marks({}), found), "html.parser")
    assert [(a["href"], a.text) for a in table.find_all("a")] == [("#check_add", "add"), ("#check_fast", "fast")]
    assert [td.text for td in table.select(".worth")] == ["1.5 / 2", "+3 bonus"]
    assert "all points in 1 of 2" in table.text


@pytest.mark.parametrize(
    ("score", "comment", "mark", "said"),
    [
        (0.0, None, "–", WAITING),
        (0.0, NO_RESPONSE, "✗", EMPTY),
        (0.0, "Say why.", "✗", "Say why."),
        (1.0, "Say why.", "◐", "Say why."),
        (1.0, None, "◐", ""),
        (3.0, None, "✓", ""),
        (3.0, "Well said.", "✓", "Well said."),
    ],
)
def test_a_written_answer_waits_for_a_person(score, comment, mark, said):
    question = graded("question_why", new_markdown_cell, solution=True)
    (row,) = listed([question], marks({"question_why": (score, 3.0)}, {"question_why": comment}))
    assert (row.mark, row.said) == (mark, said)


def test_what_students_wrote_is_text_on_the_page():
    page = summary("<i>ann", "<b>hw", marks({}), [Row('x"><script>', 0.0, 1.0, "<script>alert(1)</script>" * 20)])
    parsed = BeautifulSoup(page, "html.parser")
    assert parsed.find(["script", "i"]) is None
    assert len(parsed.select_one(".said").text) <= 220


def test_the_report_stands_before_what_the_students_code_printed():
    noise = new_output("stream", text="debug")
    value = new_output("execute_result", {"text/plain": "2.0"})
    cell = graded("check_add", outputs=[noise, shown("add: 2 of 2 points."), value])
    report_first(cell)
    assert [output.output_type for output in cell.outputs] == ["display_data", "stream"]


def test_points_alone_are_kept_where_a_test_says_nothing_else():
    cell = graded("check_add", outputs=[new_output("execute_result", {"text/plain": "2.0"})])
    report_first(cell)
    assert len(cell.outputs) == 1
