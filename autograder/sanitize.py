"""From whatever a student handed in to a notebook that grading can rely on.

The result has the source's cells in the source's order. Tests, locked texts, ids, points, tags and the
kernel come from the source; answers and edited plain cells from the student; the student's further cells
stay behind the cell they followed, as plain cells. Every change is reported in a note a student may read;
a note never costs points.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.matching import Alignment, align, claimed_id, same_text, similarity
from autograder.notebook_io import read_notebook, unused_id
from autograder.source import ANSWERS, RESTORED, Kind, SourceCell, SourceNotebook

MAX_NOTES = 40
UNLIKE = 0.5  # below this, what stands in a test cell is the student's own text and is kept beside it
CHECKED_SETTINGS = ("points", "grade", "solution", "locked", "task", "schema_version")

NAMES: dict[Kind, str] = {
    "test": "test cell",
    "locked": "read-only cell",
    "task": "task cell",
    "solution": "solution cell",
    "manual": "answer cell",
    "plain": "cell",
}
MISSING: dict[Kind, str] = {
    "test": "was missing; restored",
    "locked": "was missing; restored",
    "task": "was missing; restored",
    "solution": "was missing; it counts as empty",
    "manual": "was missing; it counts as not answered",
}
# Not the released text, whose checksum means "no response": a person is to look.
LOOK_AROUND = "*This answer's cell was not found; text outside the assignment's cells may hold the answer.*"
SOUGHT = "was missing; its grader is asked to look for the answer in the cells around it"


@dataclass(frozen=True, slots=True)
class Sanitized:
    """A notebook aligned to its source, and what had to be changed for that."""

    notebook: NotebookNode
    notes: tuple[str, ...]


def sanitize(raw: bytes, source: SourceNotebook) -> Sanitized:
    """Align the submission ``raw`` to ``source``; pure.

    Raises UnreadableSubmission where ``raw`` cannot be read as a notebook, and nothing else, whatever it
    holds.
    """
    submitted = read_notebook(raw)
    found = align(source.cells, submitted.cells)
    extras = _extras(source, submitted.cells, found)
    stray = any(submitted.cells[index].cell_type != "code" for own in extras.values() for index in own)
    notebook = _assemble(source, submitted.cells, found, extras, stray)
    return Sanitized(notebook, _bounded(_notes(source, submitted, found, stray)))


def _assemble(
    source: SourceNotebook,
    cells: list[NotebookNode],
    found: Alignment,
    extras: Mapping[int, list[int]],
    stray: bool,
) -> NotebookNode:
    """``stray``: the student wrote text outside the assignment's cells, so a missing answer may be there."""
    taken = {name for cell in source.cells for name in (cell.cell_id, cell.id) if name}
    result = [_extra_cell(cells[index], taken) for index in extras.get(-1, [])]
    for cell in source.cells:
        match = found.chosen.get(cell.index)
        result.append(_aligned(cell, None if match is None else cells[match], stray))
        result += [_extra_cell(cells[index], taken) for index in extras.get(cell.index, [])]
    metadata: dict[str, Any] = {"kernelspec": source.kernelspec} if source.kernelspec else {}
    if source.language_info:
        metadata["language_info"] = source.language_info
    metadata = nbformat.from_dict(copy.deepcopy(metadata))
    return NotebookNode(cells=result, metadata=metadata, nbformat=4, nbformat_minor=5)


def _extras(source: SourceNotebook, cells: list[NotebookNode], found: Alignment) -> dict[int, list[int]]:
    """The student's own cells, by the source cell they follow (-1: before all of them)."""
    position = {index: place for place, index in found.chosen.items()}
    extras: dict[int, list[int]] = defaultdict(list)
    anchor = -1
    for index, cell in enumerate(cells):
        if index in position:
            anchor = position[index]
            own = _is_own_text(source.cells[anchor], cell)
        else:
            original = found.copies.get(index)
            own = original is None or _edited(source.cells[original], cell)
        if own and cell.source.strip():
            extras[anchor].append(index)
    return extras


def _is_own_text(original: SourceCell, cell: NotebookNode) -> bool:
    """Whether a test cell holds so little of the test that it must be the student's work."""
    return original.kind in RESTORED and _edited(original, cell) and _likeness(original, cell) < UNLIKE


def _likeness(original: SourceCell, cell: NotebookNode) -> float:
    return similarity(original.release, cell.source)


def _edited(original: SourceCell, cell: NotebookNode) -> bool:
    return not any(same_text(cell.source, text) for text in (original.release, original.source))


def _aligned(original: SourceCell, cell: NotebookNode | None, stray: bool) -> NotebookNode:
    cell_type, text, attachments = _content(original, cell) if cell else _missing(original, stray)
    metadata = copy.deepcopy(original.other_metadata or {})
    if original.metadata:
        metadata["nbgrader"] = dict(original.metadata)
    return _cell(cell_type, original.cell_id, text, metadata, attachments)


def _missing(original: SourceCell, stray: bool) -> tuple[str, str, Any]:
    """A stub brought back would replace a function that the student wrote in another cell."""
    if original.kind in RESTORED:
        return original.cell_type, original.source, original.attachments
    if original.kind == "solution":
        return original.cell_type, "", None
    sought = original.kind == "manual" and stray
    comment = "# " if original.cell_type == "code" else ""
    text = f"{comment}{LOOK_AROUND}" if sought else original.release
    return original.cell_type, text, original.attachments


