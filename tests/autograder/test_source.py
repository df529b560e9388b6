import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps.nbgraderapp import NbGraderApp
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum
from traitlets.config import Config

from autograder.errors import AutograderError
from autograder.source import blank_notebook, load_assignment, release_texts, source_notebook

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
TEST = "assert relu(-1) == 0\n### BEGIN HIDDEN TESTS\nassert relu(3) == 3\n### END HIDDEN TESTS"
RELU = "def relu(z):\n    ### BEGIN SOLUTION\n    return max(z, 0)\n    ### END SOLUTION"
TASK = "Draw a curve.\n=== BEGIN MARK SCHEME ===\n1 point for axes\n=== END MARK SCHEME ==="
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def graded(cell, grade_id, **flags):
    settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    cell.metadata["nbgrader"] = {**settings, "grade_id": grade_id, **flags}
    return cell


def instructors_notebook(test=TEST):
    cells = [
        new_markdown_cell("# Unit"),
        graded(new_code_cell(RELU), "relu", solution=True),
        graded(new_code_cell(test), "check_relu", grade=True, locked=True, points=2.0),
        graded(new_markdown_cell("It is not linear."), "why", grade=True, solution=True, points=4.0),
        graded(new_markdown_cell(TASK), "draw", task=True, locked=True, points=3.0),
        graded(new_markdown_cell("licence"), "licence", locked=True),
    ]
    return new_notebook(cells=cells, metadata=KERNEL)


