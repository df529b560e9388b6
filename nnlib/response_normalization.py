"""Local response normalization: each value divided by how large its neighbours along the channels are.

    out = x / scale^beta,    scale = k + alpha · Σ x² over the `size` channels around its own, at its own place

Backward, with the same sum over neighbours:

    dx = dout / scale^beta − 2 · alpha · beta · x · Σ dout · x / scale^(beta + 1)

Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (NeurIPS 2012),
section 3.3. There alpha multiplies the sum, as here; Caffe and PyTorch divide alpha by size first.
"""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, check_same_shape

__all__ = ["ResponseNormCache", "local_response_norm_backward", "local_response_norm_forward"]

ResponseNormCache: TypeAlias = tuple[Array, int, float, float, float]


def local_response_norm_forward(
    x: Array, size: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75
) -> tuple[Array, ResponseNormCache]:
    """x (N, C, H, W) -> out (N, C, H, W); the defaults are AlexNet's. At the ends there are fewer neighbours.

    Returns (out, cache), cache (x, size, k, alpha, beta). Raises ValueError where x is no batch of images, and for
    a size that is not odd, since as many neighbours count on either side.
    """
    x = as_images(x)
    return x * _scale(x, size, k, alpha) ** -beta, (x, size, k, alpha, beta)


def local_response_norm_backward(dout: Array, cache: ResponseNormCache) -> Array:
    """dx for dout (N, C, H, W). Raises ValueError where dout has not out's shape."""
    x, size, k, alpha, beta = cache
    dout = as_float("dout", dout)
    check_same_shape("dout", dout, "x", x)
    scale = _scale(x, size, k, alpha)
    own = dout * scale**-beta
    return as_gradient(own - 2 * alpha * beta * x * _over_neighbours(own * x / scale, size), x)


def _scale(x: Array, size: int, k: float, alpha: float) -> Array:
    return k + alpha * _over_neighbours(np.square(x), size)


def _over_neighbours(values: Array, size: int) -> Array:
    """At each place the sum over `size` channels, the place's own in the middle."""
    if size < 1 or size % 2 == 0:
        raise ValueError(f"size must be odd, the channel itself and as many on either side, got {size}")
    total = values.copy(order="K")
    for distance in range(1, size // 2 + 1):
        total[:, distance:] += values[:, :-distance]
        total[:, :-distance] += values[:, distance:]
    return total
