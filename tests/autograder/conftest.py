"""Fixtures of the autograder's tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `boundary`, which several tests share

from autograder.sandbox import get_sandbox
from autograder.sandbox.room import StudentView, furnished


@pytest.fixture
def unrecognised(monkeypatch) -> None:
    """Checks compare with no known mistake: for tests of what they say, where the known ones train networks."""
    monkeypatch.setattr("autograder.checking.recognise", lambda evidence, lineup: ())


@pytest.fixture(scope="session")
def sandboxed() -> None:
    """Skips where this machine cannot make a sandbox."""
    if problems := get_sandbox("bubblewrap").problems():
        pytest.skip(problems[0])


@pytest.fixture(scope="session")
def course(sandboxed):
    """A furnished course folder without nnlib."""
    with furnished(StudentView((), ("ipykernel", "numpy"))) as folder:
        yield folder


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """A tiny course, generated once: nbgrader needs seconds for a new gradebook."""
    import classroom

    return classroom.make_course(tmp_path_factory.mktemp("released") / "course").root


@pytest.fixture
def homework(released, tmp_path):
    """A copy of the tiny course, for one test."""
    import shutil

    from autograder.course_folder import CourseFolder

    return CourseFolder.open(shutil.copytree(released, tmp_path / "course"))


@pytest.fixture
def pile(tmp_path):
    """An empty folder to hand in to."""
    folder = tmp_path / "handed_in"
    folder.mkdir()
    return folder


@pytest.fixture
def plain_pages(monkeypatch):
    """Feedback without nbconvert's templates, which take most of a small class's time."""
    from autograder.feedback import FeedbackWriter

    def page(_, notebook, *__):
        return "\n".join(cell.source for cell in notebook.cells)

    monkeypatch.setattr(FeedbackWriter, "page", page)
