"""Known mistakes are recognised in code as students write it; unknown ones get no name."""

from __future__ import annotations

import numpy as np

import autograder
from autograder.exercises.unit05 import average_pooling, convolution, convolution_gradients
from nnlib.convolution import conv2d_backward
from nnlib.pooling import avg_pool2d_backward, global_avg_pool_forward


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


def test_right_code_in_other_words_passes():
    assert grade("conv2d_forward", convolution.by_einsum).passed
    assert grade("avg_pool2d_backward", avg_pool2d_backward).passed
