"""A student's page shows points, comments and notes, and nothing in it can act."""

from __future__ import annotations

import base64
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from classroom import ASSIGNMENT, hand_in, handed_in, make_plan, run_class
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.gradebook import NotebookMarks
from autograder.safe_html import clean, protect
from autograder.worker import NOTES_CELL

RIGHT = "def add(a, b):\n    return a + b"
SVG = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
PIXEL = "data:image/png;base64,iVBORw0KGgo="
ATTACKS = [
    "<script>alert(1)</script>",
    "text <img src=x onerror=alert(1)> text",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x></svg>",
    "[click](javascript:alert(1))",
    "<a href='jAvAsCrIpT:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    f"<img src='data:image/svg+xml;base64,{SVG}'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<div style='position:fixed;inset:0;background:url(javascript:alert(1))'>x</div>",
    "<form action=/formgrader/api><input id=check_add autofocus onfocus=alert(1)></form>",
    "<div id='check_add' name='check_add'>x</div>",
    "<style>@import 'http://evil.example/x.css'; body{display:none}</style>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "`<b>`</code><script>alert(1)</script>",
    "```html\n</pre><script>alert(1)</script>\n```",
    '![x](attachment:y"onerror="alert(1))',
    "$x<script>alert(1)</script>$ and $$\\text{</div><img src=x onerror=alert(1)>}$$",
    "# <script>alert(1)</script>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<base href='http://evil.example/'>",
]
LOADED = ("script", "iframe", "svg", "form", "input", "style", "base", "meta", "object", "embed", "link")


def harmless(html: str) -> None:
    """Looks with a parser, as a browser would, not with patterns."""
    page = BeautifulSoup(html, "html.parser")
    assert [tag.name for tag in page.find_all(LOADED)] == []
    for tag in page.find_all(True):
        for name, value in tag.attrs.items():
            text = re.sub(r"\s", "", " ".join(value) if isinstance(value, list) else value).lower()
            assert not name.lower().startswith("on")
            assert name not in ("id", "name", "srcdoc")
            assert "javascript:" not in text
            assert "data:" not in text or text.startswith("data:image/png")
            assert "position" not in text


def page_for(homework, pile, code, text):
    hand_in(pile, "ann", handed_in(homework, code, text))
    run_class(make_plan(homework, pile))
    return (homework.feedback("ann", ASSIGNMENT) / "hw.html").read_text()


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_a_student_writes_can_act(homework, attack):
    from autograder.feedback import FeedbackWriter

    cell = new_markdown_cell(attack, id="explain")
    cell.metadata["nbgrader"] = {"grade_id": "explain", "grade": True, "solution": True, "points": 3}
    marks = NotebookMarks(0.0, 3.0, 0.0, {"explain": (0.0, 3.0)}, {"explain": attack})
    page = FeedbackWriter(homework, ASSIGNMENT).page(new_notebook(cells=[cell]), "ann", "hw", marks)
    parsed = BeautifulSoup(page, "html.parser")
    for place in parsed.select(".text_cell_render, .panel-footer"):
        harmless(place.decode_contents())


@pytest.mark.parametrize("attack", ATTACKS)
def test_formgraders_pages_are_protected_by_the_same_setting(attack):
    config = Config()
    protect(config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = {
        "base_url": "",
        "index": 0,
        "total": 1,
        "notebook_id": "hw",
        "notebook_path": "",
        "assignment_id": "",
    }
    notebook = new_notebook(cells=[new_markdown_cell(attack)])
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources=resources)
    for place in BeautifulSoup(page, "html.parser").select(".text_cell_render"):
        harmless(place.decode_contents())


def test_ordinary_markdown_stays_what_it_is():
    text = "# Why\n\n**dense** *layers* `fail`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n\n[more](https://example.org)"
    config = Config()
    protect(config)
    page, _ = HTMLExporter(config=config).from_notebook_node(new_notebook(cells=[new_markdown_cell(text)]))
    for wanted in ("<strong>dense</strong>", "<em>layers</em>", "<code>fail</code>", "<td>1</td>", "<li>one</li>"):
        assert wanted in page
    assert 'href="https://example.org"' in page


