"""Max pooling, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Exercise
from autograder.exercises.unit05 import max_pooling_mistakes as mistakes
from autograder.exercises.unit05 import pooling, shares
from autograder.exercises.unit05.geometry import Array, both, fit, floating
from autograder.kinds import Backward, Layer
from nnlib.pooling import max_pool2d_backward, max_pool2d_forward


def view(x: Array, size: Any, stride: Any) -> Array:
    """All windows, (N, C, OH, OW, KH, KW)."""
    sh, sw = pooling.step(size, stride)
    return sliding_window_view(x, both(size), axis=(2, 3))[:, :, ::sh, ::sw]


def by_loops(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """A loop over windows."""
    return pooling.pooled(floating(x)[0], size, stride, np.max), (x, size, stride)


def by_view(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """All windows at once."""
    return view(floating(x)[0], size, stride).max(axis=(4, 5)), (x, size, stride)


def by_sorting(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """Number by number, the last of the sorted window."""
    (kh, kw), (sh, sw) = both(size), pooling.step(size, stride)
    (values,) = floating(x)
    rows = range(0, sh * fit(x.shape[2], kh, sh), sh)
    columns = range(0, sw * fit(x.shape[3], kw, sw), sw)
    best = [
        [np.sort(values[:, :, r : r + kh, c : c + kw].reshape(*x.shape[:2], -1))[..., -1] for c in columns]
        for r in rows
    ]
    return np.moveaxis(np.array(best), (0, 1), (2, 3)), (x, size, stride)


def backward_loops(dout: Array, cache: Any) -> Array:
    """One number of dout after another."""
    x, size, stride = cache
    dx = np.zeros(x.shape, floating(x)[0].dtype)
    for i, j, rows, columns in pooling.windows(x, size, stride):
        for n, c in np.ndindex(x.shape[:2]):
            window = x[n, c, rows, columns]
            k, m = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, rows.start + k, columns.start + m] += dout[n, c, i, j]
    return dx


def by_scatter(dout: Array, cache: Any) -> Array:
    """The winners' places for all windows, and np.add.at."""
    x, size, stride = cache
    (_, kw), (sh, sw) = both(size), pooling.step(size, stride)
    windows = view(x, size, stride)
    winner = windows.reshape(*windows.shape[:4], -1).argmax(axis=-1)
    n, c, i, j = np.ogrid[tuple(map(slice, winner.shape))]
    dx = np.zeros(x.shape)
    np.add.at(dx, (n, c, i * sh + winner // kw, j * sw + winner % kw), dout)
    return dx.astype(floating(x)[0].dtype)


def by_masks(dout: Array, cache: Any) -> Array:
    """A mask of maxima, of which only the first is kept."""

    def first(window: Array, g: Array) -> Array:
        flat = window.reshape(*window.shape[:2], -1)
        mask = flat == flat.max(axis=2, keepdims=True)
        mask &= np.cumsum(mask, axis=2) == 1
        return np.asarray(mask.reshape(window.shape) * g)

    x, size, stride = cache
    return pooling.scattered(dout, x, size, stride, first)


FORWARD = Exercise(
    name="max_pool2d_forward",
    unit="05_convolution",
    signature="max_pool2d_forward(x, size, stride=None)",
    reference=max_pool2d_forward,
    kind=Layer(pooling.NAMES, cached=3),
    cases=pooling.forward_cases,
    points=3,
    misconceptions=mistakes.FORWARD,
    alternatives=(by_loops, by_view, by_sorting),
    aspects=shares.POOLING,
    reread="section 8, pooling: the picture of the windows, and the tiny example of exercise 7.",
)

BACKWARD = Exercise(
    name="max_pool2d_backward",
    unit="05_convolution",
    signature="max_pool2d_backward(dout, cache)",
    reference=max_pool2d_backward,
    kind=Backward(pooling.NAMES, ("dx",), max_pool2d_forward, max_pool2d_backward, pooling.remember),
    cases=pooling.backward_cases,
    points=4,
    misconceptions=mistakes.BACKWARD,
    alternatives=(backward_loops, by_scatter, by_masks),
    aspects=shares.MAX_GRADIENT,
    reread="section 8, the gradient of max pooling: who gets dout, ties, overlapping windows.",
    partner="max_pool2d_forward",
)
