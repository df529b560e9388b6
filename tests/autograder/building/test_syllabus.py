"""The table of what is taught where, and what is refused in it."""

from __future__ import annotations

import pytest

from autograder.building import BuildError, Project, build, check_build
from autograder.building.syllabus import SYLLABUS, syllabus_problems, syllabus_text

LISTED = """
["01_doubling"]
double = "Doubling"
linear = "Doubling is linear"
["02_to_be_written"]
later = "What no unit holds yet"
"""
TAUGHT = {
    'id="title"': 'id="title" teaches=["double", "linear"]',
    "points=2": 'points=2 teaches=["double"]',
    "points=3": 'points=3 teaches=["linear"]',
}


def with_syllabus(project, text, listed=LISTED, taught=TAUGHT):
    for marker, more in taught.items():
        text = text.replace(marker, more)
    text = text.replace("assert double(2) == 4", 'check("double", double)')
    (project.solutions / "01_doubling.py").write_text(text, encoding="utf-8")
    (project.solutions / "syllabus.toml").write_text(listed, encoding="utf-8")
    return project


def test_each_statement_has_its_cells_and_what_checks_it(project, text):
    table = syllabus_text(with_syllabus(project, text))
    assert "## Doubling" in table
    assert "| Doubling | `title` | `double` |" in table
    assert "| Doubling is linear | `title` | question `question_linear` |" in table
    assert "no unit holds" not in table


def test_a_statement_without_a_cell_is_refused_and_a_check_alone_does_not_teach(project, text):
    taught = {"points=2": 'points=2 teaches=["double"]'}
    assert list(syllabus_problems(with_syllabus(project, text, taught=taught))) == [
        '01_doubling.py: no cell teaches "Doubling"; say teaches=["double"] in one',
        '01_doubling.py: no cell teaches "Doubling is linear"; say teaches=["linear"] in one',
    ]


def test_a_word_that_the_syllabus_does_not_list_is_refused(project, text):
    taught = {**TAUGHT, 'id="imports"': 'id="imports" teaches=["dubling"]'}
    (problem,) = syllabus_problems(with_syllabus(project, text, taught=taught))
    assert "teaches 'dubling', which solutions/syllabus.toml does not list" in problem


def test_a_syllabus_that_cannot_be_read_is_named(project, text):
    with pytest.raises(BuildError, match=r"syllabus\.toml cannot be read: .*end of a table"):
        list(syllabus_problems(with_syllabus(project, text, listed="[broken")))


def test_building_writes_the_table_and_checking_finds_it_stale(built):
    (built.solutions / "syllabus.toml").write_text('["01_doubling"]\n', encoding="utf-8")
    assert f"{SYLLABUS} is stale; run 'make build'" in check_build(built, lambda unit: [])
    assert build(built)
    assert check_build(built, lambda unit: []) == ()
    assert (built.root / SYLLABUS).read_text(encoding="utf-8").startswith("# What is taught where")


def test_a_project_without_a_syllabus_has_no_table(built: Project):
    assert check_build(built, lambda unit: []) == ()
    assert not (built.root / SYLLABUS).exists()
