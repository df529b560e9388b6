import copy
import itertools
import json

import jupytext
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum, determine_grade

from autograder.errors import UnreadableSubmission
from autograder.sanitize import sanitize
from autograder.source import blank_notebook, source_notebook

RELU = "def relu(z):\n    ### BEGIN SOLUTION\n    return max(z, 0)\n    ### END SOLUTION"
SQUARE = "def square(z):\n    ### BEGIN SOLUTION\n    return z * z\n    ### END SOLUTION"
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def graded(cell, grade_id, **flags):
    settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    cell.metadata["nbgrader"] = {**settings, "grade_id": grade_id, **flags}
    cell.id = grade_id.replace("_", "-")
    return cell


def check_cell(text, grade_id, points=2.0):
    return graded(new_code_cell(text), grade_id, grade=True, locked=True, points=points)


def instructors_notebook():
    tagged = check_cell(
        "assert relu(-1) == 0\n### BEGIN HIDDEN TESTS\nassert relu(3) == 3\n### END HIDDEN TESTS",
        "check_relu",
    )
    tagged.metadata["tags"] = ["graded"]
    cells = [
        new_markdown_cell("# Activations\nRead this first, then write the functions.", id="intro"),
        new_code_cell("import numpy as np", id="imports"),
        graded(new_code_cell(RELU), "relu", solution=True),
        tagged,
        graded(new_code_cell(SQUARE), "square", solution=True),
        check_cell("assert square(3) == 9", "check_square", 3.0),
        graded(new_code_cell("answer = 42"), "bare", solution=True),
        new_markdown_cell("## Questions\nAnswer in two or three sentences each.", id="questions"),
        graded(new_markdown_cell("Because it is not linear."), "why", grade=True, solution=True, points=4.0),
        graded(new_markdown_cell("Please do not change this licence."), "licence", locked=True),
        new_raw_cell("instructor's raw", id="rawcell"),
    ]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


SOURCE = source_notebook("activations", instructors_notebook())
TEXTS = {
    "relu": "def relu(z):\n    return z if z > 0 else 0",
    "square": "def square(z):\n    return z ** 2",
    "bare": "total = 40\nanswer = total + 2",
    "why": "A stack of linear layers is one linear layer.",
}


def by_id(notebook):
    return {cell.metadata.get("nbgrader", {}).get("grade_id", cell.id): cell for cell in notebook.cells}


def blank():
    return nbformat.reads(blank_notebook(SOURCE), as_version=4)


def answered(**texts):
    notebook = blank()
    for name, text in {**TEXTS, **texts}.items():
        by_id(notebook)[name].source = text
    return notebook


def raw(notebook):
    return json.dumps(notebook).encode()


def clean(notebook):
    """Sanitize, and hold the result to everything that must always be true of it."""
    result = sanitize(raw(notebook), SOURCE)
    check_invariants(result.notebook)
    return result


def check_invariants(notebook):
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    kept = [cell for cell in notebook.cells if cell.id in {c.cell_id for c in SOURCE.cells}]
    assert [cell.id for cell in kept] == [cell.cell_id for cell in SOURCE.cells]
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell, original in zip(kept, SOURCE.cells, strict=True):
        assert cell.metadata.get("nbgrader", {}) == original.metadata
        assert cell.metadata.get("tags", []) == original.other_metadata.get("tags", [])
        if original.kind in ("test", "locked"):
            assert (cell.cell_type, cell.source) == (original.cell_type, original.source)
        elif original.kind != "plain":
            assert cell.cell_type == original.cell_type
    others = [cell for cell in notebook.cells if cell not in kept]
    assert all(cell.metadata == {} and cell.cell_type in ("code", "markdown") for cell in others)


def sources(result):
    return {name: cell.source for name, cell in by_id(result.notebook).items()}


def strip_everything(notebook):
    """As editors do that know nothing of nbgrader: no metadata, no ids."""
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        cell.metadata = {}
        del cell["id"]
    return notebook


def test_an_honest_submission_keeps_its_answers_and_gets_no_note():
    result = clean(answered())
    assert result.notes == ()
    assert {name: sources(result)[name] for name in TEXTS} == TEXTS


def test_hidden_tests_are_back():
    assert "relu(3) == 3" not in by_id(answered())["check_relu"].source
    assert "relu(3) == 3" in sources(clean(answered()))["check_relu"]


def test_the_instructors_own_solution_passes_through():
    result = sanitize(SOURCE.nb_json.encode(), SOURCE)
    check_invariants(result.notebook)
    assert "return max(z, 0)" in sources(result)["relu"]


def test_outputs_counts_and_view_settings_cost_nothing():
    notebook = answered()
    for number, cell in enumerate(notebook.cells):
        cell.metadata["collapsed"] = True
        cell.metadata["ExecuteTime"] = {"start_time": "now"}
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text="hi")]
    assert clean(notebook).notes == ()


