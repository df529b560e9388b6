"""Source notebooks → what students get, by nbgrader."""

from __future__ import annotations

import json

import pytest
from nbformat import NotebookNode, from_dict
from nbgrader.utils import compute_checksum

from autograder.building import BuildError, Unit, write_course
from autograder.building.release import release


@pytest.fixture
def files(project) -> dict[str, bytes]:
    unit = project.units()[0]
    return release(unit.name, unit.files())


@pytest.fixture
def cells(files) -> dict[str, NotebookNode]:
    return {cell["id"]: from_dict(cell) for cell in json.loads(files["01_doubling.ipynb"])["cells"]}


def _text(cell: NotebookNode) -> str:
    return "".join(cell.source)


def test_students_get_a_stub_instead_of_the_solution(cells):
    text = _text(cells["write_double"])
    assert (
        text == 'def double(x):\n    """Return twice x."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    )


def test_students_get_the_visible_test_alone(cells):
    assert _text(cells["check_double"]) == "assert double(2) == 4"


def test_students_get_the_question_without_rubric_and_answer(cells):
    assert _text(cells["question_linear_text"]).strip().endswith("Answer in two sentences.")
    assert _text(cells["question_linear"]) == "YOUR ANSWER HERE"


def test_tests_and_questions_cannot_be_edited_or_deleted_in_jupyter(cells):
    for name in ("check_double", "question_linear_text"):
        assert (cells[name].metadata.editable, cells[name].metadata.deletable) == (False, False)


def test_an_unanswered_question_is_recognised_as_such(cells):
    cell = cells["question_linear"]
    cell.source = _text(cell)
    assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_released_twice_gives_the_same_bytes(project, files):
    unit = project.units()[0]
    assert release(unit.name, unit.files()) == files


def test_files_beside_the_unit_are_given_out_with_it(project):
    unit = project.units()[0]
    (project.solutions / unit.name / "data").mkdir(parents=True)
    (project.solutions / unit.name / "data" / "points.csv").write_bytes(b"1,2\n")
    assert release(unit.name, unit.files())["data/points.csv"] == b"1,2\n"


def test_what_nbgrader_refuses_is_said():
    with pytest.raises(BuildError, match="students' version of 01_broken"):
        release("01_broken", {"01_broken.ipynb": b'{"cells": "none"}'})


def test_the_course_folder_holds_each_source_and_a_configuration(project, tmp_path):
    folder = write_course(tmp_path / "nbgrader", project)
    unit: Unit = project.units()[0]
    assert (folder / "source" / unit.name / f"{unit.name}.ipynb").read_bytes() == unit.files()[
        f"{unit.name}.ipynb"
    ]
    assert "ClearMarkScheme.enforce_metadata = False" in (folder / "nbgrader_config.py").read_text()


def test_a_configuration_that_is_there_stays(project, tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("# mine\n")
    write_course(tmp_path, project)
    assert (tmp_path / "nbgrader_config.py").read_text() == "# mine\n"
