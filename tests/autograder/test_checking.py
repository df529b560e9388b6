"""check and grade: what they take, what they survive, and whom they believe."""

from __future__ import annotations

import json
import pickle
import warnings

import numpy as np
import pytest

import autograder
from autograder import checking
from autograder.errors import GraderError, StudentError, StudentTimeout
from autograder.exercises.unit05 import max_pooling
from nnlib.convolution import conv_output_size
from nnlib.pooling import avg_pool2d_backward, global_avg_pool_forward, max_pool2d_forward


def grade(name, function, forward=None, seed=1):
    return autograder.grade(name, function, forward=forward, rng=np.random.default_rng(seed))


# names and arguments ---------------------------------------------------------------------------------------


def test_the_public_surface_is_this():
    assert set(autograder.__all__) == {
        "Case", "Exercise", "Misconception", "Report", "check", "exercises", "grade", "predict", "reveal",
    }  # fmt: skip
    assert all(getattr(autograder, name) for name in autograder.__all__)
    assert set(autograder.__all__) <= set(dir(autograder))


def test_exercises_is_a_function_however_it_was_imported():
    import autograder.exercises as package

    assert callable(package)
    assert autograder.exercises() is package() is package.exercises()


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        autograder.chek  # noqa: B018


@pytest.mark.parametrize(("name", "close"), [
    ("conv2d_forwards", "'conv2d_forward'"), ("maxpool_forward", "'max_pool2d_forward'"), ("im2cols", "'im2col'"),
    ("", "'conv_output_size'"), (None, "'conv_output_size'"),
])  # fmt: skip
def test_an_unknown_name_lists_close_ones(name, close):
    with pytest.raises(checking.UnknownExercise, match="there is no exercise") as error:
        autograder.check(name, len)
    assert close in str(error.value)


@pytest.mark.parametrize("value", [None, 3, np.zeros((2, 2)), (1, 2), "conv2d_backward"])
def test_what_is_no_function_is_answered_with_the_call_that_is_meant(value):
    with pytest.raises(TypeError) as error:
        autograder.check("conv2d_backward", value)
    assert 'Write: check("conv2d_backward", conv2d_backward, forward=conv2d_forward)' in str(error.value)


def test_a_check_gives_the_same_each_time():
    wrong = checking.find("conv2d_forward").misconceptions[0].function
    assert autograder.check("conv2d_forward", wrong) == autograder.check("conv2d_forward", wrong)


def test_a_second_check_on_the_same_inputs_draws_on_the_first(monkeypatch):
    exercise = checking.find("global_avg_pool_forward")
    wrong = exercise.misconceptions[0].function
    first = autograder.check(exercise.name, wrong)
    monkeypatch.setattr(checking, "expected_of", lambda *args: pytest.fail("computed again"))
    assert autograder.check(exercise.name, wrong) == first
    for seed in range(2 * checking.MOST_KEPT):
        monkeypatch.undo()
        grade(exercise.name, wrong, seed=seed)
    assert len(checking._kept) == checking.MOST_KEPT


def test_a_grading_run_draws_other_inputs_by_its_seed():
    seen = []

    def noting(size, kernel, stride=1, padding=0):
        seen[-1].append((size, kernel))
        return conv_output_size(size, kernel, stride, padding)

    for seed in (None, 7, 7, 8):
        seen.append([])
        token = checking.grading_seed.set(seed)
        try:
            assert autograder.check("conv_output_size", noting).passed
        finally:
            checking.grading_seed.reset(token)
    assert seen[1] == seen[2]
    assert seen[0] != seen[1] != seen[3]


# whatever a student's function does ------------------------------------------------------------------------


class Liar:
    def __eq__(self, other):
        return True

    def __len__(self):
        raise RuntimeError("no")

    __hash__ = None


class LyingArray(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return np.True_

    @property
    def shape(self):
        return (1, 1)


def recursive():
    nest = []
    nest.append(nest)
    return nest


def a_generator():
    yield 1


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text")


NONSENSE = [
    None, 0, -1, 1.5, float("nan"), float("inf"), True, "text", b"bytes", {}, {1: 2}, [], [[]], (), (None,),
    (None, None), (None, None, None), object(), Liar(), len, int, np.float32(2), np.nan, np.array(None), 10**5000,
    np.array(["a"]), np.array([1 + 2j]), np.zeros(0), np.zeros((0, 3)), np.zeros((2, 2)).view(LyingArray),
    np.ma.masked_all((2, 2)), np.zeros(3, dtype=[("a", "f8")]), np.array([object()]), recursive(), a_generator(),
    np.broadcast_to(1.0, (1 << 20, 1 << 20)), np.datetime64("2020-01-01"),
    [np.zeros(2), np.zeros((2, 2))], (np.zeros((2, 2)), Liar()), ("x" * 10**6,) * 2,
]  # fmt: skip


@pytest.mark.parametrize("name", ["conv_output_size", "global_avg_pool_forward", "hunt_pool_bug"])
@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: type(value).__name__)
def test_nonsense_is_a_failed_check_and_no_crash(name, value):
    report = grade(name, lambda *args: value)
    assert report.points < 1
    assert not report.passed
    assert len(report.text) < 20_000
    assert pickle.loads(pickle.dumps(report)) == report
    assert report._repr_html_()


