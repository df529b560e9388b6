"""Optimizers as pure functions: `NAME_update(w, dw, state, lr, …) -> (w, state)`, for one array of parameters.

A state is a dict, {} before the first step; a new one is returned, and nothing is changed in place. `lr` is the
learning rate, `dw` is ∂L/∂w. Results keep w's dtype. Every function raises ValueError where dw has not w's shape.

Under each function stands its rule, which works in place: on copies for the function, on the arrays themselves
for the classes, which apply it to all arrays of a model.
"""

import copy
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
Kept: TypeAlias = dict[str, Any]  # a state that is changed in place

BLOCK = 1 << 16  # numbers; a block, its gradient, its state and what is made on the way stay in the cache


def sgd_update(w: Array, dw: Array, state: State, lr: float) -> tuple[Array, State]:
    """Gradient descent: w ← w − lr · dw."""
    return _on_copies(_sgd, w, dw, state, lr)


def _sgd(w: Array, dw: Array, state: Kept, lr: float) -> None:  # noqa: ARG001 - rules share their arguments
    w -= lr * dw


def momentum_update(w: Array, dw: Array, state: State, lr: float, beta: float = 0.9) -> tuple[Array, State]:
    """Momentum: v ← beta · v + dw, w ← w − lr · v. The state holds v. Polyak (1964)."""
    return _on_copies(_momentum, w, dw, state, lr, beta)


def _momentum(w: Array, dw: Array, state: Kept, lr: float, beta: float) -> None:
    v = _kept(state, "v", w)
    v *= beta
    v += dw
    w -= lr * v


def nesterov_update(w: Array, dw: Array, state: State, lr: float, beta: float = 0.9) -> tuple[Array, State]:
    """Nesterov's momentum: v ← beta · v + dw, w ← w − lr · (dw + beta · v). The state holds v.

    The gradient is taken where w is, and the step looks one move of v ahead, as Sutskever, Martens, Dahl and
    Hinton (ICML 2013) write it for w at the point looked ahead to.
    """
    return _on_copies(_nesterov, w, dw, state, lr, beta)


def _nesterov(w: Array, dw: Array, state: Kept, lr: float, beta: float) -> None:
    v = _kept(state, "v", w)
    v *= beta
    v += dw
    ahead = beta * v
    ahead += dw
    ahead *= lr
    w -= ahead


def rmsprop_update(
    w: Array, dw: Array, state: State, lr: float, beta: float = 0.9, eps: float = 1e-8
) -> tuple[Array, State]:
    """RMSProp: s ← beta · s + (1 − beta) · dw², w ← w − lr · dw / (√s + eps). The state holds s.

    Tieleman and Hinton, lecture 6.5 of "Neural networks for machine learning" (2012).
    """
    return _on_copies(_rmsprop, w, dw, state, lr, beta, eps)


def _rmsprop(w: Array, dw: Array, state: Kept, lr: float, beta: float, eps: float) -> None:
    s = _kept(state, "s", w)
    change = np.square(dw, out=np.empty_like(w))
    change *= 1 - beta
    s *= beta
    s += change
    np.sqrt(s, out=change)
    change += eps
    np.divide(dw, change, out=change)
    change *= lr
    w -= change


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
    return _on_copies(_adam, w, dw, state, lr, beta1, beta2, eps)


def _adam(w: Array, dw: Array, state: Kept, lr: float, beta1: float, beta2: float, eps: float) -> None:
    m, s = _kept(state, "m", w), _kept(state, "s", w)
    t = state["t"] = state.get("t", 0) + 1
    rest1, rest2 = 1 - beta1**t, math.sqrt(1 - beta2**t)
    change = np.multiply(dw, 1 - beta1, out=np.empty_like(w))  # the one array that all that follows reuses
    m *= beta1
    m += change
    np.square(dw, out=change)
    change *= 1 - beta2
    s *= beta2
    s += change
    np.sqrt(s, out=change)
    change += eps * rest2  # both halves of the fraction times rest2
    np.divide(m, change, out=change)
    change *= lr * rest2 / rest1
    w -= change


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
    return _on_copies(_adamw, w, dw, state, lr, beta1, beta2, eps, weight_decay)


def _adamw(
    w: Array, dw: Array, state: Kept, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float
) -> None:
    w *= 1 - lr * weight_decay
    _adam(w, dw, state, lr, beta1, beta2, eps)


