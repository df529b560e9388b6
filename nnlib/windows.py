"""The geometry that convolution and pooling share: where a window lies, and how many fit."""

from collections.abc import Iterator
from operator import index
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.arrays import Array

__all__ = ["IntPair", "blocks", "conv_output_size", "output_shape", "pad", "pair", "shifted", "windows"]

IntPair: TypeAlias = int | tuple[int, int]

CACHE_BYTES = (
    1 << 20
)  # a block of columns this large is still in the second-level cache when it is multiplied


def conv_output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many windows fit along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1.

    What the stride does not cover at the end is left over (floored away).

    Raises ValueError where size, kernel or stride is not positive, padding is negative, or the kernel is larger
    than the padded size.
    """
    for name, value, least in (
        ("size", size, 1),
        ("kernel", kernel, 1),
        ("stride", stride, 1),
        ("padding", padding, 0),
    ):
        if value < least:
            raise ValueError(f"{name} must be at least {least}, got {value}")
    if kernel > size + 2 * padding:
        raise ValueError(
            f"a kernel of {kernel} does not fit into size + 2·padding = {size} + 2·{padding} = {size + 2 * padding}: "
            f"use a smaller kernel or a padding of at least {(kernel - size + 1) // 2}"
        )
    return (size + 2 * padding - kernel) // stride + 1


def pair(name: str, value: IntPair) -> tuple[int, int]:
    """An int for both axes, or a pair (along H, along W), as a pair of ints.

    Raises TypeError for anything but integers, ValueError for another number of them.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(values) != 2:
        raise ValueError(f"{name} must be one int or a pair (along H, along W), got {value!r}")
    try:
        return index(values[0]), index(values[1])
    except TypeError:
        raise TypeError(f"{name} must be one int or a pair (along H, along W), got {value!r}") from None


def output_shape(
    image: tuple[int, ...],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int] = (0, 0),
) -> tuple[int, int]:
    """(OH, OW) of an image (H, W): `conv_output_size` along each axis, its error naming the axis."""
    sizes = []
    for axis, *numbers in zip("HW", image, kernel, stride, padding, strict=True):
        try:
            sizes.append(conv_output_size(*numbers))
        except ValueError as error:
            raise ValueError(f"along {axis}: {error}") from None
    return sizes[0], sizes[1]


def pad(x: Array, padding: tuple[int, int]) -> Array:
    """x (N, C, H, W) with padding[0] rows and padding[1] columns of zeros on either side; x itself for (0, 0)."""
    rows, columns = padding
    if not any(padding):
        return x
    n, c, h, w = x.shape
    padded = np.zeros((n, c, h + 2 * rows, w + 2 * columns), x.dtype)
    padded[:, :, rows : rows + h, columns : columns + w] = x
    return padded


def windows(x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Array:
    """Every window of x (N, C, H, W) as a read-only view (N, C, KH, KW, OH, OW), without a copy.

    `windows(…)[:, :, i, j]` is what the kernel's element (i, j) meets at each position of the output.
    """
    view = sliding_window_view(x, kernel, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1]].transpose(0, 1, 4, 5, 2, 3)


def shifted(x: Array, kernel: tuple[int, int], stride: tuple[int, int]) -> Iterator[Array]:
    """The same windows as KH·KW views (N, C, OH, OW) of x, row by row: the first element of each window, the second…

    Within one view no place occurs twice, so it may be added to (where x is the caller's own).
    """
    oh, ow = output_shape(x.shape[2:], kernel, stride)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            yield x[:, :, i : i + stride[0] * oh : stride[0], j : j + stride[1] * ow : stride[1]]


def blocks(images: int, rows: int, row_bytes: int) -> Iterator[tuple[slice, slice]]:
    """Split `images` of `rows` output rows each into blocks (images, rows) of about CACHE_BYTES.

    Several whole images where they fit, else some rows of one image.
    """
    fit = max(1, CACHE_BYTES // max(1, row_bytes))
    per_block = max(1, fit // max(1, rows))
    for n in range(0, images, per_block):
        for row in range(0, rows, min(fit, rows)):
            yield slice(n, n + per_block), slice(row, min(row + fit, rows))
