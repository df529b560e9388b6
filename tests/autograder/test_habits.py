"""What ordinary test cells do, across the boundary: right answers pass, and no trick makes a wrong one pass."""

from __future__ import annotations

import sys
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from boundary import notebooks, run

from autograder.errors import GraderError
from autograder.ownership import ownership
from autograder.remote import Bridge
from autograder.sandbox.room import furnished, student_view
from autograder.trusted import TrustedNames, run_test

IMPORTS = """
import contextlib, copy, inspect, io, itertools, math, unittest
from unittest.mock import patch
import numpy as np
import pytest
"""
STUDENTS = """
import numpy as np
numbers, count = [3, 1, 2], 0
def hello(): print("hello")
def ask(): return input("your name? ")
def stop(x): raise StopIteration
def spoil(items): items.clear(); raise ValueError("spoilt")
def total(values): return add(*values)
def add(first, *rest): return first + add(*rest) if rest else first
def wrong(x): return -1
def apply(f, *values): return [f(value) for value in values]
def compose(f, g): return lambda x: f(g(x))
def safely(f):
    try: return f()
    except ZeroDivisionError: return "zero"
def increase():
    global count
    count += 1
    return count
def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
class Money:
    def __init__(self, amount): self.amount = amount
    def __eq__(self, other): return self.amount == other.amount
    def __lt__(self, other): return self.amount < other.amount
    def __add__(self, other): return Money(self.amount + other.amount)
    def __sub__(self, other): return 0.0
    def __repr__(self): return f"Money({self.amount})"
    def __enter__(self): return self
    def __exit__(self, *_): self.amount = 0; return True
    def __hash__(self): return hash(self.amount)
class Coin(Money): pass
class TooMuch(ValueError):
    def __init__(self, code): super().__init__("too much"); self.code = code
def spend(code): raise TooMuch(code)
class Yes:
    def __eq__(self, other): return True
def yes(): return Yes()
"""
NAMES = "numbers hello ask stop spoil total wrong apply compose safely increase count fibonacci Money Coin TooMuch"
STUB = "\n".join(f"{name} = ..." for name in (*NAMES.split(), "spend", "yes", "absent"))
CAPTURE = "said = io.StringIO()\nwith contextlib.redirect_stdout(said): {}\n"

RIGHT = {
    "a function that is passed": "assert apply(lambda x: x + 1, 1, 2) == [2, 3]",
    "a function of a library": "assert apply(math.sqrt, 4) == [2] and apply(np.sin, 0.0) == [0] and apply(int, '3') == [3]",
    "a function that comes back": "f = lambda x: x\nassert compose(f, lambda x: 2 * x)(3) == 6 and apply(lambda _: f, 0)[0] is f",
    "a function with another's old number": "assert apply(lambda f: f(4), math.sqrt, abs) == [2, 4]",
    "a range": "assert total(range(4)) == 6",
    "an iterator": "assert total(iter([1, 2])) == 3 and total(x for x in (1, 2)) == 3 and total(zip([1], [2])) == (1, 2)",
    "a function of the student's own": "apply(lambda x: x, 1)\nassert apply(lambda _: wrong, 0)[0](1) == -1",
    "functions in a list": "fs = [len, lambda x: x]\nwrong(fs)\nassert fs[0] is len and fs[1](2) == 2",
    "a function that raises": "assert safely(lambda: 1 / 0) == 'zero'",
    "a function that calls the student's": "assert apply(lambda x: increase() or x, 5) == [count]",
    "printed text": CAPTURE.format("hello()") + "assert said.getvalue() == 'hello\\n'",
    "text printed to a file": "b = io.StringIO()\nprint('x', file=b)\nassert b.getvalue() == 'x\\n'",
    "text that is typed": "with patch('builtins.input', return_value='Ada'): assert ask() == 'Ada'",
    "an endless generator": "assert list(itertools.islice(fibonacci(), 8)) == [0, 1, 1, 2, 3, 5, 8, 13]",
    "a generator in pieces": "g = fibonacci()\nfor x in g: break\nassert (x, next(g)) == (0, 1)",
    "a list that the test changes": "numbers.sort()\nassert numbers == [1, 2, 3]",
    "a global that changes": "before = count\nincrease()\nassert count == before + 1",
    "a name that is looked for": "assert 'numbers' in globals() and 'nothing' not in globals()",
    "objects that are compared": "assert Money(1) == Money(1) and Money(1) != Money(2) and min(Money(2), Money(1)).amount == 1",
    "objects that are added": "assert repr(Money(1) + Money(2)) == 'Money(3)'",
    "a class": "assert isinstance(Coin(1), Money) and issubclass(Coin, Money) and not isinstance(3, Money)",
    "objects in a set": "assert len({Money(1), Money(1), Money(2)}) == 2 and {Money(1): 5}[Money(1)] == 5",
    "a copy": "m = Money([1])\nassert copy.deepcopy(m) == m and copy.copy(m) is not m",
    "a signature": "assert list(inspect.signature(apply).parameters) == ['f', 'values']",
    "an object that is entered": "with Money(1) as m: assert m.amount == 1\nassert m.amount == 0",
    "an exception's field": "try: spend(7)\nexcept ValueError as e: assert e.code == 7",
    "an exception's class": "with pytest.raises(TooMuch): spend(7)\nassert issubclass(TooMuch, ValueError)",
    "a function's text": "assert 'raise' in inspect.getsource(spend)",
    "unittest": "class T(unittest.TestCase):\n    def test(self): self.assertEqual(wrong(1), -1)\nunittest.main(argv=[''])",
}
CHEATED = {
    "StopIteration ends a loop": "for value in map(stop, [1, 2]): assert value == 5",
    "StopIteration ends a generator": "assert all(map(lambda x: stop(x) == 5, [1, 2]))",
    "nothing was printed on either side": (
        "def reference(): print('bye')\n"
        + CAPTURE.format("reference()")
        + "one = said.getvalue()\n"
        + CAPTURE.format("wrong(1)")
        + "assert said.getvalue() == one"
    ),
    "a name that is missing is callable": "assert callable(absent)",
    "a name that is missing is something": "assert absent is not None",
    "changed, then raised": "x = [1]\nwith contextlib.suppress(ValueError): spoil(x)\nassert x == [1]",
    "equals all": "assert yes() == 3",
    "has the number of another": "assert Money(3) in {3, 4}",
    "decides the difference": "assert abs(Money(1) - 3) < 1e-6",
    "swallows the assertion": "with Money(1): assert wrong(1) == 1",
    "unittest finds no tests": (
        "class U(unittest.TestCase):\n    def test(self): self.assertEqual(wrong(1), 1)\n"
        "assert unittest.main(argv=['', 'U'], exit=False).result.wasSuccessful()"
    ),
    "unittest ends the process": (
        "class V(unittest.TestCase):\n    def test(self): self.assertEqual(wrong(1), 1)\nunittest.main(argv=['', 'V'])"
    ),
    "pytest's exceptions are none": "with pytest.raises(ValueError): wrong(1)",
    "a text of ten gigabytes": "assert len('a' * (wrong(1) + 10**10)) == 1",
}


