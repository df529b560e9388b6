"""Activation functions, elementwise: z of any shape in, a of the same shape out."""

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_shape

__all__ = ["relu_backward", "relu_forward"]


def relu_forward(z: Array) -> tuple[Array, Array]:
    """ReLU: a = max(z, 0). Returns (a, cache), both of z's shape; cache is z."""
    return np.maximum(as_float("z", z), 0), z


def relu_backward(dout: Array, cache: Array) -> Array:
    """∂L/∂z = dout where z > 0, else 0. The derivative at z = 0 is taken to be 0.

    dout has z's shape, or ValueError is raised.
    """
    z = as_float("cache", cache)
    dout = as_float("dout", dout)
    check_shape(
        "dout", dout, {f"axis {i}": size for i, size in enumerate(z.shape)}, "dout is ∂L/∂a, of z's shape"
    )
    return as_gradient(dout * (z > 0), z)
