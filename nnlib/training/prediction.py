"""A model in evaluation, a batch at a time: its outputs, its loss and metrics."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array
from nnlib.layers import Layer
from nnlib.nested import Nested, leaves

__all__ = ["Loss", "Metric", "evaluate", "predict"]

Loss: TypeAlias = Callable[[Array, Array], tuple[float, Array]]
Metric: TypeAlias = Callable[[Array, Array], float]


def predict(model: Layer, params: Nested, state: Nested, x: Array, batch_size: int = 256) -> Array:
    """The outputs for x (N, …), in evaluation; x is converted to the dtype of the params.

    Raises ValueError where x holds no example.
    """
    if not len(x):
        raise ValueError(f"x must hold at least one example, got shape {np.shape(x)}")
    dtype = dtype_of(params, x)
    starts = range(0, len(x), batch_size)
    parts = (np.asarray(x[start : start + batch_size], dtype) for start in starts)
    return np.concatenate([model.forward(part, params, state, False)[0] for part in parts])


def evaluate(
    model: Layer,
    params: Nested,
    state: Nested,
    x: Array,
    y: Array,
    loss: Loss,
    metrics: Mapping[str, Metric] | None = None,
    batch_size: int = 256,
) -> dict[str, float]:
    """{"loss": …, and each metric} of x (N, …) and y (N, …), in evaluation."""
    outputs = predict(model, params, state, x, batch_size)
    measured = {name: float(metric(outputs, y)) for name, metric in (metrics or {}).items()}
    return {"loss": float(loss(outputs, y)[0]), **measured}


def dtype_of(params: Nested, x: Array) -> np.dtype[np.float64]:
    """The dtype a model computes in: that of its params; without any, x's."""
    arrays = leaves(params)
    return arrays[0].dtype if arrays else np.asarray(x).dtype
