"""Why a loss is no number any more: where it began, and what usually brings it about."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.arrays import Array
from nnlib.layers import Composite, Layer, Shape
from nnlib.nested import Nested, items

__all__ = ["DivergedError", "diagnose"]


class DivergedError(ArithmeticError):
    """The loss is nan or infinite; the message says which layer was first, and the usual causes."""


def diagnose(model: Layer, params: Nested, state: Nested, x: Array, loss: float, lr: float) -> str:
    """What to say of a batch x whose loss is not finite, and the three usual causes with this run's numbers."""
    largest = float(np.abs(x[np.isfinite(x)]).max(initial=0.0))
    return (
        f"the loss is {loss}: {_first(model, params, state, x)}. The usual causes: (1) the learning rate, {lr:g}, "
        "is too large: try a tenth of it, or clip_norm=1.0; (2) the inputs are not scaled: the largest of this "
        f"batch is {largest:g}, and values about 1 train best; (3) the loss takes the logarithm of 0 or divides "
        "by 0: give logits, not probabilities, to a loss that holds the softmax"
    )


def _first(model: Layer, params: Nested, state: Nested, x: Array) -> str:
    """Where the first number that is none stands: in the inputs, in the parameters, in a layer's output."""
    if not np.isfinite(x).all():
        return "the batch's inputs already hold nan or inf"
    wrong = [path for path, array in items(params) if not np.isfinite(array).all()]
    if wrong:
        where, _, name = wrong[0].rpartition(".")
        return f"since the step before, {name} of {_named(model, where)} is nan or inf, as first of {len(wrong)}"
    try:
        _watched(model).forward(x, params, state, True, rng=np.random.default_rng(0))
    except _NotFiniteError as error:
        return str(error)
    return "every layer's output is finite, and the loss itself is not"


def _named(layer: Layer, path: str) -> str:
    """The layer at a path of numbers: "layer 3, Dense(units=10)"."""
    for index in filter(None, path.split(".")):
        if isinstance(layer, Composite):
            layer = layer.layers[int(index)]
    return f"layer {path}, {layer!r}" if path else repr(layer)


def _watched(layer: Layer) -> Layer:
    """The same layer, which raises as soon as an output inside it is not finite."""
    if isinstance(layer, Composite):
        return type(layer)(*map(_watched, layer.layers))
    return _Watched(layer)


class _NotFiniteError(ValueError):
    """A layer's output is not finite."""


@dataclass(frozen=True, repr=False)
class _Watched(Layer):
    layer: Layer

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        out, cache, state = self.layer.forward(x, params, state, train, rng=rng)
        if not np.isfinite(out).all():
            raise _NotFiniteError("its output is the first that is not finite")
        return out, cache, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        return self.layer.backward(dout, cache, needs_dx)

    def __repr__(self) -> str:
        return repr(self.layer)