@pytest.fixture(scope="module")
def results():
    """All of them in one notebook, by name."""
    tests = [("test", text) for text in (*RIGHT.values(), *CHEATED.values())]
    with furnished(student_view("any")) as course:
        result = run(course, ("plain", IMPORTS), ("solution", STUB, STUDENTS), *tests)
    return dict(zip((*RIGHT, *CHEATED), result.cells, strict=True))


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass(results, name):
    assert (results[name].status, results[name].message) == ("passed", "")


@pytest.mark.parametrize("name", CHEATED)
def test_wrong_answers_fail(results, name):
    assert results[name].status == "failed"


def test_unittest_says_nothing_where_the_instructor_reads(capfd):
    cell = "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail('x')\nunittest.main(argv=['', 'T'])"
    source, _ = notebooks(("test", cell))
    run = run_test(cell, 0, TrustedNames(ownership(source)), Bridge(lambda _: b""), 5.0)
    assert isinstance(run.error, AssertionError)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("test", ["doctest.run_docstring_examples(f, globals())", "doctest.testmod()"])
def test_a_students_docstring_never_runs_on_this_side(test, tmp_path):
    """The docstring is the student's text: run here, it would be code outside of the sandbox."""
    source, _ = notebooks(("plain", "import doctest"), ("solution", "def f(): ..."), ("test", test))
    names = TrustedNames(ownership(source))
    names.begin(2, Bridge(lambda _: b""), [])

    def f():
        """As a proxy's would."""

    f.__doc__ = f">>> _ = open({str(tmp_path / 'escaped')!r}, 'w')"
    names["f"] = f
    with pytest.raises(GraderError, match="doctest"):
        run_test(test, 2, names, Bridge(lambda _: b""), 5.0)
    assert not (tmp_path / "escaped").exists()


def test_what_a_test_sees_in_place_of_this_process_is_taken_back():
    main, stdout = sys.modules["__main__"], sys.stdout
    source, _ = notebooks(("test", "import __main__\n__main__.__name__"))
    assert run_test(
        source.cells[0].source, 0, TrustedNames(ownership(source)), Bridge(lambda _: b""), 5.0
    ).value == ("__main__")
    assert (sys.modules["__main__"], sys.stdout) == (main, stdout)


def endless(seconds: float) -> None:
    """A test whose one step is endless, as a student's number can make it."""
    source, _ = notebooks(("test", "sum(range(10**18))"))
    run_test(source.cells[0].source, 0, TrustedNames(ownership(source)), Bridge(lambda _: b""), seconds)


def test_a_worker_that_a_students_number_keeps_for_good_is_ended():
    with ProcessPoolExecutor(1, get_context("spawn")) as pool, pytest.raises(BrokenExecutor):
        pool.submit(endless, 0.2).result(60)
