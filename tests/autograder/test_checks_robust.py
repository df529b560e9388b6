"""Whatever a student's function does, a check says what is wrong: it does not crash, and it is not fooled."""

from __future__ import annotations

import pickle
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from autograder import check, exercises, grade
from autograder.checking import grading_seed
from autograder.errors import AutograderError, GraderError, StudentTimeout

EXERCISES = {exercise.name: exercise for exercise in exercises()}
ORDINARY = {name: it for name, it in EXERCISES.items() if not it.bonus and not name.startswith("hunt_")}
BACKWARD = {name: it for name, it in ORDINARY.items() if it.partner}
LAYERS = {it.partner: ORDINARY[it.partner] for it in BACKWARD.values()}


def graded(name, function, *, forward=None, seed=0):
    return grade(name, function, forward=forward, rng=np.random.default_rng(seed))


def loop():
    """A list that holds itself, twice."""
    it = []
    it.extend([it, it])
    return it


class Yes:
    """Equal to everything, true of everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None

    def __getattr__(self, name):
        return self

    def __call__(self, *args):
        return self

    def __array_ufunc__(self, *args, **kwargs):
        return True


class Thorny:
    """Raises whatever is asked of it."""

    def _no(self, *args):
        raise RuntimeError("<b>no</b>")

    __eq__ = __len__ = __bool__ = __repr__ = __str__ = __float__ = __index__ = __iter__ = __array__ = _no
    __hash__ = None


class LoudClass:
    @property
    def __class__(self):
        raise RuntimeError("asked for my class")


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no words")


class Sly(np.ndarray):
    """An array that calls itself equal."""

    def __array_ufunc__(self, *args, **kwargs):
        return np.zeros(())

    def __eq__(self, other):
        return True


NONSENSE = {
    "None": lambda: None,
    "text": lambda: "<script>alert(1)</script>",
    "long text": lambda: "x" * 10**6,
    "bytes": lambda: b"\x00",
    "True": lambda: True,
    "NaN": lambda: float("nan"),
    "infinity": lambda: -float("inf"),
    "complex number": lambda: 1j,
    "huge int": lambda: 10**6000,
    "empty tuple": tuple,
    "tuple of one": lambda: (None,),
    "pair of None": lambda: (None, None),
    "tuple of three": lambda: (1, 2, 3),
    "tuple of many": lambda: tuple(range(5000)),
    "dict": lambda: {"out": 1},
    "set": lambda: {1, 2},
    "generator": lambda: (i for i in range(2)),
    "range": lambda: range(2),
    "function": lambda: len,
    "class": lambda: int,
    "module": lambda: np,
    "Ellipsis": lambda: ...,
    "list that holds itself": loop,
    "deep list": lambda: __import__("functools").reduce(lambda it, _: [it, it], range(200), []),
    "ragged list": lambda: [[1.0], [2.0, 3.0]],
    "object array": lambda: np.array([None, {}], dtype=object),
    "array of text": lambda: np.array(["a"]),
    "array of dates": lambda: np.array(["2020-01-01"], dtype="M8[D]"),
    "structured array": lambda: np.zeros(2, dtype=[("a", int)]),
    "complex array": lambda: np.zeros((2, 2), complex),
    "matrix": lambda: np.asmatrix(np.eye(2)),
    "masked array": lambda: np.ma.masked_all((2, 2)),
    "array that calls itself equal": lambda: np.zeros((2, 2)).view(Sly),
    "array of no values": lambda: np.zeros((0, 3)),
    "array without axes": lambda: np.array(1.0),
    "array of many axes": lambda: np.zeros((1,) * 32),
    "array larger than memory": lambda: np.broadcast_to(0.0, (10**6, 10**6)),
    "array of NaN": lambda: np.full((2, 3, 4, 4), np.nan),
    "half floats": lambda: np.zeros((2, 2), np.float16),
    "long doubles": lambda: np.zeros((2, 2), np.longdouble),
    "number of NumPy's": lambda: np.float32(1),
    "NumPy's date": lambda: np.datetime64("2020-01-01"),
    "equal to everything": Yes,
    "pair equal to everything": lambda: (Yes(), Yes()),
    "raises at any question": Thorny,
    "pair that raises": lambda: (Thorny(), Thorny()),
    "hides its class": LoudClass,
}


@pytest.mark.parametrize("name", ORDINARY)
def test_nonsense_is_wrong_and_crashes_nothing(name):
    for label, make in NONSENSE.items():
        report = graded(name, lambda *a, make=make: make())
        assert report.points == 0, label
        assert all(case.summary for case in report.failures), label


@pytest.mark.parametrize("name", LAYERS)
def test_a_nonsense_cache_costs_the_cache_alone(name):
    for label, make in NONSENSE.items():
        report = graded(name, lambda *a, make=make: (EXERCISES[name].reference(*a)[0], make()))
        assert [case.trait for case in report.failures] == [c.trait for c in report.cases if "cache" in c.trait], (
            label
        )


@pytest.mark.parametrize("name", BACKWARD)
def test_a_nonsense_cache_of_the_forward_function_costs_the_backward_function_nothing(name):
    exercise = EXERCISES[name]
    forward = EXERCISES[exercise.partner].reference
    for label, make in NONSENSE.items():
        report = graded(name, exercise.reference, forward=lambda *a, make=make: (forward(*a)[0], make()))
        assert report.points == exercise.points, label


@pytest.mark.parametrize("name", BACKWARD)
def test_a_nonsense_forward_function_costs_the_backward_function_nothing(name):
    exercise = EXERCISES[name]
    for label, make in NONSENSE.items():
        assert graded(name, exercise.reference, forward=lambda *a, make=make: make()).passed, label


@pytest.mark.parametrize("name", BACKWARD)
def test_a_wrong_forward_function_costs_the_backward_function_nothing(name):
    exercise = EXERCISES[name]
    for wrong in EXERCISES[exercise.partner].misconceptions:
        assert graded(name, exercise.reference, forward=wrong.function).passed, wrong.name


@pytest.mark.parametrize("name", BACKWARD)
def test_an_endless_forward_function_costs_the_backward_function_nothing(name):
    assert graded(name, EXERCISES[name].reference, forward=raising(StudentTimeout("too long"))).passed


@pytest.mark.parametrize("name", BACKWARD)
def test_a_longer_cache_of_ones_own_is_used(name):
    exercise = EXERCISES[name]
    forward = EXERCISES[exercise.partner].reference
    longer = []

    def own_forward(*arguments):
        out, cache = forward(*arguments)
        return out, (*cache, "mine")

    def own_backward(dout, cache):
        longer.append(cache[-1] == "mine" if isinstance(cache[-1], str) else False)
        return exercise.reference(dout, cache[:-1] if longer[-1] else cache)

    assert graded(name, own_backward, forward=own_forward).passed
    assert all(longer[: len(exercise_cases(name))])


def exercise_cases(name):
    return tuple(EXERCISES[name].cases(np.random.default_rng(0)))


def raising(error):
    def function(*arguments):
        raise error

    return function


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad"),
        NotImplementedError(),
        SystemExit(3),
        RecursionError("deep"),
        MemoryError(),
        StopIteration(),
        Unspeakable(),
        type("E" * 500, (Exception,), {})("x" * 10**6),
        KeyError(Thorny()),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
        ExceptionGroup("many", [ValueError(1), TypeError(2)]),
        Warning("a warning, raised"),
    ],
    ids=lambda error: type(error).__name__[:20],
)
@pytest.mark.parametrize("name", ["conv_output_size", "max_pool2d_forward", "max_pool2d_backward"])
def test_an_exception_is_a_failed_case(name, error):
    report = graded(name, raising(error))
    assert report.points == 0
    assert len(report.text) < 20_000


@pytest.mark.parametrize("name", EXERCISES)
def test_an_unwritten_function_has_no_points(name):
    report = graded(name, raising(NotImplementedError()))
    assert report.points == 0
    assert not report.mistakes


@pytest.mark.parametrize("function", [lambda: 1, lambda a: 1, lambda *, key: 1, int, type, np.add, Yes()])
def test_a_function_of_another_signature_has_no_points(function):
    assert graded("max_pool2d_forward", function).points == 0


def test_endless_recursion_is_a_failed_case_with_few_lines():
    def forever(*arguments):
        return forever(*arguments)

    report = graded("max_pool2d_forward", forever)
    assert report.points == 0
    assert "RecursionError" in report.text
    assert report.text.count("in forever") <= 10


def test_warnings_of_a_students_function_stay_there():
    import warnings

    def warns(size, kernel, stride=1, padding=0):
        warnings.warn("look out", stacklevel=1)
        np.float64(1) / np.float64(0)
        return EXERCISES["conv_output_size"].reference(size, kernel, stride, padding)

    assert graded("conv_output_size", warns).passed


@pytest.mark.parametrize("name", EXERCISES)
def test_a_fault_of_the_graders_passes_through(name):
    with pytest.raises(GraderError, match="disk full"):
        graded(name, raising(GraderError("disk full")))


@pytest.mark.parametrize("name", BACKWARD)
def test_a_fault_of_the_graders_in_the_forward_function_passes_through(name):
    with pytest.raises(GraderError, match="disk full"):
        graded(name, EXERCISES[name].reference, forward=raising(GraderError("disk full")))


@pytest.mark.parametrize("name", ORDINARY)
def test_a_function_that_runs_out_of_time_twice_is_not_tried_again(name):
    calls = []

    def slow(*arguments):
        calls.append(arguments)
        raise StudentTimeout("too long")

    report = graded(name, slow)
    assert len(calls) == 2
    assert report.points == 0
    assert "not tried: your function did not return within the time limit" in report.failures[-1].summary


def test_one_timeout_costs_one_case():
    calls = []

    def once(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise StudentTimeout("too long")
        return EXERCISES["im2col"].reference(*arguments)

    assert len(graded("im2col", once).failures) == 1


# Mutants that know nothing of the exercise: the right function, spoiled in one way.


def each_array(change):
    """The right results, each array of them changed."""

    def spoiled(value):
        if isinstance(value, np.ndarray):
            return change(value)
        return tuple(map(spoiled, value)) if isinstance(value, tuple) else value

    return lambda reference: lambda *arguments: spoiled(reference(*arguments))


def only(part, change):
    """The right results, of which one has another value."""

    def mutant(reference):
        def function(*arguments):
            result = list(reference(*arguments))
            result[part] = change(result[part])
            return tuple(result)

        return function

    return mutant


def spoils_arguments(reference):
    def function(*arguments):
        result = pickle.loads(pickle.dumps(reference(*arguments)))
        for value in arguments:
            spoil(value)
        return result

    return function


def spoil(value):
    if isinstance(value, np.ndarray) and value.flags.writeable:
        value += 1
    elif isinstance(value, tuple):
        for item in value:
            spoil(item)


def forgets(reference):
    """Right at the first call, wrong at each one after it with the same dout."""
    seen = set()

    def function(dout, *rest):
        key = dout.tobytes() if isinstance(dout, np.ndarray) else dout
        result = reference(dout, *rest)
        again, _ = key in seen, seen.add(key)
        return each_array(lambda a: a * 2)(lambda *_: result)() if again else result

    return function


VALUE_MUTANTS = {
    "zeros": each_array(np.zeros_like),
    "off by one": each_array(lambda a: a + 1),
    "opposite sign": each_array(lambda a: -a),
    "one value off": each_array(lambda a: a + (np.arange(a.size) == a.size - 1).reshape(a.shape)),
    "one value NaN": each_array(lambda a: np.where(np.arange(a.size).reshape(a.shape) == 0, np.nan, a)),
    "an axis more": each_array(lambda a: a[None]),
    "an axis less": each_array(lambda a: a.sum(axis=0)),
    "lists": each_array(lambda a: a.tolist()),
    "objects": each_array(lambda a: a.astype(object)),
    "float16": each_array(lambda a: a.astype(np.float16)),
    "complex": each_array(lambda a: a.astype(complex)),
    "text": each_array(lambda a: a.astype(str)),
}
DTYPE_MUTANTS = {
    "always float32": each_array(lambda a: a.astype(np.float32)),
    "always float64": each_array(lambda a: a.astype(np.float64)),
    "whole numbers": each_array(lambda a: a.astype(int)),
}
ARRAYS = [name for name in ORDINARY if name != "conv_output_size"]


@pytest.mark.parametrize("mutant", VALUE_MUTANTS)
@pytest.mark.parametrize("name", ARRAYS)
def test_a_spoiled_result_has_no_points(name, mutant):
    assert graded(name, VALUE_MUTANTS[mutant](EXERCISES[name].reference)).points == 0


@pytest.mark.parametrize("mutant", DTYPE_MUTANTS)
@pytest.mark.parametrize("name", ARRAYS)
def test_another_dtype_is_not_right_everywhere(name, mutant):
    assert not graded(name, DTYPE_MUTANTS[mutant](EXERCISES[name].reference)).passed


@pytest.mark.parametrize("name", ARRAYS)
def test_arguments_changed_in_place_cost_points_but_not_all(name):
    report = graded(name, spoils_arguments(EXERCISES[name].reference))
    assert 0 < report.points < report.max_points


@pytest.mark.parametrize("name", BACKWARD)
def test_a_second_call_must_give_the_same(name):
    assert not graded(name, forgets(EXERCISES[name].reference)).passed


@pytest.mark.parametrize("name", ["conv2d_backward"])
def test_each_gradient_earns_its_share(name):
    for part in range(3):
        report = graded(name, only(part, np.zeros_like)(EXERCISES[name].reference))
        assert 0 < report.points < report.max_points


@pytest.mark.parametrize(
    "value", [float, np.int64, str, complex, lambda n: np.array([n]), lambda n: (n,), lambda n: -n]
)
def test_a_size_is_an_int(value):
    reference = EXERCISES["conv_output_size"].reference
    report = graded("conv_output_size", lambda *a: value(reference(*a)))
    assert report.passed == (value is np.int64)  # what len of NumPy's things gives is an int as well


@pytest.mark.parametrize("name", ORDINARY)
def test_every_case_is_failed_by_some_mutant(name):
    """A case that nothing fails checks nothing."""
    exercise = ORDINARY[name]
    wrong = [it.function for it in exercise.misconceptions]
    wrong += [
        make(exercise.reference) for make in (*VALUE_MUTANTS.values(), *DTYPE_MUTANTS.values(), spoils_arguments)
    ]
    bare = replace(exercise, misconceptions=())
    unfailed = {case.trait for case in exercise_cases(name)}
    for function in wrong:
        unfailed -= failed(bare, function)
    assert not unfailed


def failed(exercise, function):
    from autograder.checking import examine

    return {case.trait for case in examine(exercise, function, None, np.random.default_rng(0)).failures}


# What comes out of a check.


def test_an_unknown_name_is_answered_with_those_that_are_close():
    with pytest.raises(
        AutograderError, match=r"there is no exercise 'max_pool_forward'; did you mean .*'max_pool2d_forward'"
    ):
        check("max_pool_forward", len)


@pytest.mark.parametrize("name", ["", "../etc/passwd", 3, None])
def test_a_name_that_is_close_to_none_is_answered_too(name):
    with pytest.raises(AutograderError, match="there is no exercise"):
        check(name, len)


@pytest.mark.parametrize(
    "value",
    [(1, 2), None, np.zeros(3), "max_pool2d_backward", 10**6000, loop()],
    ids=lambda value: type(value).__name__,
)
def test_a_result_in_place_of_the_function_is_answered_with_the_right_call(value):
    with pytest.raises(TypeError) as caught:
        check("max_pool2d_backward", value)
    assert 'check("max_pool2d_backward", max_pool2d_backward, forward=max_pool2d_forward)' in str(caught.value)


def inputs_of(name, run):
    """The inputs that a check gives to a function."""
    seen = []
    run(name, lambda *arguments: seen.append(pickle.dumps(arguments)))
    return seen


@pytest.mark.parametrize("name", ARRAYS)
def test_a_check_has_the_same_inputs_each_time_and_others_when_grading(name):
    usual = inputs_of(name, check)
    assert inputs_of(name, check) == usual
    token = grading_seed.set(12)
    try:
        first, second = inputs_of(name, check), inputs_of(name, check)
    finally:
        grading_seed.reset(token)
    assert first == second != usual


def test_one_seed_gives_one_report():
    wrong = EXERCISES["max_pool2d_backward"].misconceptions[0].function
    assert graded("max_pool2d_backward", wrong, seed=4) == graded("max_pool2d_backward", wrong, seed=4)


@pytest.mark.parametrize("name", ORDINARY)
def test_a_report_is_plain_data(name):
    for label, make in NONSENSE.items():
        report = graded(name, lambda *a, make=make: make())
        assert pickle.loads(pickle.dumps(report)) == report, label


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.found = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found |= {tag, *(name for name, _ in attrs)}


ELEMENTS = {
    "div",
    "span",
    "strong",
    "code",
    "pre",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
    "style",
    "br",
    "b",
    "p",
    "ul",
    "li",
}
EVIL = "</pre></div><script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;"


def test_html_escapes_what_a_student_wrote():
    for function in (
        raising(ValueError(EVIL)),
        raising(type(EVIL, (Exception,), {})(EVIL)),
        lambda *a: type(EVIL, (), {})(),
        lambda *a: EVIL,
        lambda *a: np.zeros(3, dtype=[(EVIL, int)]),
    ):
        page = graded("max_pool2d_forward", function)._repr_html_()
        assert Elements(page).found <= ELEMENTS
        assert "<script" not in page


@pytest.mark.parametrize("name", EXERCISES)
def test_html_of_a_failing_report_has_only_plain_elements(name):
    assert Elements(graded(name, raising(ValueError("no")))._repr_html_()).found <= ELEMENTS


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_nbgrader_gets_the_bare_points(monkeypatch, mode):
    report = graded("max_pool2d_forward", EXERCISES["avg_pool2d_forward"].reference)
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    assert float(report._repr_mimebundle_()["text/plain"]) == report.points


def test_a_student_gets_the_text(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    report = graded("max_pool2d_forward", raising(ValueError("too wide")))
    assert "it raised ValueError: too wide" in report._repr_mimebundle_()["text/plain"]


def test_a_traceback_shows_the_students_lines_alone():
    def broken(x, size, stride=None):
        return np.zeros((2, 3)) @ np.zeros((2, 3))

    text = graded("max_pool2d_forward", broken).text
    assert "in broken:  return np.zeros((2, 3)) @ np.zeros((2, 3))" in text
    assert "autograder" not in text


def test_a_wrong_value_is_told_with_its_place():
    def wrong(x, size, stride=None):
        out, cache = EXERCISES["max_pool2d_forward"].reference(x, size, stride)
        out[0, 1, 0, 1] = 77.0
        return out, cache

    assert ", got 77" in graded("max_pool2d_forward", wrong).text
    assert "out[0, 1, 0, 1]: expected " in graded("max_pool2d_forward", wrong).text


def test_a_wrong_shape_is_told_with_both_shapes():
    first, *_ = graded("global_avg_pool_forward", lambda x: (x.mean(axis=(2, 3), keepdims=True), x.shape)).failures
    assert "expected shape (" in first.summary
    assert ", 1, 1)" in first.summary


def test_a_wrong_dtype_is_told_with_both_dtypes():
    report = graded("global_avg_pool_forward", lambda x: (x.mean(axis=(2, 3), dtype=np.float64), x.shape))
    assert [case.summary for case in report.failures] == ["out: expected dtype float32, got float64"]
