"""Wrong versions of rmsprop_update: one rule with places to go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit03 import step_mistakes
from autograder.exercises.unit03.momentum import floating
from nnlib.optimizers import rmsprop_update


def average(s: Any, g: Any, beta: float) -> Any:
    """The running average of the squares, as it should be."""
    return beta * s + (1 - beta) * g**2


def divide(g: Any, s: Any, eps: float, old: Any) -> Any:
    """The step without lr, as it should be."""
    return g / (np.sqrt(s) + eps)


def version(
    mean: Callable[..., Any] = average,
    step: Callable[..., Any] = divide,
    *,
    kept: Callable[..., Any] = lambda s, g: s,
    start: Function = np.zeros_like,
) -> Function:
    """RMSProp with other parts."""

    def update(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9, eps: float = 1e-8) -> Any:
        w, g = floating(w), floating(dw)
        old = state["s"] if "s" in state else start(g)
        s = mean(old, g, beta)
        return (w - lr * step(g, s, eps, old)).astype(w.dtype), {"s": kept(s, g)}

    return update


def corrected(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9, eps: float = 1e-8) -> Any:
    """With Adam's correction."""
    w, g, t = floating(w), floating(dw), state.get("t", 0) + 1
    s = average(state.get("s", np.zeros_like(w)), g, beta)
    return w - lr * g / (np.sqrt(s / (1 - beta**t)) + eps), {"s": s, "t": t}


MISCONCEPTIONS = (
    *step_mistakes.with_state(rmsprop_update, without=step_mistakes.RARE),
    Misconception(
        "puts eps inside the root",
        version(step=lambda g, s, eps, old: g / np.sqrt(s + eps)),
        "eps stands under the root in your formula. Take the root first, and add eps to the result: under the root, "
        "1e-8 counts like 1e-4.",
        seen=10,
    ),
    Misconception(
        "takes eps for a lower end",
        version(step=lambda g, s, eps, old: g / np.maximum(np.sqrt(s), eps)),
        "Your divisor is at least eps. The rule adds eps to every root.",
    ),
    Misconception(
        "forgets eps",
        version(step=lambda g, s, eps, old: g / np.sqrt(s)),
        "Where all gradients were 0 you divide 0 by 0. eps keeps the divisor away from 0.",
    ),
    Misconception(
        "has eps 1e-8 built in",
        lambda w, dw, state, lr, beta=0.9, eps=1e-8: rmsprop_update(w, dw, state, lr, beta),
        "The result is the same whatever eps is. Use the argument.",
    ),
    Misconception(
        "has another default for eps",
        lambda w, dw, state, lr, beta=0.9, eps=1e-7: rmsprop_update(w, dw, state, lr, beta, eps),
        "Where eps is left out, your function uses another value than 1e-8. Look at the signature.",
    ),
    Misconception(
        "forgets the root",
        version(step=lambda g, s, eps, old: g / (s + eps)),
        "You divide by the average of the squares. Its root is missing: only then has the divisor the unit of a "
        "gradient.",
    ),
    Misconception(
        "forgets the square",
        version(lambda s, g, beta: beta * s + (1 - beta) * g),
        "You average the gradients, and the root of a negative average is no number. Average their squares.",
    ),
    Misconception(
        "averages sizes in place of squares",
        version(lambda s, g, beta: beta * s + (1 - beta) * np.abs(g), lambda g, s, eps, old: g / (s + eps)),
        "You average the absolute values. The rule takes the root of the mean square, which is another number.",
    ),
    Misconception(
        "adds the squares up for ever",
        version(lambda s, g, beta: s + g**2),
        "Your s only grows, so the steps become smaller and smaller. (That is AdaGrad.) Here it is an average: beta "
        "times the old s, and 1 - beta times the new square.",
    ),
    Misconception(
        "forgets 1 - beta",
        version(lambda s, g, beta: beta * s + g**2),
        "The weights of your average do not add up to 1: beta times the old, and 1 - beta times the new.",
    ),
    Misconception(
        "exchanges beta and 1 - beta",
        version(lambda s, g, beta: (1 - beta) * s + beta * g**2),
        "Your average forgets nearly all at each step. It is the old value that keeps the large part, beta.",
    ),
    Misconception(
        "divides by the old average",
        version(step=lambda g, s, eps, old: g / (np.sqrt(old) + eps)),
        "The divisor is the average of the last time, which is 0 at the first step. Make the new s first, then divide.",
    ),
    Misconception(
        "begins with the first square",
        version(start=np.square),
        "Your average begins with the first square, rather than with 0. Before the first step s is 0, in this rule.",
    ),
    Misconception(
        "corrects the average as Adam does",
        corrected,
        "You divide s by 1 - betaᵗ. That is the idea of Adam, further below; RMSProp does without.",
    ),
    Misconception(
        "keeps the root",
        version(kept=lambda s, g: np.sqrt(s)),
        "What goes into the state is the root of s. The first step is right, and then squares and roots are mixed.",
    ),
    Misconception(
        "has one divisor for all weights",
        version(step=lambda g, s, eps, old: g / (np.sqrt(s.mean()) + eps)),
        "All weights are divided by one number. The point of the rule is that each weight has its own.",
    ),
    Misconception(
        "has beta 0.9 built in",
        lambda w, dw, state, lr, beta=0.9, eps=1e-8: rmsprop_update(w, dw, state, lr, 0.9, eps),
        "The result is the same whatever beta is. Use the argument.",
    ),
    Misconception(
        "has another default for beta",
        lambda w, dw, state, lr, beta=0.99, eps=1e-8: rmsprop_update(w, dw, state, lr, beta, eps),
        "Where beta is left out, your function uses another value than 0.9. Look at the signature.",
    ),
)
