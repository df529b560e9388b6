"""What a student is given runs up to the first function that is to be written, and says nothing unasked."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.building import BuildError, Project
from autograder.building.execution import run_in_place

PROJECT = Project(Path(__file__).resolve().parents[2])
UNITS = [unit.name for unit in PROJECT.units()]


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_to_its_first_stub(unit, tmp_path):
    notebook = nbformat.read(PROJECT.course / unit / f"{unit}.ipynb", as_version=4)
    with pytest.raises(BuildError, match="NotImplementedError"):
        run_in_place(notebook, PROJECT.course / unit, tmp_path)
    run = [cell for cell in notebook.cells if cell.get("execution_count")]
    said = [output for cell in run[:-1] for output in cell.outputs]
    assert [it for it in said if it.output_type == "error" or it.get("name") == "stderr"] == []
    stubs = [cell for cell in run if cell.metadata.get("nbgrader", {}).get("solution")]
    assert len(stubs) == 1, "it came past the first function that is to be written"
    shown = [it.get("data", {}) for it in said]
    assert any("image/png" in data or "<img" in data.get("text/html", "") for data in shown), "no picture yet"
