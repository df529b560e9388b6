"""Authored text → source notebook."""

from __future__ import annotations

import pytest
from nbgrader.nbgraderformat import MetadataValidator

from autograder.building import source_from_text
from autograder.building.authoring import notebook_text


@pytest.fixture
def cells(text):
    return {cell.id: cell for cell in source_from_text(text, "unit.py").cells}


def test_cells_keep_their_order_and_their_ids(cells):
    assert list(cells) == [
        "title",
        "imports",
        "write_double",
        "check_double",
        "check_arrays",
        "value",
        "question_linear_text",
        "question_linear",
        "picture",
    ]


# cell → (grade, solution, locked, points)
FLAGS = {
    "write_double": (False, True, False, None),
    "check_double": (True, False, True, 2),
    "check_arrays": (True, False, True, 0),
    "question_linear_text": (False, False, True, None),
    "question_linear": (True, True, False, 3),
}


@pytest.mark.parametrize(("name", "flags"), FLAGS.items(), ids=FLAGS)
def test_nbgrader_is_told_what_each_cell_is(cells, name, flags):
    meta = cells[name].metadata.nbgrader
    assert (meta.grade, meta.solution, meta.locked, meta.get("points")) == flags
    assert (meta.grade_id, meta.schema_version, meta.task) == (name, 3, False)


@pytest.mark.parametrize("name", ["title", "imports", "value", "picture"])
def test_nbgrader_need_not_know_plain_cells(cells, name):
    assert "nbgrader" not in cells[name].metadata


def test_a_locked_cell_is_one_that_nbgrader_restores():
    notebook = source_from_text('# %% id="a" locked=true\n1\n', "unit.py")
    assert notebook.cells[0].metadata.nbgrader.locked


def test_what_nbgrader_does_not_know_stands_in_metadata_of_our_own(cells):
    assert cells["check_arrays"].metadata.autograder == {"bonus": 1}
    assert cells["picture"].metadata.autograder == {"show": True}
    assert cells["value"].metadata.autograder == {"promise": True}
    assert cells["picture"].metadata.tags == ["hide-input"]


def test_a_question_is_split_into_what_is_asked_and_what_is_answered(cells):
    asked, answer = cells["question_linear_text"].source, cells["question_linear"].source
    assert asked.startswith("### Why is doubling linear?")
    assert "2 points: names additivity" in asked
    assert answer == "It respects sums, and it respects multiples."


def test_nbgrader_accepts_the_notebook(text):
    MetadataValidator().validate_nb(source_from_text(text, "unit.py"))


def test_the_same_text_gives_the_same_bytes(text):
    first, second = (notebook_text(source_from_text(text, "unit.py")) for _ in range(2))
    assert first == second


def test_a_header_of_jupytext_is_no_cell(text):
    header = "# ---\n# title: Doubling\n# jupyter:\n#   jupytext:\n#     formats: py:percent\n# ---\n\n"
    assert notebook_text(source_from_text(header + text, "unit.py")) == notebook_text(
        source_from_text(text, "unit.py")
    )


def test_magics_run_as_magics():
    notebook = source_from_text('# %% id="a"\n# %matplotlib inline\n', "unit.py")
    assert notebook.cells[0].source == "%matplotlib inline"
