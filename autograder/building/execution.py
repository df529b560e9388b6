"""A source notebook, run as an instructor reads it: solutions visible, outputs in place."""

from __future__ import annotations

import copy
import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

from autograder.building.authoring import LANGUAGE
from autograder.building.markers import BuildError

CELL_SECONDS = 120
UNCOMPARED = "nbval-ignore-output"  # nbval runs the cell, but takes any output
PACKAGES = ("nnlib", "autograder")
# Run last, in the same kernel: which of our modules did the notebook need?
LIST_MODULES = f"""
import json, sys
print(json.dumps(sorted(
    module.__file__ for name, module in list(sys.modules.items())
    if name.split(".")[0] in {PACKAGES!r} and getattr(module, "__file__", None)
)))
"""


def execute(source: NotebookNode, folder: Path) -> tuple[NotebookNode, tuple[Path, ...]]:
    """Run ``source`` in ``folder``; return it with outputs, and the files of this project that it loaded.

    Cells that promise no value are tagged for nbval to leave their outputs alone. Raises BuildError with
    the cell and its error where a cell fails.
    """
    notebook = copy.deepcopy(source)
    notebook.cells.append(nbformat.v4.new_code_cell(LIST_MODULES))
    with tempfile.TemporaryDirectory() as room:
        run_in_place(notebook, folder, Path(room))
    loaded = json.loads(notebook.cells.pop().outputs[0].text)
    return _tidied(notebook), tuple(Path(path) for path in loaded)


def run_in_place(notebook: NotebookNode, folder: Path, room: Path) -> None:
    """Execute in place; the kernel is reached by files in ``room``, not by a port that others could reach."""
    kernel = AsyncKernelManager(kernel_name="python3", transport="ipc", connection_file=str(room / "kernel.json"))
    resources = {"metadata": {"path": str(folder)}}
    try:
        NotebookClient(
            notebook, km=kernel, timeout=CELL_SECONDS, record_timing=False, resources=resources
        ).execute(cleanup_kc=True)
    except (CellExecutionError, CellTimeoutError) as error:
        raise BuildError(f"the notebook cannot be executed: {error}") from error


def _tidied(notebook: NotebookNode) -> NotebookNode:
    notebook.metadata["language_info"] = dict(LANGUAGE)  # without the version that happened to run it
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    for number, cell in enumerate(_code(notebook), start=1):
        cell.execution_count = number
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number
        if not cell.metadata.get("autograder", {}).get("promise"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), UNCOMPARED]
    return notebook


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def without_outputs(notebook: NotebookNode) -> list[dict[str, Any]]:
    """The cells of an executed notebook as they were before: what freshness compares."""
    cells = []
    for cell in copy.deepcopy(notebook.cells):
        tags = [tag for tag in cell.metadata.pop("tags", []) if tag != UNCOMPARED]
        if tags:
            cell.metadata["tags"] = tags
        kept = {"cell_type", "id", "metadata", "source"}
        cells.append({key: value for key, value in cell.items() if key in kept})
    return cells


def fingerprints(root: Path, paths: Iterable[Path]) -> dict[str, str]:
    """Path in the project → short hash of its content ("missing" where there is no such file)."""
    inside = (path for path in paths if path.is_relative_to(root))
    return {path.relative_to(root).as_posix(): _fingerprint(path) for path in sorted(inside)}


def changed(root: Path, recorded: Mapping[str, str]) -> list[str]:
    """The files of ``recorded`` whose content is another now."""
    return [path for path, known in recorded.items() if _fingerprint(root / path) != known]


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else "missing"
