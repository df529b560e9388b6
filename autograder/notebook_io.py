"""Reading notebooks that strangers wrote, and writing notebooks whole.

``read_notebook`` takes any bytes and gives a notebook of format 4.5 built from scratch out of the few
fields that grading needs: cell type, text, id, metadata, pictures pasted into markdown. Outputs are not
read at all: no mark depends on them, and they are where active content lives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.atomic_files import write_atomically as write_atomically
from autograder.errors import UnreadableSubmission

MIB = 1 << 20
MAX_FILE_BYTES = 64 * MIB
MAX_CELLS = 5000
MAX_TEXT = {"code": MIB, "markdown": 16 * MIB, "raw": MIB}  # some editors put pictures into markdown text
MAX_ATTACHMENT_CHARS = 16 * MIB
MAX_METADATA_DEPTH = 16
# A parsed value takes far more memory than its text, so values are counted before they are parsed.
MAX_SEPARATORS = {b",": 8_000_000, b"[": 1_000_000, b"{": 1_000_000}

CELL_TYPES = ("code", "markdown", "raw")
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")  # no SVG: it can carry scripts
VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")

# What people hand in instead of a notebook, by its first bytes.
IMPOSTORS = (
    (b"%PDF", "a PDF; hand in the .ipynb file itself"),
    (b"PK\x03\x04", "a zip archive or an office document; hand in the .ipynb file itself"),
    (b"<<<<<<<", "a file with unresolved merge conflicts; resolve them and save the notebook again"),
    (b"<", "a web page; download the .ipynb file itself, not the page that shows it"),
)


def read_notebook(raw: bytes) -> NotebookNode:
    """Return the notebook in ``raw`` in format 4.5, every cell with a unique id and no outputs.

    Formats 3 and 4 are read, a missing format is taken as 4. Raises UnreadableSubmission, and nothing
    else, for whatever cannot be read; its message is one sentence.
    """
    document = _parse(raw)
    cells = [_cell(cell, number) for number, cell in enumerate(_raw_cells(document), start=1)]
    _make_ids_unique(cells)
    metadata = _metadata(document.get("metadata"))
    return NotebookNode(cells=cells, metadata=metadata, nbformat=4, nbformat_minor=5)


def _parse(raw: bytes) -> dict[str, Any]:
    _refuse_size(raw)
    _refuse_impostors(raw)
    try:
        text = raw.decode(json.detect_encoding(raw)).removeprefix("\ufeff")
        document = json.loads(text, parse_int=_integer, parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start} is no part of a character)"
        raise UnreadableSubmission(message) from None
    except RecursionError:
        raise UnreadableSubmission("the file nests its values too deeply to be a notebook") from None
    except ValueError as error:
        message = f"the file is not complete JSON ({error}); was the notebook saved to the end?"
        raise UnreadableSubmission(message) from None
    if not isinstance(document, dict):
        raise UnreadableSubmission("the file is JSON, but not a notebook: a notebook is an object with cells")
    return document


def _refuse_size(raw: bytes) -> None:
    if not raw.strip(b"\0 \t\r\n"):
        raise UnreadableSubmission("the file is empty")
    if len(raw) > MAX_FILE_BYTES:
        message = f"the file has {len(raw) / MIB:.0f} MiB; at most {MAX_FILE_BYTES // MIB} MiB can be read"
        raise UnreadableSubmission(f"{message}: clear the outputs and save it again")
    if any(raw.count(separator) > most for separator, most in MAX_SEPARATORS.items()):
        raise UnreadableSubmission("the file holds too many values; clear the outputs and save it again")


def _refuse_impostors(raw: bytes) -> None:
    start = raw[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    for prefix, what in IMPOSTORS:
        if start.startswith(prefix):
            raise UnreadableSubmission(f"the file is no notebook but {what}")


def _integer(digits: str) -> int | float:
    """Python refuses to parse integers of many thousand digits; no notebook needs one."""
    return int(digits) if len(digits) <= 20 else float(digits)


def _raw_cells(document: dict[str, Any]) -> list[dict[str, Any]]:
    version = document.get("nbformat", 4)
    if version == 3 and not isinstance(version, bool):
        cells = _worksheet_cells(document)
    elif version == 4:
        cells = document.get("cells")
    else:
        shown = _clip(version)
        raise UnreadableSubmission(f"the notebook's format is {shown}; formats 3 and 4 can be read")
    if not isinstance(cells, list):
        raise UnreadableSubmission("the file is JSON, but not a notebook: it has no list of cells")
    if len(cells) > MAX_CELLS:
        raise UnreadableSubmission(f"the notebook has {len(cells)} cells; at most {MAX_CELLS} can be read")
    return [cell for cell in cells if isinstance(cell, dict)]


def _worksheet_cells(document: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Format 3 keeps its cells in worksheets, code under ``input``, and headings as cells of their own."""
    worksheets = document.get("worksheets")
    if not isinstance(worksheets, list):
        return None
    lists = (sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict))
    cells = (cell for listed in lists if isinstance(listed, list) for cell in listed)
    return [_upgraded(cell) for cell in cells if isinstance(cell, dict)]


