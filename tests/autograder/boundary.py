"""A notebook of a few cells, and its run across the boundary: what the boundary's tests share."""

from __future__ import annotations

from pathlib import Path

import nbformat

from autograder.runner import Limits, RunResult, run_notebook
from autograder.sandbox import get_sandbox
from autograder.source import SourceCell, SourceNotebook

QUICK = Limits(cell_seconds=5, call_seconds=2)


def source_cell(index: int, kind: str, text: str) -> SourceCell:
    points = 2.0 if kind == "test" else 0.0
    return SourceCell(f"c{index}", index, "code", text, kind, points, 0.0, {}, text)


def metadata(index: int, kind: str) -> dict[str, dict[str, object]]:
    graded = {"grade": kind == "test", "solution": kind == "solution", "locked": kind == "test", "points": 2.0}
    return {"nbgrader": {"grade_id": f"c{index}", "schema_version": 3, **graded}}


def notebooks(*cells: tuple[str, ...]) -> tuple[SourceNotebook, nbformat.NotebookNode]:
    """Each cell is (kind, the source's text, the submission's text where it differs)."""
    source = tuple(source_cell(i, kind, texts[0]) for i, (kind, *texts) in enumerate(cells))
    notebook = nbformat.v4.new_notebook()
    for i, (kind, *texts) in enumerate(cells):
        cell = nbformat.v4.new_code_cell(texts[-1], id=f"c{i}", metadata=metadata(i, kind))
        notebook.cells.append(cell)
    return SourceNotebook("n", source, {}, "{}"), notebook


def run(course: Path, *cells: tuple[str, ...], sandbox: str = "bubblewrap", **options) -> RunResult:
    source, notebook = notebooks(*cells)
    usual = {"limits": QUICK, "packages": ("ipykernel", "numpy")}
    return run_notebook(notebook, source, sandbox=get_sandbox(sandbox), course=course, **{**usual, **options})
