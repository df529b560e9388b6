"""Right poolings, written in other ways: a check that refuses one of them refuses a good student."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercises.pooling_loops import Array, as_float, at, both, fitting


def _windows(x: Array, size: Any, stride: Any) -> Array:
    """A view (N, C, OH, OW, KH, KW)."""
    step = both(size if stride is None else stride)
    return sliding_window_view(as_float(x), both(size), axis=(2, 3))[:, :, :: step[0], :: step[1]]


def max_by_view(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """One maximum over a view of all windows."""
    return _windows(x, size, stride).max(axis=(4, 5)), (x, size, stride)


def max_by_scalars(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """Every output on its own, with Python's max; a longer cache."""
    kernel, step = both(size), both(size if stride is None else stride)
    images = as_float(x)
    rows, columns = fitting(x.shape[2:], kernel, step)
    out = np.empty((*x.shape[:2], rows, columns), images.dtype)
    for n, c, i, j in np.ndindex(*out.shape):
        out[n, c, i, j] = max(images[n, c][at(i, j, kernel, step)[2:]].ravel())
    return out, (x, size, stride, out)


def avg_by_view(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """One mean over a view of all windows."""
    return _windows(x, size, stride).mean(axis=(4, 5)), (x, size, stride)


def avg_by_einsum(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """The windows times a constant kernel."""
    kernel = both(size)
    images = as_float(x)
    weights = np.full(kernel, 1 / (kernel[0] * kernel[1]), images.dtype)
    return np.einsum("nchwij,ij->nchw", _windows(images, size, stride), weights), (x, size, stride)


def avg_by_running_sums(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """Differences of sums over all rows above and all columns to the left."""
    (kh, kw), (sh, sw) = both(size), both(size if stride is None else stride)
    sums = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (1, 0), (1, 0))).cumsum(2).cumsum(3)
    total = sums[:, :, kh:, kw:] - sums[:, :, :-kh, kw:] - sums[:, :, kh:, :-kw] + sums[:, :, :-kh, :-kw]
    return (total[:, :, ::sh, ::sw] / (kh * kw)).astype(as_float(x).dtype), (x, size, stride)


def max_backward_by_scalars(dout: Array, cache: Any) -> Array:
    """Four loops, and the first largest pixel of each window."""
    x, size, stride = cache[:3]
    step, (kh, kw) = both(size if stride is None else stride), both(size)
    dx = np.zeros(x.shape, as_float(x).dtype)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * step[0] : i * step[0] + kh, j * step[1] : j * step[1] + kw]
        row, column = np.unravel_index(window.argmax(), (kh, kw))
        dx[n, c, i * step[0] + row, j * step[1] + column] += dout[n, c, i, j]
    return dx


def max_backward_by_bincount(dout: Array, cache: Any) -> Array:
    """The winners' flat indices, then one sum for each index."""
    x, size, stride = cache[:3]
    step, (kh, kw) = both(size if stride is None else stride), both(size)
    winner = _windows(x, size, stride).reshape(*dout.shape, kh * kw).argmax(axis=-1)
    n, c, i, j = np.indices(dout.shape)
    flat = np.ravel_multi_index((n, c, i * step[0] + winner // kw, j * step[1] + winner % kw), x.shape)
    dx = np.bincount(flat.ravel(), dout.ravel(), minlength=x.size)
    return dx.reshape(x.shape).astype(as_float(x).dtype)


def avg_backward_by_add_at(dout: Array, cache: Any) -> Array:
    """All places of a channel's windows at once, unbuffered."""
    x, size, stride = cache[:3]
    step, (kh, kw) = both(size if stride is None else stride), both(size)
    dx = np.zeros(x.shape, as_float(x).dtype)
    rows = np.arange(dout.shape[2])[:, None] * step[0] + np.arange(kh)
    columns = np.arange(dout.shape[3])[:, None] * step[1] + np.arange(kw)
    share = np.broadcast_to(dout[:, :, :, None, :, None] / (kh * kw), (*dout.shape[:3], kh, dout.shape[3], kw))
    flat = dx.reshape(*dx.shape[:2], -1)
    places = rows[:, :, None, None] * x.shape[3] + columns
    for image, channel in np.ndindex(*dout.shape[:2]):
        np.add.at(flat[image, channel], places, share[image, channel])
    return dx


def avg_backward_by_matrices(dout: Array, cache: Any) -> Array:
    """Pooling is linear along each axis: dx = Aᵀ dout B, with matrices of zeros and ones."""
    x, size, stride = cache[:3]
    step, kernel = both(size if stride is None else stride), both(size)
    cover = []
    for axis in (0, 1):
        offset = np.arange(x.shape[2 + axis]) - step[axis] * np.arange(dout.shape[2 + axis])[:, None]
        cover.append(((offset >= 0) & (offset < kernel[axis])).astype(as_float(x).dtype))
    return cover[0].T @ dout @ cover[1] / (kernel[0] * kernel[1])
