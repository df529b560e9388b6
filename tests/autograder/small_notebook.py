"""A small course notebook, and submissions of it: what the tests of the sanitizer share."""

import json

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.nbgraderformat import MetadataValidator

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
