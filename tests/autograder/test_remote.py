"""Calls by value, with the sandbox's side of the bridge in this process."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest

from autograder import codec, remote
from autograder.errors import GraderError, StudentError, StudentTimeout
from autograder.remote import Bridge, Handle, NotDefined, RemoteFunction, write_back
from autograder.sandbox.room import INSIDE


@pytest.fixture
def inside(monkeypatch):
    """The module that runs inside the sandbox, loaded anew."""
    monkeypatch.setitem(sys.modules, "codec", codec)
    spec = importlib.util.spec_from_file_location("bridge", INSIDE / "bridge.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def student(inside):
    """A bridge to the names that a piece of student code defines."""

    def define(source):
        names = {"np": np}
        exec(compile(source, "/tmp/ipykernel_9/1.py", "exec"), names)
        return Bridge(lambda message: inside.answer(names, message))

    return define


def test_a_function_is_called_by_value(student):
    relu = student("def relu(x): return np.maximum(x, 0)").fetch("relu")
    assert isinstance(relu, RemoteFunction)
    out = relu(np.array([-1.0, 2.0], np.float32))
    assert out.dtype == np.float32
    np.testing.assert_array_equal(out, [0, 2])


def test_data_is_fetched_as_data(student):
    assert student("answer = {'a': [1, 2.5, None]}").fetch("answer") == {"a": [1, 2.5, None]}


def test_a_missing_name_says_so(student):
    with pytest.raises(NotDefined, match="'relu' is not defined"):
        student("").fetch("relu")


def test_what_was_drawn_there_is_not_drawn_again_here(student):
    draw = student("def draw(n, *, rng): return rng.random(n)").fetch("draw")
    rng, same = np.random.default_rng(1), np.random.default_rng(1)
    assert np.array_equal([draw(2, rng=rng), draw(2, rng=rng)], same.random((2, 2)))
    assert rng.random() == same.random()


def test_changes_in_place_reach_the_callers_arguments(student):
    change = student("def change(x, items, table):\n x += 1\n items.sort()\n table['new'] = x").fetch("change")
    x, items, table = np.zeros(2), [3, 1], {}
    change(x, items, table)
    np.testing.assert_array_equal(x, [1, 1])
    assert items == [1, 3]
    np.testing.assert_array_equal(table["new"], [1, 1])


def test_a_read_only_argument_is_read_only_on_the_other_side(student):
    change = student("def change(x):\n x += 1").fetch("change")
    x = np.zeros(2)
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        change(x)


def test_arguments_that_did_not_change_are_not_sent_back(inside, student):
    message = codec.encode({"do": "call", "arguments": (inside.keep(len), ([1],), {})})
    assert codec.decode(inside.answer({}, message))["changed"] is None


@pytest.mark.parametrize(
    "kind", [ValueError, TypeError, KeyError, ZeroDivisionError, FileNotFoundError, UnicodeDecodeError]
)
def test_an_exception_arrives_as_the_same_builtin_kind_and_as_the_students(student, kind):
    arguments = "'utf-8', b'', 0, 1, 'x'" if kind is UnicodeDecodeError else "'no'"
    fail = student(f"def fail(): raise {kind.__name__}({arguments})").fetch("fail")
    with pytest.raises(kind) as caught:
        fail()
    assert isinstance(caught.value, StudentError)
    assert "in fail" in caught.value.student_traceback


@pytest.mark.parametrize("name", ["SystemExit", "GeneratorExit", "MyOwn"])
def test_other_exceptions_never_leave_as_what_would_end_the_grader(student, name):
    fail = student(f"class MyOwn(Exception): pass\ndef fail(): raise {name}('no')").fetch("fail")
    with pytest.raises(StudentError) as caught:
        fail()
    assert type(caught.value).__name__ == name
    assert isinstance(caught.value, Exception)


def test_an_exception_of_the_students_never_passes_for_one_of_the_graders(student):
    fail = student("class GraderError(Exception): pass\ndef fail(): raise GraderError(7)").fetch("fail")
    with pytest.raises(StudentError) as caught:
        fail()
    assert type(caught.value).__name__ == "your GraderError"


def test_an_exception_that_cannot_say_what_it_is_says_nothing(student):
    code = "class Odd(Exception):\n    def __str__(self): raise self\ndef f(): raise Odd"
    with pytest.raises(StudentError, match="^$"):
        student(code).fetch("f")()


def test_an_interrupted_call_is_a_timeout(student):
    with pytest.raises(StudentTimeout):
        student("def f(): raise KeyboardInterrupt").fetch("f")()


ACCOUNT = """
class Account:
    def __init__(self, balance): self.balance = balance
    def deposit(self, amount): self.balance += amount; return self
    def __str__(self): return f"{self.balance} EUR"
    def __len__(self): return 3
    def __getitem__(self, i): return i * 10
    def sum(self, other): return Account(self.balance + other.balance)
"""


def test_objects_stay_behind_and_are_used_through_handles(student):
    account = student(ACCOUNT).fetch("Account")(100)
    assert isinstance(account, Handle)
    account.deposit(50)
    assert account.balance == 150
    assert (str(account), len(account), account[2]) == ("150 EUR", 3, 20)
    account.balance = 1
    assert account.sum(account).balance == 2
    assert account.deposit(0) == account


YES = """
class Yes:
    def yes(self, *_): return 0.0
    __sub__ = __rsub__ = __abs__ = __float__ = __lt__ = __le__ = __mul__ = __array__ = __contains__ = yes