def write_course(folder, notebook=None, name="unit1", config=None):
    source = folder / "source" / name
    source.mkdir(parents=True)
    nbformat.write(notebook or instructors_notebook(), source / "activations.ipynb")
    if config:
        (folder / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    return folder


def generate(folder, name="unit1"):
    """What 'nbgrader generate_assignment' does."""
    config = NbGraderApp().config
    layout = CourseDirectory(config=Config(config), root=str(folder), assignment_id=name)
    GenerateAssignment(coursedir=layout, config=config).start()
    return folder


@pytest.fixture(scope="module", autouse=True)
def alembic_on_path():
    """nbgrader calls the command of the environment it is installed in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        yield


@pytest.fixture(scope="module")
def generated(alembic_on_path, tmp_path_factory):
    return generate(write_course(tmp_path_factory.mktemp("course")))


def change_source(folder, old, new):
    path = next(folder.glob("source/*/*.ipynb"))
    path.write_text(path.read_text().replace(old, new))


def cells_of(assignment):
    return {cell.id: cell for cell in assignment.notebooks[0].cells}


def test_a_course_without_a_gradebook_is_read_from_its_source(tmp_path):
    assignment = load_assignment(write_course(tmp_path), "unit1")
    assert (assignment.name, assignment.view) == ("unit1", "unit1")
    (notebook,) = assignment.notebooks
    assert notebook.name == "activations"
    kinds = {cell.id: cell.kind for cell in notebook.cells if cell.metadata}
    assert kinds == {
        "relu": "solution",
        "check_relu": "test",
        "why": "manual",
        "draw": "task",
        "licence": "locked",
    }
    assert notebook.cells[0].kind == "plain"
    assert notebook.kernelspec["name"] == "python3"
    assert [cell.points for cell in notebook.cells] == [0, 0, 2, 4, 3, 0]


def test_the_gradebooks_text_is_the_one_restored(generated):
    with sqlite3.connect(generated / "gradebook.db") as before:
        count = before.execute("select count(*) from course").fetchone()
    cell = cells_of(load_assignment(generated, "unit1"))["check_relu"]
    assert cell.source == TEST
    assert cell.release == "assert relu(-1) == 0"
    with sqlite3.connect(generated / "gradebook.db") as after:
        assert after.execute("select count(*) from course").fetchone() == count


def test_a_test_edited_after_generation_counts_as_the_gradebook_has_it(generated, tmp_path):
    course = Path(shutil.copytree(generated, tmp_path / "course"))
    change_source(course, "relu(3) == 3", "relu(3) == 4")
    change_source(course, '"points": 2.0', '"points": 20.0')
    cell = cells_of(load_assignment(course, "unit1"))["check_relu"]
    assert (cell.source, cell.points, cell.metadata["points"]) == (TEST, 2.0, 2.0)


def test_checksums_are_those_nbgrader_stored(generated):
    cells = cells_of(load_assignment(generated, "unit1"))
    with Gradebook(f"sqlite:///{generated}/gradebook.db") as gradebook:
        stored = gradebook.find_notebook("activations", "unit1").source_cells
        assert {cell.name: cell.checksum for cell in stored} == {
            name: cells[name].metadata["checksum"] for name in ("relu", "check_relu", "why", "draw", "licence")
        }


def test_the_release_is_nbgraders_own(generated):
    released = nbformat.read(generated / "release" / "unit1" / "activations.ipynb", as_version=4)
    ours = load_assignment(generated, "unit1").notebooks[0]
    assert [cell.release for cell in ours.cells] == [cell.source for cell in released.cells]
    source = nbformat.read(generated / "source" / "unit1" / "activations.ipynb", as_version=4)
    assert release_texts(source) == tuple(cell.source for cell in released.cells)


def test_a_blank_notebook_is_the_release_with_its_metadata(tmp_path):
    source = load_assignment(write_course(tmp_path), "unit1").notebooks[0]
    blank = nbformat.reads(blank_notebook(source), as_version=4)
    assert blank.cells[1].source == "def relu(z):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert blank.cells[3].source == "YOUR ANSWER HERE"
    assert "relu(3)" not in blank_notebook(source)
    assert "axes" not in blank_notebook(source)
    assert compute_checksum(blank.cells[3]) == blank.cells[3].metadata.nbgrader.checksum


def test_releasing_changes_nothing_in_place():
    notebook = instructors_notebook()
    before = json.dumps(notebook)
    release_texts(notebook)
    source_notebook("n", notebook)
    assert json.dumps(notebook) == before


def test_the_courses_own_config_names_folders_and_stubs(tmp_path):
    config = "c.CourseDirectory.source_directory = 'masters'\nc.ClearSolutions.code_stub = {'python': '...'}"
    course = write_course(tmp_path, config=config)
    (course / "source").rename(course / "masters")
    assert cells_of(load_assignment(course, "unit1"))["relu"].release == "def relu(z):\n    ..."


def test_a_config_that_raises_is_named(tmp_path):
    with pytest.raises(AutograderError, match=r"nbgrader_config\.py.*ZeroDivisionError"):
        load_assignment(write_course(tmp_path, config="1 / 0"), "unit1")


def test_other_files_are_listed_without_what_nbgrader_ignores(tmp_path):
    course = write_course(tmp_path)
    folder = course / "source" / "unit1"
    for name in ("data/images.npz", "helper.py", "__pycache__/helper.pyc", ".ipynb_checkpoints/a.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    assert load_assignment(course, "unit1").files == ("data/images.npz", "helper.py")


def test_an_unknown_assignment_is_answered_with_the_nearest_names(tmp_path):
    with pytest.raises(AutograderError, match="did you mean unit1"):
        load_assignment(write_course(tmp_path), "unit_1")
    with pytest.raises(AutograderError, match="which holds unit1"):
        load_assignment(tmp_path, "capstone")


@pytest.mark.parametrize("name", ["", "..", ".", "unit1/../unit1", "/etc", "a/b"])
def test_a_name_that_is_a_path_is_no_assignment(tmp_path, name):
    with pytest.raises(AutograderError, match="no assignment"):
        load_assignment(write_course(tmp_path), name)


def test_a_missing_course_or_notebook_is_said(tmp_path):
    with pytest.raises(AutograderError, match="no course folder"):
        load_assignment(tmp_path / "nowhere", "unit1")
    (tmp_path / "source" / "empty").mkdir(parents=True)
    with pytest.raises(AutograderError, match=r"holds no notebook"):
        load_assignment(tmp_path, "empty")


def test_a_broken_source_notebook_is_named(tmp_path):
    course = write_course(tmp_path)
    (course / "source" / "unit1" / "activations.ipynb").write_text("{")
    with pytest.raises(AutograderError, match=r"activations\.ipynb cannot be read"):
        load_assignment(course, "unit1")


def test_a_source_that_nbgrader_refuses_is_refused_with_its_reason():
    notebook = instructors_notebook()
    notebook.cells[2].metadata.nbgrader.grade_id = "relu"
    with pytest.raises(AutograderError, match="Duplicate grade id: relu"):
        source_notebook("n", notebook)


def test_a_solution_region_without_an_end_is_refused():
    notebook = instructors_notebook()
    notebook.cells[1].source = "### BEGIN SOLUTION\nx = 1"
    with pytest.raises(AutograderError, match="no end solution statement"):
        source_notebook("n", notebook)


def test_metadata_of_older_nbgrader_versions_is_upgraded():
    notebook = instructors_notebook()
    notebook.cells[2].metadata["nbgrader"] = {
        "grade_id": "check_relu",
        "grade": True,
        "locked": True,
        "points": "",
    }
    cell = source_notebook("n", notebook).cells[2]
    assert (cell.kind, cell.points, cell.metadata["schema_version"]) == ("test", 0.0, 3)


def test_nbgrader_metadata_that_marks_nothing_is_dropped():
    notebook = instructors_notebook()
    notebook.cells[0] = graded(notebook.cells[0], "intro")
    cell = source_notebook("n", notebook).cells[0]
    assert (cell.kind, cell.metadata) == ("plain", {})


def test_autotests_need_the_gradebook():
    with pytest.raises(AutograderError, match="generate_assignment' first"):
        source_notebook("n", instructors_notebook("### AUTOTEST relu(1)"))


def test_a_test_added_after_generation_asks_for_another_one(generated, tmp_path):
    course = Path(shutil.copytree(generated, tmp_path / "course"))
    change_source(course, '"grade_id": "check_relu"', '"grade_id": "check_more"')
    with pytest.raises(AutograderError, match="does not know check_more of activations"):
        load_assignment(course, "unit1")


def test_a_gradebook_that_does_not_know_the_assignment_is_passed_over(generated, tmp_path):
    course = write_course(tmp_path, name="unit2")
    (course / "gradebook.db").write_bytes((generated / "gradebook.db").read_bytes())
    assert cells_of(load_assignment(course, "unit2"))["check_relu"].source == TEST


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_gradebook_that_cannot_be_read_is_named(tmp_path, content):
    course = write_course(tmp_path)
    if content:
        (course / "gradebook.db").write_bytes(content)
    else:
        with sqlite3.connect(course / "gradebook.db") as old:
            old.execute("create table assignment (id text)")
    with pytest.raises(AutograderError, match=r"gradebook\.db cannot be read .*nbgrader db upgrade"):
        load_assignment(course, "unit1")


def test_bonus_points_come_from_our_own_metadata():
    notebook = instructors_notebook()
    notebook.cells[2].metadata["autograder"] = {"bonus": 3}
    assert source_notebook("n", notebook).cells[2].bonus == 3.0
    notebook.cells[2].metadata["autograder"] = {"bonus": -1}
    with pytest.raises(AutograderError, match="bonus must be"):
        source_notebook("n", notebook)


def test_a_source_without_cell_ids_gets_stable_ones(tmp_path):
    notebook = instructors_notebook()
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    course = write_course(tmp_path, notebook)
    first, second = (load_assignment(course, "unit1").notebooks[0] for _ in range(2))
    assert first == second
    assert [cell.cell_id for cell in first.cells][1:3] == ["relu", "check_relu"]
