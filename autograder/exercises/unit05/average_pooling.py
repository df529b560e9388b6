"""Average pooling, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Exercise, Misconception
from autograder.exercises.unit05 import pooling, shares, wording
from autograder.exercises.unit05.geometry import Array, both, fit, floating
from autograder.exercises.unit05.pooling_mistakes import backward_mistakes, forward_mistakes
from autograder.kinds import Backward, Layer
from nnlib.pooling import avg_pool2d_backward, avg_pool2d_forward


def right(x: Array, size: Any, stride: Any = None) -> Array:
    """The reference's out."""
    return avg_pool2d_forward(x, size, stride)[0]


def area(size: Any) -> int:
    """How many pixels a window has."""
    return both(size)[0] * both(size)[1]


def by_loops(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """A loop over windows."""
    return pooling.pooled(floating(x)[0], size, stride, np.mean), (x, size, stride)


def by_view(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """All windows at once."""
    sh, sw = pooling.step(size, stride)
    view = sliding_window_view(floating(x)[0], both(size), axis=(2, 3))[:, :, ::sh, ::sw]
    return np.einsum("nchwij->nchw", view) / area(size), (x, size, stride)


def by_running_sums(x: Array, size: Any, stride: Any = None) -> tuple[Array, Any]:
    """Differences of a table of sums."""
    (kh, kw), (sh, sw) = both(size), pooling.step(size, stride)
    sums = np.pad(x.astype(np.float64), [(0, 0), (0, 0), (1, 0), (1, 0)]).cumsum(axis=2).cumsum(axis=3)
    total = sums[:, :, kh:, kw:] - sums[:, :, :-kh, kw:] - sums[:, :, kh:, :-kw] + sums[:, :, :-kh, :-kw]
    return (total[:, :, ::sh, ::sw] / area(size)).astype(floating(x)[0].dtype), (x, size, stride)


def share(window: Array, g: Array) -> Array:
    """What the places of a window get."""
    return np.asarray(np.broadcast_to(g / (window.shape[2] * window.shape[3]), window.shape))


def backward_loops(dout: Array, cache: Any) -> Array:
    """Window by window."""
    x, size, stride = cache
    return pooling.scattered(dout, x, size, stride, share)


def by_places(dout: Array, cache: Any) -> Array:
    """A loop over the places inside the window."""
    x, size, stride = cache
    (kh, kw), (sh, sw), (oh, ow) = both(size), pooling.step(size, stride), dout.shape[2:]
    dx = np.zeros(x.shape, floating(x)[0].dtype)
    for k, m in np.ndindex(kh, kw):
        dx[:, :, k : k + sh * oh : sh, m : m + sw * ow : sw] += dout / area(size)
    return dx


def by_matrices(dout: Array, cache: Any) -> Array:
    """A matrix for each axis, which says which window covers which pixel."""
    x, size, stride = cache
    covers = []
    for length, k, s in zip(x.shape[2:], both(size), pooling.step(size, stride), strict=True):
        starts = s * np.arange(fit(length, k, s))[:, None]
        pixels = np.arange(length)
        covers.append((pixels >= starts) & (pixels < starts + k))
    dx = np.einsum("ncij,ih,jw->nchw", dout, covers[0] / both(size)[0], covers[1] / both(size)[1])
    return dx.astype(floating(x)[0].dtype)


def scaled(factor: Any) -> Any:
    """The right dx times ``factor(dout, x, size, stride)``."""
    return pooling.backward(
        lambda dout, *cache: (avg_pool2d_backward(dout, cache) * factor(dout, *cache)).astype(
            floating(cache[0])[0].dtype
        )
    )


def over_the_end(x: Array, size: Any, stride: Any) -> Array:
    """A last window that hangs over the end, averaged over what is there."""
    grown = pooling.grown(floating(x)[0], size, stride, np.nan)
    return pooling.pooled(grown, size, stride, np.nanmean)


FORWARD_MISTAKES = (
    *forward_mistakes(avg_pool2d_forward),
    Misconception(
        "adds up without dividing",
        pooling.forward(lambda x, k, s: right(x, k, s) * area(k)),
        "These are the sums of the windows. Divide by the number of pixels in a window, KH · KW.",
    ),
    Misconception(
        "divides by the window's height only",
        pooling.forward(lambda x, k, s: right(x, k, s) * both(k)[1]),
        "A window has KH · KW pixels; you divide by KH alone.",
    ),
    Misconception(
        "divides by the square of the window's height",
        pooling.forward(lambda x, k, s: right(x, k, s) * (both(k)[1] / both(k)[0])),
        "You divide by KH², which is right for square windows only: a window has KH · KW pixels.",
        seen=5,
    ),
    Misconception(
        "divides by 4, whatever the window",
        pooling.forward(lambda x, k, s: right(x, k, s) * x.dtype.type(area(k)) / 4),
        "You divide by 4, which is right for 2×2 windows only: a window has KH · KW pixels.",
        seen=5,
    ),
    Misconception(
        "takes the maximum",
        pooling.forward(lambda x, k, s: pooling.pooled(floating(x)[0], k, s, np.max)),
        "This is max pooling. Average pooling takes the mean of each window.",
    ),
    Misconception(
        "takes the mean over the channels too",
        pooling.forward(lambda *a: np.broadcast_to((o := right(*a)).mean(1, keepdims=True), o.shape).copy()),
        "All channels have the same result: the mean runs over the channels too. Take it over axis=(2, 3) only.",
        seen=4,
    ),
    Misconception(
        "divides integers with //",
        pooling.forward(lambda x, k, s: np.floor(right(x, k, s)) if x.dtype.kind in "iu" else right(x, k, s)),
        "The mean of integers is rounded down. Convert x first, as_float(x), and divide with /.",
        seen=21,
    ),
    Misconception(
        "divides by the number of windows",
        pooling.forward(lambda x, k, s: (o := right(x, k, s)) * (area(k) / (o.shape[2] * o.shape[3]))),
        "You divide by OH · OW, the number of windows. Divide by KH · KW, the number of pixels in a window.",
    ),
    Misconception("lets a last window hang over the end", pooling.forward(over_the_end), wording.ROUND_UP),
)

BACKWARD_MISTAKES = (
    *backward_mistakes(avg_pool2d_backward, share),
    Misconception(
        "gives every pixel all of dout",
        scaled(lambda d, x, k, s: area(k)),
        "Each pixel of a window gets all of dout. It entered the mean with 1 / (KH · KW), so it gets that share.",
    ),
    Misconception(
        "divides by the window's height only",
        scaled(lambda d, x, k, s: both(k)[1]),
        "A window has KH · KW pixels; you divide by KH alone.",
    ),
    Misconception(
        "divides by the square of the window's height",
        scaled(lambda d, x, k, s: both(k)[1] / both(k)[0]),
        "You divide by KH², which is right for square windows only: a window has KH · KW pixels.",
        seen=5,
    ),
    Misconception(
        "divides by 4, whatever the window",
        scaled(lambda d, x, k, s: area(k) / 4),
        "You divide by 4, which is right for 2×2 windows only: a window has KH · KW pixels.",
        seen=5,
    ),
    Misconception(
        "divides by the number of windows",
        scaled(lambda d, x, k, s: area(k) / (d.shape[2] * d.shape[3])),
        "You divide by OH · OW, the number of windows. Divide by KH · KW, the number of pixels in a window.",
    ),
    Misconception(
        "divides by the size of the image",
        scaled(lambda d, x, k, s: area(k) / (x.shape[2] * x.shape[3])),
        "You divide by H · W, the number of pixels in the image. Divide by KH · KW, those in a window.",
    ),
    Misconception(
        "divides twice",
        scaled(lambda d, x, k, s: 1 / area(k)),
        "dout is divided by KH · KW twice: is there a mean as well as a division?",
    ),
)

FORWARD = Exercise(
    name="avg_pool2d_forward",
    unit="05_convolution",
    signature="avg_pool2d_forward(x, size, stride=None)",
    reference=avg_pool2d_forward,
    kind=Layer(pooling.NAMES, cached=3),
    cases=pooling.forward_cases,
    points=2,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_loops, by_view, by_running_sums),
    aspects=shares.POOLING,
    reread="section 8, average pooling, forward and backward: the two formulas.",
)

BACKWARD = Exercise(
    name="avg_pool2d_backward",
    unit="05_convolution",
    signature="avg_pool2d_backward(dout, cache)",
    reference=avg_pool2d_backward,
    kind=Backward(pooling.NAMES, ("dx",), avg_pool2d_forward, avg_pool2d_backward, pooling.remember),
    cases=pooling.backward_cases,
    points=3,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_loops, by_places, by_matrices),
    aspects=shares.AVERAGE_GRADIENT,
    reread="section 8, average pooling, forward and backward: the boxed formula and the tiny example.",
    partner="avg_pool2d_forward",
)
