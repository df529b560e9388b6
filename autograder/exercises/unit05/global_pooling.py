"""Global average pooling, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit05 import settings, shares, wording
from autograder.exercises.unit05.geometry import Array, floating
from autograder.exercises.unit05.settings import Setting
from autograder.kinds import Backward, Layer
from nnlib.pooling import global_avg_pool_backward, global_avg_pool_forward

SETTINGS = settings.settings(
    Setting("square images", n=2, c=3, image=(5, 5)),
    ("image not square", {"image": (4, 7)}),
    ("one image", {"n": 1}),
    ("one channel", {"c": 1}),
    ("one pixel", {"image": (1, 1)}),
    ("one row", {"image": (1, 6)}),
    ("many images", {"n": 11}),
    ("float32", {"dtype": "float32"}),
    ("integers", {"dtype": "int64"}),
    ("read-only arrays", {"awkward": True}),
)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Images in each setting; then purity and the cache."""
    extra = [("inputs unchanged", settings.INPUTS), ("cache as documented", ("out", "cache"))]
    negative = replace(SETTINGS[0], trait="negative values", values="negative")
    for s in settings.each((*SETTINGS, negative), SETTINGS[0], extra):
        yield Case(s.trait, (settings.draw(rng, s, s.n, s.c, *s.image, values=s.values),), looks_at=s.looks_at)


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """dout, which may be of integers here: dx has its dtype, or float64."""
    extra = [("dout and cache unchanged", ("dx", "inputs")), ("called twice", ("dx", "again"))]
    for s in settings.each(SETTINGS, SETTINGS[0], extra):
        x = settings.draw(rng, s, s.n, s.c, *s.image)
        dout = 3 * settings.draw(rng, s, s.n, s.c) + x.dtype.type(1)
        dout.flags.writeable = not s.awkward
        yield Case(s.trait, (x,), dout, looks_at=s.looks_at)


def by_sum(x: Array) -> tuple[Array, Any]:
    """The sum, divided."""
    return floating(x)[0].sum(axis=(2, 3)) / (x.shape[2] * x.shape[3]), x.shape


def by_loops(x: Array) -> tuple[Array, Any]:
    """Channel by channel."""
    out = np.zeros(x.shape[:2], floating(x)[0].dtype)
    for n, c in np.ndindex(out.shape):
        out[n, c] = x[n, c].mean()
    return out, x.shape


def by_product(x: Array) -> tuple[Array, Any]:
    """A product with ones."""
    (flat,) = floating(x.reshape(*x.shape[:2], -1))
    return flat @ np.full(flat.shape[2], 1 / flat.shape[2], flat.dtype), x.shape


def backward_by_loops(dout: Array, cache: Any) -> Array:
    """Channel by channel."""
    dx = np.zeros(cache, floating(dout)[0].dtype)
    for n, c in np.ndindex(dout.shape):
        dx[n, c] = dout[n, c] / (cache[2] * cache[3])
    return dx


def by_broadcasting(dout: Array, cache: Any) -> Array:
    """A view of each value, H · W times."""
    return np.broadcast_to((floating(dout)[0] / (cache[2] * cache[3]))[:, :, None, None], cache)


def by_repeating(dout: Array, cache: Any) -> Array:
    """Each value repeated."""
    n, c, h, w = cache
    return np.repeat(floating(dout)[0] / (h * w), h * w, axis=1).reshape(n, c, h, w)


def right(x: Array) -> Array:
    """The reference's out."""
    return global_avg_pool_forward(x)[0]


def forward(change: Function) -> Function:
    """A forward function whose out is ``change``'s."""

    def wrong(x: Array) -> tuple[Array, Any]:
        return change(x), x.shape

    return wrong


def backward(change: Function) -> Function:
    """The right dx, changed by ``change(dx, dout, shape)``."""

    def wrong(dout: Array, cache: Any) -> Any:
        return change(global_avg_pool_backward(dout, cache), dout, cache)

    return wrong


def scaled(factor: Function) -> Function:
    """The right dx times ``factor(shape)``, in its dtype."""
    return backward(lambda dx, dout, shape: (dx * factor(shape)).astype(dx.dtype))


def centring(x: Array) -> Array:
    """Takes the mean away from x itself."""
    out = right(x)
    x -= out[:, :, None, None].astype(x.dtype)
    return out


def dividing_dout(dout: Array, cache: Any) -> Array:
    """/= on what came in."""
    n, c, h, w = cache
    dout /= h * w
    return np.broadcast_to(dout[:, :, None, None], (n, c, h, w)).copy()


def float_of_array(x: Array) -> tuple[Any, Any]:
    """float() of all means at once: NumPy refuses where there are several."""
    return np.full(x.shape[:2], float(right(x))), x.shape


