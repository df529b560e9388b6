"""conv2d_backward: the three gradients of the layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Case, Exercise
from autograder.exercises.unit05 import convolution, settings, shares
from autograder.exercises.unit05.convolution_gradient_mistakes import MISCONCEPTIONS
from autograder.exercises.unit05.geometry import Array, both, cut, floating, padded, places
from autograder.kinds import Backward
from nnlib.convolution import col2im, conv2d_backward, conv2d_forward, im2col

Triple: TypeAlias = tuple[Array, Array, Array]


def remember(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Any, ...]:
    """The documented cache."""
    return x, w, b, stride, padding


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """A layer in each setting; then purity. dout is a float also where the images are integers."""
    gradients = ("dx", "dw", "db")
    extra = [("dout and cache unchanged", (*gradients, "inputs")), ("called twice", (*gradients, "again"))]
    for s in settings.each(settings.CONVOLUTION, settings.CONVOLUTION[0], extra):
        arguments = convolution.draw(rng, s)
        yield Case(s.trait, arguments, settings.upstream(rng, s, s.n, s.f), looks_at=s.looks_at)


def loops(dout: Array, cache: Any) -> Triple:
    """Loops over windows and filters."""
    x, w, b, stride, padding = cache
    dtypes = [a.dtype for a in floating(x, w, b)]
    inside, dw = padded(floating(x)[0], padding), np.zeros(w.shape)
    dx = np.zeros(inside.shape)
    for i, j, rows, columns in places(inside.shape, w.shape[2:], stride):
        for f in range(len(w)):
            g = dout[:, f, i, j][:, None, None, None]
            dw[f] += np.sum(g * inside[:, :, rows, columns], axis=0)
            dx[:, :, rows, columns] += g * w[f]
    gradients = (cut(dx, padding), dw, dout.sum(axis=(0, 2, 3)))
    dx, dw, db = (g.astype(d) for g, d in zip(gradients, dtypes, strict=True))
    return dx, dw, db


def by_columns(dout: Array, cache: Any) -> Triple:
    """Two matrix products, and the way back."""
    x, w, b, stride, padding = cache
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, len(w))
    kinds = [a.dtype for a in floating(x, w, b)]
    dw = (rows.T @ im2col(x, w.shape[2:], stride, padding)).reshape(w.shape)
    dx = col2im(rows @ w.reshape(len(w), -1), x.shape, w.shape[2:], stride, padding)
    return dx.astype(kinds[0]), dw.astype(kinds[1]), rows.sum(axis=0).astype(kinds[2])


def by_einsum(dout: Array, cache: Any) -> Triple:
    """dx as a correlation of the spread-out dout with the turned filters."""
    x, w, b, stride, padding = cache
    (sh, sw), (kh, kw), (n, f, oh, ow) = both(stride), w.shape[2:], dout.shape
    inside = padded(x, padding)
    view = sliding_window_view(inside, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]
    wide = np.zeros((n, f, inside.shape[2] + kh - 1, inside.shape[3] + kw - 1))
    wide[:, :, kh - 1 : kh - 1 + sh * oh : sh, kw - 1 : kw - 1 + sw * ow : sw] = dout
    turned = sliding_window_view(wide, (kh, kw), axis=(2, 3))
    dx = np.einsum("nfhwij,fcij->nchw", turned, w[:, :, ::-1, ::-1])
    dw = np.einsum("nfhw,nchwij->fcij", dout, view)
    kinds = [a.dtype for a in floating(x, w, b)]
    return cut(dx, padding).astype(kinds[0]), dw.astype(kinds[1]), np.einsum("nfhw->f", dout).astype(kinds[2])


EXERCISE = Exercise(
    name="conv2d_backward",
    unit="05_convolution",
    signature="conv2d_backward(dout, cache)",
    reference=conv2d_backward,
    kind=Backward(convolution.NAMES, ("dx", "dw", "db"), conv2d_forward, conv2d_backward, remember),
    cases=cases,
    points=6,
    misconceptions=MISCONCEPTIONS,
    alternatives=(loops, by_columns, by_einsum),
    aspects=shares.GRADIENTS,
    worth={"dx": 3, "dw": 2, "db": 1},
    reread="section 7, the backward pass: the three boxed formulas and the example worked by hand.",
    partner="conv2d_forward",
)
