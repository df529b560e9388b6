"""Dropout: in training each value is dropped with probability `p_drop`, independently of all others.

Inverted dropout makes up for it at once, dividing what is left by 1 − p_drop, and does nothing afterwards. The
older form leaves training as it is and multiplies by 1 − p_drop afterwards. Both give the next layer the same
expected input: E[mask · x / (1 − p)] = x, and E[mask · x] = (1 − p) x.

Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout" (JMLR 15, 2014).
"""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, check_same_shape

__all__ = [
    "DropoutCache",
    "dropout_backward",
    "dropout_forward",
    "scaled_dropout_backward",
    "scaled_dropout_forward",
]

DropoutCache: TypeAlias = Array  # what x was multiplied by, in x's shape


def dropout_forward(
    x: Array, p_drop: float, train: bool, *, rng: np.random.Generator
) -> tuple[Array, DropoutCache]:
    """Inverted dropout: x of any shape -> out of x's shape.

    In training out = x · mask / (1 − p_drop), where mask is 0 with probability p_drop, else 1; otherwise out = x.
    Returns (out, cache), cache what x was multiplied by. Raises ValueError unless 0 ≤ p_drop < 1.
    """
    x = as_float("x", x)
    keep = 1 - _probability(p_drop)
    factor = _mask(x, p_drop, rng) / x.dtype.type(keep) if train else np.ones_like(x)
    return x * factor, factor


def dropout_backward(dout: Array, cache: DropoutCache) -> Array:
    """∂L/∂x = dout times what x was multiplied by. Raises ValueError where dout has not x's shape."""
    dout = as_float("dout", dout)
    check_same_shape("dout", dout, "x", cache)
    return (dout * cache).astype(cache.dtype, copy=False)


def scaled_dropout_forward(
    x: Array, p_drop: float, train: bool, *, rng: np.random.Generator
) -> tuple[Array, DropoutCache]:
    """The older form: in training out = x · mask, otherwise out = x · (1 − p_drop).

    Returns and raises as `dropout_forward` does.
    """
    x = as_float("x", x)
    keep = 1 - _probability(p_drop)
    factor = _mask(x, p_drop, rng) if train else np.full_like(x, keep)
    return x * factor, factor


scaled_dropout_backward = dropout_backward  # the cache says what x was multiplied by, in both forms


def _mask(x: Array, p_drop: float, rng: np.random.Generator) -> Array:
    """1 with probability 1 − p_drop, else 0, for each value of x on its own."""
    mask = np.empty_like(x)  # in x's order in memory, since to mix orders is slow
    mask[...] = rng.random(x.shape) >= p_drop
    return mask


def _probability(p_drop: float) -> float:
    if not 0 <= p_drop < 1:
        raise ValueError(f"p_drop must lie in [0, 1), got {p_drop}: it is the probability of dropping a value")
    return p_drop
