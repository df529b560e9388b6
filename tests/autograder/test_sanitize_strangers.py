"""Notebooks without metadata, of other makers, and hostile ones: aligned to the source all the same."""

import json

import jupytext
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.utils import determine_grade
from small_notebook import (
    SOURCE,
    STUB,
    TEXTS,
    answered,
    blank,
    by_id,
    check_cell,
    check_invariants,
    clean,
    graded,
    raw,
    sources,
    strip_everything,
)

from autograder.errors import UnreadableSubmission
from autograder.sanitize import sanitize
from autograder.source import source_notebook


def test_cells_without_metadata_are_found_by_their_ids():
    notebook = answered()
    for cell in notebook.cells:
        cell.metadata = {}
    result = clean(notebook)
    assert {name: sources(result)[name] for name in TEXTS} == TEXTS
    assert len(result.notes) == 1
    assert "metadata was missing" in result.notes[0]


def test_cells_without_metadata_and_ids_are_found_by_their_content():
    result = clean(strip_everything(answered()))
    assert {name: sources(result)[name] for name in TEXTS} == TEXTS
    assert len(result.notes) == 1
    assert len(result.notebook.cells) == len(SOURCE.cells)


@pytest.mark.parametrize("fmt", ["py:percent", "py:light", "md"])
def test_a_round_trip_through_a_text_format_keeps_the_answers(fmt):
    notebook = answered()
    for cell in notebook.cells:
        cell.metadata = {}
    text = jupytext.writes(notebook, fmt=fmt)
    result = clean(jupytext.reads(text, fmt=fmt))
    assert {name: sources(result)[name] for name in TEXTS} == TEXTS
    assert all("was missing; " not in note for note in result.notes)


def test_stripped_cells_in_another_order_with_scratch_between_are_found():
    notebook = strip_everything(answered())
    relu, square = notebook.cells[2], notebook.cells[4]
    notebook.cells[2], notebook.cells[4] = square, relu
    notebook.cells.insert(
        3, nbformat.from_dict({"cell_type": "code", "metadata": {}, "source": "relu(7)", "outputs": []})
    )
    result = clean(notebook)
    assert {name: sources(result)[name] for name in TEXTS} == TEXTS


def test_a_stripped_blank_is_still_not_answered():
    result = clean(strip_everything(blank()))
    assert determine_grade(by_id(result.notebook)["why"])[0] == 0
    assert sources(result)["bare"] == STUB


def test_a_stripped_notebook_without_a_test_cell_keeps_scratch_that_resembles_it():
    notebook = strip_everything(answered())
    notebook.cells[5].source = "square(3)"
    result = clean(notebook)
    assert any(cell.source == "square(3)" for cell in result.notebook.cells)
    assert any("'check_square' was missing" in note for note in result.notes)


def test_raw_cells_of_students_become_text():
    notebook = answered()
    notebook.cells.append(new_raw_cell("<script>alert(1)</script> ``` x"))
    cell = clean(notebook).notebook.cells[-1]
    assert cell.cell_type == "markdown"
    assert cell.source.startswith("````\n<script>")


def test_a_pasted_photo_of_an_answer_is_kept():
    notebook = answered()
    by_id(notebook)["why"].attachments = {"p.png": {"image/png": "aGk="}, "x.svg": {"image/svg+xml": "eA=="}}
    assert by_id(clean(notebook).notebook)["why"].attachments == {"p.png": {"image/png": "aGk="}}


def test_another_notebook_altogether_is_named_as_such():
    other = new_notebook(cells=[new_code_cell("print('hello')")])
    result = clean(other)
    assert "right notebook" in result.notes[0]
    assert result.notebook.cells[0].source == "print('hello')"


def test_notes_are_bounded_and_quote_little():
    notebook = answered()
    notebook.cells += [check_cell("1", f"claim{number}" + "x" * 900) for number in range(200)]
    result = clean(notebook)
    assert len(result.notes) == 41
    assert all(len(note) < 200 for note in result.notes)


def test_a_hostile_number_of_cells_is_aligned_in_bounded_work():
    words = "def assert relu square numpy return import answer total print " * 20
    cells = [new_code_cell(f"{words} {number}") for number in range(3000)]
    notebook = strip_everything(new_notebook(cells=cells))
    texts = {cell.source for cell in sanitize(raw(notebook), SOURCE).notebook.cells}
    assert {cell.source for cell in cells} <= texts


def test_the_result_and_the_source_share_no_state():
    first = clean(answered()).notebook
    first.cells[3].metadata.nbgrader["points"] = 99
    first.metadata.kernelspec["name"] = "other"
    check_invariants(clean(answered()).notebook)


def test_sanitizing_twice_changes_nothing():
    once = clean(answered()).notebook
    twice = sanitize(raw(once), SOURCE)
    assert twice.notebook == once
    assert twice.notes == ()


def test_an_unreadable_file_raises_for_it_alone():
    with pytest.raises(UnreadableSubmission, match="empty"):
        sanitize(b"", SOURCE)


IDS = [cell.id for cell in SOURCE.cells]
SETTINGS = st.dictionaries(
    st.sampled_from(["grade_id", "points", "grade", "solution", "locked", "task", "schema_version", "checksum"]),
    st.sampled_from([*IDS, "", "new", 0, -1, 1e9, True, False, None, [], {}]),
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", "sql"])},
    optional={
        "source": st.sampled_from([*(cell.release for cell in SOURCE.cells), *TEXTS.values(), "", "x = 1"])
        | st.text(),
        "id": st.sampled_from(["relu", "check-relu", "why", "x", ""]),
        "metadata": st.fixed_dictionaries({}, optional={"nbgrader": SETTINGS, "tags": st.just(["a"])}),
    },
)


@settings(max_examples=120, deadline=None)
@given(st.lists(CELLS, max_size=12))
def test_whatever_the_cells_claim_the_result_is_the_sources(cells):
    result = sanitize(json.dumps({"nbformat": 4, "cells": cells}).encode(), SOURCE)
    check_invariants(result.notebook)
    assert all(isinstance(note, str) and "\n" not in note for note in result.notes)


def test_a_lost_answer_in_code_is_asked_for_in_a_comment():
    question = graded(new_code_cell("x = 1"), "explain", grade=True, solution=True, points=1.0)
    source = source_notebook("n", new_notebook(cells=[new_code_cell("1", id="first"), question]))
    handed_in = new_notebook(cells=[new_code_cell("1", id="first"), new_markdown_cell("because x is 1")])
    lost = sanitize(raw(handed_in), source).notebook.cells[-1]
    assert determine_grade(lost) == (None, 1.0)
    compile(lost.source, "cell", "exec")
