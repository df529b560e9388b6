"""Whose a name is, decided from the source notebook alone."""

from __future__ import annotations

import pytest
from boundary import notebooks

import autograder.checking as checking
from autograder.errors import GraderError, StudentError
from autograder.ownership import ownership
from autograder.remote import Bridge
from autograder.trusted import TrustedNames, run_test


class Student:
    """A bridge to a dict of names, which counts what is fetched."""

    operations = 0

    def __init__(self, **names):
        self.names, self.fetched = names, []

    def fetch(self, name):
        self.fetched.append(name)
        return self.names[name]


def last_test(*cells, student=None, seconds=5.0):
    """Run every test cell; the run of the last one."""
    source, _ = notebooks(*cells)
    names = TrustedNames(ownership(source))
    for cell in source.cells:
        if cell.kind == "test":
            run = run_test(cell.source, cell.index, names, student or Student(), seconds)
    return run


def test_a_name_from_a_solution_cell_is_the_students():
    student = Student(answer=41)
    assert last_test(("solution", "answer = 42"), ("test", "answer"), student=student).value == 41


def test_a_name_from_any_other_cell_is_the_instructors():
    student = Student(limit=0, helper=lambda x: "student's")
    cells = [("plain", "limit = 7"), ("locked", "def helper(x): return x + limit"), ("test", "helper(1)")]
    assert last_test(*cells, student=student).value == 8
    assert student.fetched == []


def test_the_last_cell_that_binds_a_name_before_the_test_decides():
    cells = [("plain", "w = 1"), ("solution", "w = 2"), ("test", "w"), ("plain", "w = 3"), ("test", "w")]
    assert last_test(*cells[:3], student=Student(w=20)).value == 20
    assert last_test(*cells, student=Student(w=20)).value == 3


def test_imports_are_the_instructors_even_in_a_solution_cell():
    student = Student(math=None)
    assert (
        last_test(("solution", "import math\ndef f(): ..."), ("test", "math.pi > 3"), student=student).value
        is True
    )


STAR = ("plain", "from math import *\nfrom numpy.testing import *")


def test_what_a_star_import_brings_is_the_instructors():
    student = Student(floor=lambda x: "mine", assert_allclose=lambda *_: None)
    assert last_test(STAR, ("solution", "x = 1"), ("test", "floor(2.5)"), student=student).value == 2
    assert last_test(STAR, ("test", "assert_allclose(1, 2)"), student=student).error is not None
    assert student.fetched == []


def test_a_star_import_of_the_instructors_own_module_is_found_beside_the_source(tmp_path):
    (tmp_path / "course_helpers_7.py").write_text("limit = 9\n_private = 1\n")
    source, _ = notebooks(("plain", "from course_helpers_7 import *"), ("test", "limit"))
    found = ownership(source, tmp_path)
    assert found.bindings[0].names == {"limit"}
    names = TrustedNames(found, tmp_path)
    assert run_test("limit", 1, names, Student(), 5.0).value == 9


def test_a_star_import_that_cannot_be_followed_is_the_graders_fault():
    with pytest.raises(GraderError, match="from nowhere_7 import"):
        last_test(("plain", "from nowhere_7 import *"), ("test", "1"))


def test_a_name_that_no_cell_binds_is_never_taken_from_the_student():
    student = Student(forged=1)
    with pytest.raises(GraderError, match="'forged', which no cell"):
        last_test(("solution", "x = 1"), ("test", "forged"), student=student)
    assert student.fetched == []


@pytest.mark.parametrize(
    "cell", ["%%time\nassert f() == 1", "%time f()\nassert f() == 1", "%matplotlib inline\nassert f() == 1"]
)
def test_magics_of_a_test_run_on_this_side(cell):
    right = last_test(("solution", "def f(): ..."), ("test", cell), student=Student(f=lambda: 1))
    wrong = last_test(("solution", "def f(): ..."), ("test", cell), student=Student(f=lambda: 2, get_ipython=int))
    assert (right.error, type(wrong.error)) == (None, AssertionError)


@pytest.mark.parametrize("cell", ["%run other.py", "!ls", "get_ipython().user_ns"])
def test_a_test_that_needs_ipython_is_the_graders_fault(cell):
    with pytest.raises(GraderError, match="cannot run outside a kernel"):
        last_test(("test", cell))


def test_a_solution_under_a_timing_magic_is_still_the_students():
    assert (
        last_test(("solution", "%%time\nanswer = 42"), ("test", "answer"), student=Student(answer=41)).value == 41
    )


def test_a_name_made_global_by_a_students_function_is_the_students():
    cells = [("solution", "def f():\n    global seen\n    seen = 1"), ("test", "seen")]
    assert last_test(*cells, student=Student(seen=5)).value == 5


