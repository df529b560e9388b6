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
from autograder.exercises.unit05 import average_pooling, convolution, convolution_gradients, max_pooling
from nnlib.convolution import conv2d_backward, conv2d_forward, conv_output_size
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


def test_an_interrupt_is_for_the_person_at_the_keyboard():
    def interrupted(*args):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade("im2col", interrupted)


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
    assert "not tried: your function did not return within the time limit" in report.text
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


# backward functions and their partners ---------------------------------------------------------------------


def test_a_wrong_forward_function_does_not_cost_the_points_of_backward():
    for mistake in checking.find("conv2d_forward").misconceptions[::5]:
        assert grade("conv2d_backward", conv2d_backward, forward=mistake.function).passed, mistake.name


def test_a_forward_function_that_raises_does_not_cost_the_points_of_backward():
    def failing(*args):
        raise NotImplementedError

    assert grade("conv2d_backward", conv2d_backward, forward=failing).passed
    assert grade("conv2d_backward", conv2d_backward, forward="nothing").passed


def test_an_own_cache_with_more_in_it_is_accepted():
    def forward(x, size, stride=None):
        out, cache = max_pool2d_forward(x, size, stride)
        return out, (*cache, out)

    def backward(dout, cache):
        *documented, out = cache
        assert out.shape == dout.shape
        return max_pooling.by_masks(dout, tuple(documented))

    assert grade("max_pool2d_forward", forward).passed
    assert grade("max_pool2d_backward", backward, forward=forward).passed
    assert grade("max_pool2d_backward", backward).points == 0  # alone, it gets the documented one


def test_an_own_cache_of_another_form_is_accepted_by_backward_and_costs_forward_its_trait():
    def forward(x, size, stride=None):
        return max_pool2d_forward(x, size, stride)[0], {"x": x, "size": size, "stride": stride}

    def backward(dout, cache):
        return max_pooling.by_masks(dout, (cache["x"], cache["size"], cache["stride"]))

    assert [case.trait for case in grade("max_pool2d_forward", forward).failures] == ["cache as documented"]
    assert grade("max_pool2d_backward", backward, forward=forward).passed


def test_a_cache_that_backward_cannot_use_is_told_and_costs_nothing():
    def forward(*args):
        out, (x, w, b, _, padding) = conv2d_forward(*args)
        return out, (x, w, b, 1, padding)  # the stride is lost

    report = grade("conv2d_backward", conv2d_backward, forward=forward)
    assert report.passed
    assert any("with the cache of your own forward function it is not" in note for note in report.notes)
    assert report.notes[0][:40] in " ".join(report.text.split())


def test_gradients_each_earn_their_share():
    def db_only(dout, cache):
        return None, None, conv2d_backward(dout, cache)[2]

    report = grade("conv2d_backward", db_only)
    assert 1 < report.points < 2.01
    assert {case.mark for case in report.failures} == {"◐", "✗"}


def test_two_mistakes_are_both_named():
    def twice_wrong(dout, cache):
        dx, dw, db = conv2d_backward(dout, cache)
        return dx, dw / len(dout), db.reshape(1, -1)

    names = [mistake.name for mistake in grade("conv2d_backward", twice_wrong).mistakes]
    assert set(names) == {"divides dw by N", "makes db a row (1, F)"}


def test_a_mistake_nobody_knows_is_not_given_a_name():
    def strange(x):
        return np.sin(global_avg_pool_forward(x)[0]), x.shape

    report = grade("global_avg_pool_forward", strange)
    assert report.points < 0.5
    assert not report.mistakes


def test_an_unrelated_exception_everywhere_is_not_taken_for_a_known_mistake():
    def broken(x, *rest):
        return len(5)

    assert not grade("conv2d_forward", broken).mistakes
    assert not grade("max_pool2d_backward", broken).mistakes


# variants of known mistakes, written as students write them -------------------------------------------------


def by_hand_conv(x, w, b, stride=1, padding=0):
    n, c, h, _ = x.shape
    f, _c, k, _ = w.shape
    o = (h + 2 * padding - k) // stride + 1
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    out = np.zeros((n, f, o, o))
    for i in range(o):
        for j in range(o):
            for g in range(f):
                window = xp[:, :, i * stride : i * stride + k, j * stride : j * stride + k]
                out[:, g, i, j] = (window * w[g]).sum(axis=(1, 2, 3)) + b[g]
    return out, (x, w, b, stride, padding)


