"""Convolution layers as deep-learning libraries have them: cross-correlation, the kernel is not flipped.

All of it is one idea. The windows of the input are the rows of a matrix (`im2col`), a convolution is that matrix
times the filters, dw is dout times that matrix, and dx is itself a convolution, of dout with the filters turned
around (or, the other way to see it, dout times the filters, sent back by `col2im`). The layer holds that matrix
transposed, images innermost, and never whole, since all of it is about KH·KW times the input: see
`_column_blocks`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.arrays import BLOCK_BYTES, Array, as_float, as_gradient, as_images, channel_blocks, check_shape
from nnlib.windows import (
    IntPair,
    Pair,
    batch_first,
    batch_last,
    conv_output_size,
    cut,
    frame,
    output_shape,
    pad,
    pair,
    shifted,
    spread,
    windows,
)

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

# (x, w, b, stride, padding), and behind them (dilation, groups) where one of these is not 1
ConvCache: TypeAlias = tuple[Any, ...]

MOST_BYTES = 1 << 23  # laid out at a time: the more rows of windows, the more image rows they share


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
    rows = windows(pad(batch_last(x), border), size, steps).transpose(5, 3, 4, 0, 1, 2).copy()
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
    values = columns.reshape(n, oh, ow, c, size[0] * size[1]).transpose(4, 3, 1, 2, 0)
    padded = np.zeros((c, h + 2 * border[0], w + 2 * border[1], n), columns.dtype)
    for place, value in zip(shifted(padded, size, steps), values, strict=True):
        place += value
    return np.ascontiguousarray(batch_first(cut(padded, border)))


def conv2d_forward(
    x: Array,
    w: Array,
    b: Array,
    stride: IntPair = 1,
    padding: IntPair = 0,
    dilation: IntPair = 1,
    groups: int = 1,
) -> tuple[Array, ConvCache]:
    """Convolution layer: x (N, C, H, W), filters w (F, C/groups, KH, KW), b (F,) -> out (N, F, OH, OW).

    out[n, f] = b[f] + Σ_c correlate2d(x[n, c], w[f, c]). stride, padding and dilation (the distance of neighbours
    in the kernel) are an int or a pair (along H, along W). With groups, filters and channels are split into so
    many parts, and a filter sees the channels of its own part: groups = C is a depthwise convolution.
    Returns (out, cache), cache (x, w, b, stride, padding) as passed, and (dilation, groups) unless both are 1.
    Raises ValueError where the shapes do not fit together or the kernel does not fit.
    """
    layer = _layer(x, w, b, stride, padding, dilation, groups)
    out = np.empty(layer.out_shape, np.result_type(layer.x, layer.w, layer.b))
    _correlate(pad(batch_last(layer.x), layer.padding), layer.w, layer.stride, groups, out, layer.b)
    more = () if layer.dilation == (1, 1) and groups == 1 else (dilation, groups)
    return batch_first(out), (x, w, b, stride, padding, *more)


@overload
def conv2d_backward(
    dout: Array, cache: ConvCache, needs_dx: Literal[True] = True
) -> tuple[Array, Array, Array]: ...
@overload
def conv2d_backward(dout: Array, cache: ConvCache, needs_dx: bool) -> tuple[Array | None, Array, Array]: ...
def conv2d_backward(dout: Array, cache: ConvCache, needs_dx: bool = True) -> tuple[Array | None, Array, Array]:
    """(dx, dw, db) for dout (N, F, OH, OW), each of its own array's shape.

    With columns = im2col(x), and dout as rows (N·OH·OW, F): dw = doutᵀ columns, dx = col2im(dout w), and db is the
    sum of the rows; for the ways to dx, see `_input_gradient`. A first layer needs no dx: with
    needs_dx=False it is None, and not computed.
    Raises ValueError where dout has not out's shape.
    """
    layer = _layer(*cache)
    dout = as_float("dout", dout)
    f, oh, ow, n = layer.out_shape
    axes = {"N": n, "F": f, "OH": oh, "OW": ow}
    check_shape("dout", dout, axes, "dout is ∂L/∂out, of the shape of conv2d_forward's out")
    values = np.ascontiguousarray(batch_last(dout))
    dx, dw = _input_gradient(values, layer) if needs_dx else None, _filter_gradient(values, layer)
    db = values.reshape(f, oh * ow * n) @ np.ones(oh * ow * n, values.dtype)
    x, w, b, *_ = cache
    return (
        None if dx is None else as_gradient(batch_first(dx), of=x),
        as_gradient(dw, of=w),
        as_gradient(db, of=b),
    )


conv2d_forward_fast = conv2d_forward  # students write it with loops, then fast; here it is fast at once


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution's arguments as float arrays and pairs, and the shape (F, OH, OW, N) of its output.

    A dilated filter is one with zeros between its elements: w is (F, C/groups, KH', KW') with them.
    """

    x: Array
    w: Array
    b: Array
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int
    out_shape: tuple[int, int, int, int]


