"""An instructor opens a graded class in nbgrader's formgrader."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.building import Project, write_course

pytestmark = pytest.mark.browser

SECONDS = 60_000
UNIT = """\
# %% id="write_double" solution=true
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% id="check_double" test=true points=2
assert double(4) == 8

# %% [markdown] id="question_why" question=true points=3
# Why is doubling linear?
# === BEGIN MARK SCHEME ===
# One point: names additivity.
# === END MARK SCHEME ===
# ### BEGIN SOLUTION
# It respects sums.
# ### END SOLUTION
"""


def _nbgrader(folder: Path, *arguments: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A small unit of ours and one submission, graded by nbgrader's own commands."""
    root = tmp_path_factory.mktemp("class")
    (root / "solutions").mkdir()
    (root / "solutions" / "01_doubling.py").write_text(UNIT)
    course = write_course(root / "course_folder", Project(root))
    _nbgrader(course, "generate_assignment", "01_doubling")
    handed_in = course / "submitted" / "rosa" / "01_doubling"
    shutil.copytree(course / "release" / "01_doubling", handed_in)
    notebook = handed_in / "01_doubling.ipynb"
    text = notebook.read_text().replace("raise NotImplementedError()", "return x + x")
    notebook.write_text(text.replace("YOUR ANSWER HERE", "Sums are kept."))
    _nbgrader(course, "autograde", "01_doubling")
    return course


def test_the_class_and_a_submission_are_shown(graded, serve, visit, screenshots):
    server, page = serve(graded), visit.page
    page.goto(server + "formgrader/gradebook/01_doubling/01_doubling", timeout=SECONDS)
    row = page.locator("table tbody tr", has_text="Submission #1")
    row.wait_for(timeout=SECONDS)
    page.screenshot(path=screenshots / "formgrader-class.png")
    row.get_by_role("link").first.click()
    page.get_by_text("Sums are kept.").wait_for(timeout=SECONDS)
    page.screenshot(path=screenshots / "formgrader-submission.png", full_page=True)
    shown = page.locator("body").inner_text()
    assert "Why is doubling linear?" in shown
    assert "One point: names additivity." in shown
    assert "return x + x" in shown
    # formgrader loads MathJax from the net, where these tests never go
    assert [error for error in visit.errors if "MathJax" not in error] == []


def test_students_are_given_neither_rubric_nor_answer(graded):
    released = (graded / "release" / "01_doubling" / "01_doubling.ipynb").read_text()
    assert "Why is doubling linear?" in released
    assert "additivity" not in released
    assert "respects sums" not in released