def _content(original: SourceCell, cell: NotebookNode) -> tuple[str, str, Any]:
    """Cell type, text and attachments: the source's where a student has no say or said nothing."""
    if original.kind in RESTORED:
        return original.cell_type, original.source, original.attachments
    if same_text(cell.source, original.release):
        return original.cell_type, original.release, original.attachments
    if original.kind in ANSWERS:
        return original.cell_type, cell.source, cell.get("attachments") or original.attachments
    return *_plain(cell), cell.get("attachments") or original.attachments


def _plain(cell: NotebookNode) -> tuple[str, str]:
    """A raw cell would reach a web page as it is, so it is shown as text."""
    if cell.cell_type != "raw":
        return cell.cell_type, cell.source
    longest = max(map(len, re.findall(r"`+", cell.source)), default=0)
    fence = "`" * max(3, longest + 1)
    return "markdown", f"{fence}\n{cell.source}\n{fence}"


def _extra_cell(cell: NotebookNode, taken: set[str]) -> NotebookNode:
    cell_type, text = _plain(cell)
    name = unused_id(cell.id, taken)
    taken.add(name)
    return _cell(cell_type, name, text, {}, cell.get("attachments"))


def _cell(cell_type: str, name: str, text: str, metadata: dict[str, Any], attachments: Any) -> NotebookNode:
    cell = NotebookNode(cell_type=cell_type, id=name, source=text, metadata=nbformat.from_dict(metadata))
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    elif attachments:
        cell.attachments = nbformat.from_dict(copy.deepcopy(attachments))
    return cell


def _notes(source: SourceNotebook, submitted: NotebookNode, found: Alignment, stray: bool) -> Iterator[str]:
    cells = submitted.cells
    named = [cell for cell in source.cells if cell.kind != "plain"]
    if named and not any(cell.index in found.chosen for cell in named):
        yield "none of the assignment's cells was found; is this the right notebook?"
    stripped = not any("nbgrader" in cell.metadata for cell in cells)
    if stripped and named:
        yield "nbgrader's cell metadata was missing (some editors remove it); cells were matched by content"
    yield from _kernel_note(source, submitted)
    for original in named:
        match = found.chosen.get(original.index)
        what = f"{NAMES[original.kind]} {original.id!r}"
        if match is None:
            sought = stray and original.kind == "manual"
            yield f"{what} {SOUGHT if sought else MISSING[original.kind]}"
            continue
        changes = _changes(original, cells[match], stripped)
        yield from (f"{what} {change}" for change in changes)
    yield from _copy_notes(source, found)
    yield from _claim_notes(source, cells, found)


def _kernel_note(source: SourceNotebook, submitted: NotebookNode) -> Iterator[str]:
    kernel = submitted.metadata.get("kernelspec")
    name = kernel.get("name") if isinstance(kernel, dict) else None
    wanted = source.kernelspec.get("name")
    if wanted and name and name != wanted:
        yield f"kernel {_shown(name)} was replaced by the assignment's, {wanted!r}"


def _changes(original: SourceCell, cell: NotebookNode, stripped: bool) -> Iterator[str]:
    if cell.cell_type != original.cell_type:
        yield f"had become a {cell.cell_type} cell; it is a {original.cell_type} cell again"
    if original.kind in RESTORED and _edited(original, cell):
        yield "was edited; restored"
    if not stripped:
        yield from _setting_changes(original, cell)


def _setting_changes(original: SourceCell, cell: NotebookNode) -> Iterator[str]:
    settings = cell.metadata.get("nbgrader")
    if not isinstance(settings, dict) or claimed_id(cell) != original.id:
        yield "had lost its nbgrader metadata; restored"
        return
    for key in CHECKED_SETTINGS:
        value, wanted = settings.get(key, None), original.metadata.get(key, False)
        if key in settings and value != wanted:
            yield f"had its {key.replace('_', ' ')} changed to {_shown(value)}; restored to {wanted!r}"
    tags = (original.other_metadata or {}).get("tags", [])
    if cell.metadata.get("tags", []) != tags:
        yield "had its tags changed; restored"


def _copy_notes(source: SourceNotebook, found: Alignment) -> Iterator[str]:
    for place in sorted(set(found.copies.values())):
        original = source.cells[place]
        yield f"{NAMES[original.kind]} {original.id!r} was there more than once; one copy counts"


def _claim_notes(source: SourceNotebook, cells: list[NotebookNode], found: Alignment) -> Iterator[str]:
    """A student's own cell may not pass for one of nbgrader's."""
    known = {cell.id for cell in source.cells}
    kept = {*found.chosen.values(), *found.copies}
    for index, cell in enumerate(cells):
        claim = claimed_id(cell)
        if index not in kept and claim is not None and claim not in known:
            yield f"a cell called itself {_shown(claim)}, which the assignment has not; now a plain cell"


def _shown(value: object) -> str:
    shown = repr(value) if isinstance(value, str | int | float | None) else type(value).__name__
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


def _bounded(notes: Iterator[str]) -> tuple[str, ...]:
    listed = list(dict.fromkeys(notes))
    more = len(listed) - MAX_NOTES
    return tuple(listed) if more <= 0 else (*listed[:MAX_NOTES], f"and {more} more changes of this kind")
