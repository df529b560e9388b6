"""Activation functions, elementwise: z of any shape in, a of the same shape out."""

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_same_shape

__all__ = ["relu_backward", "relu_forward"]


def relu_forward(z: Array) -> tuple[Array, Array]:
    """ReLU: a = max(z, 0). Returns (a, cache), both of z's shape; cache is z."""
    return np.maximum(as_float("z", z), 0), z


def relu_backward(dout: Array, cache: Array) -> Array:
    """∂L/∂z = dout where z > 0, else 0; the derivative at z = 0 is taken to be 0.

    Raises ValueError where dout has not z's shape.
    """
    z, dout = as_float("cache", cache), as_float("dout", dout)
    check_same_shape("dout", dout, "z", z)
    return as_gradient(dout * (z > 0), z)
