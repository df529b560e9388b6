"""``build`` writes, ``check_build`` names what is stale or wrong."""

from __future__ import annotations

import json

import pytest

from autograder.building import BuildError, Project, build, check_build
from autograder.errors import AutograderError

TEXT = "solutions/01_doubling.py"
EXECUTED = "solutions/01_doubling.ipynb"
GIVEN = "course/01_doubling/01_doubling.ipynb"


def problems(project: Project) -> tuple[str, ...]:
    return check_build(project, exercises=lambda unit: ())


def edit(project: Project, path: str, old: str, new: str) -> None:
    before = (project.root / path).read_text(encoding="utf-8")
    assert old in before
    (project.root / path).write_text(before.replace(old, new), encoding="utf-8")


def test_what_was_just_built_is_fresh(built):
    assert problems(built) == ()


def test_building_again_changes_nothing(built):
    assert not build(built)


def test_building_says_what_it_wrote(built):
    edit(built, TEXT, "twice x", "x twice")
    said: list[str] = []
    assert build(built, said.append)
    assert said == [
        "wrote course/01_doubling/",
        f"wrote {EXECUTED} (its cells are not those of 01_doubling.py)",
    ]
    assert problems(built) == ()


# what happened → (file, old text, new text, a sentence that must come)
STALE = {
    "the text was edited": (TEXT, "# Doubling", "# Twice", f"{GIVEN} is stale; run 'make build'"),
    "the text was edited (executed)": (
        TEXT,
        "# Doubling",
        "# Twice",
        f"{EXECUTED} is stale (its cells are not those of 01_doubling.py); run 'make build'",
    ),
    "only a comment of the text was edited": (
        TEXT,
        'id="title"',
        'id="title" locked=false',
        f"{EXECUTED} is stale (changed since: {TEXT}); run 'make build'",
    ),
    "the students' version was edited": (GIVEN, "# Doubling", "# Tripling", f"{GIVEN} is stale; run 'make build'"),
    "the executed notebook was edited": (
        EXECUTED,
        "# Doubling",
        "# Tripling",
        f"{EXECUTED} is stale (its cells are not those of 01_doubling.py); run 'make build'",
    ),
    "a solution stands in the students' version": (
        GIVEN,
        "# YOUR CODE HERE",
        "twice = np.add(x, x)",
        f"{GIVEN} shows a line of the solution of write_double: 'twice = np.add(x, x)'",
    ),
    "an output stands in the students' version": (
        GIVEN,
        '"execution_count": null,\n   "id": "imports"',
        '"execution_count": 1,\n   "id": "imports"',
        f"{GIVEN}: cell 'imports' has a stored output",
    ),
    "an output shows a path": (
        EXECUTED,
        "shown\\n",
        "/home/someone/shown\\n",
        "01_doubling.ipynb: cell 'picture' shows a path of this machine: '/home/someone/shown'",
    ),
}


@pytest.mark.parametrize(("path", "old", "new", "sentence"), STALE.values(), ids=STALE)
def test_what_is_stale_or_wrong_is_named(built, path, old, new, sentence):
    edit(built, path, old, new)
    assert sentence in problems(built)


def test_missing_files_are_named(built):
    (built.root / GIVEN).unlink()
    (built.root / EXECUTED).unlink()
    assert problems(built) == (
        f"{GIVEN} is missing; run 'make build'",
        f"{EXECUTED} is stale (there is none yet); run 'make build'",
    )


def test_an_unfinished_merge_is_stale_and_built_anew(built):
    for path in (GIVEN, EXECUTED):
        (built.root / path).write_text("<<<<<<< ours\n" + (built.root / path).read_text())
    assert f"{EXECUTED} is stale (it is no notebook: is a merge unfinished?); run 'make build'" in problems(built)
    assert f"{GIVEN} is stale; run 'make build'" in problems(built)
    build(built)
    assert problems(built) == ()


def test_files_that_nothing_makes_are_named_and_removed_by_building(built):
    (built.root / "course" / "09_gone").mkdir()
    extra = ("course/01_doubling/notes.txt", "course/09_gone/09_gone.ipynb", "solutions/09_gone.ipynb")
    for path in extra:
        (built.root / path).write_text("{}")
    assert all(any(path in problem for problem in problems(built)) for path in extra)
    build(built)
    assert problems(built) == ()


def test_a_changed_module_makes_the_executed_notebook_stale(built):
    module = built.root / "nnlib" / "dense.py"
    module.parent.mkdir()
    module.write_text("W = 1\n")
    notebook = json.loads((built.root / EXECUTED).read_text())
    notebook["metadata"]["autograder"]["made_of"]["nnlib/dense.py"] = "0" * 16
    (built.root / EXECUTED).write_text(json.dumps(notebook))
    assert problems(built) == (f"{EXECUTED} is stale (changed since: nnlib/dense.py); run 'make build'",)


def test_of_many_changed_modules_three_are_named(built):
    notebook = json.loads((built.root / EXECUTED).read_text())
    notebook["metadata"]["autograder"]["made_of"] = {f"nnlib/{name}.py": "0" * 16 for name in "abcde"}
    (built.root / EXECUTED).write_text(json.dumps(notebook))
    (problem,) = problems(built)
    assert "(changed since: nnlib/a.py, nnlib/b.py, nnlib/c.py and 2 more)" in problem


def test_an_exercise_that_no_cell_tests_is_named(built):
    class Record:
        name, max_points, bonus = "triple", 2.0, False

    found = check_build(built, exercises=lambda unit: [Record()])
    assert found == ("01_doubling.py: exercise 'triple' is tested by 0 cells; one is meant",)


def test_the_executed_notebook_keeps_promised_outputs_and_excuses_the_others(built):
    cells = {cell["id"]: cell for cell in json.loads((built.root / EXECUTED).read_text())["cells"]}
    assert cells["value"]["outputs"][0]["data"]["text/plain"] == ["42"]
    excused = [name for name, cell in cells.items() if "nbval-ignore-output" in cell["metadata"].get("tags", ())]
    assert excused == ["imports", "write_double", "check_double", "check_arrays", "picture"]


def test_a_notebook_that_cannot_run_is_refused_with_its_error(built):
    edit(built, TEXT, 'print("shown")', 'raise ZeroDivisionError("by hand")')
    with pytest.raises(BuildError, match="by hand"):
        build(built)


def test_an_unknown_unit_is_answered_with_the_nearest(project):
    with pytest.raises(AutograderError, match="no unit '01_doublin'; did you mean 01_doubling"):
        project.unit("01_doublin")


def test_the_project_is_found_from_any_folder_in_it(project):
    (project.course / "01_doubling").mkdir(parents=True)
    assert Project.find(project.course / "01_doubling").root == project.root.resolve()
