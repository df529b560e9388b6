"""What goes wrong in pooling backward: right pooling with one step replaced (see pooling_loops)."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Misconception
from autograder.exercises import pooling_loops as loops
from autograder.exercises.pooling_layouts import IN_PLACE, INTEGERS, LAYOUTS, NONE
from autograder.exercises.pooling_loops import Array, Pair, Place, Row, evenly, first, mistakes, pool, unpool

# mistakes in counting windows: in the backward pass, dout says how many there are
COUNTING = (
    "always counts and moves by 2",
    "ignores the stride",
    "mixes up size and stride",
    "counts steps",
    "rounds up",
)


def _add_in_place(dx: Array, place: Place, value: Array) -> None:
    dx[place] += value


def _overwrite_winner(dx: Array, place: Place, value: Array) -> None:
    np.copyto(dx[place], value, where=value != 0, casting="unsafe")


def _covered(dx: Array, dout: Array, cache: Any) -> Array:
    """The part of dx that windows cover."""
    _, size, stride = cache[:3]
    kernel, step = loops.both(size), loops.both(size if stride is None else stride)
    rows, columns = ((m - 1) * s + k for m, s, k in zip(dout.shape[2:], step, kernel, strict=True))
    return dx[:, :, :rows, :columns]


def _written_into_x(dx: Array, _dout: Array, cache: Any) -> Array:
    cache[0][...] = dx
    return cache[0]


def _used_up(dx: Array, dout: Array, _cache: Any) -> Array:
    dout[...] = 0
    return dx


def _scaled(dout: Array, cache: Any) -> Array:
    kernel = loops.both(cache[1])
    dout /= kernel[0] * kernel[1]
    return unpool(dout, cache, share=_to_all)


def _blown_up(dout: Array, cache: Any) -> Array:
    kernel = loops.both(cache[1])
    return dout.repeat(kernel[0], axis=2).repeat(kernel[1], axis=3)


def _max_blown_up(dout: Array, cache: Any) -> Array:
    largest = pool(*cache[:3])[0]
    return _blown_up(dout, cache) * (cache[0] == _blown_up(largest, cache))


def _average_blown_up(dout: Array, cache: Any) -> Array:
    kernel = loops.both(cache[1])
    return _blown_up(dout, cache) / (kernel[0] * kernel[1])


SHARED: tuple[Row, ...] = (
    *(
        (name, {"layout": layout}, sentence, seen)
        for name, layout, sentence, seen in LAYOUTS
        if name not in COUNTING
    ),
    (
        "overwrites overlapping windows",
        {"put": loops.overwrite},
        "Where windows overlap, gradients add up: write `+=`, not `=`.",
        25,
    ),
    ("takes a stride of None for 1", {"default": 1}, NONE, 0),
    ("makes an integer gradient", {"start": np.zeros_like}, INTEGERS, 30),
    ("adds to an integer gradient", {"start": np.zeros_like, "put": _add_in_place}, INTEGERS, 30),
    (
        "always makes float64",
        {"start": lambda x: np.zeros(x.shape)},
        "np.zeros makes float64: a gradient has the float dtype of its array, so pass dtype=x.dtype.",
        0,
    ),
    (
        "leaves the leftover out of dx",
        {"after": _covered},
        "dx has x's shape. Rows and columns that no window covers are part of it, with gradient 0.",
        0,
    ),
    ("changes the cache in place", {"after": _written_into_x}, IN_PLACE, 27),
    (
        "divides by N",
        {"after": lambda dx, dout, cache: dx / len(dout)},
        "The gradient is divided by N: the loss alone averages over the batch.",
        0,
    ),
    (
        "returns a tuple",
        {"after": lambda dx, dout, cache: (dx, None)},
        "There is one gradient here: return dx alone, not a tuple.",
        0,
    ),
    (
        "does the first image only",
        {"after": lambda dx, dout, cache: dx * (np.arange(len(dx)) == 0)[:, None, None, None]},
        "Only the first image gets a gradient: go over the whole batch.",
        0,
    ),
)
REPEATED = "Blowing up by np.repeat works only where windows tile the image: go window by window, and add."


def _all_ties(window: Array, g: Array, _kernel: Pair) -> Array:
    return (window == window.max(axis=(2, 3), keepdims=True)) * g


def _shared_ties(window: Array, g: Array, _kernel: Pair) -> Array:
    won = window == window.max(axis=(2, 3), keepdims=True)
    return (won * g / won.sum(axis=(2, 3), keepdims=True)).astype(g.dtype)


def _last_tie(window: Array, g: Array, kernel: Pair) -> Array:
    return first(window[:, :, ::-1, ::-1], g, kernel)[:, :, ::-1, ::-1]


def _first_by_columns(window: Array, g: Array, kernel: Pair) -> Array:
    return first(window.swapaxes(2, 3), g, kernel).swapaxes(2, 3)


def _by_height(window: Array, g: Array, kernel: Pair) -> Array:
    """The winner's number taken apart with KH where KW belongs."""
    winner = window.reshape(*window.shape[:2], -1).argmax(axis=2)
    share = np.zeros(window.shape, g.dtype)
    for n, c in np.ndindex(*winner.shape):
        share[n, c, winner[n, c] // kernel[0], winner[n, c] % kernel[0]] = g[n, c, 0, 0]
    return share


def _to_all(window: Array, g: Array, _kernel: Pair) -> Array:
    return np.ones(window.shape, g.dtype) * g


def _to_first_pixel(window: Array, g: Array, kernel: Pair) -> Array:
    return evenly(window, g, kernel) * (np.indices(window.shape[2:]).sum(axis=0) == 0)


MAX: tuple[Row, ...] = (
    (
        "gives all of dout to every tied maximum",
        {"share": _all_ties},
        "Each of tied maxima gets the whole gradient here. Only the first one gets it, as with np.argmax.",
        45,
    ),
    (
        "shares dout among tied maxima",
        {"share": _shared_ties},
        "Tied maxima share the gradient here. Our rule is that the first one gets all, as with np.argmax.",
        0,
    ),
    (
        "takes the last of tied maxima",
        {"share": _last_tie},
        "Of tied maxima the last one gets the gradient, it should be the first. Does `>=` stand where `>` belongs?",
        0,
    ),
    (
        "searches column by column",
        {"share": _first_by_columns},
        "Of tied maxima the first is meant row by row, as np.argmax counts, not column by column.",
        0,
    ),
    (
        "overwrites a winner's gradient",
        {"put": _overwrite_winner},
        "A pixel can win in several windows; its gradients add up. Write `+=`, not `=`.",
        25,
    ),
    (
        "divides the winner's index by KH",
        {"share": _by_height},
        "Rows have KW pixels, so a winner's row is index // KW and its column index % KW. np.unravel_index knows.",
        5,
    ),
    (
        "looks for one winner in all channels",
        {"share": lambda w, g, k: (w == w.max()) * g},
        "Each channel of each image has its own winner: find the maximum over axis=(2, 3) alone.",
        4,
    ),
    (
        "compares absolute values",
        {"share": lambda w, g, k: first(np.abs(w), g, k)},
        "The winner is the largest value, not the one furthest from 0: leave out the abs.",
        0,
    ),
    (
        "gives dout to the whole window",
        {"share": _to_all},
        "Every pixel of a window gets the gradient. Only the winner does: moving the others changes nothing.",
        0,
    ),
    (
        "shares dout evenly",
        {"share": evenly},
        "This is average pooling's backward pass. In max pooling the winner gets everything.",
        0,
    ),
    (
        "multiplies by the maximum",
        {"share": lambda w, g, k: first(w, g, k) * w},
        "The gradient is multiplied by the maximum itself: the derivative of max at its winner is 1.",
        0,
    ),
    (
        "forgets dout",
        {"share": lambda w, g, k: first(w, np.ones_like(g), k)},
        "The winner gets 1 here: it should get its window's element of dout (chain rule).",
        0,
    ),
    ("changes dout in place", {"after": _used_up}, IN_PLACE, 27),
)

AVERAGE: tuple[Row, ...] = (
    (
        "does not divide the share",
        {"share": _to_all},
        "Every pixel gets the whole dout of its window: it gets a share, divided by KH·KW.",
        0,
    ),
    (
        "always divides by 4",
        {"share": lambda w, g, k: _to_all(w, g / 4, k)},
        "The share is always a quarter: divide by KH·KW, whatever the window's size is.",
        5,
    ),
    (
        "divides by the height squared",
        {"share": lambda w, g, k: _to_all(w, g / k[0] ** 2, k)},
        "The share is divided by KH²: a window of KH × KW has KH·KW pixels.",
        5,
    ),
    (
        "gives all to the largest pixel",
        {"share": first},
        "This is max pooling's backward pass: in a mean every pixel counts the same.",
        0,
    ),
    (
        "gives to the first pixel only",
        {"share": _to_first_pixel},
        "Only one pixel of each window gets its share: all KH·KW of them do.",
        0,
    ),
    (
        "multiplies by x",
        {"share": lambda w, g, k: evenly(w, g, k) * w},
        "The share is multiplied by x: the derivative of a mean does not depend on the values.",
        0,
    ),
    (
        "forgets dout",
        {"share": lambda w, g, k: evenly(w, np.ones_like(g), k)},
        "Every share is 1 / (KH·KW) here: multiply it by the window's element of dout (chain rule).",
        0,
    ),
)

MAX_MISTAKES = (
    *mistakes(unpool, {"share": first}, SHARED + MAX),
    Misconception("blows up dout with np.repeat", _max_blown_up, REPEATED),
)
AVERAGE_MISTAKES = (
    *mistakes(unpool, {"share": evenly}, SHARED + AVERAGE),
    Misconception("blows up dout with np.repeat", _average_blown_up, REPEATED),
    Misconception("changes dout in place", _scaled, IN_PLACE, 27),
)
