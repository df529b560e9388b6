"""Pooling: each channel's windows, summed up in one number. What the stride does not cover is left out."""

from typing import Any, TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, channel_blocks, check_shape
from nnlib.windows import IntPair, batch_first, batch_last, pair, shifted

__all__ = [
    "PoolCache",
    "avg_pool2d_backward",
    "avg_pool2d_forward",
    "global_avg_pool_backward",
    "global_avg_pool_forward",
    "max_pool2d_backward",
    "max_pool2d_forward",
]

# (x, size, stride), and behind them, of a maximum, the place in its window that it came from
PoolCache: TypeAlias = tuple[Any, ...]


def max_pool2d_forward(x: Array, size: IntPair, stride: IntPair | None = None) -> tuple[Array, PoolCache]:
    """The largest value of every window: x (N, C, H, W) -> out (N, C, OH, OW).

    size and stride are an int or a pair (along H, along W); a stride of None means size.
    Returns (out, cache), cache (x, size, stride) as passed and, for the way back, each window's winner: the
    place of its first maximum, counted row by row. Raises ValueError where no window fits.
    """
    out, winners = _maxima(_images(x), size, stride)
    return batch_first(out), (x, size, stride, winners)


def max_pool2d_backward(dout: Array, cache: PoolCache) -> Array:
    """dx for dout (N, C, OH, OW): each element goes to the place its window's maximum came from.

    Of tied maxima the first (row by row) gets it all. Where windows overlap, what arrives adds up.
    (x, size, stride) is enough of a cache. Raises ValueError where dout has not out's shape.
    """
    x, size, stride, *kept = cache
    images, (kh, kw) = _images(x), pair("size", size)
    dout = _checked_dout(dout, _parts(images, size, stride)[0].shape)
    winners = kept[0] if kept else _maxima(images, size, stride)[1]
    dx = np.zeros(images.shape, dout.dtype)
    blocks = channel_blocks(dx)
    largest = dx[blocks[0]]
    numbers = np.arange(largest.size).reshape(largest.shape)  # where each value of a block lies in memory
    starts = _parts(numbers, size, stride)[0].copy()
    steps = numbers[0, :kh, :kw, :1].ravel()  # from a window's start to its elements
    for block in blocks:
        places = np.take(steps, winners[block])
        places += starts[: len(places)]
        np.add.at(dx[block].reshape(-1), places.reshape(-1), dout[block].reshape(-1))
    return as_gradient(batch_first(dx), x)


def _maxima(images: Array, size: IntPair, stride: IntPair | None) -> tuple[Array, Array]:
    """(out, winners): the maximum of every window, and which of the window's elements it is, the first if tied."""
    parts = _parts(images, size, stride)
    out = np.empty(parts[0].shape, images.dtype)
    winners = np.zeros(out.shape, np.min_scalar_type(len(parts)))
    for block in channel_blocks(images):
        best, winner = out[block], winners[block]
        best[...] = parts[0][block]
        for k, part in enumerate(parts[1:], start=1):
            better = part[block] > best
            np.maximum(best, part[block], out=best)
            np.maximum(winner, better * winner.dtype.type(k), out=winner)
    return out, winners


def avg_pool2d_forward(x: Array, size: IntPair, stride: IntPair | None = None) -> tuple[Array, PoolCache]:
    """The mean of every window: x (N, C, H, W) -> out (N, C, OH, OW).

    size and stride are an int or a pair (along H, along W); a stride of None means size.
    Returns (out, cache), cache (x, size, stride) as passed. Raises ValueError where no window fits.
    """
    parts = _parts(_images(x), size, stride)
    out = np.empty(parts[0].shape, parts[0].dtype)
    for block in channel_blocks(out):
        mean = out[block]
        mean[...] = parts[0][block]
        for part in parts[1:]:
            mean += part[block]
        mean /= len(parts)
    return batch_first(out), (x, size, stride)


def avg_pool2d_backward(dout: Array, cache: PoolCache) -> Array:
    """dx for dout (N, C, OH, OW): each element is shared out evenly over its window's places.

    Where windows overlap, what arrives adds up. Raises ValueError where dout has not out's shape.
    """
    x, size, stride, *_ = cache
    images = _images(x)
    dout = _checked_dout(dout, _parts(images, size, stride)[0].shape)
    dx = np.zeros(images.shape, dout.dtype)
    places = _parts(dx, size, stride)
    for block in channel_blocks(dx):
        share = dout[block] / len(places)
        for place in places:
            place[block] += share
    return as_gradient(batch_first(dx), x)


def global_avg_pool_forward(x: Array) -> tuple[Array, tuple[int, ...]]:
    """The mean of every channel: x (N, C, H, W) -> out (N, C). Returns (out, cache), cache x's shape."""
    x = as_images(x)
    return batch_last(x).mean(axis=(1, 2)).T, x.shape


def global_avg_pool_backward(dout: Array, cache: tuple[int, ...]) -> Array:
    """dx (N, C, H, W), of dout's dtype, for dout (N, C): each element is shared out over its channel.

    Raises ValueError where dout has not out's shape.
    """
    n, c, h, w = cache
    dout = as_float("dout", dout)
    check_shape("dout", dout, {"N": n, "C": c}, "dout is ∂L/∂out, of global_avg_pool_forward's out's shape")
    dx = np.empty((c, h, w, n), dout.dtype)
    dx[...] = dout.T[:, None, None] / (h * w)
    return batch_first(dx)


def _images(x: Array) -> Array:
    """x (N, C, H, W) as a view (C, H, W, N), wherever its values lie."""
    return batch_last(as_images(x))


def _parts(images: Array, size: IntPair, stride: IntPair | None) -> list[Array]:
    """The windows as KH·KW views (C, OH, OW, N): the first element of each window, the second, …"""
    kernel = pair("size", size)
    return list(shifted(images, kernel, kernel if stride is None else pair("stride", stride)))


def _checked_dout(dout: Array, shape: tuple[int, ...]) -> Array:
    """dout (N, C, OH, OW) as (C, OH, OW, N), if it has out's shape."""
    dout, (c, oh, ow, n) = as_float("dout", dout), shape
    axes = {"N": n, "C": c, "OH": oh, "OW": ow}
    check_shape("dout", dout, axes, "dout is ∂L/∂out, of the forward function's out's shape")
    return batch_last(dout)