def _correlate(images: Array, w: Array, stride: Pair, groups: int, out: Array, b: Array | None = None) -> None:
    """Write into out (F, OH, OW, N) what filters w (F, C/groups, KH, KW) give on images (C, H, W, N)."""
    filters, parts = _matrices(w, groups), out.reshape(groups, len(out) // groups, *out.shape[1:])
    biases = None if b is None else b.reshape(groups, -1, 1, 1, 1)
    for some, rows, columns in _column_blocks(images, w.shape[2:], stride, groups):
        part = parts[some, :, rows]
        np.matmul(filters[some, None], columns, out=_like_products(part, columns))
        if biases is not None:
            part += biases[some]


def _filter_gradient(dout: Array, layer: _Layer) -> Array:
    """dw for dout (F, OH, OW, N): each filter's dout times all that the filter has seen."""
    images, (f, c, kh, kw) = pad(batch_last(layer.x), layer.padding), layer.w.shape
    turned = np.zeros((layer.groups, kh * kw * c, f // layer.groups), np.result_type(images, dout))
    douts = dout.reshape(layer.groups, f // layer.groups, *dout.shape[1:])
    for some, rows, columns in _column_blocks(images, (kh, kw), layer.stride, layer.groups):
        slopes = _like_products(douts[some, :, rows], columns)
        for r in range(columns.shape[1]):
            turned[some] += columns[:, r] @ slopes[:, r].swapaxes(1, 2)
    apart_h, apart_w = layer.dilation
    dw = turned.swapaxes(1, 2).reshape(f, kh, kw, c).transpose(0, 3, 1, 2)
    return dw[:, :, ::apart_h, ::apart_w]


def _input_gradient(dout: Array, layer: _Layer) -> Array:
    """dx (C, H, W, N) for dout (F, OH, OW, N), by the cheaper of two ways.

    `_gathered` lays out F·KW rows and writes C; `_scattered` adds C·KH·KW, and has nothing to do between strides.
    """
    f, c, *_ = layer.w.shape
    scatters = layer.groups == 1 and (layer.stride != (1, 1) or 2 * c <= f)
    return _scattered(dout, layer) if scatters else _gathered(dout, layer)


def _scattered(dout: Array, layer: _Layer) -> Array:
    """dx by `col2im`, some rows of windows at a time: filtersᵀ dout goes back to the windows' places."""
    (kh, kw), (ph, pw), (f, oh, ow, n) = layer.w.shape[2:], layer.padding, dout.shape
    sh, filters, (c, h, w, _) = layer.stride[0], _matrices(layer.w, 1)[0].T, batch_last(layer.x).shape
    padded = np.zeros((c, h + 2 * ph, w + 2 * pw, n), np.result_type(filters, dout))
    row = len(filters) * ow * n  # values that a row of windows sends back
    step = max(1, min(oh, 2 * BLOCK_BYTES // max(1, row * padded.itemsize)))
    buffer = np.empty(step * row, padded.dtype)
    for start in range(0, oh, step):
        rows = min(step, oh - start)
        columns = buffer[: rows * row].reshape(len(filters), rows * ow * n)
        np.matmul(filters, dout[:, start : start + rows].reshape(f, rows * ow * n), out=columns)
        seen = padded[:, start * sh : (start + rows - 1) * sh + kh]
        parts = columns.reshape(kh * kw, c, rows, ow, n)
        for place, values in zip(shifted(seen, (kh, kw), layer.stride), parts, strict=True):
            place += values
    return np.ascontiguousarray(cut(padded, layer.padding))


def _gathered(dout: Array, layer: _Layer) -> Array:
    """dx by the correlation of dout with the filters turned around.

    With a stride SH, row i of x meets only the filters' rows a, a + SH, … where a = (i + PH) mod SH, and so does
    every SH-th row of x: they have a correlation of their own. It is the same with columns.
    """
    w, (sh, sw), (ph, pw) = layer.w, layer.stride, layer.padding
    dx = np.zeros(batch_last(layer.x).shape, np.result_type(w, dout))
    back = w.reshape(layer.groups, -1, *w.shape[1:]).swapaxes(1, 2)  # (groups, C/groups, F/groups, KH, KW)
    for i, j in np.ndindex(min(sh, dx.shape[1]), min(sw, dx.shape[2])):
        part, met = dx[:, i::sh, j::sw], back[..., (i + ph) % sh :: sh, (j + pw) % sw :: sw]
        if met.size == 0:
            continue  # between the windows
        (_, rows, columns, _), (kh, kw) = part.shape, met.shape[3:]
        top, left = (i + ph) // sh - kh + 1, (j + pw) // sw - kw + 1
        seen = frame(dout, (top, top + kh - 1 + rows), (left, left + kw - 1 + columns))
        turned = met[..., ::-1, ::-1].reshape(len(dx), -1, kh, kw)
        in_one_piece = part if part.flags.c_contiguous else np.empty(part.shape, dx.dtype)
        _correlate(seen, turned, (1, 1), layer.groups, in_one_piece)
        if in_one_piece is not part:
            part[...] = in_one_piece
    return dx


def _matrices(w: Array, groups: int) -> Array:
    """Filters w (F, C/groups, KH, KW) as matrices (groups, F/groups, KH·KW·C/groups)."""
    f, c, kh, kw = w.shape
    matrices = w.transpose(0, 2, 3, 1).reshape(groups, f // groups, kh * kw * c)
    return np.ascontiguousarray(matrices)  # of a view with other steps, matmul makes a slow loop


def _like_products(part: Array, columns: Array) -> Array:
    """Rows of an output, (groups, F/groups, rows, OW, N), as a view in the form of products with their columns."""
    groups, stacked, _, width = columns.shape
    return part.reshape(groups, part.shape[1], stacked, width).swapaxes(1, 2)


def _column_blocks(images: Array, kernel: Pair, stride: Pair, groups: int) -> Iterator[tuple[slice, slice, Array]]:
    """im2col transposed: (which groups, which rows of the output, their columns), a block at a time.

    Columns have shape (groups, products, KH·KW·C/groups, places): one product for each row of the output, or for
    all rows of the block at once. All blocks share one buffer: use a block before asking for the next.
    """
    (c, h, w, n), (kh, kw), sh = images.shape, kernel, stride[0]
    oh, ow = output_shape((h, w), kernel, stride)
    by_group = images.reshape(groups, c // groups, h, w, n)
    if kernel == stride == (1, 1):  # the images are the columns
        yield slice(None), slice(None), by_group.reshape(groups, 1, c // groups, h * w * n)
        return
    blocks = channel_blocks(by_group)
    largest = by_group[blocks[0]]
    row = largest.shape[0] * kw * largest.shape[1] * ow * n  # values of an image row, laid out
    shared = kh >= 2 * sh  # is a row by windows below each other
    fit = min(MOST_BYTES, max(BLOCK_BYTES, 2 * largest.nbytes)) // max(1, row * images.itemsize)
    step = max(1, min(oh, (fit - kh) // sh + 1 if shared else fit // kh))
    buffer = np.empty(((step - 1) * sh + kh if shared else step * kh) * row, images.dtype)
    lay_out = _lay_out_rows if shared else _lay_out_windows
    for some, start in product(blocks, range(0, oh, step)):
        rows = slice(start, min(oh, start + step))
        seen = by_group[some, :, start * sh : (rows.stop - 1) * sh + kh]
        yield some, rows, lay_out(seen, kernel, stride, buffer)


def _lay_out_rows(images: Array, kernel: Pair, stride: Pair, buffer: Array) -> Array:
    """Columns (groups, rows, KH·KW·C/groups, OW·N) of images (groups, C/groups, H, W, N), a product a row.

    Neighbouring rows of windows share most of their image rows, so nothing is copied KH times: an image row is
    laid out once, as KW rows of the matrix, each a column of the image further on, and the columns of a row of
    windows are a view of KH image rows laid out.
    """
    (groups, depth, h, w, n), (kh, kw), (sh, sw) = images.shape, kernel, stride
    ow = output_shape((h, w), kernel, stride)[1]
    shape = groups, h, kw, depth, ow, n
    laid_out = buffer[: prod(shape)].reshape(shape)
    for j in range(kw):
        laid_out[:, :, j] = images[..., j : j + sw * ow : sw, :].swapaxes(1, 2)
    rows = sliding_window_view(laid_out.reshape(groups, h, kw * depth, ow * n), kh, axis=1)[:, ::sh]
    return rows.transpose(0, 1, 4, 2, 3).reshape(groups, rows.shape[1], kh * kw * depth, ow * n)


def _lay_out_windows(images: Array, kernel: Pair, stride: Pair, buffer: Array) -> Array:
    """Columns (groups, 1, KH·KW·C/groups, OH·OW·N): where little is shared, rather one large product."""
    (groups, depth, h, w, n), size = images.shape, prod(kernel)
    oh, ow = output_shape((h, w), kernel, stride)
    shape = groups, size, depth, oh, ow, n
    laid_out = buffer[: prod(shape)].reshape(shape)
    for k, place in enumerate(shifted(images.reshape(groups * depth, h, w, n), kernel, stride)):
        laid_out[:, k] = place.reshape(groups, depth, oh, ow, n)
    return laid_out.reshape(groups, 1, size * depth, oh * ow * n)


def _layer(
    x: Array, w: Array, b: Array, stride: IntPair, padding: IntPair, dilation: IntPair = 1, groups: int = 1
) -> _Layer:
    """A convolution's arguments, once all of it fits."""
    x, w, b = as_images(x), as_float("w", w), as_float("b", b)
    channels, parts = x.shape[1], int(groups)
    if parts < 1 or channels % parts or len(w) % parts:
        raise ValueError(f"groups must divide C = {channels} and F = {len(w)}, got {groups}")
    of = "x" if parts == 1 else f"one of {parts} groups of x"
    fix = f"every filter needs as many channels as {of}, which has shape {x.shape}"
    check_shape("w", w, {"F": None, "C": channels // parts, "KH": None, "KW": None}, fix)
    check_shape("b", b, {"F": len(w)}, f"one bias per filter, and w has shape {w.shape}")
    steps, border, distance = pair("stride", stride), pair("padding", padding), pair("dilation", dilation)
    if min(distance) < 1:
        raise ValueError(f"dilation must be at least 1, got {dilation}")
    shape = len(w), *output_shape(x.shape[2:], spread(w.shape[2:], distance), steps, border), len(x)
    spaced = np.zeros((*w.shape[:2], *spread(w.shape[2:], distance)), w.dtype)
    spaced[:, :, :: distance[0], :: distance[1]] = w
    return _Layer(x, spaced, b, steps, border, distance, parts, shape)