def answer(): return Yes()
"""
USES = {
    "subtraction": lambda value: value - 3,
    "subtraction from the right": lambda value: 3 - value,
    "absolute value": abs,
    "float": float,
    "order": lambda value: value < 3,
    "membership": lambda value: 3 in value,
    "an array": lambda value: np.ones(2) - value,
    "closeness": lambda value: np.isclose(value, 3),
}


@pytest.mark.parametrize("use", USES)
def test_an_object_never_decides_how_far_it_is_from_what_was_expected(student, use):
    with pytest.raises((TypeError, StudentError)):
        USES[use](student(YES).fetch("answer")())


EQUAL = """
class E:
    shape = (2,)
    def __eq__(self, other): return True
    def __array__(self, *a, **k): return np.zeros(2)
def e(): return E()
"""


def test_a_result_that_equals_everything_equals_nothing(student):
    result = student(EQUAL).fetch("e")()
    with pytest.raises(StudentError, match="no data"):
        assert result == 3
    with pytest.raises((TypeError, StudentError, ValueError, AssertionError)):
        np.testing.assert_allclose(result, np.zeros(2))


def test_an_object_is_no_array_and_costs_no_calls_to_find_out(student):
    result = student(
        "class E:\n    def __len__(self): return 10**6\n    def __getitem__(self, i): return 1.0\ndef e(): return E()"
    )
    handle = result.fetch("e")()
    for use in (
        np.asarray,
        np.mean,
        lambda value: np.ones(2) == value,
        lambda value: np.testing.assert_allclose(value, 1),
    ):
        with pytest.raises((StudentError, TypeError)):
            use(handle)


def test_a_function_has_the_name_and_docstring_that_the_student_gave_it(student):
    names = student("def f():\n    'What it does.'\ndef g(): pass\nclass C: 'A class.'")
    function, silent, kind = (names.fetch(name) for name in "fgC")
    assert (function.__name__, function.__doc__) == ("f", "What it does.")
    assert silent.__doc__ is None
    assert (kind.__name__, kind().__doc__) == ("C", "A class.")


def test_private_names_are_not_read_from_outside(student):
    function = student("def f(): return 1").fetch("f")
    with pytest.raises(AttributeError):
        _ = function.__globals__


def test_a_cache_that_is_no_data_can_be_passed_back(student):
    names = student("def forward(x): return x, (lambda: 2 * x)\ndef backward(cache): return cache()")
    _, cache = names.fetch("forward")(np.ones(2))
    np.testing.assert_array_equal(names.fetch("backward")(cache), [2, 2])


def test_no_other_objects_cross_outwards(student):
    with pytest.raises(GraderError, match="may cross"):
        student("def f(g): return g()").fetch("f")(object())


@pytest.mark.parametrize("request_", [{"outside": -2}, {"outside": -9, "arguments": [(), {}]}, {"outside": "x"}])
def test_only_a_function_that_was_passed_can_be_called_from_inside(request_):
    answers = iter([codec.encode({"value": codec.Reference(1, "function", True)}), codec.encode(request_)])
    function = Bridge(lambda _: next(answers)).fetch("f")
    with pytest.raises(StudentError):
        function(lambda: 1)


def test_what_one_test_receives_is_bounded(monkeypatch):
    monkeypatch.setattr(remote, "MAX_RECEIVED", 100)
    bridge = Bridge(lambda _: codec.encode({"value": "x" * 50}))
    with pytest.raises(StudentError, match="in one test"):
        [bridge.fetch("x") for _ in range(3)]


@pytest.mark.parametrize("name", ["message", "student_traceback", "args", "__class__"])
def test_an_exceptions_fields_change_nothing_of_ours(student, name):
    code = f"def f():\n    error = ValueError('said')\n    vars(error)[{name!r}] = 5\n    raise error"
    with pytest.raises(StudentError, match="said") as caught:
        student(code).fetch("f")()
    assert isinstance(caught.value.student_traceback, str)


@pytest.mark.parametrize(
    "answer", [b"", b"\0" * 8, codec.encode(3), codec.encode({"raised": 5}), codec.encode({"value": 1})]
)
def test_forged_answers_are_the_students_failure(answer):
    bridge = Bridge(lambda _: answer)
    try:
        assert bridge.fetch("f") == 1
    except StudentError:
        return


@pytest.mark.parametrize("operation", [bool, str, len])
def test_an_operation_that_gives_the_wrong_type_is_the_students_failure(operation):
    answers = iter([{"value": codec.Reference(1, "E")}, {"value": [1, 2]}])
    handle = Bridge(lambda _: codec.encode(next(answers))).fetch("e")
    with pytest.raises(StudentError, match="gave a list"):
        operation(handle)


def test_write_back_ignores_forms_that_do_not_agree():
    x = np.zeros(2)
    write_back((x, [1]), (np.ones(3), "no"))
    np.testing.assert_array_equal(x, [0, 0])
    write_back((x,), 7)
    np.testing.assert_array_equal(x, [0, 0])
