"""Optimizers as pure functions: `NAME_update(w, dw, state, lr, …) -> (w, state)`, for one array of parameters.

A state is a dict, {} before the first step; a new one is returned, and nothing is changed in place. `lr` is the
learning rate, `dw` is ∂L/∂w. Results keep w's dtype. Every function raises ValueError where dw has not w's shape.

The classes apply one of these functions to all arrays of a model, in place.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_same_shape
from nnlib.nested import Nested, items, leaves

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "State",
    "adam_update",
    "adamw_update",
    "clip_by_global_norm",
    "clip_by_value",
    "momentum_update",
    "nesterov_update",
    "rmsprop_update",
    "sgd_update",
]

State: TypeAlias = Mapping[str, Any]

BLOCK = 1 << 15  # numbers; a block, its gradient, its state and what is made on the way stay in the cache


def sgd_update(w: Array, dw: Array, state: State, lr: float) -> tuple[Array, State]:
    """Gradient descent: w ← w − lr · dw."""
    w, dw = _checked(w, dw)
    return _step(w, lr * dw), state


def momentum_update(w: Array, dw: Array, state: State, lr: float, beta: float = 0.9) -> tuple[Array, State]:
    """Momentum: v ← beta · v + dw, w ← w − lr · v. The state holds v. Polyak (1964)."""
    w, dw = _checked(w, dw)
    v = beta * _kept(state, "v", w) + dw
    return _step(w, lr * v), {"v": v}


def nesterov_update(w: Array, dw: Array, state: State, lr: float, beta: float = 0.9) -> tuple[Array, State]:
    """Nesterov's momentum: v ← beta · v + dw, w ← w − lr · (dw + beta · v). The state holds v.

    The gradient is taken where w is, and the step looks one move of v ahead, as Sutskever, Martens, Dahl and
    Hinton (ICML 2013) write it for w at the point looked ahead to.
    """
    w, dw = _checked(w, dw)
    v = beta * _kept(state, "v", w) + dw
    return _step(w, lr * (dw + beta * v)), {"v": v}


def rmsprop_update(
    w: Array, dw: Array, state: State, lr: float, beta: float = 0.9, eps: float = 1e-8
) -> tuple[Array, State]:
    """RMSProp: s ← beta · s + (1 − beta) · dw², w ← w − lr · dw / (√s + eps). The state holds s.

    Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning" (2012).
    """
    w, dw = _checked(w, dw)
    s = beta * _kept(state, "s", w) + (1 - beta) * dw**2
    return _step(w, lr * dw / (np.sqrt(s) + eps)), {"s": s}


def adam_update(
    w: Array,
    dw: Array,
    state: State,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, State]:
    """Adam: momentum and RMSProp, both divided by what their averages still lack after t steps.

    m ← beta1 · m + (1 − beta1) · dw and s ← beta2 · s + (1 − beta2) · dw², then with t counted from 1
    w ← w − lr · m / (1 − beta1ᵗ) / (√(s / (1 − beta2ᵗ)) + eps). The state holds m, s and t.
    Kingma and Ba, "Adam" (ICLR 2015).
    """
    w, dw = _checked(w, dw)
    t = state.get("t", 0) + 1
    m = beta1 * _kept(state, "m", w) + (1 - beta1) * dw
    s = beta2 * _kept(state, "s", w) + (1 - beta2) * dw**2
    rest1, rest2 = 1 - beta1**t, math.sqrt(1 - beta2**t)
    step = m * (lr * rest2 / rest1) / (np.sqrt(s) + eps * rest2)  # both halves of the fraction times rest2
    return _step(w, step), {"m": m, "s": s, "t": t}


def adamw_update(
    w: Array,
    dw: Array,
    state: State,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> tuple[Array, State]:
    """AdamW: w ← (1 − lr · weight_decay) · w, then Adam's step. The decay does not pass through Adam's division.

    That is the difference to a penalty in the loss. Loshchilov and Hutter, "Decoupled weight decay" (ICLR 2019).
    """
    decayed = as_float("w", w) * (1 - lr * weight_decay)
    return adam_update(as_gradient(decayed, w), dw, state, lr, beta1, beta2, eps)


@dataclass(frozen=True)
class Optimizer:
    """An update function for all arrays of nested parameters at once.

        state = optimizer.initialize(params)
        optimizer.update(params, grads, state)  # changes params and state in place

    The state is a list with one dict a parameter, what the update function keeps for it.
    """

    rule: ClassVar[Callable[..., tuple[Array, State]]]

    lr: float

    def initialize(self, params: Nested) -> list[dict[str, Any]]:
        """The state before the first step."""
        return [{} for _ in leaves(params)]

    def update(self, params: Nested, grads: Nested, state: list[dict[str, Any]], lr: float | None = None) -> None:
        """One step with the learning rate `lr`, if given, else the optimizer's own.

        Raises ValueError where grads has not the form of params, or an array of params is not in one piece.
        """
        rate = self.lr if lr is None else lr
        for (path, w), (other, dw), kept in zip(items(params), items(grads), state, strict=True):
            if path != other or np.shape(dw) != w.shape:
                raise ValueError(
                    f"grads must have the form of params: {other} {np.shape(dw)} for {path} {w.shape}"
                )
            if not w.flags.c_contiguous:
                raise ValueError(f"params are changed in place, and {path} is not in one piece: copy it first")
            self._update(w.reshape(-1), dw.reshape(-1), kept, rate)

    def _update(self, w: Array, dw: Array, kept: dict[str, Any], lr: float) -> None:
        """One parameter, as a vector, a block at a time."""
        settings = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "lr"}
        before = dict(kept)
        for start in range(0, w.size, BLOCK):
            part = slice(start, start + BLOCK)
            state = {name: old[part] if isinstance(old, np.ndarray) else old for name, old in before.items()}
            w[part], after = type(self).rule(w[part], dw[part], state, lr, **settings)
            for name, new in after.items():
                if not isinstance(new, np.ndarray):
                    kept[name] = new
                    continue
                if start == 0 and name not in kept:
                    kept[name] = np.empty(w.size, new.dtype)
                kept[name][part] = new


@dataclass(frozen=True)
class SGD(Optimizer):
    """`sgd_update`."""

    rule: ClassVar = staticmethod(sgd_update)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """`momentum_update`."""

    rule: ClassVar = staticmethod(momentum_update)

    beta: float = 0.9


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """`nesterov_update`."""

    rule: ClassVar = staticmethod(nesterov_update)

    beta: float = 0.9


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """`rmsprop_update`."""

    rule: ClassVar = staticmethod(rmsprop_update)

    beta: float = 0.9
    eps: float = 1e-8


@dataclass(frozen=True)
class Adam(Optimizer):
    """`adam_update`."""

    rule: ClassVar = staticmethod(adam_update)

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8


@dataclass(frozen=True)
class AdamW(Adam):
    """`adamw_update`."""

    rule: ClassVar = staticmethod(adamw_update)

    weight_decay: float = 0.01


def clip_by_global_norm(grads: list[Array], max_norm: float) -> tuple[list[Array], float]:
    """The gradients times min(1, max_norm / ‖grads‖), and ‖grads‖, the norm of all of them as one vector.

    One factor for all keeps the direction. Pascanu, Mikolov and Bengio (ICML 2013). Raises ValueError unless
    max_norm > 0.
    """
    if not max_norm > 0:
        raise ValueError(f"max_norm must be positive, got {max_norm}")
    arrays = [as_float(f"grads[{i}]", g) for i, g in enumerate(grads)]
    norm = float(np.sqrt(sum(np.square(g, dtype=np.float64).sum() for g in arrays)))
    factor = min(1.0, max_norm / norm) if norm else 1.0
    return [as_gradient(g * factor, g) for g in arrays], norm


def clip_by_value(grads: list[Array], limit: float) -> list[Array]:
    """Each value cut to [−limit, limit]; this changes the direction. Raises ValueError unless limit > 0."""
    if not limit > 0:
        raise ValueError(f"limit must be positive, got {limit}")
    return [np.clip(as_float(f"grads[{i}]", g), -limit, limit) for i, g in enumerate(grads)]


def _checked(w: Array, dw: Array) -> tuple[Array, Array]:
    w, dw = as_float("w", w), as_float("dw", dw)
    check_same_shape("dw", dw, "w", w)
    return w, as_gradient(dw, w)


def _kept(state: State, name: str, w: Array) -> Array:
    """What the state holds under a name; before the first step zeros."""
    return state[name] if name in state else np.zeros_like(w)


def _step(w: Array, change: Array) -> Array:
    return as_gradient(w - change, w)
