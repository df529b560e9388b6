"""Optimizers as pure functions: `NAME_update(w, dw, state, lr, …) -> (w, state)`, for one array of parameters.

A state is a dict, {} before the first step; a new one is returned, and nothing is changed in place. `lr` is the
learning rate, `dw` is ∂L/∂w. Results keep w's dtype. Every function raises ValueError where dw has not w's shape.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_same_shape

__all__ = [
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
    step = lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps)
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
