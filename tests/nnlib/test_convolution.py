"""Convolution: worked examples, im2col and col2im as adjoints, and errors that say what to do."""

import tracemalloc

import numpy as np
import pytest

from nnlib import arrays as arrays_module
from nnlib import convolution
from nnlib.convolution import col2im, conv2d_backward, conv2d_forward, correlate2d, im2col

GEOMETRIES = {  # x's shape, kernel, stride, padding
    "plain": ((2, 3, 6, 6), 3, 1, 0),
    "padded": ((2, 3, 6, 6), 3, 1, 1),
    "overlapping, strided": ((2, 3, 7, 7), 3, 2, 1),
    "pairs": ((2, 3, 7, 9), (3, 2), (2, 3), (1, 2)),
    "gaps and leftovers": ((1, 2, 8, 9), 2, 3, 0),
    "one channel, one image": ((1, 1, 4, 5), (2, 3), 1, (0, 2)),
}
geometries = pytest.mark.parametrize(
    ("x_shape", "kernel", "stride", "padding"), GEOMETRIES.values(), ids=GEOMETRIES
)


def test_a_kernel_is_laid_on_the_image_without_flipping_it():
    image = np.arange(9.0).reshape(3, 3)
    kernel = np.array([[1.0, 0.0], [0.0, -2.0]])
    np.testing.assert_array_equal(correlate2d(image, kernel), [[0 - 8, 1 - 10], [3 - 14, 4 - 16]])


def test_stride_and_padding_of_one_image():
    image = np.ones((4, 5))
    corners = correlate2d(image, np.ones((3, 3)), stride=(3, 2), padding=1)
    np.testing.assert_array_equal(corners, [[4, 6, 4], [4, 6, 4]])


def test_correlation_keeps_float32_and_computes_integers_in_float64():
    kernel = np.array([[1, -1]])
    assert correlate2d(np.ones((3, 3), np.uint8), kernel).dtype == np.float64
    assert correlate2d(np.ones((3, 3), np.float32), kernel.astype(np.float32)).dtype == np.float32


def test_a_layer_sums_the_correlations_of_its_channels_and_adds_the_bias(rng):
    x, w, b = rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((4, 3, 2, 3)), rng.standard_normal(4)
    out, _ = conv2d_forward(x, w, b, stride=(1, 2), padding=(2, 1))
    for n in range(2):
        for f in range(4):
            expected = b[f] + sum(correlate2d(x[n, c], w[f, c], (1, 2), (2, 1)) for c in range(3))
            np.testing.assert_allclose(out[n, f], expected)


def test_the_cache_holds_the_arguments_as_passed(rng):
    x, w, b = rng.integers(0, 9, (1, 1, 4, 4)), rng.standard_normal((1, 1, 2, 2)), np.zeros(1)
    _, cache = conv2d_forward(x, w, b, (1, 2))
    assert all(kept is passed for kept, passed in zip(cache[:3], (x, w, b), strict=True))
    assert cache[3:] == ((1, 2), 0)
    assert conv2d_forward(x, w, b, 1, 0, 2)[1][3:] == (1, 0, 2, 1)


def test_a_depthwise_layer_sees_each_channel_alone(rng):
    x, w, b = rng.standard_normal((2, 3, 5, 6)), rng.standard_normal((3, 1, 3, 2)), rng.standard_normal(3)
    out, _ = conv2d_forward(x, w, b, groups=3)
    for c in range(3):
        np.testing.assert_allclose(out[1, c], correlate2d(x[1, c], w[c, 0]) + b[c])


@pytest.mark.parametrize(("settings", "words"), [
    ({"groups": 2}, "groups must divide C = 3 and F = 4, got 2"),
    ({"groups": 0}, "groups must divide C = 3 and F = 4, got 0"),
    ({"dilation": 0}, "dilation must be at least 1, got 0"),
    ({"dilation": 3}, "along H: a kernel of 7 does not fit"),
])  # fmt: skip
def test_groups_and_dilations_that_do_not_fit_are_refused(settings, words):
    with pytest.raises(ValueError, match=words):
        conv2d_forward(np.ones((2, 3, 5, 6)), np.ones((4, 3, 3, 3)), np.ones(4), **settings)