def test_formulas_keep_their_signs():
    config = Config()
    protect(config)
    notebook = new_notebook(
        cells=[new_markdown_cell("$a < b$ and $$\\begin{align}x &= y\\\\z &= 1\\end{align}$$")]
    )
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook)
    text = BeautifulSoup(page, "html.parser").get_text()
    assert "$a < b$" in text
    assert "\\begin{align}x &= y\\\\z &= 1\\end{align}" in text


def test_a_pasted_picture_is_shown():
    assert PIXEL in clean(f"<img src='{PIXEL}'>")


def test_the_page_shows_points_comments_and_what_was_restored(homework, pile):
    notebook = nbformat.reads(handed_in(homework, RIGHT, None).decode(), as_version=4)
    notebook.cells[2].source = "assert True"
    hand_in(pile, "ann", nbformat.writes(notebook).encode())
    run_class(make_plan(homework, pile))
    text = BeautifulSoup((homework.feedback("ann", ASSIGNMENT) / "hw.html").read_text(), "html.parser").get_text()
    assert "hw: 3 of 5 points" in text
    assert "Score: 2.0 / 2.0" in text
    assert "No response." in text
    assert "'check_add' was edited; restored" in text


def test_the_page_shows_a_report_as_the_tests_wrote_it(homework, pile):
    from autograder.feedback import FeedbackWriter

    executed = nbformat.reads(handed_in(homework, RIGHT).decode(), as_version=4)
    report = '<table style="border:1px"><tr><td style="color:#0072B2">passed</td></tr></table>'
    executed.cells[2].outputs = [new_output("display_data", {"text/html": report, "text/plain": "passed"})]
    page = FeedbackWriter(homework, ASSIGNMENT).page(executed, "ann", "hw", NotebookMarks(2.0, 5.0, 0.0))
    assert report in page


def test_the_page_says_what_was_taken_off_for_being_late(homework):
    from autograder.feedback import FeedbackWriter

    page = FeedbackWriter(homework, ASSIGNMENT).page(new_notebook(), "ann", "hw", NotebookMarks(3.0, 5.0, 1.0))
    assert "Taken off for being late: 1" in page
    assert "hw: 2 of 5 points" in page


def test_a_comment_by_hand_is_on_the_page_after_a_regrade(homework, pile):
    page_for(homework, pile, "half", "An answer.")
    with Gradebook(homework.db_url) as book:
        book.find_comment("explain", "hw", ASSIGNMENT, "ann").manual_comment = "Say **why**."
        book.db.commit()
    assert "Say <strong>why</strong>." in page_for(homework, pile, RIGHT, "An answer.")


def test_nothing_but_the_formula_setter_comes_from_the_network(homework, pile):
    page = BeautifulSoup(page_for(homework, pile, RIGHT, "An answer."), "html.parser")
    wanted = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "link", "img", "iframe"])]
    assert [address for address in wanted if address and "mathjax" not in address] == []


def test_a_picture_that_was_not_handed_in_is_named():
    config = Config()
    protect(config)
    page, _ = HTMLExporter(config=config).from_notebook_node(
        new_notebook(cells=[new_markdown_cell("![me](attachment:me.png)")])
    )
    assert "[picture me is missing]" in page


@pytest.mark.parametrize(
    "text", [">" * 5000 + "x", "[" * 20000, "*" * 40000, "<div>" * 9000, "`" * 49999, "\ud800"]
)
def test_a_text_made_to_break_the_page_costs_little_time_and_no_page(homework, text):
    page = page_of(homework, text)
    assert "</html>" in page


def page_of(homework, text):
    from autograder.feedback import FeedbackWriter

    notebook = new_notebook(cells=[new_markdown_cell(text)])
    return FeedbackWriter(homework, ASSIGNMENT).page(notebook, "ann", "hw", NotebookMarks(0.0, 0.0, 0.0))


def test_a_page_that_cannot_be_made_says_so_and_the_class_goes_on(homework, pile, monkeypatch):
    from autograder.feedback import FeedbackWriter

    def broken(*_):
        raise RuntimeError("<template>")

    monkeypatch.setattr(FeedbackWriter, "page", broken)
    page = page_for(homework, pile, RIGHT, "An answer.")
    assert "3 of 5 points" in page
    assert "&lt;template&gt;" in page