def test_trailing_blanks_and_newlines_are_no_edit():
    notebook = answered()
    for cell in notebook.cells:
        cell.source = "\n" + cell.source.replace("\n", "  \n") + "\n\n"
    assert clean(notebook).notes == ()


@pytest.mark.parametrize("ending", ["", "\n", "  \n\n"])
def test_an_unanswered_question_scores_zero_as_in_nbgrader(ending):
    notebook = answered(why=by_id(blank())["why"].source + ending)
    cell = by_id(clean(notebook).notebook)["why"]
    assert determine_grade(cell) == (0, 4.0)
    assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_an_answered_question_waits_for_its_grader():
    assert determine_grade(by_id(clean(answered()).notebook)["why"]) == (None, 4.0)


def test_reordered_cells_come_back_in_the_sources_order_without_a_note():
    notebook = answered()
    notebook.cells.reverse()
    assert clean(notebook).notes == ()


def test_scratch_cells_stay_behind_the_cell_they_followed():
    notebook = answered()
    position = notebook.cells.index(by_id(notebook)["relu"])
    notebook.cells.insert(position + 1, new_code_cell("print(relu(2))", id="scratch"))
    notebook.cells.insert(0, new_markdown_cell("my name", id="mine"))
    result = clean(notebook)
    assert result.notes == ()
    ids = [cell.id for cell in result.notebook.cells]
    assert ids[0] == "mine"
    assert ids[ids.index("relu") + 1] == "scratch"


def test_an_edited_plain_cell_keeps_the_students_text():
    notebook = answered()
    by_id(notebook)["imports"].source = "import numpy as np\nimport math"
    assert sources(clean(notebook))["imports"] == "import numpy as np\nimport math"


@pytest.mark.parametrize("name", ["check_relu", "check_square", "licence"])
def test_a_deleted_cell_is_restored_and_reported(name):
    notebook = answered()
    notebook.cells.remove(by_id(notebook)[name])
    result = clean(notebook)
    assert sources(result)[name] == next(cell.source for cell in SOURCE.cells if cell.id == name)
    (note,) = result.notes
    assert f"{name!r} was missing; restored" in note


def test_a_deleted_solution_brings_no_stub_that_could_hide_the_students_function():
    notebook = answered()
    notebook.cells.remove(by_id(notebook)["square"])
    by_id(notebook)["relu"].source = TEXTS["relu"] + "\n\n" + TEXTS["square"]
    result = clean(notebook)
    assert sources(result)["square"] == ""
    assert any("'square' was missing" in note for note in result.notes)


def test_a_deleted_question_counts_as_not_answered():
    notebook = answered()
    notebook.cells.remove(by_id(notebook)["why"])
    assert determine_grade(by_id(clean(notebook).notebook)["why"])[0] == 0


def test_a_deleted_question_whose_answer_may_be_elsewhere_waits_for_its_grader():
    notebook = answered()
    notebook.cells.remove(by_id(notebook)["why"])
    notebook.cells.insert(0, new_markdown_cell(TEXTS["why"]))
    result = clean(notebook)
    assert determine_grade(by_id(result.notebook)["why"]) == (None, 4.0)
    assert any("look for the answer" in note for note in result.notes)


def test_an_edited_test_cell_is_restored_and_reported():
    notebook = answered()
    by_id(notebook)["check_relu"].source = "assert relu(-1) == 0 or True"
    assert clean(notebook).notes == ("test cell 'check_relu' was edited; restored",)


def test_what_a_student_wrote_into_a_test_cell_stays_as_a_scratch_cell():
    notebook = answered()
    by_id(notebook)["check_square"].source = "import math\n\ndef helper(values):\n    return math.fsum(values)"
    result = clean(notebook)
    position = [cell.id for cell in result.notebook.cells].index("check-square")
    assert "def helper" in result.notebook.cells[position + 1].source


@pytest.mark.parametrize("cell_type", ["markdown", "raw"])
@pytest.mark.parametrize("name", ["check_relu", "relu"])
def test_a_retyped_code_cell_is_code_again(name, cell_type):
    notebook = answered()
    cell = by_id(notebook)[name]
    cell.cell_type = cell_type
    del cell["outputs"], cell["execution_count"]
    result = clean(notebook)
    assert result.notes == (
        f"{'test' if 'check' in name else 'solution'} cell {name!r} had become a {cell_type} cell; "
        "it is a code cell again",
    )
    assert sources(result)["relu"] == TEXTS["relu"]


def test_an_answer_retyped_to_code_is_markdown_with_its_text():
    notebook = answered()
    by_id(notebook)["why"].update(cell_type="code", outputs=[], execution_count=None)
    assert sources(clean(notebook))["why"] == TEXTS["why"]


