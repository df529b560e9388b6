"""What the exercises about pooling share: settings, cases, windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import numpy as np

from autograder.exercise import Case, Function
from autograder.exercises.unit05 import settings
from autograder.exercises.unit05.geometry import Array, both, covered, fit, floating, places
from autograder.exercises.unit05.settings import Setting

NAMES = ("x", "size", "stride")
Window: TypeAlias = tuple[int, int, slice, slice]


def remember(x: Array, size: Any, stride: Any = None) -> tuple[Any, ...]:
    """The documented cache."""
    return x, size, stride


def arguments(rng: np.random.Generator, s: Setting) -> tuple[Any, ...]:
    """The arguments of a pooling function in a setting."""
    x = settings.draw(rng, s, s.n, s.c, *s.image, values=s.values)
    return (x, s.kernel) if s.stride is None else (x, s.kernel, s.stride)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Pooling in each setting; then purity and the cache."""
    extra = [("inputs unchanged", settings.INPUTS), ("cache as documented", ("out", "cache"))]
    for s in settings.each(settings.POOLING, settings.POOLING[0], extra):
        yield Case(s.trait, arguments(rng, s), looks_at=s.looks_at)


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Pooling in each setting, with a dout; then purity."""
    extra = [("dout and cache unchanged", ("dx", "inputs")), ("called twice", ("dx", "again"))]
    for s in settings.each(settings.POOLING, settings.POOLING[0], extra):
        yield Case(s.trait, arguments(rng, s), settings.upstream(rng, s, s.n, s.c), looks_at=s.looks_at)


def step(size: Any, stride: Any) -> tuple[int, int]:
    """The stride, where None means size."""
    return both(size if stride is None else stride)


def windows(x: Array, size: Any, stride: Any = None) -> Iterator[Window]:
    """The windows of x."""
    return places(x.shape, size, step(size, stride))


def pooled(x: Array, size: Any, stride: Any, reduce: Function) -> Array:
    """``reduce(window, axis=(2, 3))`` of each window."""
    (kh, kw), (sh, sw) = both(size), step(size, stride)
    out = np.zeros((*x.shape[:2], fit(x.shape[2], kh, sh), fit(x.shape[3], kw, sw)), floating(x)[0].dtype)
    for i, j, rows, columns in windows(x, size, stride):
        out[:, :, i, j] = reduce(x[:, :, rows, columns], axis=(2, 3))
    return out


def grown(x: Array, size: Any, stride: Any, fill: float) -> Array:
    """x with a last row and column of windows that hang over the end, where the stride leaves something over."""
    (uh, uw), (sh, sw), (h, w) = covered(x.shape, size, step(size, stride)), step(size, stride), x.shape[2:]
    more = [(0, 0), (0, 0), (0, (uh + sh - h) * (h > uh)), (0, (uw + sw - w) * (w > uw))]
    return np.pad(x, [(a, max(b, 0)) for a, b in more], constant_values=fill)


def forward(change: Function) -> Function:
    """A forward function whose out is ``change``'s."""

    def wrong(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
        return change(x, size, stride), (x, size, stride)

    return wrong


def remembering(right: Function, cache: Function) -> Function:
    """A forward function with the right out and another cache."""

    def wrong(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
        return right(x, size, stride)[0], cache(x, size, stride)

    return wrong


def backward(change: Function) -> Function:
    """A backward function whose dx is ``change``'s for (dout, x, size, stride)."""

    def wrong(dout: Array, cache: Any) -> Any:
        return change(dout, *cache)

    return wrong


def scattered(
    dout: Array, x: Array, size: Any, stride: Any, share: Function, over: Iterable[Window] | None = None
) -> Array:
    """dx from ``share(window, g)``, which says what the places of each window get of their g (N, C, 1, 1)."""
    dx = np.zeros(x.shape, floating(x)[0].dtype)
    for i, j, rows, columns in over or windows(x, size, stride):
        dx[:, :, rows, columns] += share(x[:, :, rows, columns], dout[:, :, i : i + 1, j : j + 1])
    return dx


def overwritten(dout: Array, x: Array, size: Any, stride: Any, share: Function) -> Array:
    """The same with = where += belongs."""
    dx = np.zeros(x.shape, floating(x)[0].dtype)
    for i, j, rows, columns in windows(x, size, stride):
        dx[:, :, rows, columns] = share(x[:, :, rows, columns], dout[:, :, i : i + 1, j : j + 1])
    return dx


def too_small(dx: Array, size: Any, stride: Any) -> Array:
    """Only as large as the windows reach."""
    h, w = covered(dx.shape, size, step(size, stride))
    return dx[:, :, :h, :w]
