"""The authored text of a unit → the notebook nbgrader calls its source. Pure, and always the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.building.markers import BuildError, MarkedCell, read_marker
from autograder.building.regions import MARK_SCHEME, SOLUTION, cut

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}
# what jupytext notes about the layout of the text
LAYOUT = frozenset({"cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker"})
QUESTION_ID = "{id}_text"
QUESTION = """{question}

=== BEGIN MARK SCHEME ===

{rubric}

=== END MARK SCHEME ==="""

# role → nbgrader's flags; the roles missing here are of cells that nbgrader need not know
FLAGS: Mapping[str, Mapping[str, bool]] = {
    "solution": {"grade": False, "solution": True, "locked": False},
    "test": {"grade": True, "solution": False, "locked": True},
    "question": {"grade": True, "solution": True, "locked": False},
    "locked": {"grade": False, "solution": False, "locked": True},
}
GRADED = ("test", "question")


def source_from_text(text: str, name: str) -> NotebookNode:
    """Return the source notebook that ``text`` (py:percent) describes.

    ``name`` stands in messages. Raises BuildError, which names the cell and the fix.
    """
    marked = marked_cells(text, name)
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": dict(KERNEL), "language_info": dict(LANGUAGE)})
    notebook.cells = [part for cell in marked for part in _cells(cell)]
    _refuse_doubled_ids(name, notebook)
    nbformat.validate(notebook)
    return notebook


def marked_cells(text: str, name: str) -> tuple[MarkedCell, ...]:
    """Return the authored cells of ``text``, each checked by itself. Raises BuildError."""
    try:
        parsed = jupytext.reads(text, fmt="py:percent")
    except nbformat.ValidationError as error:
        raise BuildError(f"{name} cannot be read as a notebook: {error.message}") from error
    return tuple(_marked(name, number, cell) for number, cell in enumerate(_without_header(parsed), start=1))


def notebook_text(notebook: NotebookNode) -> str:
    """Return ``notebook`` as the text of its file."""
    return str(nbformat.writes(notebook, version=4)) + "\n"


def _without_header(parsed: NotebookNode) -> list[NotebookNode]:
    """What stands in the header beside jupytext's own lines arrives as a raw cell in front."""
    cells = list(parsed.cells)
    return cells[1:] if cells and cells[0].cell_type == "raw" and "id" not in cells[0].metadata else cells


def _marked(name: str, number: int, cell: NotebookNode) -> MarkedCell:
    first = next(iter(cell.source.splitlines()), "")
    where = f"{name}, cell {number}, {first[:50]!r}"
    marker = {key: value for key, value in cell.metadata.items() if key not in LAYOUT}
    for key in ("incorrectly_encoded_metadata", "title"):
        if key in marker:
            example = '# %% id="name" test=true points=2'
            raise BuildError(f"{where}: cannot read {marker[key]!r} in its marker line; write as in {example}")
    return read_marker(where, cell.cell_type, cell.source, marker)


def _cells(cell: MarkedCell) -> Iterator[NotebookNode]:
    """One authored cell is one cell of the notebook, except a question.

    Students write in the cell that carries a question's points, so nothing in it survives grading. The
    question and its rubric therefore stand in a locked cell of their own: nbgrader takes the rubric out for
    students and puts it back when it restores locked cells for grading, so who grades sees it.
    """
    if cell.role == "question":
        answer = cut(cell.source, SOLUTION)
        asked = cut(answer.outside, MARK_SCHEME)
        text = QUESTION.format(question=asked.outside.strip(), rubric=asked.inside.strip())
        yield _cell(cell, "locked", QUESTION_ID.format(id=cell.id), text)
        yield _cell(cell, "question", cell.id, answer.inside)
    else:
        yield _cell(cell, cell.role, cell.id, cell.source)


def _cell(marked: MarkedCell, role: str, cell_id: str, source: str) -> NotebookNode:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}.get(
        marked.cell_type, nbformat.v4.new_raw_cell
    )
    return make(source=source, id=cell_id, metadata=_metadata(marked, role, cell_id))


def _metadata(marked: MarkedCell, role: str, cell_id: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if role in FLAGS:
        metadata["nbgrader"] = {**FLAGS[role], "grade_id": cell_id, "schema_version": 3, "task": False}
    if role in GRADED:
        metadata["nbgrader"]["points"] = marked.points
    ours = {key: value for key in ("bonus", "promise", "show") if (value := getattr(marked, key))}
    if marked.teaches and cell_id == marked.id:
        ours["teaches"] = list(marked.teaches)
    if ours:
        metadata["autograder"] = ours
    if marked.tags:
        metadata["tags"] = list(marked.tags)
    return metadata


def _refuse_doubled_ids(name: str, notebook: NotebookNode) -> None:
    seen: set[str] = set()
    for cell in notebook.cells:
        if cell.id in seen:
            raise BuildError(f"{name}: two cells have the id {cell.id!r}; give one of them another")
        seen.add(cell.id)