def test_the_square_layer_of_the_textbook_is_recognised():
    names = {mistake.name for mistake in grade("conv2d_forward", by_hand_conv).mistakes}
    assert {"takes no pairs", "returns float64 for float32"} & names
    assert "assumes square images" in names


def test_unpadding_with_minus_p_is_recognised_in_students_code():
    def backward(dout, cache):
        x, w, b, stride, padding = cache
        p = padding if isinstance(padding, tuple) else (padding, padding)
        xp = np.pad(x, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])))
        dx, dw, db = convolution_gradients.by_columns(dout, (xp, w, b, stride, 0))
        return dx[:, :, p[0] : -p[0], p[1] : -p[1]], dw, db

    report = grade("conv2d_backward", backward)
    assert [mistake.name for mistake in report.mistakes] == ["unpads dx with p:-p"]
    assert {case.trait for case in report.failures} == {
        "no padding", "padding along one axis", "stride and padding left out", "everything at once",
    }  # fmt: skip


def test_changing_dout_in_place_is_recognised_in_students_code():
    def backward(dout, cache):
        dout /= cache[1] ** 2
        return average_pooling.backward_loops(dout * cache[1] ** 2, cache)

    report = grade("avg_pool2d_backward", backward)
    traits = {case.trait for case in report.failures}
    assert {"dout and cache unchanged", "called twice", "read-only arrays"} <= traits
    assert "your function changed dout, which came in from outside" in report.text or traits > {"called twice"}


def test_right_code_in_other_words_passes():
    assert grade("conv2d_forward", convolution.by_einsum).passed
    assert grade("avg_pool2d_backward", avg_pool2d_backward).passed


# bug hunts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "words"), [
    ("tied maxima", "expected a tuple (x, size, stride)"), (None, "got None"), ((1, 2), "a tuple of 2"),
    ((np.ones((1, 1, 3000, 3000)), 1500, 1), "too large to be tried"),
    ((np.ones((1, 1, 4, 4)), 10**9, 1), "int up to"),
    ((np.full((1, 1, 4, 4), np.nan), 2, 2), "finite"), ((np.zeros((0, 1, 4, 4)), 2, 2), "finite"),
    ((np.ones((4, 4)), 2, 2), "does not take this input"), ((np.ones((1, 1, 4, 4)), 9, 1), "does not take"),
    ((np.ones((1, 1, 4, 4)), 2, 0), "does not take"), ((np.ones((1, 1, 4, 4)), (2, 2, 2), 1), "does not take"),
    ((np.ones((1, 1, 4, 4)), "2", 1), "expected an array"), ((np.ones((1, 1, 4, 4)), None, None), "does not take"),
    ((1, 2, 3), "does not take"), ((np.ones((1, 1, 100, 100)), 50, 1), "too large to be tried"),
])  # fmt: skip
def test_a_hunt_that_returns_no_input_is_told_why(value, words):
    report = grade("hunt_pool_bug", lambda: value)
    assert report.points == 0
    assert words in report.text


def test_a_hunt_earns_by_what_it_exposes():
    tied_only = grade("hunt_pool_bug", lambda: (np.ones((1, 1, 4, 4)), 2, 2))
    assert 0 < tied_only.points < 2
    assert [case.trait for case in tied_only.cases if case.passed][:2] == [
        "equal values: all get dout", "equal values: the last gets dout",
    ]  # fmt: skip


def test_the_function_of_a_hunt_is_called_once():
    calls = []

    def hunt():
        calls.append(1)
        return checking.find("hunt_conv_bug").reference()

    assert grade("hunt_conv_bug", hunt).passed
    assert len(calls) == 1


def test_a_layer_as_lists_and_numpy_ints_is_understood():
    x, w, b, _, _ = checking.find("hunt_conv_bug").reference()
    assert grade("hunt_conv_bug", lambda: [x, w, b, [2, 1], (0, 1)]).passed


@pytest.mark.parametrize(
    "dtype", [bool, np.int8, np.uint8, np.uint64, np.float16, np.longdouble, complex, object, str]
)
def test_results_of_any_dtype_are_survived(dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = grade("avg_pool2d_backward", lambda d, cache: avg_pool2d_backward(d, cache).astype(dtype))
    assert report.points == 0
    assert report.failures[0].summary


def test_reports_hold_plain_data_only():
    report = grade("conv2d_backward", lambda dout, cache: object())
    assert json.dumps([case.summary for case in report.cases])
    assert all(type(line) is str for case in report.cases for line in (case.summary, *case.details, *case.hints))
