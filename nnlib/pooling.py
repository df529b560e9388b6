"""Pooling: each channel's windows, summed up in one number. What the stride does not cover is left out."""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, check_shape
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

PoolCache: TypeAlias = tuple[Array, IntPair, IntPair | None]


def max_pool2d_forward(x: Array, size: IntPair, stride: IntPair | None = None) -> tuple[Array, PoolCache]:
    """The largest value of every window: x (N, C, H, W) -> out (N, C, OH, OW).

    size and stride are an int or a pair (along H, along W); a stride of None means size.
    Returns (out, cache), cache (x, size, stride) as passed. Raises ValueError where no window fits.
    """
    return batch_first(_maximum(_parts(_images(x), size, stride))), (x, size, stride)


def max_pool2d_backward(dout: Array, cache: PoolCache) -> Array:
    """dx for dout (N, C, OH, OW): each element goes to the place its window's maximum came from.

    Of tied maxima the first (row by row) gets it all. Where windows overlap, what arrives adds up.
    Raises ValueError where dout has not out's shape.
    """
    x, size, stride = cache
    images = _images(x)
    dout = _checked_dout(dout, _parts(images, size, stride)[0].shape)
    dx = np.zeros_like(images, dout.dtype)
    for c in range(len(images)):  # one channel stays in the cache, where it is read several times
        _send_to_maxima(dout[c], _parts(images[c : c + 1], size, stride), _parts(dx[c : c + 1], size, stride))
    return as_gradient(batch_first(dx), x)


def _send_to_maxima(dout: Array, parts: list[Array], places: list[Array]) -> None:
    """Add dout to where each window's first maximum is; parts and places are the windows' elements in turn."""
    out = _maximum(parts)
    waiting = np.ones_like(out, bool)  # windows whose maximum has not been met yet
    for part, place in zip(parts, places, strict=True):
        first = (part == out) & waiting
        waiting ^= first
        place += dout * first


def avg_pool2d_forward(x: Array, size: IntPair, stride: IntPair | None = None) -> tuple[Array, PoolCache]:
    """The mean of every window: x (N, C, H, W) -> out (N, C, OH, OW).

    size and stride are an int or a pair (along H, along W); a stride of None means size.
    Returns (out, cache), cache (x, size, stride) as passed. Raises ValueError where no window fits.
    """
    first, *others = _parts(_images(x), size, stride)
    out = first.copy(order="K")
    for part in others:
        out += part
    out /= 1 + len(others)
    return batch_first(out), (x, size, stride)


def avg_pool2d_backward(dout: Array, cache: PoolCache) -> Array:
    """dx for dout (N, C, OH, OW): each element is shared out evenly over its window's places.

    Where windows overlap, what arrives adds up. Raises ValueError where dout has not out's shape.
    """
    x, size, stride = cache
    images = _images(x)
    dout = _checked_dout(dout, _parts(images, size, stride)[0].shape)
    dx = np.zeros_like(images, dout.dtype)
    places = _parts(dx, size, stride)
    share = dout / len(places)
    for place in places:
        place += share
    return as_gradient(batch_first(dx), x)


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
    out = parts[0].copy(order="K")
    for part in parts[1:]:
        np.maximum(out, part, out=out)
    return out


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
