"""Wrong versions of adam_update: one rule with places to go wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit03 import step_mistakes
from autograder.exercises.unit03.momentum import floating
from nnlib.optimizers import adam_update


def count(t: int) -> int:
    """The number of the step, as it should be counted."""
    return t + 1


def power(beta: float, t: int) -> float:
    """What an average still has to get, as it should be."""
    return 1 - beta**t


def root(s: Any, rest: float, eps: float) -> Any:
    """The divisor, as it should be."""
    return np.sqrt(s / rest) + eps


def version(
    counted: Callable[[int], int] = count,
    rest1: Callable[[float, int], float] = power,
    rest2: Callable[[float, int], float] = power,
    divisor: Callable[..., Any] = root,
    *,
    first: Callable[..., Any] = lambda m, g, beta: beta * m + (1 - beta) * g,
    second: Callable[..., Any] = lambda s, g, beta: beta * s + (1 - beta) * g**2,
    kept: Callable[..., dict[str, Any]] = lambda m, s, t, rest1, rest2: {"m": m, "s": s, "t": t},
) -> Function:
    """Adam with other parts."""

    def update(
        w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> Any:
        w, g, t = floating(w), floating(dw), counted(state.get("t", 0))
        m = first(state.get("m", np.zeros_like(w)), g, beta1)
        s = second(state.get("s", np.zeros_like(w)), g, beta2)
        rests = rest1(beta1, t), rest2(beta2, t)
        new = w - lr * (m / np.float64(rests[0])) / divisor(s, np.float64(rests[1]), eps)
        return new.astype(w.dtype), kept(m, s, t, *rests)

    return update


def one(beta: float, t: int) -> float:
    """No correction."""
    return 1.0


def folded(
    w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> Any:
    """Both corrections in lr, and eps as it is."""
    w, g, t = floating(w), floating(dw), state.get("t", 0) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * g
    s = beta2 * state.get("s", np.zeros_like(w)) + (1 - beta2) * g**2
    rate = lr * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - rate * m / (np.sqrt(s) + eps), {"m": m, "s": s, "t": t}


def squaring_m(
    w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> Any:
    """The average of m²."""
    w, g, t = floating(w), floating(dw), state.get("t", 0) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * g
    s = beta2 * state.get("s", np.zeros_like(w)) + (1 - beta2) * m**2
    return w - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps), {"m": m, "s": s, "t": t}


def fixed(**settings: float) -> Function:
    """Some settings are numbers in the code."""

    def update(
        w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> Any:
        return adam_update(w, dw, state, lr, **{"beta1": beta1, "beta2": beta2, "eps": eps, **settings})

    return update


def one_counter(right: Function) -> Function:
    """t is a variable outside of the function."""
    begun: dict[str, int] = {}

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        begun["t"] = begun["t"] if state else 0
        new, after = right(w, dw, {**state, "t": begun["t"]}, *rest)
        begun["t"] += 1
        return new, after

    return wrong


def rate_in_m(
    w: Any, dw: Any, state: Any, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> Any:
    """m is an average of lr · dw."""
    w, g, t = floating(w), floating(dw), state.get("t", 0) + 1
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * lr * g
    s = beta2 * state.get("s", np.zeros_like(w)) + (1 - beta2) * g**2
    return w - m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), {"m": m, "s": s, "t": t}


MISCONCEPTIONS = (
    *step_mistakes.with_state(adam_update, without=step_mistakes.RARE),
    Misconception(
        "does not count the steps",
        version(kept=lambda m, s, t, rest1, rest2: {"m": m, "s": s}),
        "Every step is corrected as if it were the first one. t grows by 1 at each step, and has to be in the state "
        "that you return.",
        seen=5,
    ),
    Misconception(
        "corrects nothing",
        version(rest1=one, rest2=one),
        "m and s begin at 0, so the first averages are too small. Both have to be divided by what they still lack.",
        seen=4,
    ),
    Misconception(
        "takes the first step as t = 2",
        version(lambda t: t + 2 if t == 0 else t + 1),
        "The correction is that of the step after. At the first step t is 1: is it increased twice, or does it begin "
        "with 1 and grow before it is used?",
        seen=12,
    ),
    Misconception(
        "takes the first step as t = 0",
        version(rest1=lambda b, t: 1 - b ** (t - 1), rest2=lambda b, t: 1 - b ** (t - 1)),
        "At the first step 1 - beta⁰ is 0, and you divide by it. Increase t before you use it.",
    ),
    Misconception(
        "puts eps inside the root",
        version(divisor=lambda s, rest, eps: np.sqrt(s / rest + eps)),
        "eps stands under the root in your formula. Take the root first, and add eps to the result: under the root, "
        "1e-8 counts like 1e-4.",
        seen=10,
    ),
    Misconception(
        "folds the corrections into lr, but not eps",
        folded,
        "You correct lr in place of m and s, which is fine, but then eps is added to a root that is not corrected. "
        "Correct s first, then add eps.",
    ),
    Misconception(
        "corrects m only",
        version(rest2=one),
        "s begins at 0 as well: without its own correction the first steps are far too large.",
    ),
    Misconception(
        "corrects s only",
        version(rest1=one),
        "m begins at 0 as well: without its own correction the first steps are too small.",
    ),
    Misconception(
        "multiplies by the corrections",
        version(rest1=lambda b, t: 1 / (1 - b**t), rest2=lambda b, t: 1 / (1 - b**t)),
        "The first averages are too small, and your correction makes them smaller. Divide by 1 - betaᵗ.",
    ),
    Misconception(
        "takes beta times t",
        version(rest1=lambda b, t: 1 - b * t, rest2=lambda b, t: 1 - b * t),
        "beta * t is no power. beta ** t is.",
    ),
    Misconception(
        "keeps the corrected averages",
        version(kept=lambda m, s, t, r1, r2: {"m": m / r1, "s": s / r2, "t": t}),
        "The corrected averages went into the state, so each step corrects what is corrected already. Keep m and s as "
        "they are, and correct copies.",
    ),
    Misconception(
        "exchanges the betas",
        lambda w, dw, state, lr, beta1=0.9, beta2=0.999, eps=1e-8: adam_update(
            w, dw, state, lr, beta2, beta1, eps
        ),
        "beta1 belongs to the average of the gradients, beta2 to that of their squares. Yours are exchanged.",
    ),
    Misconception(
        "has one beta for both",
        lambda w, dw, state, lr, beta1=0.9, beta2=0.999, eps=1e-8: adam_update(
            w, dw, state, lr, beta1, beta1, eps
        ),
        "beta1 is used for both averages. The squares have beta2.",
    ),
    Misconception(
        "forgets 1 - beta",
        version(first=lambda m, g, b: b * m + g, second=lambda s, g, b: b * s + g**2),
        "These are sums that fade, as in momentum. Adam takes averages: the new gradient, and its square, are "
        "multiplied by 1 - beta.",
    ),
    Misconception(
        "forgets 1 - beta2",
        version(second=lambda s, g, b: b * s + g**2),
        "In the average of the squares the new square must be multiplied by 1 - beta2.",
    ),
    Misconception(
        "forgets the root",
        version(divisor=lambda s, rest, eps: s / rest + eps),
        "You divide by the average of the squares. Its root is missing.",
    ),
    Misconception(
        "squares m in place of the gradient",
        squaring_m,
        "The second average is that of m². It has to be that of the gradient's own square, dw².",
    ),
    Misconception(
        "has one t for all parameters",
        one_counter(adam_update),
        "Two parameters that take their steps in turn share one t, so each counts the other's steps. t belongs into the "
        "state.",
    ),
    Misconception(
        "puts the learning rate into m",
        rate_in_m,
        "With one learning rate for all steps your result is right. Once lr changes it is not: m averages gradients "
        "only, and lr multiplies the whole step.",
    ),
    Misconception(
        "takes eps for a lower end",
        version(divisor=lambda s, rest, eps: np.maximum(np.sqrt(s / rest), eps)),
        "Your divisor is at least eps. The rule adds eps to every root.",
    ),
    Misconception(
        "has beta1 built in",
        fixed(beta1=0.9),
        "The result is the same whatever beta1 is. Use the argument.",
    ),
    Misconception(
        "has beta2 built in",
        fixed(beta2=0.999),
        "The result is the same whatever beta2 is. Use the argument.",
    ),
    Misconception(
        "forgets eps",
        version(divisor=lambda s, rest, eps: np.sqrt(s / rest)),
        "Where all gradients were 0 you divide 0 by 0. eps keeps the divisor away from 0.",
    ),
    Misconception(
        "has the betas built in",
        fixed(beta1=0.9, beta2=0.999),
        "The result is the same whatever the betas are. Use the arguments.",
    ),
    Misconception(
        "has eps 1e-8 built in",
        fixed(eps=1e-8),
        "The result is the same whatever eps is. Use the argument.",
    ),
    Misconception(
        "has another default for eps",
        lambda w, dw, state, lr, beta1=0.9, beta2=0.999, eps=1e-7: adam_update(
            w, dw, state, lr, beta1, beta2, eps
        ),
        "Where eps is left out, your function uses another value than 1e-8. Look at the signature.",
    ),
    Misconception(
        "steps with the gradient in place of m",
        version(first=lambda m, g, b: (1 - b) * g, rest1=lambda b, t: 1 - b),
        "The step goes along the new gradient: this is RMSProp with a correction. Adam takes the average m.",
    ),
)
