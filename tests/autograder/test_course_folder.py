"""Course folders: opened, made, copied; the original stays as it was."""

from __future__ import annotations

import nbformat
import pytest
from classroom import ASSIGNMENT, source
from nbgrader.api import Gradebook

from autograder.course_folder import CONFIG, CourseFolder, copy_course, make_workspace, put
from autograder.errors import AutograderError, GraderError


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(AutograderError, match="no course folder"):
        CourseFolder.open(tmp_path / "nowhere")


def test_a_configuration_that_breaks_is_an_error_that_names_it(tmp_path):
    (tmp_path / CONFIG).write_text("c = get_config()\n1 / 0\n")
    with pytest.raises(AutograderError, match="nbgrader_config.py cannot be read: ZeroDivisionError"):
        CourseFolder.open(tmp_path)


def test_the_courses_own_names_for_its_folders_hold(tmp_path):
    (tmp_path / CONFIG).write_text(
        "c = get_config()\nc.CourseDirectory.autograded_directory = 'marked'\n"
        "c.CourseDirectory.db_url = 'sqlite:///elsewhere.db'\nc.CourseDirectory.root = '/nowhere'\n"
    )
    course = CourseFolder.open(tmp_path)
    assert course.autograded("ann", "hw") == tmp_path / "marked" / "ann" / "hw"
    assert course.db_url == "sqlite:///elsewhere.db"


def test_a_workspace_is_a_course_folder_whose_nbgrader_uses_the_boundary(tmp_path):
    course = make_workspace(tmp_path / "deep" / "out")
    steps = course.config.Autograde.autograde_preprocessors
    assert "SandboxExecute" in [step.__name__ for step in steps]
    assert course.config.HTMLExporter.filters


def test_a_workspaces_configuration_is_the_instructors_once_it_is_there(tmp_path):
    make_workspace(tmp_path)
    (tmp_path / CONFIG).write_text("c = get_config()\nc.Autograde.force = True\n")
    assert make_workspace(tmp_path).config.Autograde.force is True


def test_releasing_fills_the_gradebook_and_the_students_folder(homework):
    released = nbformat.read(homework.root / "release" / ASSIGNMENT / "hw.ipynb", as_version=4)
    assert "raise NotImplementedError" in released.cells[1].source
    with Gradebook(homework.db_url) as book:
        assert [cell.name for cell in book.find_notebook("hw", ASSIGNMENT).grade_cells] == [
            "check_add",
            "check_fast",
            "explain",
        ]


def test_a_source_that_nbgrader_refuses_is_an_error(homework):
    folder = homework.source("broken")
    folder.mkdir()
    notebook = source()
    notebook.cells[1].source = "### BEGIN SOLUTION\npass"
    nbformat.write(notebook, folder / "hw.ipynb")
    with pytest.raises(AutograderError, match="could not generate 'broken'"):
        homework.release("broken")


def test_grading_into_another_folder_leaves_the_course_as_it_was(homework, tmp_path):
    (homework.source(ASSIGNMENT) / "helper.csv").write_text("1,2")
    before = contents(homework.root)
    copied = copy_course(homework.root, tmp_path / "out", ASSIGNMENT)
    copied.release(ASSIGNMENT)
    with Gradebook(copied.db_url) as book:
        book.add_student("ann")
    assert contents(homework.root) == before
    assert (copied.source(ASSIGNMENT) / "helper.csv").read_text() == "1,2"


def test_a_copied_gradebook_is_not_copied_again(homework, tmp_path):
    copied = copy_course(homework.root, tmp_path / "out", ASSIGNMENT)
    with Gradebook(copied.db_url) as book:
        book.add_student("ann")
    copied = copy_course(homework.root, tmp_path / "out", ASSIGNMENT)
    with Gradebook(copied.db_url) as book:
        assert book.find_student("ann").id == "ann"


def test_a_file_is_written_once(tmp_path):
    path = tmp_path / "a" / "b.txt"
    put(path, b"one")
    first = path.stat().st_ino
    put(path, b"one")
    assert path.stat().st_ino == first
    put(path, b"two")
    assert path.read_bytes() == b"two"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GraderError, match="file/out cannot be made"):
        make_workspace(tmp_path / "file" / "out")
