"""Pooling by loops in which each step can be replaced: with one step wrong, a mistake that people make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Pair: TypeAlias = tuple[int, int]
Layout: TypeAlias = tuple[Pair, Pair, Pair]
Place: TypeAlias = tuple[slice, slice, slice, slice]


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


def largest(window: Array, kernel: Pair) -> Array:
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
) -> tuple[Array, Any]:
    """Pooling forward: the window's one number, the layout, the dtype, the cache, the default stride."""
    original, x = x, before(x)
    fallback = size if default is None else default
    kernel, step, shape = layout(x.shape[2:], both(size), both(fallback if stride is None else stride))
    out = np.zeros((*x.shape[:2], *shape), dtype or x.dtype)
    for i, j in np.ndindex(*shape):
        out[:, :, i, j] = one(x[at(i, j, kernel, step)], kernel)
    return out, cache(out, original, size, stride)


def first(window: Array, g: Array, kernel: Pair) -> Array:
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
) -> Array:
    """Pooling backward: how a window's ``dout`` is shared, the layout, how shares are put into dx."""
    x, size, stride = cache[:3]
    fallback = size if default is None else default
    kernel, step, shape = layout(x.shape[2:], both(size), both(fallback if stride is None else stride))
    dx = start(x)
    for i, j in np.ndindex(*shape):
        place = at(i, j, kernel, step)
        put(dx, place, share(x[place], dout[:, :, i : i + 1, j : j + 1], kernel))
    return dx


# Layouts with a mistake.


def stride_ignored(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The windows' size taken for the step; as many windows as there should be."""
    return kernel, kernel, fitting(image, kernel, step)


def stride_ignored_throughout(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The windows' size taken for the step, and for counting the windows."""
    return right(image, kernel, kernel)


def stride_not_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Counted with the stride, then moved by one."""
    return kernel, (1, 1), fitting(image, kernel, step)


def stride_two(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride 2 of the examples."""
    return right(image, kernel, (2, 2))


def stride_two_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows as there should be, 2 apart."""
    return kernel, (2, 2), fitting(image, kernel, step)


def mixed_up(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Size and stride, one for the other."""
    return right(image, step, kernel)


def mixed_up_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Counted well, then size and stride one for the other."""
    return step, kernel, fitting(image, kernel, step)


def swapped_window(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """KW along H and KH along W."""
    return right(image, kernel[::-1], step)


def square_window(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """KH along both axes."""
    return right(image, (kernel[0], kernel[0]), step)


def square_window_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """KH along both axes, as many windows as there should be."""
    return (kernel[0], kernel[0]), step, fitting(image, kernel, step)


def one_stride(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride along H along both axes."""
    return right(image, kernel, (step[0], step[0]))


def one_stride_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride along H along both axes, as many windows as there should be."""
    return kernel, (step[0], step[0]), fitting(image, kernel, step)


def swapped_stride(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride along W along H, and the other way round; as many windows as there should be."""
    return kernel, step[::-1], fitting(image, kernel, step)


def square_image(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows along W as along H."""
    rows, _ = fitting(image, kernel, step)
    return kernel, step, (rows, rows)


def swapped_count(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows along H as fit along W, and the other way round."""
    return kernel, step, fitting(image, kernel, step)[::-1]


def tiles(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows as if they tiled the image: H // KH."""
    return kernel, step, (image[0] // kernel[0], image[1] // kernel[1])


def by_stride(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows as there are steps: H // S."""
    return kernel, step, (image[0] // step[0], image[1] // step[1])


def rounded_up(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """One more window, cut short, for the leftover."""
    rows, columns = ((n - k + s - 1) // s + 1 for n, k, s in zip(image, kernel, step, strict=True))
    return kernel, step, (rows, columns)


def one_missing(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Without the + 1."""
    rows, columns = fitting(image, kernel, step)
    return kernel, step, (rows - 1, columns - 1)


def refused(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """An error where the stride leaves something over."""
    if any((n - k) % s for n, k, s in zip(image, kernel, step, strict=True)):
        raise ValueError("the windows do not cover the image")
    return right(image, kernel, step)


def true_division(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """A float for a number of windows."""
    rows, columns = ((n - k) / s + 1 for n, k, s in zip(image, kernel, step, strict=True))
    return kernel, step, (rows, columns)  # type: ignore[return-value]
