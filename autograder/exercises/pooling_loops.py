"""Pooling by loops in which each step can be replaced: with one step wrong, a mistake that people make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from autograder.exercise import Function, Misconception

Array: TypeAlias = np.ndarray[Any, Any]
Pair: TypeAlias = tuple[int, int]
Layout: TypeAlias = tuple[Pair, Pair, Pair]
Place: TypeAlias = tuple[slice, slice, slice, slice]
Row: TypeAlias = tuple[str, dict[str, Any], str, int]  # a mistake: name, steps replaced, sentence, people


def as_float(x: Array) -> Array:
    """Floats as they are, integers as float64."""
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def both(value: Any) -> Pair:
    """An int for both axes, or a pair."""
    return tuple(value) if isinstance(value, tuple | list) else (value, value)


def fitting(image: Pair, kernel: Pair, step: Pair) -> Pair:
    """How many windows fit, along H and along W."""
    return (image[0] - kernel[0]) // step[0] + 1, (image[1] - kernel[1]) // step[1] + 1


def right(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The layout as it should be: the window, the step from one to the next, how many there are."""
    return kernel, step, fitting(image, kernel, step)


def at(i: int, j: int, kernel: Pair, step: Pair) -> Place:
    """The place of window (i, j)."""
    rows, columns = i * step[0], j * step[1]
    return slice(None), slice(None), slice(rows, rows + kernel[0]), slice(columns, columns + kernel[1])


def largest(window: Array, _kernel: Pair) -> Array:
    """The largest value of a window (N, C, KH, KW)."""
    return window.max(axis=(2, 3))


def mean(window: Array, kernel: Pair) -> Array:
    """The mean of a window (N, C, KH, KW)."""
    return window.sum(axis=(2, 3)) / (kernel[0] * kernel[1])


def pool(
    x: Array,
    size: Any,
    stride: Any = None,
    *,
    one: Callable[[Array, Pair], Any] = largest,
    layout: Callable[[Pair, Pair, Pair], Layout] = right,
    before: Callable[[Array], Array] = as_float,
    dtype: Any = None,
    cache: Callable[[Array, Array, Any, Any], Any] = lambda out, x, size, stride: (x, size, stride),
    default: int | None = None,
    after: Callable[[Array], Array] = lambda out: out,
) -> tuple[Array, Any]:
    """Pooling forward: a window's one number, the layout, the dtype, the cache, the default stride, the end."""
    original, x = x, before(x)
    fallback = size if default is None else default
    kernel, step, shape = layout(x.shape[2:], both(size), both(fallback if stride is None else stride))
    out = np.zeros((*x.shape[:2], *shape), dtype or x.dtype)
    for i, j in np.ndindex(*shape):
        out[:, :, i, j] = one(x[at(i, j, kernel, step)], kernel)
    return after(out), cache(out, original, size, stride)


def first(window: Array, g: Array, _kernel: Pair) -> Array:
    """All of ``g`` for the first of the largest values."""
    flat = window.reshape(*window.shape[:2], -1)
    won = np.arange(flat.shape[2]) == flat.argmax(axis=2)[:, :, None]
    return won.reshape(window.shape) * g


def evenly(window: Array, g: Array, kernel: Pair) -> Array:
    """The same share of ``g`` for every place."""
    return np.ones(window.shape, g.dtype) * g / (kernel[0] * kernel[1])


def add(dx: Array, place: Place, value: Array) -> None:
    """Add to what is there, in the dtype that is there."""
    dx[place] = dx[place] + value


def overwrite(dx: Array, place: Place, value: Array) -> None:
    """Forget what is there."""
    dx[place] = value


def zeros_for(x: Array) -> Array:
    """Where a gradient is collected."""
    return np.zeros(x.shape, as_float(x).dtype)


def unpool(
    dout: Array,
    cache: Any,
    *,
    share: Callable[[Array, Array, Pair], Array] = first,
    layout: Callable[[Pair, Pair, Pair], Layout] = right,
    put: Callable[[Array, Place, Array], None] = add,
    start: Callable[[Array], Array] = zeros_for,
    default: int | None = None,
    after: Callable[[Array, Array, Any], Any] = lambda dx, dout, cache: dx,
) -> Any:
    """Pooling backward: how a window's dout is shared, the layout, how shares are put into dx, the last step."""
    x, size, stride = cache[:3]
    fallback = size if default is None else default
    kernel, step, shape = layout(x.shape[2:], both(size), both(fallback if stride is None else stride))
    dx = start(x)
    for i, j in np.ndindex(*shape):
        place = at(i, j, kernel, step)
        put(dx, place, share(x[place], dout[:, :, i : i + 1, j : j + 1], kernel))
    return after(dx, dout, cache)


def mistakes(function: Function, steps: dict[str, Any], rows: Iterable[Row]) -> tuple[Misconception, ...]:
    """``function`` with ``steps``, and in each row's mistake with others in their place."""
    return tuple(
        Misconception(name, partial(function, **{**steps, **wrong}), sentence, seen)
        for name, wrong, sentence, seen in rows
    )
