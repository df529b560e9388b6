"""A notebook as its instructor wrote it: its cells, what students get of them, and what is restored."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions, InstantiateTests
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from autograder.errors import AutograderError
from autograder.notebook_io import unused_id
from autograder.stored_cells import StoredCell

Kind = Literal["plain", "locked", "solution", "test", "manual", "task"]
RESTORED: tuple[Kind, ...] = ("locked", "test", "task")  # what a student cannot change
ANSWERS: tuple[Kind, ...] = ("solution", "manual")  # what a student writes
GRADED: tuple[Kind, ...] = ("test", "manual", "task")


@dataclass(frozen=True, slots=True)
class SourceCell:
    """One cell of an assignment.

    ``id`` is the grade_id where there is one, else the cell's id in the notebook, else None. ``source`` is
    the instructor's text (for a test: hidden tests included), ``release`` the text that students got.
    ``metadata`` is the nbgrader metadata as released (empty for a plain cell), its checksum being that of
    the text which means "nothing was answered"; ``other_metadata`` is the rest (tags and so on).
    ``cell_id`` is valid and unique in the notebook.
    """

    id: str | None
    index: int
    cell_type: str
    source: str
    kind: Kind
    points: float
    bonus: float
    metadata: dict[str, Any]
    release: str = ""
    cell_id: str = ""
    other_metadata: dict[str, Any] | None = None
    attachments: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SourceNotebook:
    """A notebook of an assignment: its cells, and the whole of it as JSON (``nb_json``)."""

    name: str
    cells: tuple[SourceCell, ...]
    kernelspec: dict[str, Any]
    nb_json: str
    language_info: dict[str, Any] | None = None


def source_notebook(
    name: str,
    notebook: NotebookNode,
    *,
    config: Config | None = None,
    stored: Mapping[str, StoredCell] | None = None,
) -> SourceNotebook:
    """Return ``notebook`` (an instructor's, nbformat 4) as grading sees it. Nothing is changed in place.

    ``stored`` are the gradebook's cells by grade_id. Metadata of older nbgrader versions is upgraded by
    nbgrader itself. Raises AutograderError where nbgrader would refuse the notebook.
    """
    notebook = _upgraded(name, notebook)
    releases = _stored_releases(notebook, stored, config) if stored else release_texts(notebook, config)
    taken: set[str] = set()
    cells = []
    for index, (cell, release) in enumerate(zip(notebook.cells, releases, strict=True)):
        cells.append(_source_cell(index, cell, release, (stored or {}).get(_grade_id(cell)), taken))
        taken.add(cells[-1].cell_id)
    if not stored:
        _refuse_autotests(name, cells)
    metadata = notebook.metadata
    return SourceNotebook(
        name=name,
        cells=tuple(cells),
        kernelspec=dict(metadata.get("kernelspec", {})),
        nb_json=nbformat.writes(notebook),
        language_info=dict(metadata["language_info"]) if "language_info" in metadata else None,
    )


def _upgraded(name: str, notebook: NotebookNode) -> NotebookNode:
    notebook = copy.deepcopy(notebook)
    try:
        MetadataValidator().upgrade_notebook_metadata(notebook)
        MetadataValidator().validate_nb(notebook)
    except Exception as error:  # jsonschema's and nbgrader's own have no common base
        reason = getattr(error, "message", None) or error
        raise AutograderError(f"nbgrader would refuse the source notebook {name}: {reason}") from error
    return notebook


def release_texts(notebook: NotebookNode, config: Config | None = None) -> tuple[str, ...]:
    """Return each cell's text as students get it: solutions replaced by stubs, hidden tests removed.

    ``config`` may set nbgrader's delimiters and stubs. Pure; raises AutograderError for a region that
    does not end or a language without a stub.
    """
    return _cleared(notebook, (ClearSolutions, ClearHiddenTests, ClearMarkScheme), config)


def _cleared(notebook: NotebookNode, steps: Sequence[Any], config: Config | None) -> tuple[str, ...]:
    released = copy.deepcopy(notebook)
    for step in steps:
        cleaner = step(config=config)
        cleaner.enforce_metadata = False  # only the text is wanted here
        try:
            released, _ = cleaner.preprocess(released, {})
        except (RuntimeError, ValueError) as error:
            raise AutograderError(f"{step.__name__}: {error}") from error
    return tuple(cell.source for cell in released.cells)


def _stored_releases(
    notebook: NotebookNode, stored: Mapping[str, StoredCell], config: Config | None
) -> tuple[str, ...]:
    """The gradebook stores cells with their solutions cleared, but hidden tests and mark schemes in."""
    cleared = _cleared(notebook, (ClearSolutions,), config)
    released = copy.deepcopy(notebook)
    for cell, text in zip(released.cells, cleared, strict=True):
        entry = stored.get(_grade_id(cell))
        cell.source = entry.source if entry else text
    return _cleared(released, (ClearHiddenTests, ClearMarkScheme), config)


def _source_cell(
    index: int, cell: NotebookNode, release: str, stored: StoredCell | None, taken: set[str]
) -> SourceCell:
    kind = _kind(cell)
    grade_id = _grade_id(cell)
    released = copy.deepcopy(cell)
    if stored and stored.points is not None and kind in GRADED:
        released.metadata.nbgrader["points"] = stored.points
    # The text whose checksum nbgrader compares: what is restored, or what an empty answer looks like.
    source = stored.source if stored and kind in RESTORED else cell.source
    released.source = source if kind in RESTORED else release
    metadata = {} if kind == "plain" else _released_metadata(released)
    other = {key: value for key, value in cell.metadata.items() if key != "nbgrader"}
    return SourceCell(
        id=grade_id or cell.get("id"),
        index=index,
        cell_type=cell.cell_type,
        source=source,
        kind=kind,
        points=float(metadata.get("points", 0.0)) if kind in GRADED else 0.0,
        bonus=_bonus(cell),
        metadata=metadata,
        release=release,
        cell_id=unused_id(cell.get("id") or grade_id or f"source-{index}", taken),
        other_metadata=other,
        attachments=cell.get("attachments"),
    )


def _released_metadata(cell: NotebookNode) -> dict[str, Any]:
    return {**cell.metadata.nbgrader, "checksum": compute_checksum(cell), "cell_type": cell.cell_type}


def _kind(cell: NotebookNode) -> Kind:
    meta = cell.metadata.get("nbgrader", {})
    flags = {name for name in ("grade", "solution", "task", "locked") if meta.get(name)}
    if "task" in flags:
        return "task"
    if "grade" in flags:
        return "manual" if "solution" in flags else "test"
    return "solution" if "solution" in flags else "locked" if "locked" in flags else "plain"


def _grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _bonus(cell: NotebookNode) -> float:
    """Bonus points of a test cell, kept outside nbgrader's metadata, which allows no other keys."""
    extra = cell.metadata.get("autograder", {})
    bonus = extra.get("bonus", 0.0) if isinstance(extra, Mapping) else 0.0
    if isinstance(bonus, bool) or not isinstance(bonus, int | float) or not 0 <= bonus < math.inf:
        raise AutograderError(f"bonus must be a number of points, not negative; cell has {bonus!r}")
    return float(bonus)


def _refuse_autotests(name: str, cells: Sequence[SourceCell]) -> None:
    delimiter = InstantiateTests.autotest_delimiter.default_value
    for cell in cells:
        if cell.kind == "test" and delimiter in cell.source:
            message = f"cell {cell.id!r} of {name} has {delimiter} lines, which nbgrader turns into tests"
            raise AutograderError(f"{message}; run 'nbgrader generate_assignment' first")


def blank_notebook(source: SourceNotebook) -> str:
    """Return the notebook as a student gets it, as JSON: what a blank submission looks like."""
    notebook = nbformat.reads(source.nb_json, as_version=4)
    for cell, original in zip(notebook.cells, source.cells, strict=True):
        cell.source = original.release
        if original.metadata:
            cell.metadata["nbgrader"] = dict(original.metadata)
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)
    return str(nbformat.writes(notebook))
