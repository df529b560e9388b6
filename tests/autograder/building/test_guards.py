"""What the guards find, each shown by something that must not be there."""

from __future__ import annotations

import json
from dataclasses import dataclass

import nbformat
import pytest

from autograder.building import source_from_text
from autograder.building.coverage import coverage_problems
from autograder.building.figures import MAX_BYTES, output_problems
from autograder.building.leaks import exposed, leaks, secrets_of, stored_outputs


@pytest.fixture
def secrets(text):
    return secrets_of(source_from_text(text, "unit.py"))


SECRETS = {
    "a solution": "twice = np.add(x, x)",
    "a hidden test": "assert double(-3.5) == -7.0",
    "a rubric": "- 2 points: names additivity",
    "a model answer": "It respects sums, and it respects multiples.",
}


@pytest.mark.parametrize("line", SECRETS.values(), ids=SECRETS)
def test_a_secret_line_is_found_in_a_cell(secrets, line):
    leaked = json.dumps({"cells": [{"source": ["# as before\n", f"    {line}\n"]}]}).encode()
    assert any(repr(line) in problem for problem in leaks(secrets, {"course/unit.ipynb": leaked}))


@pytest.mark.parametrize("line", SECRETS.values(), ids=SECRETS)
def test_a_secret_line_is_found_in_an_output_and_in_another_file(secrets, line):
    output = json.dumps({"cells": [{"outputs": [{"data": {"text/plain": [line]}}]}]}).encode()
    assert leaks(secrets, {"unit.ipynb": output})
    assert leaks(secrets, {"helper.py": f"def helper():\n    {line}\n".encode()})


@pytest.mark.parametrize("words", ["### BEGIN SOLUTION", "### END HIDDEN TESTS", "=== BEGIN MARK SCHEME ==="])
def test_a_delimiter_is_found(secrets, words):
    assert leaks(secrets, {"notes.txt": words.encode()})


def test_lines_that_students_see_anyway_and_short_lines_are_no_secrets(text):
    open_text = text + '\n# %% id="example"\ntwice = np.add(x, x)\n'
    lines = secrets_of(source_from_text(open_text, "unit.py")).lines
    assert "twice = np.add(x, x)" not in lines
    assert "1" not in lines
    assert "return twice" in lines


def test_a_solution_that_stands_in_the_open_is_found(text):
    copied = '\n# %% id="figure"\ntwice = np.add(x, x)\nreturn twice\n'
    assert exposed(source_from_text(text, "unit.py")) == []
    assert exposed(source_from_text(text + copied, "unit.py")) == [
        "2 of 2 lines of the solution of write_double stand in the open too"
    ]


def test_a_hint_of_one_line_is_no_exposure(text):
    hint = '\n# %% [markdown] id="hint"\n# Try `twice = np.add(x, x)`.\n'
    assert exposed(source_from_text(text + hint, "unit.py")) == []


def test_the_students_version_keeps_every_secret(project, secrets):
    from autograder.building.release import release

    unit = project.units()[0]
    assert leaks(secrets, release(unit.name, unit.files())) == []


def test_a_stored_output_or_execution_count_is_found():
    cells = [
        {"id": "clean", "outputs": [], "execution_count": None},
        {"id": "printed", "outputs": [{"output_type": "stream"}]},
        {"id": "counted", "outputs": [], "execution_count": 3},
    ]
    found = stored_outputs({"unit.ipynb": json.dumps({"cells": cells}).encode(), "data.csv": b"1"})
    assert found == [f"unit.ipynb: cell {name!r} has a stored output" for name in ("printed", "counted")]


# outputs ---------------------------------------------------------------------------------------------------


def _notebook(output):
    cell = nbformat.v4.new_code_cell("1", id="cell", outputs=[output])
    return nbformat.v4.new_notebook(cells=[cell])


def _html(html):
    return nbformat.v4.new_output("display_data", {"text/html": html})


def _print(text):
    return nbformat.v4.new_output("stream", text=text)


def _png(metadata):
    return nbformat.v4.new_output("display_data", {"image/png": "iVBORw0KGgo="}, metadata=metadata)


