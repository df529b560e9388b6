"""Plain ``nbgrader autograde`` grades across the boundary, with the same points as our own command."""

from __future__ import annotations

import nbformat
import pytest
from classroom import ASSIGNMENT, FakeRun, hand_in, handed_in, make_plan, run_class
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, NbGraderException

from autograder import nbgrader_plugin
from autograder.course_folder import CourseFolder
from autograder.nbgrader_plugin import SandboxExecute

RIGHT = "def add(a, b):\n    return a + b"
CODE = {"ann": RIGHT, "bob": "half", "cyd": "slow", "dan": None}


@pytest.fixture
def fake(monkeypatch):
    """A runner without a kernel, on a machine whose sandbox is in order."""
    monkeypatch.setattr(SandboxExecute, "_run", lambda *_: FakeRun())
    monkeypatch.setattr(SandboxExecute, "_look_at_sandbox", lambda _: None)


def autograde(course: CourseFolder):
    config = course.config
    course.layout.assignment_id, course.layout.student_id = ASSIGNMENT, "*"
    converter = Autograde(coursedir=course.layout, config=config)
    converter.force = True
    converter.start()


def points(course):
    with Gradebook(course.db_url) as book:
        found = book.assignment_submissions(ASSIGNMENT)
        columns = ("auto_score", "extra_credit", "needs_manual_grade", "score")
        return {
            (submission.student.id, grade.name): tuple(getattr(grade, column) or 0 for column in columns)
            for submission in found
            for grade in submission.notebooks[0].grades
        }


@pytest.mark.usefixtures("fake")
@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # nbgrader's add_submission
def test_it_gives_the_same_points_as_our_own_command(homework, released, tmp_path):
    import shutil

    ours = CourseFolder.open(shutil.copytree(released, tmp_path / "ours"))
    for course in (homework, ours):
        for student, code in CODE.items():
            hand_in(course.root / "submitted", student, handed_in(course, code))
    run_class(make_plan(ours, ours.root / "submitted"))
    autograde(homework)
    assert points(homework) == points(ours)
    assert points(homework)["ann", "check_fast"] == (0, 1.0, 0, 1.0)
    assert len(points(homework)) == 4 * 3


@pytest.mark.usefixtures("fake")
@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")
def test_an_edited_test_is_restored_and_the_page_says_so(homework, caplog):
    notebook = nbformat.reads(handed_in(homework, "half").decode(), as_version=4)
    notebook.cells[2].source = "assert True"
    notebook.cells[2].metadata.nbgrader["points"] = 100
    hand_in(homework.root / "submitted", "ann", nbformat.writes(notebook).encode())
    autograde(homework)
    graded = nbformat.read(homework.autograded("ann", ASSIGNMENT) / "hw.ipynb", as_version=4)
    texts = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in graded.cells}
    assert texts["check_add"] == "assert add(1, 2) == 3"
    assert "'check_add' was edited; restored" in nbgrader_text(graded)
    assert "'check_add' was edited; restored" in caplog.text
    assert points(homework)["ann", "check_add"] == (1.0, 0, 0, 1.0)


def nbgrader_text(notebook):
    import html

    return html.unescape(notebook.cells[0].source)


@pytest.mark.usefixtures("fake")
@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")
def test_a_cell_that_the_grader_could_not_judge_waits_for_a_person(homework):
    hand_in(homework.root / "submitted", "ann", handed_in(homework, "half-judged a + b"))
    autograde(homework)
    assert points(homework)["ann", "check_add"] == (0, 0, True, 0)


@pytest.mark.usefixtures("fake")
@pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")
def test_a_grader_fault_is_an_error_for_that_student_alone(homework):
    hand_in(homework.root / "submitted", "ann", handed_in(homework, "fault"))
    hand_in(homework.root / "submitted", "bob", handed_in(homework, RIGHT))
    with pytest.raises(NbGraderException):
        autograde(homework)
    found = points(homework)
    assert found["bob", "check_add"][0] == 2.0
    assert found["ann", "check_add"] == (0, 0, True, 0)
    assert not homework.autograded("ann", ASSIGNMENT).exists()


def test_without_a_sandbox_it_refuses_and_none_warns(monkeypatch, caplog):
    class Lost:
        def __init__(self, name):
            self.lost = ["install it"] if name == "bubblewrap" else []

        def problems(self):
            return self.lost

    monkeypatch.setattr(nbgrader_plugin, "get_sandbox", Lost)
    with pytest.raises(nbgrader_plugin.GraderError, match="install it"):
        SandboxExecute()._look_at_sandbox()
    SandboxExecute(sandbox="none")._look_at_sandbox()
    assert "without a sandbox" in caplog.text


def test_the_configuration_of_this_folder_loads(root):
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    assert config.CourseDirectory.root == str(root / "build" / "nbgrader")
    assert SandboxExecute in config.Autograde.autograde_preprocessors