FORWARD_MISTAKES = (
    Misconception(
        "adds up without dividing",
        forward(lambda x: floating(x)[0].sum(axis=(2, 3))),
        "These are the sums of the channels. Divide by the number of pixels, H · W.",
    ),
    Misconception(
        "keeps the dimensions",
        forward(lambda x: right(x)[:, :, None, None]),
        "out must be (N, C), one number for each channel: leave out keepdims=True.",
        seen=8,
    ),
    Misconception(
        "takes the mean over the channels too",
        forward(lambda x: right(x).mean(axis=1)),
        "Each channel has a mean of its own: take it over H and W only, axis=(2, 3).",
        seen=4,
    ),
    Misconception(
        "takes the mean over the images",
        forward(lambda x: right(x).mean(axis=0)),
        "Each image has a mean of its own: take it over H and W only, axis=(2, 3).",
        seen=4,
    ),
    Misconception(
        "takes the mean over the wrong axes",
        forward(lambda x: floating(x)[0].mean(axis=(1, 2))),
        "x is (N, C, H, W), so H and W are axes 2 and 3: mean(axis=(2, 3)).",
        seen=4,
    ),
    Misconception(
        "calls float on an array",
        float_of_array,
        "float(…) takes one number, and there are N · C means: return the array that mean gives.",
        seen=20,
    ),
    Misconception(
        "takes the mean over the width only",
        forward(lambda x: floating(x)[0].mean(axis=3)),
        "Only the width is averaged away: take both axes, mean(axis=(2, 3)).",
        seen=4,
    ),
    Misconception(
        "takes the maximum",
        forward(lambda x: floating(x)[0].max(axis=(2, 3))),
        "These are the largest values of the channels. Their mean is asked for.",
    ),
    Misconception(
        "divides by H squared",
        forward(lambda x: (right(x) * (x.shape[3] / x.shape[2])).astype(right(x).dtype)),
        "You divide by H², which is right for square images only: a channel has H · W pixels.",
        seen=5,
    ),
    Misconception("returns float64 for float32", forward(lambda x: right(x).astype(np.float64)), wording.FLOAT64),
    Misconception(
        "rounds the mean of integers",
        forward(lambda x: np.floor(right(x)) if x.dtype.kind in "iu" else right(x)),
        "The mean of integers is rounded down. Convert x first, as_float(x), and divide with /.",
        seen=21,
    ),
    Misconception("keeps integers", forward(lambda x: right(x).astype(x.dtype)), wording.INTEGERS, seen=30),
    Misconception("returns out without the cache", right, wording.ONLY_OUT),
    Misconception(
        "puts x into the cache",
        lambda x: (right(x), x),
        "The cache must be the tuple x.shape: the backward pass needs the sizes only, and x itself is large.",
    ),
    Misconception(
        "puts H and W only into the cache",
        lambda x: (right(x), x.shape[2:]),
        "The cache must be all of x.shape, (N, C, H, W).",
    ),
    Misconception("changes x in place", forward(centring), wording.X_IN_PLACE, seen=27),
)

BACKWARD_MISTAKES = (
    Misconception(
        "gives every pixel all of dout",
        scaled(lambda shape: shape[2] * shape[3]),
        "Each pixel gets all of dout. It entered the mean with 1 / (H · W), so it gets that share.",
    ),
    Misconception("divides by N", scaled(lambda shape: 1 / shape[0]), wording.DIVIDES_BY_N.format("dx")),
    Misconception(
        "divides by the number of all values",
        scaled(lambda shape: 1 / (shape[0] * shape[1])),
        "You divide by N · C · H · W. Each mean runs over the H · W pixels of one channel.",
    ),
    Misconception(
        "divides by H squared",
        scaled(lambda shape: shape[3] / shape[2]),
        "You divide by H², which is right for square images only: a channel has H · W pixels.",
        seen=5,
    ),
    Misconception(
        "divides by the channels",
        scaled(lambda shape: shape[2] * shape[3] / shape[1]),
        "You divide by C, but the mean runs over pixels: divide by H · W.",
        seen=4,
    ),
    Misconception(
        "does not spread dout",
        backward(lambda dx, dout, shape: dx[:, :, :1, :1]),
        "dx must have x's shape (N, C, H, W). Spread dout[:, :, None, None] / (H · W) over all pixels, for instance "
        "by adding it to zeros of that shape.",
    ),
    Misconception(
        "returns float64 for float32",
        backward(lambda dx, *a: dx.astype(np.float64)),
        "float32 came in, float64 went out: np.ones(shape) makes float64. Give it dout's dtype.",
    ),
    Misconception(
        "makes gradients of integers",
        backward(lambda dx, dout, shape: dx.astype(dout.dtype)),
        wording.ZEROS_LIKE,
        seen=30,
    ),
    Misconception(
        "divides integers with //",
        backward(lambda dx, dout, shape: np.floor(dx) if dout.dtype.kind in "iu" else dx),
        "The share is rounded down. A gradient is no whole number: divide with /.",
        seen=21,
    ),
    Misconception(
        "spreads in another order",
        lambda dout, cache: (np.resize(dout, cache) / (cache[2] * cache[3])).astype(floating(dout)[0].dtype),
        "The values are spread in another order: channel c of image n gets dout[n, c] at all its pixels.",
    ),
    Misconception(
        "gives it to the first pixel",
        backward(lambda dx, dout, shape: dx * (np.arange(shape[2] * shape[3]).reshape(shape[2:]) == 0)),
        "Only the first pixel of a channel gets something, but all of them entered the mean with the same weight.",
    ),
    Misconception("changes dout in place", dividing_dout, wording.DOUT_IN_PLACE, seen=27),
)

FORWARD = Exercise(
    name="global_avg_pool_forward",
    unit="05_convolution",
    signature="global_avg_pool_forward(x)",
    reference=global_avg_pool_forward,
    kind=Layer(("x",), cached=4),
    cases=forward_cases,
    points=1,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_sum, by_loops, by_product),
    aspects=shares.GLOBAL,
    reread="section 8, global average pooling, and the tiny example of exercise 11.",
)

BACKWARD = Exercise(
    name="global_avg_pool_backward",
    unit="05_convolution",
    signature="global_avg_pool_backward(dout, cache)",
    reference=global_avg_pool_backward,
    kind=Backward(("x",), ("dx",), global_avg_pool_forward, global_avg_pool_backward, lambda x: tuple(x.shape)),
    cases=backward_cases,
    points=2,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_by_loops, by_broadcasting, by_repeating),
    aspects=shares.GLOBAL_GRADIENT,
    reread="section 8, global average pooling: the boxed formula, and the tiny example of exercise 12.",
    partner="global_avg_pool_forward",
)