@pytest.mark.parametrize("size", [0, 1000, 4000, 8000])
@pytest.mark.parametrize("settings", [(1, 1), (2, 0), ((1, 2), (2, 1)), (2, 1, 1, 2)])
def test_results_do_not_depend_on_the_size_of_the_blocks(rng, monkeypatch, size, settings):
    groups = settings[3] if len(settings) > 3 else 1
    arrays = rng.standard_normal((5, 4, 9, 7)), rng.standard_normal((6, 4 // groups, 3, 2)), rng.standard_normal(6)
    whole, cache = conv2d_forward(*arrays, *settings)
    dout = rng.standard_normal(whole.shape)
    gradients = conv2d_backward(dout, cache)
    monkeypatch.setattr(convolution, "MOST_BYTES", size)
    monkeypatch.setattr(arrays_module, "BLOCK_BYTES", size)
    np.testing.assert_allclose(conv2d_forward(*arrays, *settings)[0], whole, rtol=1e-12, atol=1e-12)
    for ours, expected in zip(conv2d_backward(dout, cache), gradients, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-12)


def test_a_layer_on_a_large_image_does_not_hold_all_its_columns_at_once(rng):
    x, w = (
        rng.standard_normal((1, 4, 256, 256), dtype=np.float32),
        rng.standard_normal((2, 4, 7, 7), dtype=np.float32),
    )
    all_columns = im2col(x, 7, padding=3).nbytes
    tracemalloc.start()
    _, cache = conv2d_forward(x, w, np.zeros(2, np.float32), padding=3)
    conv2d_backward(np.ones((1, 2, 256, 256), np.float32), cache)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < all_columns / 2


@geometries
def test_columns_times_filters_is_the_convolution(rng, x_shape, kernel, stride, padding):
    x = rng.standard_normal(x_shape)
    size = np.broadcast_to(kernel, 2)
    w, b = rng.standard_normal((4, x_shape[1], *size)), rng.standard_normal(4)
    out, _ = conv2d_forward(x, w, b, stride, padding)
    rows = im2col(x, kernel, stride, padding) @ w.reshape(4, -1).T + b
    np.testing.assert_allclose(rows.reshape(len(x), *out.shape[2:], 4).transpose(0, 3, 1, 2), out)


def test_a_row_is_a_window_with_the_channel_first():
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    columns = im2col(x, (2, 2), stride=(1, 2))
    assert columns.shape == (4, 8)
    np.testing.assert_array_equal(columns[1], [2, 3, 6, 7, 14, 15, 18, 19])
    np.testing.assert_array_equal(columns[2], [4, 5, 8, 9, 16, 17, 20, 21])


@geometries
def test_col2im_is_the_adjoint_of_im2col(rng, x_shape, kernel, stride, padding):
    x = rng.standard_normal(x_shape)
    columns = im2col(x, kernel, stride, padding)
    other = rng.standard_normal(columns.shape)
    back = col2im(other, x_shape, kernel, stride, padding)
    assert back.shape == x_shape
    assert (columns * other).sum() == pytest.approx((x * back).sum(), rel=1e-12)


def test_overlapping_windows_add_up():
    counts = col2im(np.ones((4, 4)), (1, 1, 3, 3), 2)
    np.testing.assert_array_equal(counts[0, 0], [[1, 2, 1], [2, 4, 2], [1, 2, 1]])


def test_places_that_no_window_covers_get_zero():
    back = col2im(np.ones((1, 4)), (1, 1, 3, 4), 2, stride=3)
    np.testing.assert_array_equal(back[0, 0], [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("kernel", [1, 2, (1, 4)])
def test_im2col_and_col2im_keep_their_inputs_and_their_float_dtype(dtype, kernel):
    x = np.arange(32).reshape(2, 1, 4, 4).astype(dtype)
    columns = im2col(x, kernel)
    assert columns.dtype == (np.float32 if dtype == np.float32 else np.float64)
    assert not np.shares_memory(columns, x)
    columns += 1
    back = col2im(columns, x.shape, kernel)
    assert back.dtype == columns.dtype
    assert not np.shares_memory(back, columns)
    np.testing.assert_array_equal(x.ravel(), np.arange(32))


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "b_shape", "message"),
    [
        (
            (2, 3, 5, 5),
            (4, 1, 3, 3),
            (4,),
            r"w must have shape \(F, C, KH, KW\) with C = 3, got \(4, 1, 3, 3\): "
            r"every filter needs as many channels as x, which has shape \(2, 3, 5, 5\)",
        ),
        ((3, 5, 5), (4, 3, 3, 3), (4,), r"x must have shape \(N, C, H, W\), got \(3, 5, 5\): .* x\[None\]"),
        ((2, 3, 5, 5), (3, 3, 3), (4,), r"w must have shape \(F, C, KH, KW\) with C = 3, got \(3, 3, 3\)"),
        (
            (2, 3, 5, 5),
            (4, 3, 3, 3),
            (1, 4),
            r"b must have shape \(F,\) with F = 4, got \(1, 4\): one bias per filter",
        ),
        ((2, 3, 5, 5), (4, 3, 3, 6), (4,), "along W: a kernel of 6 does not fit"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_a_fix(x_shape, w_shape, b_shape, message):
    with pytest.raises(ValueError, match=message):
        conv2d_forward(np.ones(x_shape), np.ones(w_shape), np.ones(b_shape))


def test_one_image_is_no_batch():
    with pytest.raises(ValueError, match=r"image must have shape \(H, W\), got \(1, 5, 5\): .*conv2d_forward"):
        correlate2d(np.ones((1, 5, 5)), np.ones((3, 3)))
    with pytest.raises(ValueError, match=r"kernel must have shape \(KH, KW\), got \(3,\)"):
        correlate2d(np.ones((5, 5)), np.ones(3))
    with pytest.raises(ValueError, match=r"x must have shape \(N, C, H, W\), got \(5, 5\)"):
        im2col(np.ones((5, 5)), 3)


def test_columns_of_another_image_are_refused():
    with pytest.raises(ValueError, match=r"N·OH·OW = 9, C·KH·KW = 18, got \(9, 9\): .* \(1, 2, 5, 5\)"):
        col2im(np.ones((9, 9)), (1, 2, 5, 5), 3)