def _upgraded(cell: dict[str, Any]) -> dict[str, Any]:
    if cell.get("cell_type") == "code":
        return {**cell, "source": cell.get("input")}
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        marks = "#" * (min(max(level, 1), 6) if isinstance(level, int) else 1)
        heading = " ".join(_text(cell.get("source")).split())
        return {**cell, "cell_type": "markdown", "source": f"{marks} {heading}"}
    return {**cell, "cell_type": "markdown"} if cell.get("cell_type") == "html" else cell


def _cell(raw: dict[str, Any], number: int) -> NotebookNode:
    kind = raw.get("cell_type")
    cell_type = kind if isinstance(kind, str) and kind in CELL_TYPES else "raw"
    text = _text(raw.get("source"))
    if len(text) > MAX_TEXT[cell_type]:
        most = MAX_TEXT[cell_type] // MIB
        raise UnreadableSubmission(f"cell {number} holds more than {most} MiB of text; shorten it")
    cell = NotebookNode(cell_type=cell_type, id=_id(raw.get("id"), number), source=text)
    cell.metadata = _metadata(raw.get("metadata"))
    if cell_type == "code":
        cell.update(outputs=[], execution_count=None)
    if cell_type == "markdown" and (pictures := _pictures(raw.get("attachments"))):
        cell.attachments = pictures
    return cell


def _text(source: object) -> str:
    """A cell's text is a string, or a list of lines; half a surrogate pair cannot be written as UTF-8."""
    parts: Iterable[object] = source if isinstance(source, list) else [source]
    return _encodable("".join(part for part in parts if isinstance(part, str)))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _id(value: object, number: int) -> str:
    return value if isinstance(value, str) and VALID_ID.fullmatch(value) else f"unnamed-{number}"


def _make_ids_unique(cells: list[NotebookNode]) -> None:
    taken: set[str] = set()
    for number, cell in enumerate(cells, start=1):
        if cell.id in taken:
            cell.id = unused_id(f"unnamed-{number}", taken)
        taken.add(cell.id)


def unused_id(wanted: str, taken: set[str]) -> str:
    """Return ``wanted`` if it is a valid cell id and not ``taken``, else one made from it that is."""
    stem = re.sub(r"[^a-zA-Z0-9_-]", "-", wanted)[:48] or "cell"
    candidate, count = wanted if VALID_ID.fullmatch(wanted) else stem, 2
    while candidate in taken:
        candidate, count = f"{stem}-{count}", count + 1
    return candidate


def _metadata(value: object) -> NotebookNode:
    """Metadata as nodes; what nests deeper than any editor writes is left out."""
    kept = _shallow(value, MAX_METADATA_DEPTH) if isinstance(value, dict) else {}
    return nbformat.from_dict(kept)


def _shallow(value: object, depth: int) -> object:
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, dict):
        return {_encodable(key): _shallow(item, depth - 1) for key, item in value.items()} if depth else {}
    if isinstance(value, list):
        return [_shallow(item, depth - 1) for item in value] if depth else []
    return value


def _pictures(attachments: object) -> NotebookNode:
    """Pictures pasted into markdown (a photographed derivation): base64 of known picture types only."""
    kept, room = NotebookNode(), MAX_ATTACHMENT_CHARS
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for mime, data in bundle.items() if isinstance(bundle, dict) else ():
            text = "".join(data) if isinstance(data, list) and all(isinstance(d, str) for d in data) else data
            if mime in PICTURES and isinstance(text, str) and len(text) <= room and BASE64.fullmatch(text):
                room -= len(text)
                kept.setdefault(_encodable(name), NotebookNode())[mime] = text
    return kept


def _clip(value: object, most: int = 40) -> str:
    shown = repr(value) if isinstance(value, str | int | float) else type(value).__name__
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def write_notebook(path: Path, notebook: NotebookNode) -> None:
    """Write ``notebook`` to ``path`` whole or not at all (see ``write_atomically``)."""
    write_atomically(path, nbformat.writes(notebook).encode("utf-8") + b"\n")
