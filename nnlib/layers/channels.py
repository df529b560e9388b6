"""Layers along the channels of images: normalization by neighbours, and channels of zeros."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlib.arrays import Array, as_images, check_shape
from nnlib.layers.contract import Function, Layer, Shape
from nnlib.layers.shapes import as_image
from nnlib.nested import Nested
from nnlib.response_normalization import local_response_norm_backward, local_response_norm_forward

__all__ = ["LocalResponseNorm", "ZeroChannels"]


@dataclass(frozen=True, repr=False)
class LocalResponseNorm(Function):
    """`local_response_norm_forward`: what AlexNet and GoogLeNet normalized with, before there was batch norm."""

    functions: ClassVar = (local_response_norm_forward, local_response_norm_backward)

    size: int = 5
    k: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.75

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        return as_image(self, shape)


@dataclass(frozen=True, repr=False)
class ZeroChannels(Layer):
    """`count` channels of zeros behind those of an image: (C, H, W) -> (C + count, H, W)."""

    count: int

    def output_shape(self, shape: Shape) -> Shape:
        """(C + count, H, W)."""
        channels, h, w = as_image(self, shape)
        return channels + self.count, h, w

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(x and zeros, x's shape, state)."""
        x = as_images(x)
        n, channels, h, w = x.shape
        out = np.zeros_like(x, shape=(n, channels + self.count, h, w))
        out[:, :channels] = x
        return out, x.shape, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """dout without the last `count` channels."""
        n, channels, h, w = cache
        axes = {"N": n, "C": channels + self.count, "H": h, "W": w}
        check_shape("dout", dout, axes, f"dout is ∂L/∂out, and x had shape {cache}")
        return dout[:, :channels], {}