def test_a_drawn_picture_has_words_for_those_who_cannot_see_it(homework, pile):
    from autograder.feedback import FeedbackWriter

    executed = nbformat.reads(handed_in(homework, RIGHT).decode(), as_version=4)
    executed.cells[1].outputs = [new_output("display_data", {"image/png": PIXEL.split(",")[1]})]
    page = FeedbackWriter(homework, ASSIGNMENT).page(executed, "ann", "hw", NotebookMarks(2.0, 5.0, 0.0))
    assert [image["alt"] for image in BeautifulSoup(page, "html.parser").find_all("img")] == [
        "picture drawn by this cell"
    ]


def folds(homework, *cells):
    from autograder.feedback import FeedbackWriter

    page = FeedbackWriter(homework, ASSIGNMENT).page(
        new_notebook(cells=list(cells)), "ann", "hw", NotebookMarks(0.0, 0.0, 0.0)
    )
    return BeautifulSoup(page, "html.parser").find_all("details", class_="course")


def test_what_is_neither_answer_nor_graded_is_folded(homework):
    scratch = new_code_cell("1/0", outputs=[new_output("error", ename="ZeroDivisionError", evalue="")])
    task = new_markdown_cell("the task", metadata={"nbgrader": {"grade_id": "task", "locked": True}})
    notes = new_markdown_cell("notes", id=NOTES_CELL)
    one, two = folds(homework, notes, new_markdown_cell("text"), scratch, task, new_markdown_cell("more text"))
    assert one.summary.text == "2 cells of text, pictures and scratch work, an error among them"
    assert two.summary.text == "1 cell of text, pictures and scratch work"
    assert "notes" not in one.text
    assert "the task" not in two.text


def test_a_student_cannot_fold_a_cell(homework):
    forged = {"folds": "<script>alert(1)</script>", "unfolds": True, "nbgrader": {"grade_id": "a", "locked": True}}
    assert folds(homework, new_markdown_cell("text", metadata=forged)) == []


def test_an_instructors_own_template_stays_as_it_is(homework):
    from autograder.feedback import FeedbackWriter

    homework.config.HTMLExporter.template_name = "classic"
    page = FeedbackWriter(homework, ASSIGNMENT).page(new_notebook(), "ann", "hw", NotebookMarks(0.0, 0.0, 0.0))
    assert "details.course" not in page


@pytest.mark.filterwarnings("error")
def test_an_output_of_which_nothing_is_left_is_left_out(homework):
    from autograder.feedback import FeedbackWriter

    cell = new_code_cell("show()", outputs=[new_output("display_data", {})])
    page = FeedbackWriter(homework, ASSIGNMENT).page(
        new_notebook(cells=[cell]), "ann", "hw", NotebookMarks(0.0, 0.0, 0.0)
    )
    assert "output_wrapper" not in BeautifulSoup(page, "html.parser").body.decode()


def test_a_rubric_has_a_heading_and_no_markers(homework):
    from autograder.feedback import FeedbackWriter

    text = "Why?\n\n=== BEGIN MARK SCHEME ===\n\n- 1 point: says why\n\n=== END MARK SCHEME ==="
    question = new_markdown_cell(text, metadata={"nbgrader": {"grade_id": "why_text", "locked": True}})
    page = FeedbackWriter(homework, ASSIGNMENT).page(
        new_notebook(cells=[question]), "ann", "hw", NotebookMarks(0.0, 0.0, 0.0)
    )
    assert "How points are given" in page
    assert "MARK SCHEME" not in page


def test_a_long_print_keeps_its_beginning_and_end(homework):
    from autograder.feedback import MOST_PRINTED, FeedbackWriter

    cell = new_code_cell("spam()", outputs=[new_output("stream", text="first" + "x" * 10**6 + "last")])
    page = FeedbackWriter(homework, ASSIGNMENT).page(
        new_notebook(cells=[cell]), "ann", "hw", NotebookMarks(0.0, 0.0, 0.0)
    )
    (printed,) = BeautifulSoup(page, "html.parser").select(".output_stream pre")
    assert printed.text.strip().startswith("first")
    assert printed.text.strip().endswith("last")
    assert "characters left out" in printed.text
    assert len(printed.text) < MOST_PRINTED + 100
