"""Batch norm as a recipe of small steps, so that a wrong version is the right one with another step.

One recipe serves tables (N, D) and images (N, C, H, W): ``axes`` are those that the statistics are taken over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from autograder.exercise import Function
from autograder.exercises.unit02.drawing import Array, floating

State: TypeAlias = dict[str, Any]


def over(x: Array) -> tuple[int, ...]:
    """The axes that share a mean: all but that of the features, or channels."""
    return (0,) if x.ndim == 2 else (0, 2, 3)


def wide(values: Any, x: Array) -> Any:
    """One value for each feature, or channel, in a shape that fits x."""
    return values if x.ndim == 2 or np.ndim(values) != 1 else values[:, None, None]


def count(x: Array) -> int:
    """How many values share a mean."""
    return x.size // x.shape[1]


@dataclass(frozen=True, slots=True)
class Forward:
    """What batch norm does, step by step; called, it is the function.

    ``train``, a bool, is the last argument of steps that may look at it.
    """

    mean: Callable[[Array], Any] = lambda x: x.mean(axis=over(x))
    var: Callable[[Array], Any] = lambda x: x.var(axis=over(x))
    std: Callable[[Any, float, bool], Any] = lambda var, eps, train: np.sqrt(var + eps)
    uses_batch: Callable[[bool], bool] = lambda train: train
    updates: Callable[[bool], bool] = lambda train: train
    kept: Callable[[Any, Any, float], Any] = lambda old, new, momentum: momentum * old + (1 - momentum) * new
    kept_var: Callable[[Any, Array, float], Any] = lambda var, x, eps: var
    affine: Callable[[Any, Any, Any, bool], Any] = lambda x_hat, gamma, beta, train: gamma * x_hat + beta
    beginning: Callable[[Any, Any], tuple[Any, Any]] = lambda mean, var: (np.zeros_like(mean), np.ones_like(var))
    cache: Callable[..., Any] = lambda x, x_hat, gamma, mean, var, std, train: (x, gamma, mean, std, train)
    settings: Callable[[float, float], tuple[float, float]] = lambda momentum, eps: (momentum, eps)

    def __call__(
        self, x: Array, gamma: Array, beta: Array, state: State, train: bool, momentum: float = 0.9,
        eps: float = 1e-5,
    ) -> Any:  # fmt: skip
        """(out, cache, state)."""
        values, (momentum, eps) = floating(x), self.settings(momentum, eps)
        dtype = values.dtype
        batch = tuple(np.asarray(f(values)).astype(dtype) for f in (self.mean, self.var))
        # a wrong mean may have a value for each example
        begin = self.beginning(*(b[: values.shape[1]] if b.ndim else b for b in batch))
        old = state.get("mean", begin[0]), state.get("var", begin[1])
        mean, var = batch if self.uses_batch(train) else old
        std = np.asarray(self.std(var, dtype.type(eps), train)).astype(dtype)
        x_hat = (values - wide(mean, values)) / wide(std, values)
        out = self.affine(x_hat, wide(floating(gamma), values), wide(floating(beta), values), train)
        after = state
        if self.updates(train):
            new = batch[0], self.kept_var(batch[1], values, eps)
            after = {
                k: np.asarray(self.kept(o, n, momentum)).astype(dtype)
                for k, o, n in zip(("mean", "var"), old, new, strict=True)
            }
        return out.astype(dtype), self.cache(x, x_hat, gamma, mean, var, std, train), after


@dataclass(frozen=True, slots=True)
class Gradient:
    """What goes back through batch norm, step by step; called, it is the function."""

    dx_hat: Callable[[Any, Any], Any] = lambda dout, gamma: dout * gamma
    through_mean: Callable[[Any, Any], Any] = lambda g, x_hat: g.mean(axis=over(g), keepdims=True)
    through_var: Callable[[Any, Any], Any] = lambda g, x_hat: x_hat * (g * x_hat).mean(axis=over(g), keepdims=True)
    divided: Callable[[Any, Any], Any] = lambda g, std: g / std
    x_hat: Callable[[Any, Any, Any], Any] = lambda x, mean, std: (x - mean) / std
    statistics: Callable[[Array, Any, Any], tuple[Any, Any]] = lambda x, mean, std: (mean, std)
    trained: Callable[[bool], bool] = lambda train: train
    dgamma: Callable[..., Any] = lambda dout, x_hat, x, std: (dout * x_hat).sum(axis=over(dout))
    dbeta: Callable[[Any], Any] = lambda dout: dout.sum(axis=over(dout))
    result: Callable[[Any, Any, Any], Any] = lambda dx, dgamma, dbeta: (dx, dgamma, dbeta)
    dtype: Callable[[Array], Any] = lambda array: floating(array).dtype

    def __call__(self, dout: Array, cache: Any) -> Any:
        """(dx, dgamma, dbeta)."""
        x, gamma, mean, std, train = cache
        dout, values = floating(dout), floating(x)
        mean, std = (wide(v, values) for v in self.statistics(values, mean, std))
        x_hat = self.x_hat(values, mean, std)
        g = self.dx_hat(dout, wide(floating(gamma), values))
        if self.trained(train):
            g = g - self.through_mean(g, x_hat) - self.through_var(g, x_hat)
        dx = np.asarray(self.divided(g, std)).astype(self.dtype(x))
        dgamma, dbeta = self.dgamma(dout, x_hat, values, std), self.dbeta(dout)
        return self.result(dx, *(np.asarray(d).astype(self.dtype(gamma)) for d in (dgamma, dbeta)))


def forward(**steps: Any) -> Function:
    """Batch norm with other steps."""
    return replace(Forward(), **steps)


def gradient(**steps: Any) -> Function:
    """Batch norm's backward function with other steps."""
    return replace(Gradient(), **steps)
