"""Sanitize, and hold the result to everything that must always be true of it."""

import copy
import itertools

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import compute_checksum, determine_grade
from small_notebook import SOURCE, TEXTS, answered, blank, by_id, check_cell, check_invariants, clean, sources

from autograder.sanitize import sanitize


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
