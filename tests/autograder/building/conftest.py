"""A small unit that uses every marker, and projects that hold it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.building import Project, build

NAME = "01_doubling"
UNIT = '''\
# %% [markdown] id="title"
# # Doubling
# What does a function return?

# %% id="imports"
import numpy as np

# %% id="write_double" solution=true
def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    twice = np.add(x, x)
    return twice
    ### END SOLUTION

# %% id="check_double" test=true points=2
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(-3.5) == -7.0
### END HIDDEN TESTS

# %% id="check_arrays" test=true points=0 bonus=1
assert double(np.ones(3)).sum() == 6

# %% id="value" promise=true
int(double(21))

# %% [markdown] id="question_linear" question=true points=3
# ### Why is doubling linear?
# Answer in two sentences.
#
# === BEGIN MARK SCHEME ===
# - 2 points: names additivity
# - 1 point: names homogeneity
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# It respects sums, and it respects multiples.
# ### END SOLUTION

# %% id="picture" show=true tags=["hide-input"]
print("shown")
'''


@pytest.fixture
def text() -> str:
    return UNIT


def make_project(root: Path, text: str = UNIT) -> Project:
    (root / "solutions").mkdir(parents=True)
    (root / "solutions" / f"{NAME}.py").write_text(text, encoding="utf-8")
    return Project(root)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory) -> Project:
    """Executing a notebook takes a second, so it is done once."""
    project = make_project(tmp_path_factory.mktemp("built") / "project")
    build(project)
    return project


@pytest.fixture
def built(built_once: Project, tmp_path: Path) -> Project:
    """A copy of the built project, free to be changed."""
    shutil.copytree(built_once.root, tmp_path / "copy")
    return Project(tmp_path / "copy")