WRONG_OUTPUTS = {
    "an outside address": (_html('<link href="https://cdn.example.org/a.css">'), "outside address"),
    "an address without scheme": (_html('<script src="//cdn.example.org/a.js"></script>'), "outside address"),
    "an address in text": (_print("see http://example.org/x"), "outside address"),
    "a path of this machine": (_print("loaded /home/someone/data.npz"), "path of this machine"),
    "an address in memory": (_print("<object at 0x7f12541e3920>"), "address in memory"),
    "a picture without alt text": (_png({}), "picture (image/png) without alt text"),
    "a picture with empty alt text": (_png({"image/png": {"alt": " "}}), "without alt text"),
    "an HTML picture without alt text": (_html('<img src="data:,">'), "HTML <img> without alt text"),
    "an error": (nbformat.v4.new_output("error", ename="ValueError", evalue="x", traceback=[]), "an error"),
}


@pytest.mark.parametrize(("output", "words"), WRONG_OUTPUTS.values(), ids=WRONG_OUTPUTS)
def test_an_output_that_must_not_be_there_is_found(output, words):
    (problem,) = output_problems(_notebook(output), 1000)
    assert problem.startswith("cell 'cell' shows ")
    assert words in problem


RIGHT_OUTPUTS = {
    "a picture with alt text": _png({"image/png": {"alt": "a cat"}}),
    "a picture described as a whole": _png({"alt": "a cat"}),
    "an HTML picture with alt text": _html('<img src="data:," alt="a cat">'),
    "an HTML player with a label": _html('<video aria-label="a kernel slides"></video>'),
    "the name space of SVG": _html('<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
    "a fraction and a comment": _print("1/2 // 3 and /homework"),
}


@pytest.mark.parametrize("output", RIGHT_OUTPUTS.values(), ids=RIGHT_OUTPUTS)
def test_an_output_that_may_be_there_is_left_alone(output):
    assert output_problems(_notebook(output), 1000) == []


def test_a_notebook_that_is_too_large_is_found():
    assert output_problems(_notebook(_print("x")), MAX_BYTES) == []
    assert "bytes" in output_problems(_notebook(_print("x")), MAX_BYTES + 1)[0]


# exercises -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    name: str
    max_points: float
    bonus: bool = False


def _unit(*cells):
    lines = [f'# %% id="c{i}" test=true {marker}\n{code}\n' for i, (marker, code) in enumerate(cells)]
    return source_from_text("\n".join(lines), "unit.py")


DOUBLE, FAST = Record("double", 2), Record("fast", 3, bonus=True)
RIGHT_CELLS = (
    ("points=2", 'check("double", double)'),
    ("points=0 bonus=3", 'check("fast", fast, forward=double)'),
)


def test_each_exercise_tested_once_for_its_points_is_right():
    assert coverage_problems(_unit(*RIGHT_CELLS), [DOUBLE, FAST]) == []


# what is wrong → (cells, records, words)
UNCOVERED = {
    "an exercise without a test": (RIGHT_CELLS[:1], [DOUBLE, FAST], "'fast' is tested by 0 cells"),
    "an exercise tested twice": (RIGHT_CELLS[:1] * 2, [DOUBLE], "'double' is tested by 2 cells"),
    "a test of nothing": (RIGHT_CELLS, [DOUBLE], "checks 'fast', which is no exercise"),
    "other points": (RIGHT_CELLS, [Record("double", 5), FAST], "its exercise says points=5"),
    "a bonus given as points": (RIGHT_CELLS, [DOUBLE, Record("fast", 3)], "its exercise says points=3"),
    "a name that is computed": (
        [("points=2", "check(name, double)")],
        [],
        "checks '', which is no exercise",
    ),
}


@pytest.mark.parametrize(("cells", "records", "words"), UNCOVERED.values(), ids=UNCOVERED)
def test_a_test_and_an_exercise_that_do_not_fit_are_found(cells, records, words):
    assert any(words in problem for problem in coverage_problems(_unit(*cells), records))