@dataclass(frozen=True)
class Optimizer:
    """An update function for all arrays of nested parameters at once.

        state = optimizer.initialize(params)
        optimizer.update(params, grads, state)  # changes params and state in place

    The state is a list with one dict a parameter, what the update function keeps for it.
    """

    rule: ClassVar[Callable[..., None]]  # the update function's, in place; its settings stand as the fields do

    lr: float

    def initialize(self, params: Nested) -> list[dict[str, Any]]:
        """The state before the first step."""
        return [{} for _ in leaves(params)]

    def update(self, params: Nested, grads: Nested, state: list[dict[str, Any]], lr: float | None = None) -> None:
        """One step with the learning rate `lr`, if given, else the optimizer's own.

        Raises ValueError, and changes nothing, where grads has not the form of params, state is not that of
        params, or an array of params is not in one piece.
        """
        _check_form(params, grads, state)
        rate, gradients = float(self.lr if lr is None else lr), dict(items(grads))
        for (path, w), kept in zip(items(params), state, strict=True):
            dw = gradients[path]
            self._update(w.reshape(-1), as_gradient(dw, w).reshape(-1), kept, rate)

    def _update(self, w: Array, dw: Array, kept: Kept, lr: float) -> None:
        """One parameter, as a vector: the first step at once, which makes what is kept, later ones by blocks."""
        rule, settings = type(self).rule, [getattr(self, field.name) for field in fields(self)[1:]]
        if not kept:
            return rule(w, dw, kept, lr, *settings)
        part: Kept = {}
        for start in range(0, max(1, w.size), BLOCK):
            block = slice(start, start + BLOCK)
            part = {name: old[block] if isinstance(old, np.ndarray) else old for name, old in kept.items()}
            rule(w[block], dw[block], part, lr, *settings)
        kept.update((name, new) for name, new in part.items() if not isinstance(new, np.ndarray))
        return None


@dataclass(frozen=True)
class SGD(Optimizer):
    """`sgd_update`."""

    rule: ClassVar = staticmethod(_sgd)


@dataclass(frozen=True)
class Momentum(Optimizer):
    """`momentum_update`."""

    rule: ClassVar = staticmethod(_momentum)

    beta: float = 0.9


@dataclass(frozen=True)
class Nesterov(Optimizer):
    """`nesterov_update`."""

    rule: ClassVar = staticmethod(_nesterov)

    beta: float = 0.9


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """`rmsprop_update`."""

    rule: ClassVar = staticmethod(_rmsprop)

    beta: float = 0.9
    eps: float = 1e-8


@dataclass(frozen=True)
class Adam(Optimizer):
    """`adam_update`."""

    rule: ClassVar[Callable[..., None]] = staticmethod(_adam)

    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8


@dataclass(frozen=True)
class AdamW(Adam):
    """`adamw_update`."""

    rule: ClassVar[Callable[..., None]] = staticmethod(_adamw)

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


def _on_copies(
    rule: Callable[..., None], w: Array, dw: Array, state: State, lr: float, *settings: float
) -> tuple[Array, State]:
    """(w, state) after a rule that works in place, w and state staying as they are."""
    w, dw = as_float("w", w), as_float("dw", dw)
    check_same_shape("dw", dw, "w", w)
    w, after = w.copy(), copy.deepcopy(dict(state))
    rule(w, as_gradient(dw, w), after, float(lr), *settings)
    return w, after


def _kept(state: Kept, name: str, w: Array) -> Array:
    """What the state holds under a name; before the first step zeros."""
    if name not in state:
        state[name] = np.zeros_like(w)
    array: Array = state[name]
    return array


def _check_form(params: Nested, grads: Nested, state: list[dict[str, Any]]) -> None:
    """Raise ValueError unless params can be changed in place, and grads and state have their form."""
    ours, theirs = dict(items(params)), dict(items(grads))
    for path in [*ours, *(path for path in theirs if path not in ours)]:
        shapes = [f"{np.shape(known[path])}" if path in known else "nothing" for known in (theirs, ours)]
        if shapes[0] != shapes[1]:
            where = path or "the array"
            raise ValueError(f"grads must have the form of params: {where} is {shapes[0]} for {shapes[1]}")
    for path, w in ours.items():
        if not w.flags.c_contiguous:
            raise ValueError(f"params are changed in place, and {path} is not in one piece: copy it first")
    if len(state) != len(ours):
        raise ValueError(f"state must be what initialize(params) gave, {len(ours)} dicts, got {len(state)}")
