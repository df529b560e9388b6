"""Convolution layers as deep-learning libraries have them: cross-correlation, the kernel is not flipped.

All of it is one idea. The windows of the input are the rows of a matrix (`im2col`), a convolution is that
matrix times the filters, and the backward pass is two more products and the way back (`col2im`). The layer
works on blocks of that matrix that fit into the processor's cache: all of it is about KH·KW times the input.
"""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, check_shape
from nnlib.windows import IntPair, Pair, conv_output_size, output_shape, pad, pair, shifted, windows

__all__ = [
    "ConvCache",
    "col2im",
    "conv2d_backward",
    "conv2d_forward",
    "conv2d_forward_fast",
    "conv_output_size",
    "correlate2d",
    "im2col",
]

ConvCache: TypeAlias = tuple[Array, Array, Array, IntPair, IntPair]

BLOCK_BYTES = 1 << 21  # larger blocks leave the cache before they are multiplied, smaller ones cost calls


def correlate2d(image: Array, kernel: Array, stride: IntPair = 1, padding: IntPair = 0) -> Array:
    """Cross-correlation of one image (H, W) with one kernel (KH, KW): out (OH, OW).

    out[i, j] = Σ image[i·SH + k, j·SW + l] · kernel[k, l] over all (k, l), the image padded with zeros.
    stride and padding are an int or a pair (along H, along W).
    Raises ValueError where the kernel does not fit.
    """
    image, kernel = as_float("image", image), as_float("kernel", kernel)
    check_shape("image", image, {"H": None, "W": None}, "one channel; conv2d_forward takes batches")
    check_shape("kernel", kernel, {"KH": None, "KW": None}, "one kernel; conv2d_forward takes filters")
    shape = output_shape(image.shape, kernel.shape, pair("stride", stride), pair("padding", padding))
    columns = im2col(image[None, None], kernel.shape, stride, padding)
    return (columns @ kernel.ravel()).reshape(shape)


def im2col(x: Array, kernel: IntPair, stride: IntPair = 1, padding: IntPair = 0) -> Array:
    """The windows of x (N, C, H, W) as the rows of a matrix (N·OH·OW, C·KH·KW).

    Rows in order (n, oh, ow), columns in order (c, kh, kw), so that `columns @ w.reshape(F, -1).T + b` is a
    convolution. kernel, stride and padding are an int or a pair.
    Raises ValueError where the kernel does not fit.
    """
    x = as_images(x)
    size, steps, border = pair("kernel", kernel), pair("stride", stride), pair("padding", padding)
    oh, ow = output_shape(x.shape[2:], size, steps, border)
    rows = windows(pad(x, border), size, steps).transpose(0, 4, 5, 1, 2, 3).copy()
    return rows.reshape(len(x) * oh * ow, x.shape[1] * size[0] * size[1])


def col2im(
    columns: Array, x_shape: tuple[int, ...], kernel: IntPair, stride: IntPair = 1, padding: IntPair = 0
) -> Array:
    """The adjoint of `im2col`: columns (N·OH·OW, C·KH·KW) go back to their places in x (N, C, H, W).

    Where windows overlap, the values add up (so it is not the inverse); places that no window covers are 0;
    the padding is cut off. Raises ValueError where columns has not the shape that im2col gives for x_shape.
    """
    columns = as_float("columns", columns)
    size, steps, border = pair("kernel", kernel), pair("stride", stride), pair("padding", padding)
    n, c, h, w = x_shape
    oh, ow = output_shape((h, w), size, steps, border)
    axes = {"N·OH·OW": n * oh * ow, "C·KH·KW": c * size[0] * size[1]}
    check_shape("columns", columns, axes, f"im2col's result for x of shape {tuple(x_shape)} has it")
    values = columns.reshape(n, oh, ow, c, size[0] * size[1]).transpose(4, 0, 3, 1, 2)
    padded = np.zeros((n, c, h + 2 * border[0], w + 2 * border[1]), columns.dtype)
    for place, value in zip(shifted(padded, size, steps), values, strict=True):
        place += value
    return _cut(padded, border)


