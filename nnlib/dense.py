"""The dense (fully connected) layer: every output sees every input."""

import math
from typing import Literal, TypeAlias, overload

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_shape

__all__ = ["DenseCache", "dense_backward", "dense_forward"]

DenseCache: TypeAlias = tuple[Array, Array, Array]


def dense_forward(x: Array, w: Array, b: Array) -> tuple[Array, DenseCache]:
    """out = x w + b, with x (N, …) flattened to (N, D), w (D, M), b (M,), out (N, M).

    Returns (out, cache), cache (x, w, b) as passed. Raises ValueError where the shapes do not fit together.
    """
    rows, weights, bias = _checked(x, w, b)
    return rows @ weights + bias, (x, w, b)


@overload
def dense_backward(
    dout: Array, cache: DenseCache, needs_dx: Literal[True] = True
) -> tuple[Array, Array, Array]: ...
@overload
def dense_backward(dout: Array, cache: DenseCache, needs_dx: bool) -> tuple[Array | None, Array, Array]: ...
def dense_backward(dout: Array, cache: DenseCache, needs_dx: bool = True) -> tuple[Array | None, Array, Array]:
    """(dx, dw, db) for dout (N, M): dx = dout wᵀ in x's shape, dw = xᵀ dout, db = Σₙ dout.

    A first layer needs no dx: with needs_dx=False it is None, and not computed.
    Raises ValueError where dout has not out's shape.
    """
    x, w, b = cache
    rows, weights, _ = _checked(x, w, b)
    dout = as_float("dout", dout)
    n, m = len(rows), weights.shape[1]
    check_shape("dout", dout, {"N": n, "M": m}, "dout is ∂L/∂out, of dense_forward's out's shape")
    dx = as_gradient((dout @ weights.T).reshape(np.shape(x)), x) if needs_dx else None
    return dx, as_gradient(rows.T @ dout, w), as_gradient(dout.sum(axis=0), b)


def _checked(x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:
    """x as rows (N, D), w and b, all floating point and of shapes that fit together."""
    x, w, b = as_float("x", x), as_float("w", w), as_float("b", b)
    if x.ndim == 0:
        raise ValueError("x must have shape (N, …), got (): a single example needs a batch axis, x[None]")
    rows = x.reshape(len(x), math.prod(x.shape[1:]))
    fix = f"x of shape {x.shape} has D = {rows.shape[1]} features an example, and w maps D to M"
    check_shape("w", w, {"D": rows.shape[1], "M": None}, fix)
    check_shape("b", b, {"M": w.shape[1]}, f"one bias per output, and w has shape {w.shape}")
    return rows, w, b