@pytest.mark.parametrize("value", NONSENSE[::4], ids=lambda value: type(value).__name__)
def test_nonsense_from_a_backward_function_and_its_partner(value):
    assert grade("max_pool2d_backward", lambda *args: value, forward=lambda *args: value).points == 0
    right = max_pooling.by_masks
    assert grade("max_pool2d_backward", right, forward=lambda *args: value).passed
    assert grade(
        "max_pool2d_backward", right, forward=lambda *args: (*max_pool2d_forward(*args)[:1], value)
    ).passed


@pytest.mark.parametrize("error", [
    ValueError("x" * 10**6), KeyError(), Unprintable(), SystemExit(3), RecursionError(), AssertionError(),
    StopIteration(),     MemoryError(), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), ExceptionGroup("many", [ValueError()]),
])  # fmt: skip
def test_any_exception_is_a_failed_check(error):
    def failing(*args):
        raise error

    report = grade("global_avg_pool_forward", failing)
    assert report.points == 0
    assert type(error).__name__ in report.text
    assert len(report.text) < 5000


def test_endless_recursion_is_a_failed_check():
    def deep(*args):
        return deep(*args)

    assert "RecursionError" in grade("im2col", deep).text


def test_warnings_and_prints_cost_nothing(capsys):
    def noisy(x):
        warnings.warn("look", stacklevel=1)
        np.float64(1.0) / np.float64(0.0)
        print("hello")
        return global_avg_pool_forward(x)

    assert grade("global_avg_pool_forward", noisy).passed
    assert capsys.readouterr().out.count("hello") == 13


def test_results_of_one_buffer_are_looked_at_before_the_next_call():
    buffer = np.zeros(100)

    def reusing(x):
        out = buffer[: x.shape[0] * x.shape[1]].reshape(x.shape[:2])
        out[...] = x.mean(axis=(2, 3))
        return out, x.shape

    report = grade("global_avg_pool_forward", reusing)
    assert {case.trait for case in report.failures} == {"float32"}


@pytest.mark.parametrize(
    "dtype", [bool, np.int8, np.uint8, np.uint64, np.float16, np.longdouble, complex, object, str]
)
def test_results_of_any_dtype_are_survived(dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = grade("avg_pool2d_backward", lambda d, cache: avg_pool2d_backward(d, cache).astype(dtype))
    assert report.points == 0
    assert report.failures[0].summary


# faults that are not the student's -------------------------------------------------------------------------


def test_a_fault_of_the_grader_passes_through():
    def lost(*args):
        raise GraderError("sandbox gone")

    with pytest.raises(GraderError, match="sandbox gone"):
        grade("im2col", lost)
    with pytest.raises(GraderError):
        grade("max_pool2d_backward", max_pooling.by_masks, forward=lost)
    with pytest.raises(GraderError):
        grade("hunt_pool_bug", lost)


def test_after_two_time_outs_nothing_more_is_tried():
    calls = []

    def slow(*args):
        calls.append(args)
        raise StudentTimeout("too slow")

    report = grade("correlate2d", slow)
    assert len(calls) == 2
    assert "not tried: an earlier call did not return" in report.text
    assert report.points == 0


def test_an_error_from_across_the_boundary_shows_the_students_own_lines():
    kind = type("IndexError", (StudentError, IndexError), {})

    def failing(*args):
        raise kind("index 9", "your cell, line 4, in im2col:  x[9]\nIndexError: index 9")

    text = grade("im2col", failing).text
    assert "it raised IndexError: index 9" in text
    assert "your cell, line 4, in im2col:  x[9]" in text


def test_an_error_in_this_process_shows_the_students_own_lines_only():
    source = "def im2col(x, *rest):\n    return helper(x)\n\ndef helper(x):\n    return x.reshape(7, 7, 7)\n"
    space = {}
    exec(compile(source, "answer.py", "exec"), space)
    text = grade("im2col", space["im2col"]).text
    assert "answer.py, line 2, in im2col" in text
    assert "answer.py, line 5, in helper" in text
    assert "calling.py" not in text
    assert "cannot reshape" in text


@pytest.mark.parametrize("name", ["conv2d_forward", "conv2d_backward", "conv_output_size", "hunt_pool_bug"])
def test_a_function_as_it_was_released_is_not_written_and_no_more_is_said(name):
    def released(*_):
        raise NotImplementedError

    report = grade(name, released)
    assert (report.points, report.headline) == (0, "not written")
    assert (
        report.text
        == f"{name}: 0 of {report.max_points:g} points. It is not written yet: it raises NotImplementedError."
    )
    assert "✗" not in report._repr_html_()


def test_a_result_of_another_form_is_told_in_a_few_words():
    report = grade("conv2d_forward", lambda *args: np.zeros((2, 3)))
    assert report.failures[0].summary == "expected (out, cache), got an array (2, 3) of float64"
    assert "it raised ValueError\n" in grade("conv2d_forward", failing_silently).text


def failing_silently(*_):
    raise ValueError


def test_who_interrupts_a_check_learns_which_call_was_running():
    calls = []

    def endless(*_):
        calls.append(1)
        raise KeyboardInterrupt

    report = grade("im2col", endless)
    assert len(calls) == 1
    assert "KeyboardInterrupt: you interrupted it; is there an endless loop?" in report.text
    assert "in endless:  raise KeyboardInterrupt" in report.text


def test_reports_hold_plain_data_only():
    report = grade("conv2d_backward", lambda dout, cache: object())
    assert json.dumps([case.summary for case in report.cases])
    assert all(type(line) is str for case in report.cases for line in (case.summary, *case.details, *case.hints))