def conv2d_forward(
    x: Array, w: Array, b: Array, stride: IntPair = 1, padding: IntPair = 0
) -> tuple[Array, ConvCache]:
    """Convolution layer: x (N, C, H, W), filters w (F, C, KH, KW), b (F,) -> out (N, F, OH, OW).

    out[n, f] = b[f] + Σ_c correlate2d(x[n, c], w[f, c]). stride and padding are an int or a pair (along H,
    along W). Returns (out, cache), cache (x, w, b, stride, padding) as passed.
    Raises ValueError where the shapes do not fit together or the kernel does not fit.
    """
    cache = (x, w, b, stride, padding)
    x, w, b, steps, border, shape = _checked(cache)
    filters = w.reshape(len(w), -1)
    out = np.empty(shape, np.result_type(x, w, b))
    for images, rows, columns in _column_blocks(pad(x, border), w.shape[2:], steps):
        part = out[images, :, rows].swapaxes(0, 1)
        part[...] = (filters @ columns + b[:, None]).reshape(part.shape)
    return out, cache


def conv2d_backward(dout: Array, cache: ConvCache) -> tuple[Array, Array, Array]:
    """(dx, dw, db) for dout (N, F, OH, OW), each of its own array's shape.

    With columns = im2col(x), and dout as rows (N·OH·OW, F): dw = doutᵀ columns, dx = col2im(dout w), and
    db is the sum of the rows. Raises ValueError where dout has not out's shape.
    """
    x, w, _, steps, border, shape = _checked(cache)
    dout = as_float("dout", dout)
    axes = dict(zip(("N", "F", "OH", "OW"), shape, strict=True))
    check_shape("dout", dout, axes, "dout is ∂L/∂out, of the shape of conv2d_forward's out")
    padded = pad(x, border)
    filters = w.reshape(len(w), -1)
    dw = np.zeros(filters.shape, np.result_type(x, dout))
    dx = np.zeros(padded.shape, np.result_type(w, dout))
    places = list(shifted(dx, w.shape[2:], steps))
    for images, rows, columns in _column_blocks(padded, w.shape[2:], steps):
        part = dout[images, :, rows].swapaxes(0, 1)
        matrix = part.reshape(len(w), -1)
        dw += matrix @ columns.T
        values = (filters.T @ matrix).reshape(x.shape[1], len(places), *part.shape[1:])
        for k, place in enumerate(places):
            place[images, :, rows] += values[:, k].swapaxes(0, 1)
    db = dout.sum(axis=(0, 2, 3))
    return (
        as_gradient(_cut(dx, border), of=cache[0]),
        as_gradient(dw.reshape(w.shape), of=cache[1]),
        as_gradient(db, of=cache[2]),
    )


conv2d_forward_fast = conv2d_forward  # students write it with loops, then fast; here it is fast at once


def _column_blocks(x: Array, kernel: Pair, stride: Pair) -> Iterator[tuple[slice, slice, Array]]:
    """im2col(x) transposed, (C·KH·KW, …), in blocks of about BLOCK_BYTES: (images, output rows, block).

    A block holds several whole images, or else some output rows of one. Its columns are in order (n, oh, ow).
    All blocks share one buffer: use a block before asking for the next.
    """
    view = windows(x, kernel, stride).transpose(1, 2, 3, 0, 4, 5)
    n, oh, ow = view.shape[3:]
    height = view.shape[0] * kernel[0] * kernel[1]
    fit = max(1, BLOCK_BYTES // max(1, height * ow * x.itemsize))  # output rows a block
    many, rows = min(n, max(1, fit // oh)), min(fit, oh)
    buffer = np.empty(height * many * rows * ow, x.dtype)
    for image in range(0, n, max(1, many)):
        for row in range(0, oh, rows):
            place = slice(image, image + many), slice(row, row + rows)
            part = view[:, :, :, place[0], place[1]]
            block = buffer[: part.size].reshape(part.shape)
            block[...] = part
            yield *place, block.reshape(height, -1)


def _cut(padded: Array, padding: Pair) -> Array:
    """What `pad` put zeros around."""
    (rows, columns), (h, w) = padding, padded.shape[2:]
    return np.ascontiguousarray(padded[:, :, rows : h - rows, columns : w - columns])


def _checked(cache: ConvCache) -> tuple[Array, Array, Array, Pair, Pair, tuple[int, int, int, int]]:
    """A convolution's arguments as float arrays and pairs, and its output's shape, once all of it fits."""
    x, w, b = as_images(cache[0]), as_float("w", cache[1]), as_float("b", cache[2])
    channels = f"every filter needs as many channels as x, which has shape {x.shape}"
    check_shape("w", w, {"F": None, "C": x.shape[1], "KH": None, "KW": None}, channels)
    check_shape("b", b, {"F": len(w)}, f"one bias per filter, and w has shape {w.shape}")
    stride, padding = pair("stride", cache[3]), pair("padding", cache[4])
    shape = len(x), len(w), *output_shape(x.shape[2:], w.shape[2:], stride, padding)
    return x, w, b, stride, padding, shape
