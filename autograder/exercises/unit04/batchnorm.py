"""batchnorm_forward and batchnorm_backward, and both for images."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Function
from autograder.exercises.unit02.drawing import Array, floating
from autograder.exercises.unit04 import batchnorm_gradient_mistakes, batchnorm_mistakes, normalizing
from autograder.exercises.unit04.augmentation_looks import UNIT
from autograder.exercises.unit04.recipes import forward, gradient, over, wide
from autograder.stateful import BackwardOfStateful, Stateful
from nnlib.normalization import (
    batchnorm2d_backward,
    batchnorm2d_forward,
    batchnorm_backward,
    batchnorm_forward,
)

KIND = Stateful(normalizing.NAMES, cached=5, defaults=normalizing.defaults)
OUT_WORTH = {"out": 3, "mean": 1, "var": 1}
GRADIENT_WORTH = {"dx": 2, "dgamma": 1, "dbeta": 1}


def remembering(right: Function) -> Function:
    """The documented cache, for the arguments of a case."""

    def remember(x: Array, gamma: Array, beta: Array, mean: Any, var: Any, train: bool, *rest: float) -> Any:
        state = {} if mean is None else {"mean": mean, "var": var}
        return x, *right(x, gamma, beta, state, train, *rest)[1][1:]

    return remember


def backward_kind(forward_reference: Function, reference: Function) -> BackwardOfStateful:
    """How a backward function is called and judged."""
    return BackwardOfStateful(
        normalizing.NAMES, normalizing.GRADIENTS, forward_reference, reference,
        remembering(forward_reference), KIND,
    )  # fmt: skip


def by_columns(
    x: Array, gamma: Array, beta: Array, state: Any, train: bool, momentum: float = 0.9, eps: float = 1e-5
) -> Any:
    """Feature by feature."""
    values = floating(x)
    size, dtype = values.shape[1], values.dtype
    mean = np.array(state.get("mean", np.zeros(size, dtype)))
    var = np.array(state.get("var", np.ones(size, dtype)))
    out, used, std = np.zeros_like(values), np.zeros(size, dtype), np.zeros(size, dtype)
    for d in range(size):
        column = values[:, d]
        used[d], spread = mean[d], var[d]
        if train:
            used[d], spread = column.mean(), np.mean((column - column.mean()) ** 2)
            mean[d] = momentum * mean[d] + (1 - momentum) * used[d]
            var[d] = momentum * var[d] + (1 - momentum) * spread
        std[d] = np.sqrt(spread + eps)
        out[:, d] = gamma[d] * (column - used[d]) / std[d] + beta[d]
    return out, (x, gamma, used, std, train, "more"), {"mean": mean, "var": var}


def folded(
    x: Array, gamma: Array, beta: Array, state: Any, train: bool, momentum: float = 0.9, eps: float = 1e-5
) -> Any:
    """As a · (x − mean) + beta; the running statistics move by a part of their distance."""
    values = floating(x)
    mean = np.asarray(state.get("mean", 0 * values.mean(axis=over(values))))
    var = np.asarray(state.get("var", 0 * mean + 1))
    if train:
        batch = values.mean(axis=over(values)), np.square(values - values.mean(axis=over(values), keepdims=True))
        old, mean, var = (mean, var), batch[0], batch[1].mean(axis=over(values))
        part = values.dtype.type(1 - momentum)
        state = {"mean": old[0] + part * (mean - old[0]), "var": old[1] + part * (var - old[1])}
    std = np.sqrt(var + values.dtype.type(eps))
    a = wide(floating(gamma) / std, values)
    out = (a * (values - wide(mean, values)) + wide(floating(beta), values)).astype(values.dtype)
    return [out, (x, gamma, mean, std, bool(train)), state]


def as_table(right: Function) -> Function:
    """Images as a long table, one row a place."""

    def function(x: Array, *rest: Any) -> Any:
        table = np.moveaxis(x, 1, -1)
        out, (_, *cache), state = right(table.reshape(-1, x.shape[1]), *rest)
        return np.moveaxis(out.reshape(table.shape), -1, 1), (x, *cache), state

    return function


def by_graph(dout: Array, cache: Any) -> Any:
    """Node by node, as the derivation goes."""
    x, gamma, mean, std, train = cache[:5]
    values, dout = floating(x), floating(dout)
    axes, n = over(values), values.size // values.shape[1]
    centred, std_wide = values - wide(mean, values), wide(std, values)
    dx_hat = dout * wide(floating(gamma), values)
    dcentred = dx_hat / std_wide
    if train:
        dstd = (-dx_hat * centred / std_wide**2).sum(axis=axes, keepdims=True)
        dvar = dstd / (2 * std_wide)
        dcentred = dcentred + dvar * 2 * centred / n
        dcentred = dcentred - dcentred.sum(axis=axes, keepdims=True) / n
    dgamma, dbeta = (dout * centred / std_wide).sum(axis=axes), dout.sum(axis=axes)
    dtype = floating(gamma).dtype
    return dcentred.astype(values.dtype), dgamma.astype(dtype), dbeta.astype(dtype)


def by_matrix(dout: Array, cache: Any) -> Any:
    """Each feature's gradient by its whole Jacobian."""
    x, gamma, mean, std, train = cache[:5]
    values = floating(x)
    table, douts = (np.moveaxis(a, 1, -1).reshape(-1, a.shape[1]) for a in (values, floating(dout)))
    x_hat, n = (table - mean) / std, len(table)
    dx = np.zeros_like(table)
    for d in range(table.shape[1]):
        jacobian = np.eye(n) - (1 + np.outer(x_hat[:, d], x_hat[:, d])) / n if train else np.eye(n)
        dx[:, d] = gamma[d] / std[d] * (jacobian @ douts[:, d])
    shape = np.moveaxis(values, 1, -1).shape
    dtype = floating(gamma).dtype
    dgamma, dbeta = (douts * x_hat).sum(axis=0).astype(dtype), douts.sum(axis=0).astype(dtype)
    return np.moveaxis(dx.reshape(shape), -1, 1), dgamma, dbeta


