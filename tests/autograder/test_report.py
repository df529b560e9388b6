"""A report reads well as text and as HTML, counts as nbgrader counts, and escapes what came from students."""

from __future__ import annotations

import pickle
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import autograder
from autograder.checking import find
from autograder.marking import Mark
from autograder.report import CaseResult, Mistake, Report

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"
VOID = {"br", "hr"}


def made(*cases, points=1.0, **changes):
    return Report(name="f", points=points, max_points=2.0, cases=cases, **changes)


def case(trait="a trait", credit=0.0, **changes):
    return CaseResult(trait, credit, call="x (2, 3) float64", summary="out has wrong values", **changes)


FAILING = made(
    case("right", 1.0), case("first", details=("out[0, 1]: expected 1, got 2",), hints=("A hint.",)),
    case("second"), case("half", 0.5), mistakes=(Mistake("forgets b", "Add b."),), notes=("A note.",), reread="section 5.",
)  # fmt: skip


def test_text_begins_with_points_and_verdict():
    assert FAILING.text.splitlines()[0] == "f: 1 of 2 points. 3 of 4 cases are not right yet; the others are."


def test_one_failing_case_is_told_in_full_and_others_in_a_line():
    text = FAILING.text
    assert (
        "✗ first\n    with x (2, 3) float64\n    out has wrong values\n    out[0, 1]: expected 1, got 2\n" in text
    )
    assert "\n    A hint.\n" in text
    assert "\n✗ second, ◐ half: out has wrong values" in text


def test_recognised_mistakes_notes_and_what_to_read_again_are_said():
    for words in ("Looks like: forgets b. Add b.", "A note.", "Read again: section 5."):
        assert words in FAILING.text
        assert words.partition(": ")[2] or words in FAILING._repr_html_()


def test_the_grid_shows_every_trait_with_its_mark():
    for mark in ("✓ right", "✗ first", "✗ second", "◐ half"):
        assert mark in FAILING.text


def test_what_is_wrong_first_and_why_stand_before_all_cases():
    report = made(case("the right one", 1.0), case("wrong"), mistakes=(Mistake("forgets", "Do not forget."),))
    for shown in (report.text, report._repr_html_()):
        assert shown.index("out has wrong values") < shown.index("Do not forget.") < shown.index("the right one")


def test_a_long_list_of_failures_is_cut():
    report = made(*(CaseResult(f"trait {i}", 0.0, summary=f"problem {i}") for i in range(30)))
    assert "… and 23 more" in report.text
    assert "… and 23 more" in report._repr_html_()
    assert len(report.text.splitlines()) < 30


def test_cases_with_the_same_problem_are_told_together():
    report = made(*(case(f"trait {i}") for i in range(9)))
    assert report.text.splitlines()[-1] == (
        "✗ trait 1, ✗ trait 2, ✗ trait 3, ✗ trait 4, ✗ trait 5, 3 more: out has wrong values"
    )
    assert report._repr_html_().count("out has wrong values") == 2


def test_the_cases_of_an_aspect_stand_beside_what_it_earned():
    marks = (Mark("padding", 0.25, 0.5, ("right", "half")), Mark("stride", 0.0, 1.0, ("first",)))
    cases = (case("right", 1.0), case("half", 0.5), case("first"))
    report = made(*cases, marks=marks, rule="All or nothing.")
    lines = report.text.splitlines()
    start = lines.index("padding 0.25 of 0.5  ✓ right  ◐ half")
    assert lines[start : start + 3] == [
        "padding 0.25 of 0.5  ✓ right  ◐ half",
        "stride 0 of 1        ✗ first",
        "All or nothing.",
    ]
    for words in ("padding 0.25 of 0.5", "stride 0 of 1", "All or nothing."):
        assert words in report._repr_html_()


@pytest.mark.parametrize(("report", "words"), [
    (made(case("a", 0.5), case("b", 0.5)), "no case is all right yet"),
    (made(case(credit=1.0), points=2.0), "All 1 cases are right. Well done!"),
    (made(case(), points=0.0), "No case is right yet."),
    (made(case(), case(credit=1.0)), "One case is not right yet; the others are."),
])  # fmt: skip
def test_the_verdict_fits(report, words):
    assert words in report.text


def test_a_passed_report_is_short():
    report = autograder.check("conv_output_size", find("conv_output_size").reference)
    assert report.passed
    assert "Read again" not in report.text
    assert len(report.text.splitlines()) < 15


def test_bonus_points_are_called_so():
    assert "1 of 2 bonus points" in made(case(), bonus=True).text


def test_the_headline_is_for_a_table():
    assert FAILING.headline == "1 of 4 cases right; forgets b"


def test_a_report_is_shown_as_text_and_html(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    shown = FAILING._repr_mimebundle_(include=None, exclude=None)
    assert shown == {"text/plain": FAILING.text, "text/html": FAILING._repr_html_()}
    assert repr(FAILING) == FAILING.text


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_under_nbgrader_the_text_is_the_points(monkeypatch, mode):
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    assert FAILING._repr_mimebundle_()["text/plain"] == "1.0"


def test_a_report_can_be_sent_elsewhere():
    assert pickle.loads(pickle.dumps(FAILING)) == FAILING


# HTML ------------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Collects tags, and checks that they are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], set(), set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(html):
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser


def test_html_is_well_formed_and_has_no_script_and_no_handler():
    parser = tags(FAILING._repr_html_())
    assert parser.seen <= {"div", "span", "strong", "code", "pre", "table", "tr", "td"}
    assert parser.attributes == {"style"}


def test_everything_from_a_student_is_escaped():
    evil = CaseResult(EVIL, 0.0, EVIL, EVIL, (EVIL,), (EVIL,))
    report = Report(EVIL, 0, 1, (evil, evil), (Mistake(EVIL, EVIL),), (EVIL,), EVIL)
    assert tags(report._repr_html_()).seen.isdisjoint({"script", "img"})
    assert "&lt;script&gt;" in report._repr_html_()


def test_messages_of_exceptions_are_escaped():
    def failing(*args):
        raise ValueError(EVIL)

    html = autograder.grade("im2col", failing, rng=np.random.default_rng(1))._repr_html_()
    assert tags(html).seen.isdisjoint({"script", "img"})


def test_colours_follow_the_theme_and_have_fallbacks():
    html = FAILING._repr_html_()
    assert "var(--jp-border-color2, " in html
    assert all("," in variable for variable in re.findall(r"var\(([^)]*)", html))
    assert "color:#000" not in html
    assert "background:#fff" not in html


def test_marks_are_shown_beside_colours():
    html = FAILING._repr_html_()
    assert all(mark in html for mark in "✓✗◐")
