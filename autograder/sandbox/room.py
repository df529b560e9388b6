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
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import autograder
from autograder.sandbox import Limits

PACKAGE = Path(autograder.__file__).parent
INSIDE = PACKAGE / "sandbox" / "inside"


@dataclass(frozen=True, slots=True)
class StudentView:
    """What may be imported while grading: modules of nnlib, and installed packages (None: all of them).

    ``without``: files of those modules that stay away. ``limits``: what a notebook may use. ``learns``: what is
    handed in is to learn here, so data that came along in its code is noted.
    """

    modules: tuple[str, ...] = ()
    packages: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    learns: bool = False


def all_but(*withheld: str) -> tuple[str, ...]:
    """The modules of nnlib, apart from some."""
    found = {path.stem for path in (PACKAGE.parent / "nnlib").glob("[!_]*") if path.suffix in ("", ".py")}
    return tuple(sorted(found - {"arrays", *withheld}))  # arrays come along everywhere


ALWAYS = ("gradients", "data", "plots")
BASICS = ("activations", "dense", "losses")  # what units 1 and 2 ask for
TRAINING = ("batches", "initialization", "metrics", "nested", "optimizers", "schedules")  # and unit 3
PACKAGES = ("ipykernel", "numpy", "matplotlib")
OPEN = StudentView()  # for any other course: no nnlib, all that is installed

CAPSTONE = Limits(cell_seconds=240, call_seconds=90, notebook_seconds=480)  # over its budget costs a share only

# A unit's own modules are withheld; those of the units before it, and what no exercise asks for, are there.
UNITS = {
    "01_activations": StudentView(ALWAYS, PACKAGES),
    "02_backpropagation": StudentView(("data", "plots", "activations"), PACKAGES),  # it asks for gradients itself
    "03_optimizers": StudentView((*ALWAYS, *BASICS), PACKAGES, learns=True),
    "04_overfitting": StudentView((*ALWAYS, *BASICS, *TRAINING), PACKAGES),
    "05_convolution": StudentView((*ALWAYS, *BASICS), PACKAGES),
    "06_architectures": StudentView(
        (*ALWAYS, *BASICS, *TRAINING, "windows", "convolution", "pooling"), PACKAGES, learns=True
    ),
    "07_capstone": StudentView(
        all_but("intervals"),
        PACKAGES,
        without=("digits.npz",),  # nobody's classifier has the images that it is asked about
        limits=CAPSTONE,
        learns=True,
    ),
}


def student_view(assignment: str) -> StudentView:
    """The view for an assignment; for one that is no unit of this course, the open one."""
    return UNITS.get(assignment, OPEN)


def limits_for(assignment: str, chosen: Limits) -> Limits:
    """What one notebook may use: the assignment's own limits, but for what was chosen to be other than usual."""
    usual = asdict(Limits())
    return replace(student_view(assignment).limits, **{k: v for k, v in asdict(chosen).items() if v != usual[k]})


@contextmanager
def furnished(view: StudentView) -> Iterator[Path]:
    """The course folder for ``view``: the bridge, the codec, the stub of autograder, the modules of nnlib."""
    with tempfile.TemporaryDirectory(prefix="ag-course-") as name:
        folder = Path(name)
        _copy_bridge(folder)
        if view.modules:
            _copy_nnlib(folder / "nnlib", view)
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


def _copy_nnlib(target: Path, view: StudentView) -> None:
    """Copy what a student may read; helpers that these modules import come along by name."""
    source = PACKAGE.parent / "nnlib"
    target.mkdir()
    left_out = shutil.ignore_patterns("__pycache__", *view.without)
    for name in ("__init__", "arrays", *view.modules):
        if (source / f"{name}.py").is_file():
            shutil.copy(source / f"{name}.py", target)
        elif (source / name).is_dir():
            shutil.copytree(source / name, target / name, ignore=left_out)


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
