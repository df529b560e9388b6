"""Known mistakes are recognised in code as students write it; unknown ones get no name."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import checking
from autograder.exercises.unit05 import average_pooling, convolution, convolution_gradients
from autograder.exercises.unit05.geometry import both, padded
from autograder.recognition import Lineup
from nnlib.arrays import as_float
from nnlib.convolution import conv2d_backward
from nnlib.pooling import avg_pool2d_backward, global_avg_pool_forward, max_pool2d_forward


def grade(name, function, forward=None, seed=1):
    return autograder.grade(name, function, forward=forward, rng=np.random.default_rng(seed))


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


def named(name, function):
    return [mistake.name for mistake in grade(name, function).mistakes]


def test_integer_gradients_are_recognised_whatever_is_cut_off_when():
    def backward(dout, cache):
        x, w, b, stride, padding = cache
        (sh, sw), (ph, pw) = both(stride), both(padding)
        inside = padded(x, padding)
        dx, dw = np.zeros_like(inside), np.zeros_like(w)
        for n, f, i, j in np.ndindex(dout.shape):
            place = np.s_[n, :, i * sh : i * sh + w.shape[2], j * sw : j * sw + w.shape[3]]
            dx[place] += (dout[n, f, i, j] * w[f]).astype(dx.dtype)
            dw[f] += (dout[n, f, i, j] * inside[place]).astype(dw.dtype)
        dx = dx[:, :, ph : ph + x.shape[2], pw : pw + x.shape[3]]
        return dx, dw, dout.sum(axis=(0, 2, 3)).astype(b.dtype)

    assert named("conv2d_backward", backward) == ["makes gradients of integers"]


def test_overwritten_winners_are_recognised_though_less_is_overwritten():
    def backward(dout, cache):
        x, size, stride = cache
        (kh, kw), (sh, sw) = both(size), both(size if stride is None else stride)
        dx = np.zeros(x.shape, dout.dtype)
        for n, c, i, j in np.ndindex(dout.shape):
            window = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
            k, m = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, i * sh + k, j * sw + m] = dout[n, c, i, j]
        return dx.astype(as_float("x", x).dtype)

    assert named("max_pool2d_backward", backward) == ["overwrites overlapping windows"]


def test_a_changed_input_is_recognised_whatever_it_is_changed_to():
    def shifting(x, size, stride=None):
        original = x.copy()
        x -= x.min()
        return max_pool2d_forward(original, size, stride)[0], (original, size, stride)

    def scaling(dout, cache):
        dout = as_float("dout", dout)
        dout /= cache[2] * cache[3]
        return dout[:, :, None, None] * np.ones(cache, dout.dtype)

    assert named("max_pool2d_forward", shifting) == ["changes x in place"]
    assert named("global_avg_pool_backward", scaling) == ["changes dout in place"]


def test_exceptions_of_another_matter_are_not_taken_for_exchanged_paddings():
    def backward(dout, cache):
        x, w, b, stride, padding = cache
        size = w.shape[2]
        inside = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        dx, dw = np.zeros(inside.shape), np.zeros(w.shape)
        for n, f, i, j in np.ndindex(len(x), len(w), dout.shape[2], dout.shape[2]):
            place = np.s_[n, :, i * stride : i * stride + size, j * stride : j * stride + size]
            dx[place] += dout[n, f, i, j] * w[f]
            dw[f] += dout[n, f, i, j] * inside[place]
        return dx[:, :, padding : padding + x.shape[2], padding : padding + x.shape[2]], dw, dout.sum((0, 2, 3))

    assert set(named("conv2d_backward", backward)) == {"takes no pairs", "assumes square images"}


@pytest.mark.parametrize(("name", "change"), [
    ("conv2d_backward", lambda gradients, cache: (gradients[0] + 1, *gradients[1:])),
    ("avg_pool2d_backward", lambda dx, cache: dx * (both(cache[1])[0] / both(cache[2] or cache[1])[0]) ** 2),
    ("max_pool2d_backward", lambda dx, cache: dx[:, ::-1]),
])  # fmt: skip
def test_a_mistake_of_another_manner_is_not_given_the_name_of_one_in_the_same_cases(name, change):
    reference = checking.find(name).reference

    def strange(*args):
        return change(reference(*args), *args[1:])

    assert not named(name, strange)


def test_want_of_memory_has_no_name():
    def hungry(*args):
        return np.ones((1 << 40, 1 << 10))

    assert not named("conv2d_forward", hungry)


def test_a_stub_is_not_compared_with_mistakes(monkeypatch):
    def stub(*args):
        raise NotImplementedError

    monkeypatch.setattr(Lineup, "show", lambda *args: pytest.fail("compared"))
    for name in ("conv2d_backward", "conv_output_size", "im2col", "hunt_pool_bug"):
        assert grade(name, stub).points == 0
    for name in ("conv2d_backward", "conv2d_forward", "im2col"):
        assert grade(name, lambda *args: None).points == 0


def test_one_exception_everywhere_is_looked_for_at_one_place(monkeypatch):
    """A wrong signature must not train all the networks that a known mistake would train."""
    looked, show = [], Lineup.show
    monkeypatch.setattr(
        Lineup, "show", lambda *args: looked.append(list(args[2])) or show(args[0], args[1], looked[-1])
    )
    assert named("conv2d_backward", lambda: 0) == []
    assert [len(numbers) for numbers in looked] == [1] * len(checking.find("conv2d_backward").misconceptions)


def test_right_code_in_other_words_passes():
    assert grade("conv2d_forward", convolution.by_einsum).passed
    assert grade("avg_pool2d_backward", avg_pool2d_backward).passed
