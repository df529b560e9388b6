"""How people get max pooling wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit05 import pooling, wording
from autograder.exercises.unit05.geometry import Array, floating
from autograder.exercises.unit05.pooling_mistakes import backward_mistakes, forward_mistakes
from nnlib.pooling import avg_pool2d_backward, max_pool2d_backward, max_pool2d_forward


def right(x: Array, size: Any, stride: Any = None) -> Array:
    """The reference's out."""
    return max_pool2d_forward(x, size, stride)[0]


def chosen(pick: Function) -> Function:
    """What a window's places get, if ``pick`` says who wins: a mask, or weights, for the window flattened."""

    def share(window: Array, g: Array) -> Array:
        flat = window.reshape(*window.shape[:2], -1)
        return np.asarray(pick(flat).reshape(window.shape) * g)

    return share


def first_of(flat: Array) -> Array:
    """The first maximum alone: as it should be."""
    return np.arange(flat.shape[2]) == flat.argmax(axis=2)[:, :, None]


def all_of(flat: Array) -> Array:
    """All maxima."""
    return flat == flat.max(axis=2, keepdims=True)


def evenly(flat: Array) -> Array:
    """All maxima, each with its part."""
    return all_of(flat) / all_of(flat).sum(axis=2, keepdims=True)


def last_of(flat: Array) -> Array:
    """The last maximum."""
    return first_of(flat[:, :, ::-1])[:, :, ::-1]


def largest_amount(flat: Array) -> Array:
    """The largest absolute value."""
    return first_of(np.abs(flat))


def gradient(pick: Function) -> Function:
    """A backward function with other winners."""
    return pooling.backward(lambda dout, x, size, stride: pooling.scattered(dout, x, size, stride, chosen(pick)))


def with_values(dout: Array, x: Array, size: Any, stride: Any) -> Array:
    """dout times the winner's value."""
    return pooling.scattered(dout, x, size, stride, lambda window, g: chosen(first_of)(window, g) * window)


def by_repeating(dout: Array, x: Array, size: Any, stride: Any) -> Array:
    """Wherever x equals the pooled value enlarged again: one window decides for each pixel."""
    dx = np.zeros(x.shape, floating(x)[0].dtype)
    for i, j, rows, columns in pooling.windows(x, size, stride):
        dx[:, :, rows, columns] = chosen(all_of)(x[:, :, rows, columns], dout[:, :, i : i + 1, j : j + 1])
    return dx


def over_channels(dout: Array, x: Array, size: Any, stride: Any) -> Array:
    """One winner a window for all channels together."""

    def share(window: Array, g: Array) -> Array:
        best = window == window.max(axis=(1, 2, 3), keepdims=True)
        return np.asarray(best * g)

    return pooling.scattered(dout, x, size, stride, share)


FORWARD = (
    *forward_mistakes(max_pool2d_forward),
    Misconception(
        "starts from zero",
        pooling.forward(lambda *a: np.maximum(right(*a), 0)),
        "Where all values of a window are negative you return 0: the search for the maximum starts from 0. Start "
        "from the window's first value, or use window.max().",
    ),
    Misconception(
        "takes the largest absolute value",
        pooling.forward(lambda x, k, s: right(np.abs(x), k, s)),
        "You take the maximum of the absolute values, but -5 is smaller than 1. Leave out np.abs.",
    ),
    Misconception(
        "takes the minimum",
        pooling.forward(lambda x, k, s: -right(-x, k, s)),
        "These are the smallest values of the windows, not the largest.",
    ),
    Misconception(
        "takes the mean",
        pooling.forward(lambda x, k, s: pooling.pooled(floating(x)[0], k, s, np.mean)),
        "This is average pooling. Max pooling takes the largest value of each window.",
    ),
    Misconception(
        "takes the maximum over the channels too",
        pooling.forward(lambda x, k, s: np.broadcast_to(o := right(x, k, s), o.shape).max(1, keepdims=True)),
        "Each channel is pooled by itself: take the maximum over the window's two axes only, axis=(2, 3).",
        seen=4,
    ),
    Misconception(
        "takes the maximum over the images too",
        pooling.forward(lambda *a: np.broadcast_to((o := right(*a)).max(0, keepdims=True), o.shape).copy()),
        "All images have the same result: the maximum runs over the images too. Take it over axis=(2, 3) only.",
        seen=4,
    ),
    Misconception(
        "lets a last window hang over the end",
        pooling.forward(lambda x, k, s: right(pooling.grown(floating(x)[0], k, s, -np.inf), k, s)),
        wording.ROUND_UP,
    ),
)

BACKWARD = (
    *backward_mistakes(max_pool2d_backward, chosen(first_of)),
    Misconception(
        "gives all tied maxima the whole gradient",
        gradient(all_of),
        "If two values of a window are equally large, each gets all of dout, so there is twice as much as came in. "
        "Only the first of them gets it: take argmax, rather than window == window.max().",
        seen=45,
    ),
    Misconception(
        "shares the gradient between tied maxima",
        gradient(evenly),
        "Tied maxima share dout evenly. That is a fair choice, but here the convention is that the first one gets all.",
    ),
    Misconception(
        "gives the last of tied maxima the gradient",
        gradient(last_of),
        "Of tied maxima the last one gets dout. It must be the first, row by row: compare with > rather than >=, "
        "or use argmax.",
    ),
    Misconception(
        "overwrites, and gives all tied maxima the gradient",
        pooling.backward(by_repeating),
        "Two things: where windows overlap, add up (+= in place of =); and of tied maxima only the first one gets dout.",
        seen=25,
    ),
    Misconception(
        "takes the largest absolute value",
        gradient(largest_amount),
        "dout goes to the largest absolute value, but -5 is smaller than 1. Leave out np.abs.",
    ),
    Misconception(
        "multiplies by the maximum",
        pooling.backward(with_values),
        "dout is multiplied by the winner's value. The winner's derivative is 1, whatever its value: it gets dout.",
    ),
    Misconception(
        "shares the gradient out evenly",
        pooling.backward(lambda dout, *cache: avg_pool2d_backward(dout, cache)),
        "This is the gradient of average pooling. In max pooling all of dout goes to the largest value's place.",
    ),
    Misconception(
        "looks for one winner among all channels",
        pooling.backward(over_channels),
        "Each channel has a winner of its own: take argmax over the window's two axes only.",
        seen=4,
    ),
)
