"""rmsprop_update and adam_update."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function
from autograder.exercises.unit03 import adam_mistakes, paths, rmsprop_mistakes, shares
from autograder.exercises.unit03.momentum import UNIT, floating
from autograder.stepping import Stepping
from nnlib.optimizers import adam_update, rmsprop_update


def rmsprop_cases(rng: np.random.Generator) -> Iterator[Case]:
    """beta is 0.9 and eps 1e-8, where nothing else is said."""
    for path in paths.WITH_STATE:
        yield paths.case(rng, replace(path, settings=(0.9, 1e-8)))
    yield paths.case(rng, paths.varied("another beta", settings=(0.6, 1e-8)))
    yield paths.case(rng, paths.varied("beta left out", steps=4))
    yield paths.case(rng, paths.varied("a large eps", scale=0.1, settings=(0.9, 1e-2)))
    yield paths.case(rng, paths.varied("tiny gradients", scale=1e-7, settings=(0.9, 1e-8)))
    yield paths.case(rng, paths.varied("eps left out", scale=1e-7, settings=(0.9,)))


def adam_cases(rng: np.random.Generator) -> Iterator[Case]:
    """beta1 is 0.9, beta2 0.999 and eps 1e-8, where nothing else is said."""
    for path in paths.WITH_STATE:
        yield paths.case(rng, replace(path, settings=(0.9, 0.999, 1e-8)))
    yield paths.case(rng, paths.varied("another beta1", settings=(0.5, 0.999, 1e-8)))
    yield paths.case(rng, paths.varied("another beta2", settings=(0.9, 0.7, 1e-8)))
    yield paths.case(rng, paths.varied("both betas", settings=(0.6, 0.8, 1e-8)))
    yield paths.case(rng, paths.varied("a large eps", scale=0.1, settings=(0.9, 0.999, 1e-2)))
    yield paths.case(rng, paths.varied("tiny gradients", scale=1e-7, settings=(0.9, 0.999, 1e-8)))
    yield paths.case(rng, paths.varied("eps left out", scale=1e-7, settings=(0.9, 0.999)))


def rmsprop_by_power(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9, eps: float = 1e-8) -> Any:
    """Powers, and lr / (√s + eps) first."""
    w, dw = floating(w), floating(dw)
    s = beta * state.get("s", 0.0) + (1 - beta) * np.power(dw, 2)
    return (w - lr / (s**0.5 + eps) * dw).astype(w.dtype), {"s": s}


def rmsprop_listed(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9, eps: float = 1e-8) -> Any:
    """All gradients are kept, and weighed anew at each step."""
    w, past = floating(w), [*state.get("past", []), floating(dw)]
    s = sum((1 - beta) * beta ** (len(past) - 1 - i) * g * g for i, g in enumerate(past))
    return w - lr * past[-1] / (np.sqrt(s) + eps), {"past": past}


def adam_as_written(
    w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> Any:
    """Line by line as in the paper."""
    w, dw = floating(w), floating(dw)
    m, v, t = state.get("m", np.zeros_like(w)), state.get("v", np.zeros_like(w)), state.get("t", 0) + 1
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw * dw
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), {"m": m, "v": v, "t": t}


def adam_with_running_powers(
    w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> Any:
    """beta1ᵗ and beta2ᵗ are kept, rather than t; the state is a tuple in a dict."""
    w, dw = floating(w), floating(dw)
    m, s, power1, power2 = state.get("kept", (np.zeros_like(w), np.zeros_like(w), 1.0, 1.0))
    power1, power2 = power1 * beta1, power2 * beta2
    m, s = m + (1 - beta1) * (dw - m), s + (1 - beta2) * (dw**2 - s)
    rate = lr * math.sqrt(1 - power2) / (1 - power1)
    new = w - rate * m / (np.sqrt(s) + eps * math.sqrt(1 - power2))
    return new.astype(w.dtype), {"kept": (m, s, power1, power2)}


RMSPROP_ALTERNATIVES: tuple[Function, ...] = (rmsprop_by_power, rmsprop_listed)
ADAM_ALTERNATIVES: tuple[Function, ...] = (adam_as_written, adam_with_running_powers)

RMSPROP = Exercise(
    name="rmsprop_update",
    unit=UNIT,
    signature="rmsprop_update(w, dw, state, lr, beta=0.9, eps=1e-8)",
    reference=rmsprop_update,
    kind=Stepping(("beta", "eps")),
    cases=rmsprop_cases,
    points=2,
    misconceptions=rmsprop_mistakes.MISCONCEPTIONS,
    alternatives=RMSPROP_ALTERNATIVES,
    aspects=shares.RMSPROP,
    reread="section 5, RMSProp: the two boxed lines, and where eps stands.",
)

ADAM = Exercise(
    name="adam_update",
    unit=UNIT,
    signature="adam_update(w, dw, state, lr, beta1=0.9, beta2=0.999, eps=1e-8)",
    reference=adam_update,
    kind=Stepping(("beta1", "beta2", "eps")),
    cases=adam_cases,
    points=4,
    misconceptions=adam_mistakes.MISCONCEPTIONS,
    alternatives=ADAM_ALTERNATIVES,
    aspects=shares.ADAM,
    reread="section 5, Adam: the boxed lines, the first two steps by hand, and where t begins.",
)
