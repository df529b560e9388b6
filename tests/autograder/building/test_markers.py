"""What a marker line may say, and the message where it says something else."""

from __future__ import annotations

import pytest

from autograder.building import BuildError, source_from_text
from autograder.building.markers import MARKERS, RULES, MarkedCell, read_marker

SOLVED = "### BEGIN SOLUTION\n1\n### END SOLUTION"
ASKED = "# Why?\n# === BEGIN MARK SCHEME ===\n# a point\n# === END MARK SCHEME ===\n"
ANSWERED = "# ### BEGIN SOLUTION\n# Because.\n# ### END SOLUTION\n"

# what is wrong → (the cell, the words of the message that name the fix)
WRONG = {
    "no id": ("# %%\n1", 'say id="..."'),
    "an id with capitals": ('# %% id="Write"\n1', "id must be of 1 to 64 characters"),
    "an id that is too long": (f'# %% id="{"x" * 65}"\n1', "id must be of 1 to 64 characters"),
    "an unknown marker": ('# %% id="a" soluton=true\n1', "unknown marker 'soluton'; known are id, solution"),
    "a flag that is none": ('# %% id="a" test="yes" points=1\n1', "test must be true or false; it is 'yes'"),
    "negative points": ('# %% id="a" test=true points=-1\n1', "points must be a number of points"),
    "tags that are no list": ('# %% id="a" tags="hide"\n1', "'hide' is not of type 'array'"),
    "an unreadable marker line": ('# %% id="a" {"points": 1}\n1', "cannot read"),
    "two roles": ('# %% id="a" test=true solution=true points=1\n1', "one role, not solution and test"),
    "a test without points": ('# %% id="a" test=true\n1', "say points=N, or points=0 bonus=N"),
    "a test that is text": ('# %% [markdown] id="a" test=true points=1\n# 1', "take [markdown] out"),
    "a solution without region": ('# %% id="a" solution=true\n1', "no solution region"),
    "a solution with an empty region": (
        '# %% id="a" solution=true\n### BEGIN SOLUTION\n### END SOLUTION',
        "no solution region",
    ),
    "a solution that is text": (f'# %% [markdown] id="a" solution=true\n{ANSWERED}', "question=true"),
    "a region without an end": ('# %% id="a" solution=true\n### BEGIN SOLUTION\n1', "none with 'END SOLUTION'"),
    "a region without a beginning": ('# %% id="a" solution=true\n1\n### END SOLUTION', "without a beginning"),
    "a region in a region": (f'# %% id="a" solution=true\n### BEGIN SOLUTION\n{SOLVED}', "inside a region"),
    "a solution region elsewhere": (f'# %% id="a"\n{SOLVED}', "mark the cell solution=true"),
    "points on plain code": ('# %% id="a" points=1\n1', "points belong to a test or a question"),
    "a bonus on plain code": ('# %% id="a" bonus=1\n1', "a bonus belongs to a test"),
    "points and a bonus": ('# %% id="a" test=true points=1 bonus=1\n1', "points or a bonus, not both"),
    "a question in code": ('# %% id="a" question=true points=1\n1', "add [markdown]"),
    "a question without points": (f'# %% [markdown] id="a" question=true\n{ASKED}{ANSWERED}', "say points=N"),
    "a question without a rubric": (f'# %% [markdown] id="a" question=true points=1\n{ANSWERED}', "no rubric"),
    "a question without an answer": (f'# %% [markdown] id="a" question=true points=1\n{ASKED}', "no model answer"),
    "a rubric elsewhere": (f'# %% [markdown] id="a"\n{ASKED}', "mark the cell question=true"),
    "hidden tests elsewhere": (
        '# %% id="a"\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS',
        "mark the cell test=true",
    ),
    "a test that only shows": ('# %% id="a" test=true points=1 show=true\n1', "show=true is for a code cell"),
    "text that promises an output": ('# %% [markdown] id="a" promise=true\n# 1', "only code has an output"),
    "two cells of one id": ('# %% id="a"\n1\n# %% id="a"\n2', "two cells have the id 'a'"),
}


@pytest.mark.parametrize(("cell", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_marker_is_refused_with_the_fix(cell, words):
    with pytest.raises(BuildError, match="unit.py") as refusal:
        source_from_text(f"{cell}\n", "unit.py")
    assert words in str(refusal.value)


def test_every_rule_is_broken_by_one_of_the_cells_above():
    unseen = [message for _, message in RULES if not any(_refused(cell) == message for cell, _ in WRONG.values())]
    assert unseen == []


def _refused(cell: str) -> str:
    with pytest.raises(BuildError) as refusal:
        source_from_text(f"{cell}\n", "unit.py")
    return str(refusal.value).split(": ", 1)[-1]


def test_a_refusal_names_notebook_number_text_and_id_of_the_cell():
    with pytest.raises(BuildError, match=r"unit\.py, cell 2, 'second = 2' \(b\): no solution region"):
        source_from_text('# %% id="a"\n1\n# %% id="b" solution=true\nsecond = 2\n', "unit.py")


def test_code_that_looks_like_a_marker_line_is_refused():
    with pytest.raises(BuildError, match="cannot read 'half'"):
        source_from_text('# %% id="a"\ndef f():\n    # %% half\n    return 1\n', "unit.py")


def test_every_marker_arrives_in_the_cell():
    marker = {"id": "a", "test": True, "points": 0, "bonus": 2.5, "promise": True, "tags": ["x"]}
    cell = read_marker("unit.py, cell 1", "code", "1", marker)
    assert cell == MarkedCell("a", "code", "1", "test", points=0, bonus=2.5, promise=True, tags=("x",))


def test_a_flag_set_to_false_is_as_if_it_were_not_there():
    assert read_marker("unit.py", "code", "1", {"id": "a", "test": False}).role == "plain"


def test_every_marker_is_explained_in_the_package():
    import autograder.building

    assert [name for name in MARKERS if f"{name}=" not in autograder.building.__doc__] == []
