"""Whether a classifier came along in the code."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from nbformat.v4 import new_code_cell
from small_notebook import SOURCE, answered, clean

from autograder.carried import carried_notes
from autograder.runner import RunResult
from autograder.sandbox.room import UNITS
from autograder.worker import SandboxRun

WEIGHTS = np.random.default_rng(0).normal(size=4810).astype(np.float16)


def noted(*cells):
    notebook = answered()
    notebook.cells += [new_code_cell(cell) for cell in cells]
    return carried_notes(clean(notebook).notebook, SOURCE)


@pytest.mark.parametrize("code", [
    f"w = {WEIGHTS.tolist()}",
    f'w = "{base64.b64encode(WEIGHTS.tobytes()).decode()}"',
    f'w = """{base64.encodebytes(WEIGHTS.tobytes()).decode()}"""',
    f'w = bytes.fromhex("{WEIGHTS.tobytes().hex()}")',
    f"w = {WEIGHTS.tobytes()!r}",
    f"# {base64.b85encode(WEIGHTS.tobytes()).decode()}",
], ids=["numbers", "base64", "base64 in lines", "hexadecimal", "bytes", "base85 in a comment"])  # fmt: skip
def test_weights_in_the_code_are_noted(code):
    (note,) = noted(code)
    assert "learned elsewhere" in note
    assert "characters" in note


def test_weights_spread_over_cells_are_noted():
    assert noted(*(f"w{i} = {WEIGHTS[i * 100 : i * 100 + 100].tolist()}" for i in range(8)))


def test_code_of_ones_own_is_not_noted():
    rule = "# " + "-" * 3000
    prose = '"""' + "What this function does, in many words. " * 200 + '"""'
    numbers = "\n".join(f"a{i} = {i} * 0.5 + b1" for i in range(200))
    assert noted(rule, prose, numbers) == ()


def test_what_the_assignment_gives_does_not_count(monkeypatch):
    given = SOURCE.cells[1].release
    monkeypatch.setattr("autograder.carried.MOST_NUMBERS", -1)
    notebook = answered()
    notebook.cells = [cell for cell in notebook.cells if cell.source == given]
    assert carried_notes(notebook, SOURCE)[0].startswith("its code holds 0 numbers")


def test_it_is_looked_for_where_something_is_to_be_learned():
    assert {unit for unit, view in UNITS.items() if view.learns} == {
        "03_optimizers",
        "06_architectures",
        "07_capstone",
    }


@pytest.mark.parametrize(("unit", "notes"), [("05_convolution", 0), ("07_capstone", 1)])
def test_the_note_is_the_first_of_a_run(monkeypatch, unit, notes):
    monkeypatch.setattr(
        "autograder.runner.run_notebook", lambda nb, source, **_: RunResult(nb, (), ("slow",), 0.0)
    )
    monkeypatch.setattr("autograder.worker._furnished", lambda assignment: None)
    notebook = answered()
    notebook.cells.append(new_code_cell(f"w = {WEIGHTS.tolist()}"))
    result = SandboxRun(unit)(clean(notebook).notebook, SOURCE, files={}, seed=0)
    assert result.notes[-1] == "slow"
    assert len(result.notes) == notes + 1
