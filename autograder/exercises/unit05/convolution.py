"""conv2d_forward: the layer. Its mistakes of geometry are those of correlate2d and of the fast layer too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Case, Exercise
from autograder.exercises.unit05 import convolution_mistakes, settings, shares
from autograder.exercises.unit05.geometry import (
    Array,
    both,
    fit,
    floating,
    padded,
    places,
)
from autograder.kinds import Layer
from nnlib.convolution import conv2d_forward

NAMES = ("x", "w", "b", "stride", "padding")


def draw(rng: np.random.Generator, s: settings.Setting) -> tuple[Any, ...]:
    """The arguments of a layer in a setting."""
    kernel = both(s.kernel)
    arrays = tuple(settings.draw(rng, s, *shape) for shape in ((s.n, s.c, *s.image), (s.f, s.c, *kernel), (s.f,)))
    return arrays if s.defaults else (*arrays, s.stride, s.padding)


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """A layer in each setting; then purity, the cache (stride and padding not equal), and kernels that do not fit."""
    base = settings.CONVOLUTION[0]
    cached = replace(base, trait="cache as documented", padding=2, looks_at=("out", "cache"))
    for s in (*settings.each(settings.CONVOLUTION, base, [("inputs unchanged", settings.INPUTS)]), cached):
        yield Case(s.trait, draw(rng, s), looks_at=s.looks_at)
    x, w, b, *_ = draw(rng, settings.Setting("", image=(4, 6), kernel=(5, 2)))
    yield Case("kernel higher than the image", (x, w, b, 1, 0), raises=ValueError)
    x, w = x.swapaxes(2, 3).copy(), w.swapaxes(2, 3).copy()
    yield Case("kernel wider than the image", (x, w, b, 1, 0), raises=ValueError)


def loops(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """Loops over windows and filters."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    x, kernel = padded(x, padding), w.shape[2:]
    oh, ow = (fit(x.shape[a], w.shape[a], both(stride)[a - 2]) for a in (2, 3))
    if w.shape[2] > x.shape[2] or w.shape[3] > x.shape[3]:
        raise ValueError("the kernel does not fit")
    out = np.zeros((len(x), len(w), oh, ow), x.dtype)
    for i, j, rows, columns in places(x.shape, kernel, stride):
        for f in range(len(w)):
            out[:, f, i, j] = np.sum(x[:, :, rows, columns] * w[f], axis=(1, 2, 3)) + b[f]
    return out, cache


def by_einsum(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """All windows at once, as a view."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    sh, sw = both(stride)
    view = sliding_window_view(padded(x, padding), w.shape[2:], axis=(2, 3))[:, :, ::sh, ::sw]
    return np.einsum("nchwij,fcij->nfhw", view, w) + b[:, None, None], cache


def by_columns(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """A window a row, and one matrix product."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    x = padded(x, padding)
    rows = [x[:, :, r, c].reshape(len(x), -1) for _, _, r, c in places(x.shape, w.shape[2:], stride)]
    if w.shape[2] > x.shape[2] or w.shape[3] > x.shape[3]:
        raise ValueError("the kernel does not fit")
    values = np.stack(rows, axis=1) @ w.reshape(len(w), -1).T + b
    oh = fit(x.shape[2], w.shape[2], both(stride)[0])
    return values.reshape(len(x), oh, -1, len(w)).transpose(0, 3, 1, 2), cache


EXERCISE = Exercise(
    name="conv2d_forward",
    unit="05_convolution",
    signature="conv2d_forward(x, w, b, stride=1, padding=0)",
    reference=conv2d_forward,
    kind=Layer(NAMES, cached=5),
    cases=cases,
    points=5,
    misconceptions=convolution_mistakes.MISCONCEPTIONS,
    alternatives=(loops, by_einsum, by_columns),
    aspects=shares.CONVOLUTION,
    reread="section 5, from one kernel to a layer: the boxed formula and the example worked by hand.",
)