CHANGES = {
    "method": "table.append(2)",
    "loop": "for i in (2,): table.append(i)",
    "item": "table[1:] = [2]",
    "in place": "table += [2]",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_the_source_does_to_its_own_objects_is_done_here_too(change):
    cells = [("plain", "table = [1]"), ("test", "len(table)"), ("plain", change), ("test", "table")]
    assert last_test(*cells).value == [1, 2]
    assert last_test(*cells[:2], ("solution", change), cells[3], student=Student(table="mine")).value != [1, 2]


def test_random_numbers_are_those_of_the_source_read_from_top_to_bottom():
    drawn = "import numpy as np\nrng = np.random.default_rng(3)\nx = rng.normal()\ny = rng.normal()"
    legacy = "import numpy as np\nnp.random.seed(3)\nx = np.random.normal()\ny = np.random.normal()"
    for cell in (drawn, legacy):
        names = {}
        exec(cell, names)
        assert last_test(("plain", cell), ("test", "y, x")).value == (names["y"], names["x"])


def test_a_change_that_needs_a_students_wrong_function_does_not_cost_another_test():
    def wrong():
        raise StudentError("no")

    cells = [("solution", "def f(): ..."), ("plain", "table = [1]\ntable.append(f())"), ("test", "table")]
    assert last_test(*cells, student=Student(f=wrong)).value == [1]


def test_a_test_out_of_time_is_stopped_also_inside_of_except():
    cell = "while True:\n    try:\n        while n: pass\n    except Exception: pass"
    run = last_test(("solution", "n = 1"), ("test", cell), student=Student(n=1), seconds=0.2)
    assert "did not finish" in str(run.error)


def test_builtins_are_not_taken_from_the_student_unless_the_source_asks_for_them():
    student = Student(len=lambda _: 99, sum=lambda _: "mine")
    assert last_test(("solution", "x = 1"), ("test", "len('ab')"), student=student).value == 2
    assert last_test(("solution", "def sum(v): ..."), ("test", "sum([1])"), student=student).value == "mine"


def test_a_statement_of_the_source_runs_once_and_may_read_its_older_value():
    cells = [
        ("plain", "calls = []\nn = 1"),
        ("plain", "n = n + 1"),
        ("test", "n"),
        ("plain", "n = n * 10"),
        ("test", "n"),
    ]
    assert last_test(*cells).value == 20


def test_what_a_test_defines_is_there_for_the_next():
    assert last_test(("test", "def double(x): return 2 * x"), ("test", "double(4)")).value == 8


def test_names_resolve_inside_functions_lambdas_and_comprehensions():
    cells = [
        ("plain", "import math\nk = 3"),
        ("test", "[(lambda i: k * i + math.floor(1.5))(i) for i in range(2)]"),
    ]
    assert last_test(*cells).value == [1, 4]


def test_an_instructors_value_may_come_from_the_students_function():
    cells = [("solution", "def f(x): ..."), ("plain", "y = f(2)"), ("test", "y")]
    assert last_test(*cells, student=Student(f=lambda x: x * 5)).value == 10


def test_prints_are_collected_and_the_last_expression_is_the_value():
    run = last_test(("test", "print('a', 1, sep='-')\nprint('b', end='')\n3"))
    assert ("".join(run.printed), run.value) == ("a-1\nb", 3)


def test_a_failed_assertion_names_its_line():
    run = last_test(("test", "x = 1\n\nassert x == 2, 'no'"))
    assert isinstance(run.error, AssertionError)
    assert run.lines == ("line 3 of the test:  assert x == 2, 'no'",)


def test_a_test_that_is_not_python_is_the_graders_fault():
    with pytest.raises(GraderError, match="not Python"):
        last_test(("test", "def f(:"))


def test_a_test_that_never_ends_on_what_it_got_is_stopped():
    run = last_test(("solution", "n = 1"), ("test", "while n: pass"), student=Student(n=1), seconds=0.2)
    assert isinstance(run.error, StudentError)
    assert "did not finish" in str(run.error)


def test_a_missing_name_is_told_apart_so_that_the_test_can_wait():
    bridge = Bridge(lambda _: __import__("autograder.codec", fromlist=["encode"]).encode({"missing": True}))
    run = last_test(("solution", "def f(): ..."), ("test", "f()"), student=bridge)
    assert run.missing


def test_a_check_that_breaks_is_the_graders_fault(monkeypatch):
    names: dict[str, object] = {}
    exec(compile("def broken(*_):\n    return 1 / 0", checking.__file__, "exec"), names)
    monkeypatch.setattr(checking, "_results", names["broken"])
    cells = [("plain", "from autograder import check"), ("test", "check('conv_output_size', max)")]
    run = last_test(*cells)
    assert run.fault
    assert isinstance(run.error, ZeroDivisionError)
