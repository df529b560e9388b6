"""What goes wrong in pooling: each mistake is right pooling with one step replaced (see pooling_loops)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises import pooling_loops as loops
from autograder.exercises.pooling_loops import Array, Pair, Place, largest, mean, pool, unpool

LARGE = 1000.0
Layout = Callable[[Pair, Pair, Pair], loops.Layout]

LEFTOVER = "A leftover that the stride does not cover is no error: floor the number of windows with `//`."
STRIDE = (
    "Window (i, j) begins at row i·SH and column j·SW: move by the stride, which need not be the window's size."
)
TWO = "The windows are always 2 apart: take the stride from the arguments, so that other strides work too."
MIXED = (
    "Size and stride are mixed up: the size says how large a window is, the stride how far to move to the next."
)
AXES = "Height is used where width belongs: rows go with H, KH and SH, columns with W, KW and SW."
COUNT = "Count rows of windows from H and columns from W: the image need not be square."
TILES = "H // KH counts windows only where they tile the image. In general it is (H - KH) // SH + 1."
NONE = "A stride of None means the window's size: it is not 1, and not another fixed number."
IN_PLACE = "An array that was passed in is changed. Work on a copy, or write into a new array."
INTEGERS = "An array made like an array of integers cuts values to whole numbers: make it with a float dtype."

LAYOUTS: tuple[tuple[str, Layout, str, int], ...] = (
    ("refuses a leftover", loops.refused, LEFTOVER, 7),
    ("takes the height for the width", loops.square_image, COUNT, 5),
    ("exchanges rows and columns", loops.swapped_count, COUNT, 0),
    ("turns the window by 90°", loops.swapped_window, AXES, 5),
    ("takes the window to be square", loops.square_window, "The window is taken as KH × KH: its width is KW.", 5),
    ("uses the stride along H only", loops.one_stride, AXES, 5),
    ("exchanges the strides", loops.swapped_stride, AXES, 0),
    ("always counts and moves by 2", loops.stride_two, TWO, 5),
    ("always moves by 2", loops.stride_two_in_position, TWO, 5),
    ("moves by the size", loops.stride_ignored, STRIDE, 7),
    ("ignores the stride", loops.stride_ignored_throughout, STRIDE, 0),
    ("moves by 1", loops.stride_not_in_position, STRIDE, 0),
    ("mixes up size and stride", loops.mixed_up, MIXED, 2),
    ("mixes up size and stride in the slices", loops.mixed_up_in_position, MIXED, 2),
    ("counts tiles", loops.tiles, TILES, 0),
    ("counts steps", loops.by_stride, "H // SH counts one window too many: the last one must still fit.", 0),
    ("rounds up", loops.rounded_up, "Round the number of windows down: an incomplete window is left out.", 0),
    (
        "forgets the last window",
        loops.one_missing,
        "The + 1 is missing: (H - KH) // SH + 1 windows fit along H.",
        0,
    ),
    (
        "divides counts with /",
        loops.true_division,
        "`/` gives a float, which counts and indices cannot be: use `//`.",
        21,
    ),
)


def _of_layout(function: Function, step: Any, names: Iterable[str]) -> tuple[Misconception, ...]:
    """The mistakes of layout called ``names``, made in ``function``."""
    wanted = set(names)
    return tuple(
        Misconception(name, partial(function, **step, layout=layout), sentence, people)
        for name, layout, sentence, people in LAYOUTS
        if name in wanted
    )


# In the backward pass, dout says how many windows there are.
BACKWARD = ("refuses a leftover", "turns the window by 90°", "takes the window to be square", "uses the stride along H only", "exchanges the strides",
            "always moves by 2", "moves by the size", "moves by 1", "counts tiles",
            "mixes up size and stride in the slices", "takes the height for the width", "exchanges rows and columns",
            "forgets the last window", "divides counts with /")  # fmt: skip
FORWARD = tuple(name for name, *_ in LAYOUTS if name not in ("moves by the size", "always moves by 2"))


def _stride_filled_in(out: Array, x: Array, size: Any, stride: Any) -> Any:
    return x, size, size if stride is None else stride


def _forward(one: Callable[[Array, Pair], Any]) -> tuple[Misconception, ...]:
    """The mistakes that all forward functions share."""
    step = {"one": one}
    return _of_layout(pool, step, FORWARD) + (
        Misconception("takes a stride of None for 1", partial(pool, **step, default=1), NONE),
        Misconception("always makes float64", partial(pool, **step, dtype=np.float64),
            "np.zeros makes float64: with dtype=x.dtype, float32 stays float32."),
        Misconception("keeps integers", partial(pool, **step, before=np.asarray), INTEGERS, 30),
        Misconception("remembers out in place of x", partial(pool, **step, cache=lambda out, x, size, stride: (out, size, stride)),
            "The cache holds x itself, not out: backward must look at the input again."),
        Misconception("returns no cache", lambda *a, **k: pool(*a, **step, **k)[0],  # type: ignore[arg-type]
            "Return two things, `out, cache`: backward needs the cache."),
        Misconception("exchanges size and stride in the cache", partial(pool, **step, cache=lambda out, x, size, stride: (x, stride, size)),
            "The cache is (x, size, stride), in this order."),
        Misconception("remembers another stride", partial(pool, **step, cache=_stride_filled_in),
            "The cache holds stride as it came in: where None was passed, None is remembered."),
        Misconception("does the first image only", lambda *a, **k: _first_only(np.s_[:1], one, *a, **k),
            "Only the first image is pooled: go over the whole batch, x has N images."),
        Misconception("does the first channel only", lambda *a, **k: _first_only(np.s_[:, :1], one, *a, **k),
            "Only the first channel is pooled: each of the C channels is pooled alone."),
        Misconception("writes rows into columns", partial(_transposed, one=one), AXES),
    )  # fmt: skip


def _first_only(part: Any, one: Callable[[Array, Pair], Any], *args: Any, **kwargs: Any) -> tuple[Array, Any]:
    out, cache = pool(*args, one=one, **kwargs)
    only = np.zeros_like(out)
    only[part] = out[part]
    return only, cache


def _transposed(*args: Any, **kwargs: Any) -> tuple[Array, Any]:
    out, cache = pool(*args, **kwargs)
    return out.swapaxes(2, 3), cache


def _sorted(window: Array, kernel: Pair) -> Array:
    window.sort(axis=2)
    window.sort(axis=3)
    return window[:, :, -1, -1]


def _divided_first(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    kernel, given = loops.both(size), x
    x = loops.as_float(x)
    x /= kernel[0] * kernel[1]
    out, _ = pool(x, size, stride, one=lambda window, k: window.sum(axis=(2, 3)))
    return out, (given, size, stride)


MAX_FORWARD = _forward(largest) + (
    Misconception("starts from 0", partial(pool, one=lambda w, k: np.maximum(largest(w, k), 0)),
        "The search starts from 0, so negative maxima are lost: start from the window's first value."),
    Misconception("starts from a fixed number", partial(pool, one=lambda w, k: np.maximum(largest(w, k), -LARGE)),
        "The search starts from a fixed number: values below it are lost. Start from the window's first value."),
    Misconception("takes absolute values", partial(pool, one=lambda w, k: np.abs(w).max(axis=(2, 3))),
        "The maximum is that of the values, not of their sizes: -5 is less than 1."),
    Misconception("mixes the channels", partial(pool, one=lambda w, k: w.max(axis=(1, 2, 3))[:, None]),
        "The maximum is over the window alone, axis=(2, 3): each channel keeps its own.", 4),
    Misconception("mixes the whole batch", partial(pool, one=lambda w, k: w.max()),
        "window.max() without an axis mixes images and channels: take axis=(2, 3).", 4),
    Misconception("changes the input in place", partial(pool, one=_sorted), IN_PLACE, 27),
    Misconception("takes the mean", partial(pool, one=mean), "This is the mean of each window: take its largest value."),
    Misconception("takes the minimum", partial(pool, one=lambda w, k: w.min(axis=(2, 3))),
        "This is the smallest value of each window: take the largest."),
)  # fmt: skip

AVG_FORWARD = _forward(mean) + (
    Misconception("takes the sum", partial(pool, one=lambda w, k: w.sum(axis=(2, 3))),
        "This is the sum of each window: divide by the number of its values, KH·KW."),
    Misconception("always divides by 4", partial(pool, one=lambda w, k: w.sum(axis=(2, 3)) / 4),
        "The sum is always divided by 4: divide by KH·KW, whatever the window's size is.", 5),
    Misconception("divides by the height squared", partial(pool, one=lambda w, k: w.sum(axis=(2, 3)) / k[0] ** 2),
        "The sum is divided by KH²: a window of KH × KW has KH·KW values.", 5),
    Misconception("divides by N", partial(pool, one=lambda w, k: mean(w, k) / len(w)),
        "The result is divided by N as well: the loss alone averages over the batch."),
    Misconception("mixes the channels", partial(pool, one=lambda w, k: w.mean(axis=(1, 2, 3))[:, None]),
        "The mean is over the window alone, axis=(2, 3): each channel keeps its own.", 4),
    Misconception("mixes the whole batch", partial(pool, one=lambda w, k: w.mean()),
        "window.mean() without an axis mixes images and channels: take axis=(2, 3).", 4),
    Misconception("cuts to whole numbers", partial(pool, one=lambda w, k: w.sum(axis=(2, 3)) // (k[0] * k[1])),
        "`//` cuts the mean to a whole number: divide values with `/`."),
    Misconception("changes the input in place", _divided_first, IN_PLACE, 27),
    Misconception("takes the maximum", partial(pool, one=largest), "This is the maximum of each window: take its mean."),
)  # fmt: skip


def _add_in_place(dx: Array, place: Place, value: Array) -> None:
    dx[place] += value


def _overwrite_winner(dx: Array, place: Place, value: Array) -> None:
    np.copyto(dx[place], value, where=value != 0, casting="unsafe")


def _without_leftover(dout: Array, cache: Any, function: Function) -> Array:
    x, size, stride = cache[:3]
    kernel, step = loops.both(size), loops.both(size if stride is None else stride)
    rows, columns = ((m - 1) * s + k for m, s, k in zip(dout.shape[2:], step, kernel, strict=True))
    return np.ascontiguousarray(function(dout, cache)[:, :, :rows, :columns])


def _repeated(dout: Array, cache: Any) -> Array:
    kernel = loops.both(cache[1])
    return dout.repeat(kernel[0], axis=2).repeat(kernel[1], axis=3)


def _scales_dout(dout: Array, cache: Any, function: Function) -> Array:
    kernel = loops.both(cache[1])
    dout /= kernel[0] * kernel[1]
    return function(dout, cache) * (kernel[0] * kernel[1])


def _uses_up_dout(dout: Array, cache: Any, function: Function) -> Array:
    dx = function(dout, cache)
    dout[...] = 0
    return dx


def _written_into_x(dout: Array, cache: Any, function: Function) -> Array:
    x = cache[0]
    x[...] = function(dout, cache)
    return x


def _backward(share: Callable[[Array, Array, Pair], Array]) -> tuple[Misconception, ...]:
    """The mistakes that all backward functions share."""
    step = {"share": share}
    good = partial(unpool, **step)
    return _of_layout(unpool, step, BACKWARD) + (
        Misconception("overwrites overlapping windows", partial(unpool, **step, put=loops.overwrite),
            "Where windows overlap, gradients add up: write `+=`, not `=`.", 25),
        Misconception("takes a stride of None for 1", partial(unpool, **step, default=1), NONE),
        Misconception("makes an integer gradient", partial(unpool, **step, start=np.zeros_like), INTEGERS, 30),
        Misconception("adds to an integer gradient", partial(unpool, **step, start=np.zeros_like, put=_add_in_place), INTEGERS, 30),
        Misconception("always makes float64", partial(unpool, **step, start=lambda x: np.zeros(x.shape)),
            "np.zeros makes float64: a gradient has the float dtype of its array, so pass dtype=x.dtype."),
        Misconception("leaves the leftover out of dx", partial(_without_leftover, function=good),
            "dx has x's shape. Rows and columns that no window covers are part of it, with gradient 0."),
        Misconception("changes the cache in place", partial(_written_into_x, function=good), IN_PLACE, 27),
        Misconception("divides by N", lambda dout, cache: good(dout, cache) / len(dout),
            "The gradient is divided by N: the loss alone averages over the batch."),
        Misconception("returns a tuple", lambda dout, cache: (good(dout, cache), None),
            "There is one gradient here: return dx alone, not a tuple."),
        Misconception("does the first image only", lambda dout, cache: good(dout * (np.arange(len(dout)) == 0)[:, None, None, None], cache),
            "Only the first image gets a gradient: go over the whole batch."),
    )  # fmt: skip


def _all_ties(window: Array, g: Array, kernel: Pair) -> Array:
    return (window == window.max(axis=(2, 3), keepdims=True)) * g


def _shared_ties(window: Array, g: Array, kernel: Pair) -> Array:
    won = window == window.max(axis=(2, 3), keepdims=True)
    return (won * g / won.sum(axis=(2, 3), keepdims=True)).astype(g.dtype)


def _last_tie(window: Array, g: Array, kernel: Pair) -> Array:
    return loops.first(window[:, :, ::-1, ::-1], g, kernel)[:, :, ::-1, ::-1]


def _first_by_columns(window: Array, g: Array, kernel: Pair) -> Array:
    return loops.first(np.ascontiguousarray(window.swapaxes(2, 3)), g, kernel).swapaxes(2, 3)


def _by_height(window: Array, g: Array, kernel: Pair) -> Array:
    """The winner's number taken apart with KH where KW belongs."""
    winner = window.reshape(*window.shape[:2], -1).argmax(axis=2)
    share = np.zeros(window.shape, g.dtype)
    for n, c in np.ndindex(*winner.shape):
        share[n, c, winner[n, c] // kernel[0], winner[n, c] % kernel[0]] = g[n, c, 0, 0]
    return share


def _whole_window(window: Array, g: Array, kernel: Pair) -> Array:
    return np.ones(window.shape, g.dtype) * g


MAX_BACKWARD = _backward(loops.first) + (
    Misconception("gives all of dout to every tied maximum", partial(unpool, share=_all_ties),
        "Each of tied maxima gets the whole gradient here. Only the first one gets it, as with np.argmax.", 45),
    Misconception("shares dout among tied maxima", partial(unpool, share=_shared_ties),
        "Tied maxima share the gradient here. Our rule is that the first one gets all, as with np.argmax."),
    Misconception("takes the last of tied maxima", partial(unpool, share=_last_tie),
        "Of tied maxima the last one gets the gradient here, it should be the first: does `>=` stand where `>` belongs?"),
    Misconception("searches column by column", partial(unpool, share=_first_by_columns),
        "Of tied maxima the first is meant row by row, as np.argmax counts, not column by column."),
    Misconception("overwrites a winner's gradient", partial(unpool, put=_overwrite_winner),
        "A pixel can win in several windows; its gradients add up. Write `+=`, not `=`.", 25),
    Misconception("divides the winner's index by KH", partial(unpool, share=_by_height),
        "A flat index in a window is (index // KW, index % KW): the width belongs there. np.unravel_index knows.", 5),
    Misconception("looks for one winner in all channels", partial(unpool, share=lambda w, g, k: (w == w.max()) * g),
        "Each channel of each image has its own winner: find the maximum over axis=(2, 3) alone.", 4),
    Misconception("compares absolute values", partial(unpool, share=lambda w, g, k: loops.first(np.abs(w), g, k)),
        "The winner is the largest value, not the one furthest from 0: leave out the abs."),
    Misconception("gives dout to the whole window", partial(unpool, share=_whole_window),
        "Every pixel of a window gets the gradient. Only the winner does: moving the others changes nothing."),
    Misconception("shares dout evenly", partial(unpool, share=loops.evenly),
        "This is average pooling's backward pass. In max pooling the winner gets everything."),
    Misconception("multiplies by the maximum", partial(unpool, share=lambda w, g, k: loops.first(w, g, k) * w),
        "The gradient is multiplied by the maximum itself: the derivative of max at its winner is 1."),
    Misconception("forgets dout", partial(unpool, share=lambda w, g, k: loops.first(w, np.ones_like(g), k)),
        "The winner gets 1 here: it should get its window's element of dout (chain rule)."),
    Misconception("changes dout in place", partial(_uses_up_dout, function=unpool), IN_PLACE, 27),
    Misconception("blows up dout with np.repeat", lambda dout, cache: _repeated(dout, cache) * (cache[0] == _repeated(pool(*cache[:3])[0], cache)),
        "Blowing up by np.repeat works only where windows tile the image: go window by window, and add."),
)  # fmt: skip

AVG_BACKWARD = _backward(loops.evenly) + (
    Misconception("does not divide the share", partial(unpool, share=_whole_window),
        "Every pixel gets the whole dout of its window: it gets a share, divided by KH·KW."),
    Misconception("always divides by 4", partial(unpool, share=lambda w, g, k: np.ones(w.shape, g.dtype) * g / 4),
        "The share is always a quarter: divide by KH·KW, whatever the window's size is.", 5),
    Misconception("divides by the height squared", partial(unpool, share=lambda w, g, k: np.ones(w.shape, g.dtype) * g / k[0] ** 2),
        "The share is divided by KH²: a window of KH × KW has KH·KW pixels.", 5),
    Misconception("gives all to the largest pixel", partial(unpool, share=loops.first),
        "This is max pooling's backward pass: in a mean every pixel counts the same."),
    Misconception("gives to the first pixel only", partial(unpool, share=lambda w, g, k: loops.evenly(w, g, k) * (np.indices(w.shape[2:]).sum(0) == 0)),
        "Only one pixel of each window gets its share: all KH·KW of them do."),
    Misconception("multiplies by x", partial(unpool, share=lambda w, g, k: loops.evenly(w, g, k) * w),
        "The share is multiplied by x: the derivative of a mean does not depend on the values."),
    Misconception("forgets dout", partial(unpool, share=lambda w, g, k: loops.evenly(w, np.ones_like(g), k)),
        "Every share is 1 / (KH·KW) here: multiply it by the window's element of dout (chain rule)."),
    Misconception("changes dout in place", partial(_scales_dout, function=partial(unpool, share=loops.evenly)), IN_PLACE, 27),
    Misconception("blows up dout with np.repeat", lambda dout, cache: _repeated(dout, cache) / np.prod(loops.both(cache[1])).astype(dout.dtype),
        "Blowing up by np.repeat works only where windows tile the image: go window by window, and add."),
)  # fmt: skip
