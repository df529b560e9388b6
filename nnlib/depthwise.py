"""Depthwise convolution: each channel has a kernel of its own, and no channel sees another."""

from typing import TypeAlias

from nnlib.arrays import Array, as_float, as_images, check_shape
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.windows import IntPair

__all__ = ["DepthwiseCache", "depthwise_conv2d_backward", "depthwise_conv2d_forward"]

DepthwiseCache: TypeAlias = tuple[Array, Array, Array, IntPair, IntPair]  # (x, w, b, stride, padding)


def depthwise_conv2d_forward(
    x: Array, w: Array, b: Array, stride: IntPair = 1, padding: IntPair = 0
) -> tuple[Array, DepthwiseCache]:
    """x (N, C, H, W), a kernel a channel w (C, KH, KW), b (C,) -> out (N, C, OH, OW).

    out[n, c] = correlate2d(x[n, c], w[c]) + b[c]: conv2d_forward in C groups. stride and padding are an int or a
    pair (along H, along W). Returns (out, cache), cache (x, w, b, stride, padding) as passed.
    Raises ValueError where the shapes do not fit together or the kernel does not fit.
    """
    kernels = _filters(x, w)
    out, _ = conv2d_forward(x, kernels, b, stride, padding, 1, len(kernels))
    return out, (x, w, b, stride, padding)


def depthwise_conv2d_backward(dout: Array, cache: DepthwiseCache) -> tuple[Array, Array, Array]:
    """(dx, dw, db) for dout (N, C, OH, OW), each of its own array's shape; ValueError for another shape."""
    x, w, b, stride, padding = cache
    kernels = _filters(x, w)
    dx, dw, db = conv2d_backward(dout, (x, kernels, b, stride, padding, 1, len(kernels)))
    return dx, dw[:, 0], db


def _filters(x: Array, w: Array) -> Array:
    """w as the filters (C, 1, KH, KW) of a convolution in groups."""
    channels = as_images(x).shape[1]
    fix = f"one kernel for each channel of x, which has shape {x.shape}"
    w = as_float("w", w)
    check_shape("w", w, {"C": channels, "KH": None, "KW": None}, fix)
    return w[:, None]