def doubled(notebook, name, text):
    original = by_id(notebook)[name]
    twin = copy.deepcopy(original)
    twin.source, twin.id = text, "twin"
    notebook.cells.insert(notebook.cells.index(original) + 1, twin)
    return twin


def test_of_a_doubled_solution_the_first_edited_copy_counts_and_order_is_kept():
    notebook = answered(relu=by_id(blank())["relu"].source)
    doubled(notebook, "relu", TEXTS["relu"])
    result = clean(notebook)
    assert sources(result)["relu"] == TEXTS["relu"]
    assert [cell.source for cell in result.notebook.cells].count(TEXTS["relu"]) == 1
    assert result.notes == ("solution cell 'relu' was there more than once; one copy counts",)


def test_a_second_edited_copy_stays_behind_as_a_plain_cell():
    notebook = answered()
    doubled(notebook, "relu", "def relu(z):\n    return abs(z)")
    cells = clean(notebook).notebook.cells
    position = [cell.id for cell in cells].index("relu")
    assert cells[position + 1].source == "def relu(z):\n    return abs(z)"
    assert cells[position + 1].metadata == {}


def test_a_stub_left_below_the_answer_does_not_replace_it():
    notebook = answered()
    doubled(notebook, "relu", by_id(blank())["relu"].source)
    assert "NotImplementedError" not in "".join(sources(clean(notebook)).values())


def test_a_doubled_test_cell_counts_once():
    notebook = answered()
    doubled(notebook, "check_relu", by_id(notebook)["check_relu"].source)
    result = clean(notebook)
    assert len(result.notebook.cells) == len(SOURCE.cells)
    assert "more than once" in result.notes[0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("points", 500.0),
        ("points", "many"),
        ("grade", False),
        ("solution", True),
        ("locked", False),
        ("schema_version", 1),
        ("task", True),
    ],
)
def test_changed_settings_are_restored_and_reported(key, value):
    notebook = answered()
    by_id(notebook)["check_relu"].metadata["nbgrader"][key] = value
    (note,) = clean(notebook).notes
    assert note.startswith(f"test cell 'check_relu' had its {key.replace('_', ' ')} changed")


def test_changed_tags_and_kernels_are_restored_and_reported():
    notebook = answered()
    by_id(notebook)["check_relu"].metadata["tags"] = ["skip-execution"]
    notebook.metadata.kernelspec["name"] = "conda-env-x"
    assert clean(notebook).notes == (
        "kernel 'conda-env-x' was replaced by the assignment's, 'python3'",
        "test cell 'check_relu' had its tags changed; restored",
    )


@pytest.mark.parametrize("junk", ["x", 3, [], None, {"grade_id": 7}, {"grade_id": ["a"]}, {"grade_id": {}}])
def test_metadata_that_is_no_metadata_moves_nothing(junk):
    notebook = answered()
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = junk
    result = clean(notebook)
    assert {name: sources(result)[name] for name in TEXTS} == TEXTS


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.combinations(["relu", "square", "check_relu", "why"], 2))
)
def test_swapped_names_move_no_text(one, other):
    notebook = answered()
    cells = by_id(notebook)
    cells[one].metadata.nbgrader.grade_id, cells[other].metadata.nbgrader.grade_id = other, one
    result = clean(notebook)
    assert sources(result)["relu"] == TEXTS["relu"]
    assert sources(result)["square"] == TEXTS["square"]


def test_one_name_on_every_cell_loses_no_code():
    notebook = answered()
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = {"grade_id": "relu", "solution": True}
    result = clean(notebook)
    assert sources(result)["relu"] == TEXTS["relu"]
    assert any(cell.source == TEXTS["square"] for cell in result.notebook.cells)


def test_a_cell_that_claims_to_be_graded_is_a_plain_cell():
    notebook = answered()
    notebook.cells.append(check_cell("pass", "my_test", 1000.0))
    result = clean(notebook)
    assert result.notebook.cells[-1].metadata == {}
    assert result.notes == ("a cell called itself 'my_test', which the assignment has not; now a plain cell",)


def test_an_own_cell_never_has_a_tests_name_for_its_id():
    """The runner takes cells without metadata by their id, and would run the test there as well."""
    mine = new_code_cell("relu = None", id="check_relu")
    notebook = answered()
    notebook.cells.append(mine)
    assert "check_relu" in {cell.id for cell in SOURCE.cells}
    assert "check_relu" not in {cell.id for cell in clean(notebook).notebook.cells}


def test_a_test_inside_a_solution_is_only_text():
    text = TEXTS["relu"] + "\nassert relu(-1) == 0"
    assert sources(clean(answered(relu=text)))["relu"] == text


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
