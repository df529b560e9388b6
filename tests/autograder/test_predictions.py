"""A prediction is stored, shown beside the result, and never an error."""

import ast
import sys
from pathlib import Path

import pytest

from autograder import predictions
from autograder.predictions import predict, reveal

OPTIONS = ("it doubles", "it halves", "it stays")


@pytest.fixture(autouse=True)
def _fresh_store(monkeypatch):
    monkeypatch.setattr(predictions, "_made", {})


@pytest.mark.parametrize("choice", ["b", "B", " b ", "b)", "it halves"])
def test_a_choice_is_a_letter_or_the_options_text(choice):
    assert predict("size", "And the size?", OPTIONS, choice).choice == "b) it halves"


@pytest.mark.parametrize("choice", [None, "", "z", "halves", 1, 2.5, ["b"], ("a", "b"), object])
def test_an_unreadable_choice_is_no_error_and_says_what_to_type(choice):
    made = predict("size", "And the size?", OPTIONS, choice)
    assert made.chosen is None
    assert "choice='a' … choice='c'" in repr(made)


def test_a_readable_choice_is_marked_in_text_and_html():
    made = predict("size", "And the size?", OPTIONS, "c")
    assert "→ c) it stays" in repr(made)
    assert "→ <strong>c) it stays</strong>" in made._repr_html_()


def test_reveal_shows_the_prediction_beside_the_result():
    predict("size", "And the size?", OPTIONS, "a")
    shown = reveal("size", "0.5 times as large", answer="b")
    for text in ("a) it doubles", "0.5 times as large", "Not what you predicted"):
        assert text in repr(shown)
        assert text in shown._repr_html_()


@pytest.mark.parametrize(("choice", "agrees"), [("b", True), ("a", False)])
def test_a_result_equal_to_an_option_is_judged_without_an_answer(choice, agrees):
    predict("size", "And the size?", OPTIONS, choice)
    assert reveal("size", "it halves").agrees is agrees


def test_a_result_that_is_no_option_is_not_judged():
    predict("size", "And the size?", OPTIONS, "b")
    assert reveal("size", 17.5).agrees is None


@pytest.mark.parametrize("asked", [True, False])
def test_a_skipped_prediction_is_no_error(asked):
    if asked:
        predict("size", "And the size?", OPTIONS)
    shown = reveal("size", 3)
    assert shown.agrees is None
    assert "nothing yet" in repr(shown)


def test_the_last_choice_counts():
    predict("size", "And the size?", OPTIONS, "a")
    predict("size", "And the size?", OPTIONS, "c")
    assert reveal("size", "it stays").agrees is True


def test_text_from_the_student_and_the_question_is_escaped():
    made = predict("x", "is 1 < 2?", ("<b>yes</b>", "no"), "<script>")
    assert "<b>yes" not in made._repr_html_()
    assert "<script>" not in made._repr_html_()
    assert "<script>" not in reveal("x", "<script>")._repr_html_()


def test_the_module_imports_the_standard_library_alone():
    tree = ast.parse(Path(predictions.__file__).read_text(encoding="utf-8"))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    imported |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)
