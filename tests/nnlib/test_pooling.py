"""Pooling: the lecture's example, ties, overlaps, and errors."""

import numpy as np
import pytest

from nnlib import arrays
from nnlib.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool_backward,
    global_avg_pool_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)

LECTURE = np.array([[[[1.0, 3.0], [2.0, 4.0]]]])


def test_the_lectures_window_has_maximum_4_and_mean_2_5():
    assert max_pool2d_forward(LECTURE, 2)[0].item() == 4
    assert avg_pool2d_forward(LECTURE, 2)[0].item() == 2.5
    assert global_avg_pool_forward(LECTURE)[0].item() == 2.5


def test_the_gradient_goes_to_the_maximum_or_to_all_alike():
    _, cache = max_pool2d_forward(LECTURE, 2)
    np.testing.assert_array_equal(max_pool2d_backward(np.full((1, 1, 1, 1), 8.0), cache)[0, 0], [[0, 0], [0, 8]])
    np.testing.assert_array_equal(avg_pool2d_backward(np.full((1, 1, 1, 1), 8.0), cache)[0, 0], [[2, 2], [2, 2]])
    dx = global_avg_pool_backward(np.full((1, 1), 8.0), LECTURE.shape)
    np.testing.assert_array_equal(dx[0, 0], [[2, 2], [2, 2]])


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_of_tied_maxima_the_first_row_by_row_gets_all(value):
    x = np.full((1, 1, 2, 4), value)
    x[0, 0, 0, 2] -= 1  # in the second window the first maximum is at the top right
    _, cache = max_pool2d_forward(x, 2)
    dx = max_pool2d_backward(np.array([[[[5.0, 7.0]]]]), cache)
    np.testing.assert_array_equal(dx[0, 0], [[5, 0, 0, 7], [0, 0, 0, 0]])


def test_a_place_that_wins_several_windows_gets_the_sum():
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 9
    _, cache = max_pool2d_forward(x, 2, 1)
    dx = max_pool2d_backward(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]), cache)
    np.testing.assert_array_equal(dx[0, 0], [[0, 0, 0], [0, 10, 0], [0, 0, 0]])


def test_negative_images_have_negative_maxima(rng):
    x = -1 - rng.random((2, 2, 4, 4))
    assert max_pool2d_forward(x, 2)[0].max() < -1


def test_a_stride_of_none_is_the_size_and_a_leftover_is_left_out(rng):
    x = rng.standard_normal((2, 3, 7, 8))
    out, cache = max_pool2d_forward(x, (2, 3))
    np.testing.assert_array_equal(out, max_pool2d_forward(x[:, :, :6, :6], (2, 3), (2, 3))[0])
    assert cache[1:3] == ((2, 3), None)
    assert cache[0] is x
    dx = max_pool2d_backward(np.ones(out.shape), cache)
    assert not dx[:, :, 6].any()
    assert not dx[:, :, :, 6:].any()


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), ((2, 3), (1, 4)), (17, 1)])
def test_the_documented_cache_is_enough_and_what_is_behind_it_is_the_winner(rng, size, stride):
    x = rng.integers(0, 9, (2, 3, 18, 19))
    out, cache = max_pool2d_forward(x, size, stride)
    dout = rng.standard_normal(out.shape)
    np.testing.assert_array_equal(max_pool2d_backward(dout, cache[:3]), max_pool2d_backward(dout, cache))
    kh, kw = np.broadcast_to(size, 2)
    assert cache[3][2, 0, 0, 1] == x[1, 2, :kh, :kw].argmax()  # winners lie as (C, OH, OW, N)


@pytest.mark.parametrize("forward", [max_pool2d_forward, avg_pool2d_forward])
@pytest.mark.parametrize("block", [1, 700, 1 << 20])
def test_pools_do_not_depend_on_the_size_of_the_blocks(rng, monkeypatch, forward, block):
    backward = max_pool2d_backward if forward is max_pool2d_forward else avg_pool2d_backward
    x = rng.standard_normal((2, 5, 6, 7))
    whole, cache = forward(x, 3, 2)
    dx = backward(whole, cache)
    monkeypatch.setattr(arrays, "BLOCK_BYTES", block)
    np.testing.assert_array_equal(forward(x, 3, 2)[0], whole)
    np.testing.assert_array_equal(backward(whole, cache), dx)


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), (3, 2), ((1, 3), (2, 1))])
def test_pooling_loses_no_gradient(rng, size, stride):
    out, cache = max_pool2d_forward(rng.standard_normal((2, 3, 7, 8)), size, stride)
    dout = rng.standard_normal(out.shape)
    for backward in (max_pool2d_backward, avg_pool2d_backward):
        assert backward(dout, cache).sum() == pytest.approx(dout.sum())


@pytest.mark.parametrize("forward", [max_pool2d_forward, avg_pool2d_forward])
@pytest.mark.parametrize(
    ("x_shape", "size", "stride", "message"),
    [
        ((3, 4, 4), 2, None, r"x must have shape \(N, C, H, W\), got \(3, 4, 4\): .* x\[None\]"),
        ((1, 1, 4, 3), 4, None, "along W: a kernel of 4 does not fit"),
        ((1, 1, 4, 4), 2, 0, "stride must be at least 1, got 0"),
        ((1, 1, 4, 4), 0, None, "kernel must be at least 1, got 0"),
    ],
)
def test_pools_that_do_not_fit_are_refused(forward, x_shape, size, stride, message):
    with pytest.raises(ValueError, match=message):
        forward(np.ones(x_shape), size, stride)
