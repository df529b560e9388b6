"""depthwise_conv2d_forward and depthwise_conv2d_backward: a kernel a channel, on the layers of unit 5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Case, Exercise
from autograder.exercises.unit05 import settings
from autograder.exercises.unit05 import shares as convolution_shares
from autograder.exercises.unit05.convolution import NAMES
from autograder.exercises.unit05.convolution_gradients import remember
from autograder.exercises.unit05.geometry import Array, both, cut, fit, floating, padded, places
from autograder.exercises.unit06 import depthwise_mistakes, wording
from autograder.kinds import Backward, Layer
from nnlib.depthwise import depthwise_conv2d_backward, depthwise_conv2d_forward

LAYERS = tuple(s if s.trait == "one channel" else replace(s, c=3 + (s.c == 4)) for s in settings.CONVOLUTION)
GRADIENTS = ("dx", "dw", "db")


def draw(rng: np.random.Generator, s: settings.Setting) -> tuple[Any, ...]:
    """The arguments of a layer in a setting."""
    kernels = (s.c, *both(s.kernel))
    arrays = tuple(settings.draw(rng, s, *shape) for shape in ((s.n, s.c, *s.image), kernels, (s.c,)))
    return arrays if s.defaults else (*arrays, s.stride, s.padding)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """A layer in each setting; then purity, the cache, and kernels that do not fit."""
    base = LAYERS[0]
    cached = replace(base, trait="cache as documented", padding=2, looks_at=("out", "cache"))
    for s in (*settings.each(LAYERS, base, [("inputs unchanged", settings.INPUTS)]), cached):
        yield Case(s.trait, draw(rng, s), looks_at=s.looks_at)
    x, w, b, *_ = draw(rng, replace(base, image=(4, 6), kernel=(5, 2)))
    yield Case("kernel higher than the image", (x, w, b, 1, 0), raises=ValueError)
    x, w = x.swapaxes(2, 3).copy(), w.swapaxes(1, 2).copy()
    yield Case("kernel wider than the image", (x, w, b, 1, 0), raises=ValueError)


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """A layer in each setting; then purity."""
    extra = [("dout and cache unchanged", (*GRADIENTS, "inputs")), ("called twice", (*GRADIENTS, "again"))]
    for s in settings.each(LAYERS, LAYERS[0], extra):
        yield Case(s.trait, draw(rng, s), settings.upstream(rng, s, s.n, s.c), looks_at=s.looks_at)


def loops(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """Loops over windows and channels."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    x, (kh, kw), (sh, sw) = padded(x, padding), w.shape[1:], both(stride)
    if kh > x.shape[2] or kw > x.shape[3]:
        raise ValueError("the kernel does not fit")
    out = np.zeros((*x.shape[:2], fit(x.shape[2], kh, sh), fit(x.shape[3], kw, sw)), x.dtype)
    for i, j, rows, columns in places(x.shape, (kh, kw), stride):
        for c in range(len(w)):
            out[:, c, i, j] = np.sum(x[:, c, rows, columns] * w[c], axis=(1, 2)) + b[c]
    return out, cache


def by_einsum(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """All windows at once, as a view."""
    cache = (x, w, b, stride, padding)
    x, w, b = floating(x, w, b)
    sh, sw = both(stride)
    view = sliding_window_view(padded(x, padding), w.shape[1:], axis=(2, 3))[:, :, ::sh, ::sw]
    return np.einsum("nchwij,cij->nchw", view, w) + b[:, None, None], cache


def loops_back(dout: Array, cache: Any) -> tuple[Array, ...]:
    """Loops over windows, all channels at once."""
    x, w, b, stride, padding = cache
    dtypes = [a.dtype for a in floating(x, w, b)]
    inside, dw = padded(floating(x)[0], padding), np.zeros(w.shape)
    dx = np.zeros(inside.shape)
    for i, j, rows, columns in places(inside.shape, w.shape[1:], stride):
        g = dout[:, :, i, j][:, :, None, None]
        dw += (g * inside[:, :, rows, columns]).sum(axis=0)
        dx[:, :, rows, columns] += g * w
    gradients = (cut(dx, padding), dw, dout.sum(axis=(0, 2, 3)))
    return tuple(g.astype(d) for g, d in zip(gradients, dtypes, strict=True))


def by_place(dout: Array, cache: Any) -> tuple[Array, ...]:
    """Loops over the places in the kernel."""
    x, w, b, stride, padding = cache
    dtypes = [a.dtype for a in floating(x, w, b)]
    inside, (sh, sw), (oh, ow) = padded(floating(x)[0], padding), both(stride), dout.shape[2:]
    dx, dw = np.zeros(inside.shape), np.zeros(w.shape)
    for u, v in np.ndindex(w.shape[1:]):
        seen = (slice(None), slice(None), slice(u, u + sh * oh, sh), slice(v, v + sw * ow, sw))
        dw[:, u, v] = np.einsum("nchw,nchw->c", dout, inside[seen])
        dx[seen] += dout * w[:, u, v][:, None, None]
    gradients = (cut(dx, padding), dw, np.einsum("nchw->c", dout))
    return tuple(g.astype(d) for g, d in zip(gradients, dtypes, strict=True))


FORWARD = Exercise(
    name="depthwise_conv2d_forward",
    unit=wording.UNIT,
    signature="depthwise_conv2d_forward(x, w, b, stride=1, padding=0)",
    reference=depthwise_conv2d_forward,
    kind=Layer(NAMES, cached=5),
    cases=forward_cases,
    points=3,
    misconceptions=depthwise_mistakes.FORWARD,
    alternatives=(loops, by_einsum),
    aspects=convolution_shares.CONVOLUTION,
    reread="section 9, MobileNet: the boxed formula of the depthwise convolution, and the example worked by hand.",
)

BACKWARD = Exercise(
    name="depthwise_conv2d_backward",
    unit=wording.UNIT,
    signature="depthwise_conv2d_backward(dout, cache)",
    reference=depthwise_conv2d_backward,
    kind=Backward(NAMES, GRADIENTS, depthwise_conv2d_forward, depthwise_conv2d_backward, remember),
    cases=backward_cases,
    points=4,
    misconceptions=depthwise_mistakes.BACKWARD,
    alternatives=(loops_back, by_place),
    aspects=convolution_shares.GRADIENTS,
    worth={"dx": 3, "dw": 2, "db": 1},
    reread="section 9, MobileNet: the backward pass, one channel at a time.",
    partner="depthwise_conv2d_forward",
)
