"""Where windows lie and how many fit."""

import numpy as np
import pytest

from nnlib.windows import (
    batch_first,
    batch_last,
    conv_output_size,
    cut,
    frame,
    output_shape,
    pad,
    pair,
    shifted,
    windows,
)


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_output_size_counts_the_positions_where_the_kernel_fits(kernel, stride, padding):
    for size in range(max(1, kernel - 2 * padding), 12):
        starts = range(0, size + 2 * padding - kernel + 1, stride)
        assert conv_output_size(size, kernel, stride, padding) == len(starts)


def test_the_lectures_network_keeps_its_size_under_3_by_3_kernels_and_halves_it_under_pooling():
    assert conv_output_size(224, 3, 1, 1) == 224
    assert conv_output_size(224, 2, 2) == 112
    assert conv_output_size(5, 3) == 3


def test_a_leftover_is_floored_away():
    assert conv_output_size(8, 3, 2) == conv_output_size(7, 3, 2) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 3), "size must be at least 1, got 0"),
        ((5, 0), "kernel must be at least 1, got 0"),
        ((5, 3, 0), "stride must be at least 1, got 0"),
        ((5, 3, -1), "stride must be at least 1, got -1"),
        ((5, 3, 1, -1), "padding must be at least 0, got -1"),
        ((3, 5), r"a kernel of 5 does not fit into size \+ 2·padding = 3 \+ 2·0 = 3: .* padding of at least 1"),
        ((3, 8, 1, 1), r"a kernel of 8 does not fit into .* = 3 \+ 2·1 = 5: .* padding of at least 3"),
    ],
)
def test_impossible_sizes_are_refused_with_the_numbers_and_a_fix(arguments, message):
    with pytest.raises(ValueError, match=message):
        conv_output_size(*arguments)


def test_the_padding_that_the_error_proposes_is_the_smallest_that_fits():
    for size, kernel in [(3, 5), (3, 8), (1, 2), (4, 7)]:
        proposed = (kernel - size + 1) // 2
        assert conv_output_size(size, kernel, 1, proposed) >= 1
        with pytest.raises(ValueError, match="does not fit"):
            conv_output_size(size, kernel, 1, proposed - 1)


def test_the_error_names_the_axis():
    with pytest.raises(ValueError, match="along W: a kernel of 4"):
        output_shape((5, 3), (4, 4), (1, 1))


def test_a_pair_is_an_int_for_both_axes_or_one_for_each():
    assert pair("stride", 2) == (2, 2)
    assert pair("stride", (1, 2)) == pair("stride", [1, 2]) == (1, 2)
    assert pair("stride", np.int64(3)) == (3, 3)


@pytest.mark.parametrize(
    ("value", "error"),
    [((1, 2, 3), ValueError), ((1,), ValueError), (1.5, TypeError), ("2", TypeError), (None, TypeError)],
)
def test_anything_else_is_no_pair(value, error):
    with pytest.raises(error, match=r"stride must be one int or a pair \(along H, along W\), got"):
        pair("stride", value)


def test_the_batch_goes_last_and_comes_back_without_a_copy(rng):
    x = rng.standard_normal((2, 3, 4, 5))
    np.testing.assert_array_equal(batch_last(x)[2, 3, 4], x[:, 2, 3, 4])
    assert np.shares_memory(batch_last(x), x)
    np.testing.assert_array_equal(batch_first(batch_last(x)), x)


def test_padding_puts_zeros_around_and_leaves_an_unpadded_array_alone(rng):
    images = rng.standard_normal((3, 4, 5, 2))
    padded = pad(images, (1, 2))
    np.testing.assert_array_equal(padded, np.pad(images, ((0, 0), (1, 1), (2, 2), (0, 0))))
    np.testing.assert_array_equal(cut(padded, (1, 2)), images)
    assert pad(images, (0, 0)) is images
    assert pad(images[::-1], (0, 0)).flags.c_contiguous


def test_a_frame_cuts_and_adds_zeros_as_its_edges_say(rng):
    images = rng.standard_normal((2, 4, 5, 3))
    framed = frame(images, (-2, 3), (1, 7))
    assert framed.shape == (2, 5, 6, 3)
    np.testing.assert_array_equal(framed[:, 2:, :4], images[:, :3, 1:])
    assert not framed[:, :2].any()
    assert not framed[:, :, 4:].any()
    assert not frame(images, (5, 7), (-3, 0)).any()
    assert frame(images, (0, 4), (0, 5)) is images


@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (4, 1)])
def test_windows_and_shifted_views_are_the_same_elements(rng, stride):
    images = rng.standard_normal((3, 7, 8, 2))
    view = windows(images, (3, 2), stride)
    assert np.shares_memory(view, images)
    for k, part in enumerate(shifted(images, (3, 2), stride)):
        np.testing.assert_array_equal(part, view[:, k // 2, k % 2])


def test_a_window_starts_at_stride_times_its_position(rng):
    images = rng.standard_normal((3, 7, 8, 2))
    view = windows(images, (3, 2), (2, 3))
    np.testing.assert_array_equal(view[2, :, :, 1, 2, 1], images[2, 2:5, 6:8, 1])
