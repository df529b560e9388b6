"""The geometry that convolution and pooling share: where the windows of an image lie, and how many fit."""

from collections.abc import Iterator
from operator import index
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.arrays import Array

__all__ = ["IntPair", "Pair", "conv_output_size", "output_shape", "pad", "pair", "shifted", "windows"]

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


def pad(x: Array, padding: Pair) -> Array:
    """x (N, C, H, W) between padding[0] rows and padding[1] columns of zeros; x itself where both are 0."""
    if not any(padding):
        return x
    (rows, columns), (n, c, h, w) = padding, x.shape
    padded = np.zeros((n, c, h + 2 * rows, w + 2 * columns), x.dtype)
    padded[:, :, rows : rows + h, columns : columns + w] = x
    return padded


def windows(x: Array, kernel: Pair, stride: Pair) -> Array:
    """Every window of x (N, C, H, W), as a read-only view (N, C, KH, KW, OH, OW): nothing is copied."""
    view = sliding_window_view(x, kernel, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]].transpose(0, 1, 4, 5, 2, 3)


def shifted(x: Array, kernel: Pair, stride: Pair) -> Iterator[Array]:
    """The same windows as KH·KW views (N, C, OH, OW) of x: every window's first element, its second, and on.

    No place of x occurs twice in one view, so a view of an array of one's own may be added to; where windows
    overlap, different views share places, and the sums add up.
    """
    oh, ow = output_shape(x.shape[2:], kernel, stride)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            yield x[:, :, i : i + stride[0] * oh : stride[0], j : j + stride[1] * ow : stride[1]]