FORWARD = Exercise(
    name="batchnorm_forward",
    unit=UNIT,
    signature="batchnorm_forward(x, gamma, beta, state, train, momentum=0.9, eps=1e-5)",
    reference=batchnorm_forward,
    kind=KIND,
    cases=normalizing.forward_cases(normalizing.TABLES),
    points=5,
    worth=OUT_WORTH,
    misconceptions=batchnorm_mistakes.TABLE_MISTAKES,
    alternatives=(by_columns, folded, forward()),
    aspects=normalizing.forward_aspects(normalizing.TABLES),
    reread="section 5, batch norm in training and in evaluation: both boxes, and the table worked by hand.",
)

BACKWARD = Exercise(
    name="batchnorm_backward",
    unit=UNIT,
    signature="batchnorm_backward(dout, cache)",
    reference=batchnorm_backward,
    kind=backward_kind(batchnorm_forward, batchnorm_backward),
    cases=normalizing.backward_cases(normalizing.TABLES),
    points=5,
    worth=GRADIENT_WORTH,
    misconceptions=batchnorm_gradient_mistakes.TABLE_MISTAKES,
    alternatives=(by_graph, by_matrix, gradient()),
    aspects=normalizing.backward_aspects(normalizing.TABLES),
    reread="section 5, the way back through mean and variance: the graph, and the box at its end.",
    partner="batchnorm_forward",
)

FORWARD_2D = Exercise(
    name="batchnorm2d_forward",
    unit=UNIT,
    signature="batchnorm2d_forward(x, gamma, beta, state, train, momentum=0.9, eps=1e-5)",
    reference=batchnorm2d_forward,
    kind=KIND,
    cases=normalizing.forward_cases(normalizing.IMAGES),
    points=3,
    worth=OUT_WORTH,
    misconceptions=batchnorm_mistakes.IMAGE_MISTAKES,
    alternatives=(as_table(by_columns), folded, forward()),
    aspects=normalizing.forward_aspects(normalizing.IMAGES),
    reread="section 5, batch norm of images: which values share a mean.",
)

BACKWARD_2D = Exercise(
    name="batchnorm2d_backward",
    unit=UNIT,
    signature="batchnorm2d_backward(dout, cache)",
    reference=batchnorm2d_backward,
    kind=backward_kind(batchnorm2d_forward, batchnorm2d_backward),
    cases=normalizing.backward_cases(normalizing.IMAGES),
    points=3,
    worth=GRADIENT_WORTH,
    misconceptions=batchnorm_gradient_mistakes.IMAGE_MISTAKES,
    alternatives=(by_graph, by_matrix, gradient()),
    aspects=normalizing.backward_aspects(normalizing.IMAGES),
    reread="section 5, batch norm of images: the same gradients, over other axes.",
    partner="batchnorm2d_forward",
)

EXERCISES = (FORWARD, BACKWARD, FORWARD_2D, BACKWARD_2D)
