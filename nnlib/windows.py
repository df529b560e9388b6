"""The geometry that convolution and pooling share: where the windows of an image lie, and how many fit."""

from collections.abc import Iterator
from operator import index
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.arrays import Array

__all__ = [
    "IntPair",
    "Pair",
    "batch_first",
    "batch_last",
    "conv_output_size",
    "cut",
    "frame",
    "output_shape",
    "pad",
    "pair",
    "shifted",
    "spread",
    "windows",
]

Pair: TypeAlias = tuple[int, int]
IntPair: TypeAlias = int | Pair

LEAST = {"size": 1, "kernel": 1, "stride": 1, "padding": 0}


def conv_output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many windows fit along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1.

    What the stride does not cover at the end is left over (floored away).

    Raises ValueError where size, kernel or stride is not positive, padding is negative, or the kernel is
    larger than the padded size.
    """
    for (name, least), value in zip(LEAST.items(), (size, kernel, stride, padding), strict=True):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    padded = size + 2 * padding
    if kernel > padded:
        raise ValueError(
            f"a kernel of {kernel} does not fit into size + 2·padding = {size} + 2·{padding} = {padded}: "
            f"take a smaller kernel, or a padding of at least {(kernel - size + 1) // 2}"
        )
    return (padded - kernel) // stride + 1


def pair(name: str, value: IntPair) -> Pair:
    """An int for both axes, or a pair (along H, along W), as a pair of ints.

    `name` is for the errors: TypeError for anything but integers, ValueError for another number of them.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    wrong = f"{name} must be one int or a pair (along H, along W), got {value!r}"
    if len(values) != 2:
        raise ValueError(wrong)
    try:
        return index(values[0]), index(values[1])
    except TypeError:
        raise TypeError(wrong) from None


def output_shape(
    image: tuple[int, ...],
    kernel: Pair,
    stride: Pair,
    padding: Pair = (0, 0),
) -> Pair:
    """(OH, OW) for an image (H, W): `conv_output_size` along each axis, its error naming the axis."""
    sizes = []
    for axis, *numbers in zip("HW", image, kernel, stride, padding, strict=True):
        try:
            sizes.append(conv_output_size(*numbers))
        except ValueError as error:
            raise ValueError(f"along {axis}: {error}") from None
    return sizes[0], sizes[1]


def batch_last(x: Array) -> Array:
    """x (N, C, H, W) as (C, H, W, N): a view.

    What layers return lies in memory in this order: with the batch innermost every slice of an image is one long
    run, however few its channels.
    """
    return x.transpose(1, 2, 3, 0)


def batch_first(images: Array) -> Array:
    """images (C, H, W, N) as (N, C, H, W): a view."""
    return images.transpose(3, 0, 1, 2)


def pad(images: Array, padding: Pair) -> Array:
    """images (C, H, W, N), in one piece, between padding[0] rows and padding[1] columns of zeros.

    Not a copy where there is no padding and they are in one piece already.
    """
    (rows, columns), (h, w) = padding, images.shape[1:3]
    return frame(images, (-rows, h + rows), (-columns, w + columns))


def frame(images: Array, rows: Pair, columns: Pair) -> Array:
    """images (C, H, W, N), in one piece, from rows[0] to before rows[1], and columns alike; 0 beyond the edges.

    Not a copy where that is all of an array in one piece.
    """
    c, h, w, n = images.shape
    if rows == (0, h) and columns == (0, w):
        return np.ascontiguousarray(images)
    framed = np.zeros((c, rows[1] - rows[0], columns[1] - columns[0], n), images.dtype)
    top, left = (min(max(0, start), size) for start, size in ((rows[0], h), (columns[0], w)))
    inside = images[:, top : max(top, rows[1]), left : max(left, columns[1])]
    (y, x), (height, width) = (top - rows[0], left - columns[0]), inside.shape[1:3]
    framed[:, y : y + height, x : x + width] = inside
    return framed


def cut(padded: Array, padding: Pair) -> Array:
    """What `pad` put zeros around: a view."""
    (rows, columns), (h, w) = padding, padded.shape[1:3]
    return padded[:, rows : h - rows, columns : w - columns]


def windows(images: Array, kernel: Pair, stride: Pair) -> Array:
    """Every window of images (C, H, W, N), as a read-only view (C, KH, KW, OH, OW, N): nothing is copied."""
    view = sliding_window_view(images, kernel, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    return view.transpose(0, 4, 5, 1, 2, 3)


def shifted(images: Array, kernel: Pair, stride: Pair) -> Iterator[Array]:
    """The same windows as KH·KW views (C, OH, OW, N): every window's first element, its second, and on.

    No place occurs twice in one view, so a view of an array of one's own may be added to; where windows overlap,
    different views share places, and the sums add up.
    """
    oh, ow = output_shape(images.shape[1:3], kernel, stride)
    for i, j in np.ndindex(kernel):
        yield images[:, i : i + stride[0] * oh : stride[0], j : j + stride[1] * ow : stride[1]]


def spread(kernel: Pair, dilation: Pair) -> Pair:
    """How much of the image a dilated kernel covers."""
    return dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1
