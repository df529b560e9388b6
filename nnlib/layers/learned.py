"""Layers with parameters: dense, convolution, normalization."""

from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from nnlib.arrays import Array
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.dense import dense_backward, dense_forward
from nnlib.layers.contract import Function, Layer, Shape
from nnlib.layers.shapes import as_image
from nnlib.nested import Nested
from nnlib.normalization import (
    batchnorm2d_backward,
    batchnorm2d_forward,
    batchnorm_backward,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from nnlib.windows import IntPair, output_shape, pair, spread

__all__ = ["BatchNorm", "Conv2d", "Dense", "DepthwiseConv2d", "LayerNorm"]


@dataclass(frozen=True, repr=False)
class Dense(Function):
    """x (N, …), flattened to (N, D), -> x w + b (N, units), with w (D, units) and b (units,).

    `init` is one of "he", "xavier" and "small".
    """

    functions: ClassVar = (dense_forward, dense_backward)
    names: ClassVar = ("w", "b")
    skips_dx: ClassVar = True

    units: int
    init: str = "he"

    def settings(self) -> tuple[Any, ...]:
        """None: the shape of w says it all."""
        return ()

    def output_shape(self, shape: Shape) -> Shape:
        """(units,)."""
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> Nested:
        """w (D, units), b (units,)."""
        return {"w": (prod(shape), self.units), "b": (self.units,)}

    def multiply_adds(self, shape: Shape) -> int:
        """D · units."""
        return prod(shape) * self.units


@dataclass(frozen=True, repr=False)
class Conv2d(Function):
    """`conv2d_forward` with w (filters, C/groups, KH, KW) and b (filters,): (C, H, W) -> (filters, OH, OW).

    kernel, stride, padding and dilation are an int or a pair (along H, along W).
    """

    functions: ClassVar = (conv2d_forward, conv2d_backward)
    names: ClassVar = ("w", "b")
    skips_dx: ClassVar = True

    filters: int
    kernel: IntPair
    stride: IntPair = 1
    padding: IntPair = 0
    dilation: IntPair = 1
    groups: int = 1
    init: str = "he"

    def settings(self) -> tuple[Any, ...]:
        """What conv2d_forward takes behind b."""
        return self.stride, self.padding, self.dilation, self.groups

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, OH, OW)."""
        _, h, w = as_image(self, shape)
        kernel = spread(pair("kernel", self.kernel), pair("dilation", self.dilation))
        size = output_shape((h, w), kernel, pair("stride", self.stride), pair("padding", self.padding))
        return (self.filters, *size)

    def parameter_shapes(self, shape: Shape) -> Nested:
        """w (filters, C/groups, KH, KW), b (filters,)."""
        channels = as_image(self, shape)[0]
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(f"groups must divide C = {channels} and filters = {self.filters}, got {self.groups}")
        kernel = pair("kernel", self.kernel)
        return {"w": (self.filters, channels // self.groups, *kernel), "b": (self.filters,)}

    def multiply_adds(self, shape: Shape) -> int:
        """The size of w, at each of OH·OW places."""
        filters: Shape = self.parameter_shapes(shape)["w"]
        return prod(filters) * prod(self.output_shape(shape)[1:])


@dataclass(frozen=True, repr=False)
class DepthwiseConv2d(Layer):
    """A convolution of each channel with a kernel of its own: (C, H, W) -> (C, OH, OW), w (C, 1, KH, KW)."""

    kernel: IntPair
    stride: IntPair = 1
    padding: IntPair = 0
    init: str = "he"

    def _for(self, channels: int) -> Conv2d:
        """The same as a convolution in groups of one channel."""
        return Conv2d(channels, self.kernel, self.stride, self.padding, groups=channels, init=self.init)

    def output_shape(self, shape: Shape) -> Shape:
        """(C, OH, OW)."""
        return self._for(as_image(self, shape)[0]).output_shape(shape)

    def parameter_shapes(self, shape: Shape) -> Nested:
        """w (C, 1, KH, KW), b (C,)."""
        return self._for(as_image(self, shape)[0]).parameter_shapes(shape)

    def multiply_adds(self, shape: Shape) -> int:
        """C·KH·KW, at each of OH·OW places."""
        return self._for(as_image(self, shape)[0]).multiply_adds(shape)

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """As Conv2d."""
        return self._for(len(params["b"])).forward(x, params, state, train)

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """As Conv2d."""
        return self._for(dout.shape[1]).backward(dout, cache, needs_dx)


@dataclass(frozen=True, repr=False)
class BatchNorm(Layer):
    """Batch norm of features (D,) or of images (C, H, W), with gamma and beta (D,) or (C,).

    Training takes the batch's statistics and moves the running ones, kept in the state, by
    momentum · running + (1 − momentum) · batch's; evaluation takes the running ones.
    """

    momentum: float = 0.9
    eps: float = 1e-5

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        if len(shape) not in (1, 3):
            raise ValueError(f"{self!r} takes inputs of shape (D,) or (C, H, W), got {shape}")
        return shape

    def parameter_shapes(self, shape: Shape) -> Nested:
        """gamma and beta: one value a feature, or a channel."""
        return {"gamma": shape[:1], "beta": shape[:1]}

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state) with the statistics that `train` asks for."""
        function = batchnorm_forward if np.ndim(x) == 2 else batchnorm2d_forward
        out, cache, state = function(x, params["gamma"], params["beta"], state, train, self.momentum, self.eps)
        return out, cache, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, grads)."""
        function = batchnorm_backward if dout.ndim == 2 else batchnorm2d_backward
        dx, dgamma, dbeta = function(dout, cache)
        return dx, {"gamma": dgamma, "beta": dbeta}


@dataclass(frozen=True, repr=False)
class LayerNorm(Function):
    """Layer norm over the last axis, (…, D), with gamma and beta (D,)."""

    functions: ClassVar = (layernorm_forward, layernorm_backward)
    names: ClassVar = ("gamma", "beta")

    eps: float = 1e-5

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        return shape

    def parameter_shapes(self, shape: Shape) -> Nested:
        """gamma and beta: one value a feature."""
        return {"gamma": shape[-1:], "beta": shape[-1:]}
