"""Layers that reshape or shrink: flatten, padding, pooling; and what shape an image has."""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from nnlib.arrays import Array
from nnlib.layers.contract import Function, Layer, Shape
from nnlib.nested import Nested
from nnlib.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool_backward,
    global_avg_pool_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)
from nnlib.windows import IntPair, batch_first, batch_last, cut, output_shape, pad, pair

__all__ = ["AvgPool2d", "Flatten", "GlobalAvgPool", "MaxPool2d", "ZeroPad2d"]


def as_image(layer: Layer, shape: Shape) -> Shape:
    """The shape, if it is an image's, (C, H, W); else ValueError."""
    if len(shape) != 3:
        raise ValueError(f"{layer!r} takes images of shape (C, H, W), got {shape}")
    return shape


@dataclass(frozen=True, repr=False)
class _Pool2d(Function):
    size: IntPair
    stride: IntPair | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """(C, OH, OW); what the stride does not cover is left out."""
        channels, h, w = as_image(self, shape)
        kernel = pair("size", self.size)
        stride = kernel if self.stride is None else pair("stride", self.stride)
        return (channels, *output_shape((h, w), kernel, stride))


class MaxPool2d(_Pool2d):
    """The largest value of every window of `size`, `stride` apart (by default `size`)."""

    functions: ClassVar = (max_pool2d_forward, max_pool2d_backward)


class AvgPool2d(_Pool2d):
    """The mean of every window of `size`, `stride` apart (by default `size`)."""

    functions: ClassVar = (avg_pool2d_forward, avg_pool2d_backward)


class GlobalAvgPool(Function):
    """The mean of each channel: (C, H, W) -> (C,)."""

    functions: ClassVar = (global_avg_pool_forward, global_avg_pool_backward)

    def output_shape(self, shape: Shape) -> Shape:
        """(C,)."""
        return as_image(self, shape)[:1]


class Flatten(Layer):
    """Each example as one row: (…) -> (D,)."""

    def output_shape(self, shape: Shape) -> Shape:
        """(D,)."""
        return (prod(shape),)

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(x as rows, x's shape, state)."""
        return x.reshape(len(x), prod(x.shape[1:])), x.shape, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """dout in x's shape."""
        return dout.reshape(cache), {}


@dataclass(frozen=True, repr=False)
class ZeroPad2d(Layer):
    """`padding` zeros on each side of an image; before a max pool, right behind a ReLU: no value is below 0."""

    padding: IntPair

    def output_shape(self, shape: Shape) -> Shape:
        """(C, H + 2·padding, W + 2·padding)."""
        channels, h, w = as_image(self, shape)
        rows, columns = pair("padding", self.padding)
        return channels, h + 2 * rows, w + 2 * columns

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(x between zeros, nothing, state)."""
        return batch_first(pad(batch_last(x), pair("padding", self.padding))), None, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """dout without its border."""
        return batch_first(cut(batch_last(dout), pair("padding", self.padding))), {}
