"""What goes wrong in pooling forward: right pooling with one step replaced (see pooling_loops)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import Misconception
from autograder.exercises import pooling_loops as loops
from autograder.exercises.pooling_layouts import AXES, IN_PLACE, INTEGERS, LAYOUTS, NONE
from autograder.exercises.pooling_loops import Array, Pair, Row, largest, mean, mistakes, pool

FIXED = -1000.0  # where some people let their search for a maximum start
SAME_AS_ANOTHER = ("moves by the size", "always moves by 2")  # in the forward pass, where windows are also counted


def _only(part: Any) -> Any:
    """Zeros everywhere but in ``part``."""

    def kept(out: Array) -> Array:
        only = np.zeros_like(out)
        only[part] = out[part]
        return only

    return kept


def _sorted(window: Array, _kernel: Pair) -> Array:
    window.sort(axis=2)
    window.sort(axis=3)
    return window[:, :, -1, -1]


def _divided_first(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    kernel, given = loops.both(size), x
    x = loops.as_float(x)
    x /= kernel[0] * kernel[1]
    return pool(x, size, stride, one=lambda window, k: window.sum(axis=(2, 3)))[0], (given, size, stride)


def _without_cache(*arguments: Any, **steps: Any) -> Array:
    return pool(*arguments, **steps)[0]


SHARED: tuple[Row, ...] = (
    *(
        (name, {"layout": it}, sentence, seen)
        for name, it, sentence, seen in LAYOUTS
        if name not in SAME_AS_ANOTHER
    ),
    ("takes a stride of None for 1", {"default": 1}, NONE, 0),
    (
        "always makes float64",
        {"dtype": np.float64},
        "np.zeros makes float64: with dtype=x.dtype, float32 stays float32.",
        0,
    ),
    ("keeps integers", {"before": np.asarray}, INTEGERS, 30),
    (
        "remembers out in place of x",
        {"cache": lambda out, x, size, stride: (out, size, stride)},
        "The cache holds x itself, not out: backward must look at the input again.",
        0,
    ),
    (
        "exchanges size and stride in the cache",
        {"cache": lambda out, x, size, stride: (x, stride, size)},
        "The cache is (x, size, stride), in this order.",
        0,
    ),
    (
        "remembers another stride",
        {"cache": lambda out, x, size, stride: (x, size, size if stride is None else stride)},
        "The cache holds stride as it came in: where None was passed, None is remembered.",
        0,
    ),
    (
        "does the first image only",
        {"after": _only(np.s_[:1])},
        "Only the first image is pooled: go over the whole batch, x has N images.",
        0,
    ),
    (
        "does the first channel only",
        {"after": _only(np.s_[:, :1])},
        "Only the first channel is pooled: each of the C channels is pooled alone.",
        0,
    ),
    ("writes rows into columns", {"after": lambda out: out.swapaxes(2, 3)}, AXES, 0),
)
NO_CACHE = "Return two things, `out, cache`: backward needs the cache."

MAX: tuple[Row, ...] = (
    (
        "starts from 0",
        {"one": lambda w, k: np.maximum(largest(w, k), 0)},
        "The search starts from 0, so negative maxima are lost: start from the window's first value.",
        0,
    ),
    (
        "starts from a fixed number",
        {"one": lambda w, k: np.maximum(largest(w, k), FIXED)},
        "The search starts from a fixed number; values below it are lost. Start from the window's first value.",
        0,
    ),
    (
        "takes absolute values",
        {"one": lambda w, k: np.abs(w).max(axis=(2, 3))},
        "The maximum is that of the values, not of their sizes: -5 is less than 1. Leave out the abs.",
        0,
    ),
    (
        "mixes the channels",
        {"one": lambda w, k: w.max(axis=(1, 2, 3))[:, None]},
        "The maximum is over the window alone, axis=(2, 3): each channel keeps its own.",
        4,
    ),
    (
        "mixes the whole batch",
        {"one": lambda w, k: w.max()},
        "window.max() without an axis mixes images and channels: take axis=(2, 3).",
        4,
    ),
    ("changes the input in place", {"one": _sorted}, IN_PLACE, 27),
    ("takes the mean", {"one": mean}, "This is the mean of each window: take its largest value.", 0),
    (
        "takes the minimum",
        {"one": lambda w, k: w.min(axis=(2, 3))},
        "This is the smallest value of each window: take the largest.",
        0,
    ),
)

AVERAGE: tuple[Row, ...] = (
    (
        "takes the sum",
        {"one": lambda w, k: w.sum(axis=(2, 3))},
        "This is the sum of each window: divide by the number of its values, KH·KW.",
        0,
    ),
    (
        "always divides by 4",
        {"one": lambda w, k: w.sum(axis=(2, 3)) / 4},
        "The sum is always divided by 4: divide by KH·KW, whatever the window's size is.",
        5,
    ),
    (
        "divides by the height squared",
        {"one": lambda w, k: w.sum(axis=(2, 3)) / k[0] ** 2},
        "The sum is divided by KH²: a window of KH × KW has KH·KW values.",
        5,
    ),
    (
        "divides by N",
        {"one": lambda w, k: mean(w, k) / len(w)},
        "The result is divided by N as well: the loss alone averages over the batch.",
        0,
    ),
    (
        "mixes the channels",
        {"one": lambda w, k: w.mean(axis=(1, 2, 3))[:, None]},
        "The mean is over the window alone, axis=(2, 3): each channel keeps its own.",
        4,
    ),
    (
        "mixes the whole batch",
        {"one": lambda w, k: w.mean()},
        "window.mean() without an axis mixes images and channels: take axis=(2, 3).",
        4,
    ),
    (
        "cuts to whole numbers",
        {"one": lambda w, k: w.sum(axis=(2, 3)) // (k[0] * k[1])},
        "`//` cuts the mean to a whole number: divide values with `/`.",
        0,
    ),
    ("takes the maximum", {"one": largest}, "This is the maximum of each window: take its mean.", 0),
)

MAX_MISTAKES = (
    *mistakes(pool, {"one": largest}, SHARED + MAX),
    Misconception("returns no cache", partial(_without_cache, one=largest), NO_CACHE),
)
AVERAGE_MISTAKES = (
    *mistakes(pool, {"one": mean}, SHARED + AVERAGE),
    Misconception("returns no cache", partial(_without_cache, one=mean), NO_CACHE),
    Misconception("changes the input in place", _divided_first, IN_PLACE, 27),
)
