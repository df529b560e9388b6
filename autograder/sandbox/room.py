"""Furnishes the rooms of one run: the read-only course folder that every kernel of the run sees."""

from __future__ import annotations

import compileall
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import autograder

PACKAGE = Path(autograder.__file__).parent
INSIDE = PACKAGE / "sandbox" / "inside"


@dataclass(frozen=True, slots=True)
class StudentView:
    """What may be imported while grading: modules of nnlib, and installed packages (None: all of them)."""

    modules: tuple[str, ...] = ()
    packages: tuple[str, ...] | None = None


ALWAYS = ("gradients", "data", "plots")
PACKAGES = ("ipykernel", "numpy", "matplotlib")
OPEN = StudentView()  # for any other course: no nnlib, all that is installed

# A unit's own modules are withheld; those of the units before it, and what no exercise asks for, are there.
UNITS = {
    "01_activations": StudentView(ALWAYS, PACKAGES),
    "02_backpropagation": StudentView(("data", "plots", "activations"), PACKAGES),  # it asks for gradients itself
    "03_optimizers": StudentView((*ALWAYS, "activations", "dense", "losses"), PACKAGES),
    "04_overfitting": StudentView(
        (
            *ALWAYS,
            "activations",
            "batches",
            "dense",
            "initialization",
            "losses",
            "metrics",
            "nested",
            "optimizers",
        ),
        PACKAGES,
    ),
    "05_convolution": StudentView((*ALWAYS, "activations", "dense", "losses"), PACKAGES),
}


def student_view(assignment: str) -> StudentView:
    """The view for an assignment; for one that is no unit of this course, the open one."""
    return UNITS.get(assignment, OPEN)


@contextmanager
def furnished(view: StudentView) -> Iterator[Path]:
    """The course folder for ``view``: the bridge, the codec, the stub of autograder, the modules of nnlib."""
    with tempfile.TemporaryDirectory(prefix="ag-course-") as name:
        folder = Path(name)
        _copy_bridge(folder)
        if view.modules:
            _copy_nnlib(folder / "nnlib", view.modules)
        (folder / "matplotlib").mkdir()
        if view.packages is not None and "matplotlib" in view.packages:
            _copy_font_list(folder / "matplotlib")
        _compile(folder)
        _make_readable(folder)
        yield folder


def _copy_bridge(folder: Path) -> None:
    for file in ("launch.py", "bridge.py"):
        shutil.copy(INSIDE / file, folder / file)
    shutil.copy(PACKAGE / "codec.py", folder / "codec.py")
    (folder / "autograder").mkdir()
    shutil.copy(INSIDE / "stub_autograder.py", folder / "autograder" / "__init__.py")
    shutil.copy(PACKAGE / "predictions.py", folder / "autograder" / "predictions.py")


def _copy_nnlib(target: Path, modules: tuple[str, ...]) -> None:
    """Copy what a student may read; helpers that these modules import come along by name."""
    source = PACKAGE.parent / "nnlib"
    target.mkdir()
    for name in ("__init__", "arrays", *modules):
        if (source / f"{name}.py").is_file():
            shutil.copy(source / f"{name}.py", target)
        elif (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))


def _copy_font_list(folder: Path) -> None:
    """Matplotlib's list of fonts, which takes seconds to make: made once, then the same for every kernel."""
    kept = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "autograder" / "matplotlib"
    if not list(kept.glob("fontlist*.json")):
        kept.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-c", "import matplotlib.font_manager"]
        subprocess.run(command, env={**os.environ, "MPLCONFIGDIR": str(kept)}, check=True, capture_output=True)
    for file in kept.glob("fontlist*.json"):
        shutil.copy(file, folder)


def _compile(folder: Path) -> None:
    """Every kernel imports these files, and none may write here: so compile them once, for where it sees them."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, stripdir=folder, prependdir="/course", invalidation_mode=mode)


def _make_readable(folder: Path) -> None:
    """The kernel may run as a user who owns nothing here."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
