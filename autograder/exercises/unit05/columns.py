"""im2col, which makes every window a row of a matrix."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit05 import settings, shares, wording
from autograder.exercises.unit05.geometry import (
    Array,
    both,
    divided_size,
    exchanged,
    first,
    fit,
    floating,
    only_ints,
    padded,
    places,
    refuse_leftover,
)
from autograder.kinds import Plain
from nnlib.convolution import im2col

NAMES = ("x", "kernel", "stride", "padding")


def arguments(s: settings.Setting) -> tuple[Any, ...]:
    """What follows x in a setting."""
    kernel = s.kernel[0] if s.kernel[0] == s.kernel[1] else s.kernel  # an int wherever one is enough
    return (kernel,) if s.defaults else (kernel, s.stride, s.padding)


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Images in each setting."""
    base = settings.CONVOLUTION[0]
    for s in settings.each(settings.CONVOLUTION, base, [("inputs unchanged", ("result", "inputs"))]):
        yield Case(s.trait, (settings.draw(rng, s, s.n, s.c, *s.image), *arguments(s)), looks_at=s.looks_at)


def loops(x: Array, kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
    """A list of flattened windows."""
    (kh, kw), (sh, sw), (x,) = both(kernel), both(stride), floating(x)
    x = padded(x, padding)
    tops, lefts = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    corners = product(x, tops, lefts)
    return np.array([image[:, top : top + kh, left : left + kw].ravel() for image, top, left in corners])


def by_windows(x: Array, kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
    """A view of all windows, copied once."""
    (kh, kw), (sh, sw), (x,) = both(kernel), both(stride), floating(x)
    view = sliding_window_view(padded(x, padding), (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    return view.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * kh * kw)


def by_indices(x: Array, kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
    """Index arrays pick all pixels at once."""
    (kh, kw), (sh, sw), (x,) = both(kernel), both(stride), floating(x)
    x = padded(x, padding)
    oh, ow = fit(x.shape[2], kh, sh), fit(x.shape[3], kw, sw)
    rows = sh * np.arange(oh)[:, None, None, None] + np.arange(kh)[:, None]
    columns = sw * np.arange(ow)[:, None, None] + np.arange(kw)
    return x[:, :, rows, columns].transpose(0, 2, 3, 1, 4, 5).reshape(len(x) * oh * ow, -1)


def grid(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """The windows with all their axes, (N, OH, OW, C, KH, KW)."""
    (kh, kw), inside = both(kernel), padded(x, padding)
    oh, ow = fit(inside.shape[2], kh, both(stride)[0]), fit(inside.shape[3], kw, both(stride)[1])
    return im2col(x, kernel, stride, padding).reshape(len(x), oh, ow, x.shape[1], kh, kw)


def ordered(*axes: int) -> Function:
    """The right numbers with the axes of `grid` in another order: three make the rows, three the columns."""

    def wrong(x: Array, kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
        windows = grid(x, kernel, stride, padding)
        return windows.transpose(axes).reshape(windows[..., 0, 0, 0].size, -1)

    return wrong


def flaw(change: Function) -> Function:
    """``change`` with the defaults that im2col has."""

    def wrong(x: Array, kernel: Any, stride: Any = 1, padding: Any = 0) -> Any:
        return change(x, kernel, stride, padding)

    return wrong


def refusing(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """An error where the stride leaves something over."""
    refuse_leftover(x.shape, kernel, stride, padding)
    return im2col(x, kernel, stride, padding)


def unmoved(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """As many windows as fit, each one pixel after the one before."""
    inside, (kh, kw) = padded(floating(x)[0], padding), both(kernel)
    rows = [inside[:, :, r, c] for _, _, r, c in places(inside.shape, (kh, kw), stride, steps=1)]
    return np.stack(rows, axis=1).reshape(len(x) * len(rows), -1)


def square(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """OW taken to be OH: windows are missing, or hang over the end."""
    windows = grid(x, kernel, stride, padding)
    if windows.shape[2] < windows.shape[1]:
        raise ValueError("could not broadcast input array")
    return windows[:, :, : windows.shape[1]].reshape(-1, windows[0, 0, 0].size)


def ints_only(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """Arithmetic that fails with pairs."""
    only_ints(kernel, stride, padding)
    return im2col(x, kernel, stride, padding)


def float_size(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """A size from /."""
    divided_size(x)
    return im2col(x, kernel, stride, padding)


def in_place(x: Array, kernel: Any, stride: Any, padding: Any) -> Array:
    """Clears the images once they are copied."""
    result = im2col(x, kernel, stride, padding)
    x[...] = 0
    return result


MISCONCEPTIONS = (
    Misconception(
        "lets images take turns",
        ordered(1, 2, 0, 3, 4, 5),
        "The rows are in order (oh, ow, n): images take turns. All windows of image 0 come first, then those of "
        "image 1: the loop over the images is the outermost.",
    ),
    Misconception(
        "goes through the windows column by column",
        ordered(0, 2, 1, 3, 4, 5),
        "The rows are in order (n, ow, oh). Windows go row by row, as one reads: ow counts fastest.",
    ),
    Misconception(
        "puts the channels last in a row",
        ordered(0, 1, 2, 4, 5, 3),
        "Inside a row the order is (kh, kw, c). It must be (c, kh, kw), as in w.reshape(F, -1): first all of channel 0.",
    ),
    Misconception(
        "transposes the windows",
        ordered(0, 1, 2, 3, 5, 4),
        "Inside a row the order is (c, kw, kh). It must be (c, kh, kw): a window is read row by row.",
    ),
    Misconception(
        "makes windows the columns",
        flaw(lambda *a: im2col(*a).T),
        "The matrix is transposed: here a window is a row, so the shape is (N·OH·OW, C·KH·KW).",
    ),
    Misconception(
        "does not flatten",
        flaw(grid),
        "The windows still have all their axes. The result is a matrix: reshape(N * OH * OW, C * KH * KW).",
    ),
    Misconception(
        "keeps the images apart",
        flaw(lambda x, *a: im2col(x, *a).reshape(len(x), -1, x.shape[1] * both(a[0])[0] * both(a[0])[1])),
        "The result still has an axis for the images. All windows of all images are rows of one matrix.",
    ),
    Misconception(
        "ignores the stride",
        flaw(lambda x, k, s, p: im2col(x, k, 1, p)),
        "The stride is not used: there are too many windows. Window i starts at pixel i * stride.",
        seen=7,
    ),
    Misconception("starts windows at i, not at i * stride", flaw(unmoved), wording.STRIDE, seen=7),
    Misconception(
        "ignores the padding",
        flaw(lambda x, k, s, p: im2col(x, k, s, 0)),
        "The padding is not used: put zeros around the images first, and take the windows from that.",
    ),
    Misconception(
        "has padding 1 built in",
        flaw(lambda x, k, s, p: im2col(x, k, s, 1)),
        "It works for padding 1 only. Use the argument wherever there is a 1 that means the padding.",
        seen=5,
    ),
    Misconception(
        "pads with the border's pixels",
        flaw(lambda x, k, s, p: im2col(padded(x, p, "edge"), k, s)),
        "The padding must be zeros, but the border of the image was continued. np.pad does zeros by default.",
    ),
    Misconception("assumes square images", flaw(square), wording.SQUARE, seen=5),
    Misconception("takes no pairs", flaw(ints_only), wording.PAIRS + " The kernel may be a pair as well."),
    Misconception(
        "exchanges the kernel's height and width",
        flaw(lambda x, k, s, p: im2col(x, exchanged(k), s, p)),
        "kernel: " + wording.EXCHANGED,
        seen=5,
    ),
    Misconception(
        "uses the stride along H for both axes",
        flaw(lambda x, k, s, p: im2col(x, k, first(s), p)),
        wording.FIRST_OF_PAIR.format("stride"),
        seen=5,
    ),
    Misconception(
        "uses the padding along H for both axes",
        flaw(lambda x, k, s, p: im2col(x, k, s, first(p))),
        wording.FIRST_OF_PAIR.format("padding"),
        seen=5,
    ),
    Misconception("divides sizes with /", flaw(float_size), wording.FLOAT_SIZE, seen=21),
    Misconception("refuses a leftover", flaw(refusing), wording.LEFTOVER, seen=7),
    Misconception("returns float64 for float32", flaw(lambda *a: im2col(*a).astype(np.float64)), wording.FLOAT64),
    Misconception("keeps integers", flaw(lambda x, *a: im2col(x, *a).astype(x.dtype)), wording.INTEGERS, seen=30),
    Misconception("changes x in place", flaw(in_place), wording.X_IN_PLACE, seen=27),
)

EXERCISE = Exercise(
    name="im2col",
    unit="05_convolution",
    signature="im2col(x, kernel, stride=1, padding=0)",
    reference=im2col,
    kind=Plain(NAMES),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(loops, by_windows, by_indices),
    aspects=shares.COLUMNS,
    reread="section 6, im2col: the order of the rows and columns, and the tiny example.",
)
