"""nnlib's modules load when used, and a copy without some of them works."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnlib

PACKAGE = Path(nnlib.__file__).parent
ANSWERS = {"convolution", "pooling", "windows"}
BUILT_ON_THEM = {"checkpointing", "costs", "depthwise", "inception", "layers", "lenet", "models", "residual"} | {
    "saving",
    "training",
}
WITHHELD = ANSWERS | BUILT_ON_THEM


def run(code, folder):
    """Run code in a fresh interpreter that finds nnlib in `folder` only: -S hides installed copies."""
    setup = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(Path(np.__file__).parents[1])!r}]\n"
    done = subprocess.run([sys.executable, "-S", "-c", setup + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture
def partial_copy(tmp_path):
    withheld = [pattern for name in WITHHELD for pattern in (name, f"{name}.py")]
    shutil.copytree(PACKAGE, tmp_path / "nnlib", ignore=shutil.ignore_patterns(*withheld, "__pycache__"))
    return tmp_path


def test_importing_the_package_loads_no_module_of_it():
    loaded = run("import nnlib; print(*(m for m in sys.modules if m.startswith('nnlib.')))", PACKAGE.parent)
    assert loaded == []


def test_a_module_is_loaded_when_named():
    code = (
        "import nnlib; nnlib.convolution.im2col; print('nnlib.convolution' in sys.modules, 'pooch' in sys.modules)"
    )
    assert run(code, PACKAGE.parent) == ["True", "False"]


def test_matplotlib_is_loaded_by_the_first_picture():
    code = "from nnlib import plots; import sys; print('matplotlib' in sys.modules, len(plots.__all__) > 10)"
    assert run(code, PACKAGE.parent) == ["False", "True"]


def test_a_picture_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'nnlib.plots' has no attribute 'galery'"):
        _ = nnlib.plots.galery


def test_a_copy_without_some_modules_offers_all_the_others(partial_copy):
    offered = run("from nnlib import *; import nnlib; print(*nnlib.__all__)", partial_copy)
    assert set(offered) == set(nnlib.__all__) - WITHHELD


def test_what_stays_needs_nothing_that_is_withheld(partial_copy):
    code = (
        "import nnlib; [getattr(nnlib, name) for name in nnlib.__all__]; print(nnlib.data.load_digits()[0].shape)"
    )
    assert run(code, partial_copy) == ["(1797,", "8,", "8)"]


def test_a_withheld_module_says_so_and_is_no_attribute(partial_copy):
    code = """
import nnlib
assert not hasattr(nnlib, "pooling")
try:
    nnlib.convolution
except AttributeError as error:
    print(error)
"""
    assert " ".join(run(code, partial_copy)).startswith("nnlib.convolution is not in this copy of nnlib")


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'nnlib' has no attribute 'convolutions'"):
        _ = nnlib.convolutions


def test_dir_lists_the_modules():
    assert set(nnlib.__all__) <= set(dir(nnlib))
