"""Activation functions: `NAME_forward(z) -> (a, cache)`, elementwise, z of any shape; and softmax, along rows."""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_same_shape

__all__ = [
    "LeakyCache",
    "leaky_relu_backward",
    "leaky_relu_forward",
    "relu_backward",
    "relu_forward",
    "sigmoid_backward",
    "sigmoid_forward",
    "softmax",
    "swish_backward",
    "swish_forward",
    "tanh_backward",
    "tanh_forward",
]

LeakyCache: TypeAlias = tuple[Array, float]


def relu_forward(z: Array) -> tuple[Array, Array]:
    """ReLU: a = max(z, 0). Returns (a, cache), both of z's shape; cache is z."""
    return np.clip(as_float("z", z), 0, np.inf), z  # maximum(z, 0) is slower


def relu_backward(dout: Array, cache: Array) -> Array:
    """∂L/∂z = dout where z > 0, else 0; the derivative at z = 0 is taken to be 0.

    Raises ValueError where dout has not z's shape.
    """
    z, dout = _checked(cache, dout)
    return as_gradient(dout * (z > 0), cache)


def leaky_relu_forward(z: Array, alpha: float = 0.01) -> tuple[Array, LeakyCache]:
    """Leaky ReLU: a = z where z > 0, else alpha·z. Returns (a, cache), a of z's shape; cache is (z, alpha)."""
    values = as_float("z", z)
    return values * _slope(values, alpha), (z, alpha)


def leaky_relu_backward(dout: Array, cache: LeakyCache) -> Array:
    """∂L/∂z = dout where z > 0, else alpha·dout; at z = 0 the derivative is taken to be alpha.

    Raises ValueError where dout has not z's shape.
    """
    z, dout = _checked(cache[0], dout)
    return as_gradient(dout * _slope(z, cache[1]), cache[0])


def sigmoid_forward(z: Array) -> tuple[Array, Array]:
    """Sigmoid: a = 1 / (1 + exp(−z)), in (0, 1). Returns (a, cache), both of z's shape; cache is a.

    For z < 0 the same value is computed as exp(z) / (1 + exp(z)): exp never gets a positive number, so it
    cannot overflow, and small values keep all their digits.
    """
    a = _sigmoid(as_float("z", z))
    return a, a


def sigmoid_backward(dout: Array, cache: Array) -> Array:
    """∂L/∂z = dout · a (1 − a). Raises ValueError where dout has not z's shape."""
    a, dout = _checked(cache, dout)
    return as_gradient(dout * a * (1 - a), cache)


def tanh_forward(z: Array) -> tuple[Array, Array]:
    """Hyperbolic tangent, in (−1, 1). Returns (a, cache), both of z's shape; cache is a."""
    a = np.tanh(as_float("z", z))
    return a, a


def tanh_backward(dout: Array, cache: Array) -> Array:
    """∂L/∂z = dout · (1 − a²), as (1 − a)(1 + a), which keeps more digits. Raises ValueError for another shape."""
    a, dout = _checked(cache, dout)
    return as_gradient(dout * (1 - a) * (1 + a), cache)


def swish_forward(z: Array) -> tuple[Array, Array]:
    """Swish (SiLU): a = z · sigmoid(z). Returns (a, cache), both of z's shape; cache is z.

    Ramachandran, Zoph and Le, "Searching for activation functions" (2017), with β = 1.
    """
    values = as_float("z", z)
    return values * _sigmoid(values), z


def swish_backward(dout: Array, cache: Array) -> Array:
    """∂L/∂z = dout · σ(z) (1 + z (1 − σ(z))), where 1 − σ(z) = σ(−z). Raises ValueError for another shape."""
    z, dout = _checked(cache, dout)
    return as_gradient(dout * _sigmoid(z) * (1 + z * _sigmoid(-z)), cache)


def softmax(logits: Array) -> Array:
    """exp(logits) / Σ exp(logits) along the last axis; logits (N, M), or any shape (…, M).

    The row's largest logit is subtracted first: numerator and denominator shrink by the same factor, and exp
    cannot overflow. Raises ValueError for a single number.
    """
    logits = as_float("logits", logits)
    if logits.ndim == 0:
        raise ValueError("logits must have shape (…, M), got (): softmax needs an axis of classes")
    powers: Array = np.exp(logits - logits.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _sigmoid(z: Array) -> Array:
    power: Array = np.exp(-np.abs(z))
    a: Array = np.where(z < 0, power, np.ones_like(power)) / (1 + power)
    return a


def _slope(z: Array, alpha: float) -> Array:
    """1 where z > 0, else alpha, in z's dtype."""
    slope: Array = np.where(z > 0, z.dtype.type(1), z.dtype.type(alpha))
    return slope


def _checked(cached: Array, dout: Array) -> tuple[Array, Array]:
    """What was kept of the forward pass and dout, as float arrays of one shape."""
    kept, dout = as_float("cache", cached), as_float("dout", dout)
    check_same_shape("dout", dout, "z", kept)
    return kept, dout
