"""Pooling: each channel's windows, summed up in one number. What the stride does not cover is left out."""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, check_shape
from nnlib.windows import IntPair, pair, shifted

__all__ = [
    "PoolCache",
    "avg_pool2d_backward",
    "avg_pool2d_forward",
    "global_avg_pool_backward",
    "global_avg_pool_forward",
    "max_pool2d_backward",
    "max_pool2d_forward",
]

PoolCache: TypeAlias = tuple[Array, IntPair, IntPair | None]


def max_pool2d_forward(x: Array, size: IntPair, stride: IntPair | None = None) -> tuple[Array, PoolCache]:
    """The largest value of every window: x (N, C, H, W) -> out (N, C, OH, OW).

    size and stride are an int or a pair (along H, along W); a stride of None means size.
    Returns (out, cache), cache (x, size, stride) as passed. Raises ValueError where no window fits.
    """
    return _maximum(_parts(as_images(x), size, stride)), (x, size, stride)


def max_pool2d_backward(dout: Array, cache: PoolCache) -> Array:
    """dx for dout (N, C, OH, OW): each element goes to the place its window's maximum came from.

    Of tied maxima the first (row by row) gets it all. Where windows overlap, what arrives adds up.
    Raises ValueError where dout has not out's shape.
    """
    x, size, stride = cache
    parts = _parts(as_images(x), size, stride)
    out = _maximum(parts)
    dout = _checked_dout(dout, out.shape)
    dx = np.zeros(np.shape(x), dout.dtype)
    waiting = np.ones(out.shape, bool)  # windows whose maximum has not been met yet
    for part, place in zip(parts, _parts(dx, size, stride), strict=True):
        first = (part == out) & waiting
        waiting ^= first
        place += dout * first
    return as_gradient(dx, x)


def avg_pool2d_forward(x: Array, size: IntPair, stride: IntPair | None = None) -> tuple[Array, PoolCache]:
    """The mean of every window: x (N, C, H, W) -> out (N, C, OH, OW).

    size and stride are an int or a pair (along H, along W); a stride of None means size.
    Returns (out, cache), cache (x, size, stride) as passed. Raises ValueError where no window fits.
    """
    first, *others = _parts(as_images(x), size, stride)
    out = first.copy()
    for part in others:
        out += part
    return out / (1 + len(others)), (x, size, stride)


def avg_pool2d_backward(dout: Array, cache: PoolCache) -> Array:
    """dx for dout (N, C, OH, OW): each element is shared out evenly over its window's places.

    Where windows overlap, what arrives adds up. Raises ValueError where dout has not out's shape.
    """
    x, size, stride = cache
    shape = _parts(as_images(x), size, stride)[0].shape
    dout = _checked_dout(dout, shape)
    dx = np.zeros(np.shape(x), dout.dtype)
    places = _parts(dx, size, stride)
    share = dout / len(places)
    for place in places:
        place += share
    return as_gradient(dx, x)


def global_avg_pool_forward(x: Array) -> tuple[Array, tuple[int, ...]]:
    """The mean of every channel: x (N, C, H, W) -> out (N, C). Returns (out, cache), cache x's shape."""
    x = as_images(x)
    return x.mean(axis=(2, 3)), x.shape


def global_avg_pool_backward(dout: Array, cache: tuple[int, ...]) -> Array:
    """dx (N, C, H, W), of dout's dtype, for dout (N, C): each element is shared out over its channel.

    Raises ValueError where dout has not out's shape.
    """
    n, c, h, w = cache
    dout = as_float("dout", dout)
    check_shape("dout", dout, {"N": n, "C": c}, "dout is ∂L/∂out, of global_avg_pool_forward's out's shape")
    return np.broadcast_to(dout[:, :, None, None] / (h * w), cache).copy()


def _maximum(parts: list[Array]) -> Array:
    """The elementwise maximum of arrays of one shape."""
    out = parts[0].copy()
    for part in parts[1:]:
        np.maximum(out, part, out=out)
    return out


def _parts(x: Array, size: IntPair, stride: IntPair | None) -> list[Array]:
    """The windows of x as KH·KW views (N, C, OH, OW): the first element of each window, the second, …"""
    kernel = pair("size", size)
    return list(shifted(x, kernel, kernel if stride is None else pair("stride", stride)))


def _checked_dout(dout: Array, shape: tuple[int, ...]) -> Array:
    dout = as_float("dout", dout)
    axes = dict(zip(("N", "C", "OH", "OW"), shape, strict=True))
    check_shape("dout", dout, axes, "dout is ∂L/∂out, of the forward function's out's shape")
    return dout
