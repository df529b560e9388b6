"""Layers that take each value on its own: activations and dropout."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnlib import activations as act
from nnlib.arrays import Array
from nnlib.dropout import dropout_backward, dropout_forward
from nnlib.layers.contract import Function, Layer, Shape
from nnlib.nested import Nested

__all__ = ["Dropout", "LeakyReLU", "ReLU", "Sigmoid", "Swish", "Tanh"]


class _Activation(Function):
    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        return shape


class ReLU(_Activation):
    """max(z, 0)."""

    functions: ClassVar = (act.relu_forward, act.relu_backward)


@dataclass(frozen=True, repr=False)
class LeakyReLU(_Activation):
    """z where z > 0, else alpha·z."""

    functions: ClassVar = (act.leaky_relu_forward, act.leaky_relu_backward)

    alpha: float = 0.01


class Sigmoid(_Activation):
    """1 / (1 + exp(−z))."""

    functions: ClassVar = (act.sigmoid_forward, act.sigmoid_backward)


class Tanh(_Activation):
    """Hyperbolic tangent."""

    functions: ClassVar = (act.tanh_forward, act.tanh_backward)


class Swish(_Activation):
    """z · sigmoid(z)."""

    functions: ClassVar = (act.swish_forward, act.swish_backward)


@dataclass(frozen=True, repr=False)
class Dropout(Layer):
    """Inverted dropout: in training each value is dropped with probability p_drop, the others grow to make up."""

    p_drop: float

    def output_shape(self, shape: Shape) -> Shape:
        """The input's."""
        return shape

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        """(out, cache, state); ValueError in training without an rng."""
        if not train:
            return x, np.ones((), x.dtype), state
        if rng is None:
            raise ValueError("dropout draws numbers in training: pass rng=np.random.default_rng(…) to forward")
        out, cache = dropout_forward(x, self.p_drop, train, rng=rng)
        return out, cache, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        """(dx, no grads)."""
        return dropout_backward(dout, np.broadcast_to(cache, dout.shape)), {}
