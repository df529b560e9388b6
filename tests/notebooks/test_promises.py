"""nbval runs every executed notebook again and compares the outputs that its cells promise."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.building import Project, source_from_text
from autograder.building.authoring import notebook_text
from autograder.building.execution import UNCOMPARED, execute

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [project.executed(unit) for project in [Project(ROOT)] for unit in project.units()]


def nbval(notebook: Path) -> subprocess.CompletedProcess[str]:
    """Run nbval alone, without this project's own settings of pytest."""
    arguments = ["--nbval", "-q", "-c", os.devnull, "--rootdir", str(notebook.parent), "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, str(notebook)],
        cwd=notebook.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def promised(notebook) -> list:
    """The cells whose stored outputs nbval compares; nbval checks nothing where no output is stored."""
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [cell for cell in code if UNCOMPARED not in cell.metadata.get("tags", ()) and cell.outputs]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_promised_output_comes_again(path):
    assert len(promised(nbformat.read(path, as_version=4))) >= 3
    run = nbval(path)
    assert run.returncode == 0, run.stdout[-4000:]


SMALL = '# %% id="promised" promise=true\n6 * 7\n\n# %% id="free"\nimport time\ntime.monotonic()\n'


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("promises")
    notebook, _ = execute(source_from_text(SMALL, "small.py"), folder)
    (folder / "small.ipynb").write_text(notebook_text(notebook))
    return folder / "small.ipynb"


def test_an_output_that_is_not_promised_may_be_another(small):
    run = nbval(small)
    assert run.returncode == 0, run.stdout


def test_a_promise_that_is_not_kept_fails(small, tmp_path):
    forged = tmp_path / "forged.ipynb"
    forged.write_text(small.read_text().replace('"42"', '"43"'))
    run = nbval(forged)
    assert run.returncode == 1
    assert "43" in run.stdout
