"""Convolution layers as deep-learning libraries have them: cross-correlation, the kernel is not flipped.

All of it is one idea. The windows of the input are the rows of a matrix (`im2col`), a convolution is that
matrix times the filters, and the backward pass is two more products and the way back (`col2im`). The layer
holds that matrix transposed, images innermost, and only a block of it at a time, one that fits into the
processor's cache: all of it is about KH·KW times the input.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, TypeAlias, overload

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, check_shape
from nnlib.windows import (
    IntPair,
    Pair,
    batch_first,
    batch_last,
    conv_output_size,
    cut,
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
    images, filters = pad(batch_last(layer.x), layer.padding), layer.filters
    out = np.empty(layer.out_shape, np.result_type(layer.x, filters, layer.b))
    for place, columns in _column_blocks(images, layer):
        part = out[place]
        np.add((filters @ columns).reshape(part.shape), layer.b[:, None, None, None], out=part)
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

    With columns = im2col(x), and dout as rows (N·OH·OW, F): dw = doutᵀ columns, dx = col2im(dout w), and
    db is the sum of the rows. A first layer needs no dx: with needs_dx=False it is None, and not computed.
    Raises ValueError where dout has not out's shape.
    """
    layer = _layer(*cache)
    dout = as_float("dout", dout)
    f, oh, ow, n = layer.out_shape
    axes = {"N": n, "F": f, "OH": oh, "OW": ow}
    check_shape("dout", dout, axes, "dout is ∂L/∂out, of the shape of conv2d_forward's out")
    values = np.ascontiguousarray(batch_last(dout))
    dx, dw = _gradients(values, layer, needs_dx)
    db = values.reshape(f, -1).sum(axis=1)
    x, w, b, *_ = cache
    return (
        as_gradient(batch_first(dx), of=x) if needs_dx else None,
        as_gradient(dw.reshape(np.shape(w)), of=w),
        as_gradient(db, of=b),
    )


conv2d_forward_fast = conv2d_forward  # students write it with loops, then fast; here it is fast at once


@dataclass(frozen=True, slots=True)
class _Layer:
    """A convolution's arguments as float arrays and pairs, and the shape (F, OH, OW, N) of its output."""

    x: Array
    w: Array
    b: Array
    stride: Pair
    padding: Pair
    dilation: Pair
    groups: int
    out_shape: tuple[int, int, int, int]

    @property
    def kernel(self) -> Pair:
        """(KH, KW)."""
        return self.w.shape[2], self.w.shape[3]

    @property
    def filters(self) -> Array:
        """w as matrices (groups, F/groups, C/groups·KH·KW)."""
        return self.w.reshape(self.groups, len(self.w) // self.groups, -1)


def _gradients(dout: Array, layer: _Layer, needs_dx: bool) -> tuple[Array, Array]:
    """dx (C, H, W, N) and dw (groups, F/groups, …) for dout (F, OH, OW, N); dx is zeros where it is not needed."""
    images, filters = pad(batch_last(layer.x), layer.padding), layer.filters
    dw = np.zeros(filters.shape, np.result_type(images, dout))
    dx = np.zeros(images.shape if needs_dx else (0, 0, 0, 0), np.result_type(filters, dout))
    places = list(shifted(dx, layer.kernel, layer.stride, layer.dilation)) if needs_dx else []
    for place, columns in _column_blocks(images, layer):
        part = dout[place]
        matrix = part.reshape(*filters.shape[:2], -1)
        dw += matrix @ columns.swapaxes(1, 2)
        if needs_dx:
            values = _back(filters, matrix).reshape(len(images), len(places), *part.shape[1:])
            for k, target in enumerate(places):
                target[place] += values[:, k]
    return cut(dx, layer.padding) if needs_dx else dx, dw


def _back(filters: Array, matrix: Array) -> Array:
    """filtersᵀ · matrix for each group; of a single filter an outer product, for which BLAS is slow."""
    turned = filters.swapaxes(1, 2)
    return turned * matrix if filters.shape[1] == 1 else turned @ matrix


def _column_blocks(images: Array, layer: _Layer) -> Iterator[tuple[tuple[slice, ...], Array]]:
    """im2col transposed, (groups, C/groups·KH·KW, …), in blocks of about BLOCK_BYTES, each with its place in out.

    The columns of a block are in order (oh, ow, n). All blocks share one buffer: use a block before asking for
    the next.
    """
    view = windows(images, layer.kernel, layer.stride, layer.dilation)
    depth = int(np.prod(view.shape[:3]))
    steps = _block_shape(view.shape[3:], BLOCK_BYTES // max(1, depth * images.itemsize))
    buffer = np.empty(depth * int(np.prod(steps)), images.dtype)
    ranges = (range(0, size, step) for size, step in zip(view.shape[3:], steps, strict=True))
    for starts in product(*ranges):
        place = tuple(slice(start, start + step) for start, step in zip(starts, steps, strict=True))
        part = view[:, :, :, *place]
        block = buffer[: part.size].reshape(part.shape)
        block[...] = part
        yield (slice(None), *place), block.reshape(layer.groups, depth // layer.groups, -1)


def _block_shape(sizes: tuple[int, ...], fit: int) -> tuple[int, ...]:
    """How much of (OH, OW, N) makes a block of at most `fit` columns: the last axes whole, as far as they go."""
    steps = []
    for size in reversed(sizes):
        steps.append(max(1, min(size, fit)))
        fit //= steps[-1]
    return tuple(reversed(steps))


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
    return _Layer(x, w, b, steps, border, distance, parts, shape)
