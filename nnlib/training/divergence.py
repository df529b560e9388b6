"""Why a loss is no number any more: where it began, and what usually brings it about."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.arrays import Array
from nnlib.layers import Composite, Layer, Shape
from nnlib.nested import Nested, items

__all__ = ["DivergedError", "causes", "diagnose", "diagnose_params"]


class DivergedError(ArithmeticError):
    """The loss is nan or infinite; the message says which layer was first, and the usual causes."""


def diagnose(model: Layer, params: Nested, state: Nested, x: Array, loss: float, lr: float, step: int) -> str:
    """What to say of a batch x whose loss is not finite, and the three usual causes with this run's numbers."""
    if not np.isfinite(x).all():
        return f"the loss is {loss}: the inputs of this batch hold nan or inf: look at the data, and at augment"
    found = diagnose_params(model, params)
    since = "the step before left nan or inf" if step else "from the beginning there is nan or inf"
    first = f"{since} in {found}" if found else _first(model, params, state, x)
    return f"the loss is {loss}: {first}. {causes(x, lr)}"


def causes(x: Array, lr: float) -> str:
    """The three usual causes, with this run's numbers."""
    largest = float(np.abs(x[np.isfinite(x)]).max(initial=0.0))
    return (
        f"The usual causes: (1) the learning rate, {lr:g}, is too large: try a tenth of it, or clip_norm=1.0; "
        f"(2) the inputs are not scaled: the largest value of this batch is {largest:g}, and values about 1 train "
        "best; (3) the loss takes the logarithm of 0 or divides by 0: if it applies the softmax itself, as "
        "softmax_cross_entropy does, the model must end without one"
    )


def diagnose_params(model: Layer, params: Nested) -> str:
    """Which array of params holds nan or inf, as first of how many; "" where none does."""
    wrong = [path for path, array in items(params) if not np.isfinite(array).all()]
    if not wrong:
        return ""
    where, _, name = wrong[0].rpartition(".")
    others = f" (and in {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    return f"{name} of {_named(model, where)}{others}"


def _first(model: Layer, params: Nested, state: Nested, x: Array) -> str:
    """Which layer's output is the first that is not finite."""
    try:
        out, _, _ = _watched(model).forward(x, params, state, True, rng=np.random.default_rng(0))
    except ValueError as error:  # the layers around the one that raised have put their names before its words
        if not isinstance(_origin(error), _NotFiniteError):
            raise
        return str(error) if error.__cause__ else f"{_short(model)}: {error}"
    largest = float(np.abs(out).max())
    return f"all layers' outputs are finite, the last at most {largest:g}, so it comes of the loss or the penalty"


def _origin(error: BaseException) -> BaseException:
    return _origin(error.__cause__) if error.__cause__ else error


def _named(layer: Layer, path: str) -> str:
    """The layer at a path of numbers, as an error from inside it is named: "layer 3, Dense(units=10)"."""
    names = []
    for index in filter(None, path.split(".")):
        if isinstance(layer, Composite):
            layer = layer.layers[int(index)]
            names.append(f"layer {index}, {_short(layer)}")
    return ": ".join(names) or _short(layer)


def _short(layer: Layer) -> str:
    return type(layer).__name__ if isinstance(layer, Composite) else repr(layer)


def _watched(layer: Layer) -> Layer:
    """The same layer, which raises as soon as an output inside it is not finite."""
    if isinstance(layer, Composite):
        layer = type(layer)(*map(_watched, layer.layers))
    return _Watched(layer)


class _NotFiniteError(ValueError):
    """A layer's output is not finite."""


@dataclass(frozen=True, repr=False)
class _Watched(Layer):
    layer: Layer  # one inside it may be watched too

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def forward(
        self, x: Array, params: Nested, state: Nested, train: bool, *, rng: np.random.Generator | None = None
    ) -> tuple[Array, Any, Nested]:
        out, cache, state = self.layer.forward(x, params, state, train, rng=rng)
        if not np.isfinite(out).all():
            raise _NotFiniteError("its output is the first that holds nan or inf")
        return out, cache, state

    def backward(self, dout: Array, cache: Any, needs_dx: bool = True) -> tuple[Array | None, Nested]:
        return self.layer.backward(dout, cache, needs_dx)

    def __repr__(self) -> str:
        return _short(self.layer)
