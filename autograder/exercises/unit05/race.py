"""conv2d_forward_fast: the layer again, as fast as one can."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Case, Exercise
from autograder.exercises.unit05 import convolution, convolution_mistakes
from autograder.exercises.unit05.geometry import Array, both, floating, padded
from autograder.kinds import Layer
from autograder.racing import Race
from nnlib.convolution import conv2d_forward_fast


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """The layer's cases, then the race."""
    yield from convolution.cases(rng)
    yield Case("speed", (int(rng.integers(2**32)),), timed=True)


def draw(rng: np.random.Generator) -> tuple[Any, ...]:
    """A layer that keeps loops busy."""
    return rng.normal(size=(4, 3, 32, 32)), rng.normal(size=(16, 3, 3, 3)), rng.normal(size=16), 1, 1


def by_columns(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """One matrix product for all images."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    (sh, sw), kernel = both(stride), w.shape[2:]
    view = sliding_window_view(padded(x, padding), kernel, axis=(2, 3))[:, :, ::sh, ::sw]
    n, _, oh, ow = view.shape[:4]
    columns = view.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, -1)
    return (columns @ w.reshape(len(w), -1).T + b).reshape(n, oh, ow, -1).transpose(0, 3, 1, 2), cache


def by_shifts(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """A loop over the places in the kernel only, a matrix product each."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    (sh, sw), x = both(stride), padded(x, padding)
    oh, ow = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    if min(oh, ow) < 1:
        raise ValueError("the kernel does not fit")
    out: Any = b[:, None, None]
    for k, m in np.ndindex(w.shape[2:]):
        part = x[:, :, k : k + oh : sh, m : m + ow : sw]
        product = w[:, :, k, m] @ part.reshape(*part.shape[:2], -1)
        out = out + product.reshape(len(x), len(w), *part.shape[2:])
    return out, cache


LIKELY = {  # with windows all at once, others than with loops
    "ignores the stride",
    "ignores the padding",
    "assumes square images",
    "takes no pairs",
    "uses the stride along H for both axes",
    "exchanges the strides along H and W",
    "flips the kernel",
    "returns float64 for float32",
    "keeps integers",
    "forgets the bias",
    "puts the filters last",
    "reshapes where axes must be exchanged",
    "returns out without the cache",
    "gives an empty result where nothing fits",
    "changes the filters in place",
}

EXERCISE = Exercise(
    name="conv2d_forward_fast",
    unit="05_convolution",
    signature="conv2d_forward_fast(x, w, b, stride=1, padding=0)",
    reference=conv2d_forward_fast,
    kind=Race(Layer(convolution.NAMES, cached=5), convolution.loops, draw),
    cases=cases,
    points=3,
    misconceptions=tuple(m for m in convolution_mistakes.MISCONCEPTIONS if m.name in LIKELY),
    alternatives=(by_columns, by_shifts),
    reread="section 6, im2col, and the hint of the bonus exercise.",
    bonus=True,
    partner="conv2d_forward",
)
