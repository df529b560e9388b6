"""sgd_update, momentum_update and nesterov_update."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit03 import paths, shares, step_mistakes
from autograder.stepping import Stepping
from nnlib.optimizers import momentum_update, nesterov_update, sgd_update

UNIT = "03_optimizers"
MEMORY = (
    *paths.WITH_STATE,
    paths.varied("another beta", settings=(0.6,)),
    paths.varied("beta left out", steps=4),
)


def sgd_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Paths of plain steps."""
    return paths.cases(rng, *paths.BASE)


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Paths with a memory; beta is 0.9 where it is not said."""
    for path in MEMORY:
        left_out = path.trait == "beta left out" or path.settings
        yield paths.case(rng, path if left_out else replace(path, settings=(0.9,)))


def floating(w: Any) -> Any:
    """Floats as they are, integers as float64."""
    w = np.asarray(w)
    return w if w.dtype.kind == "f" else w.astype(np.float64)


def one_by_one(w: Any, dw: Any, state: Any, lr: float) -> Any:
    """A loop over all weights."""
    new = floating(w).copy()
    for index in np.ndindex(new.shape):
        new[index] -= lr * dw[index]
    return new, {}


def by_sum(w: Any, dw: Any, state: Any, lr: float) -> Any:
    """w + (−lr) · dw."""
    return np.add(floating(w), -lr * floating(dw)), dict(state)


Rule = Callable[[Any, Any, float, float], tuple[Any, Any]]  # v, dw, lr, beta to the step and the new v


def remembering(rule: Rule, start: Function = np.zeros_like) -> Function:
    """An update function of a rule for the velocity."""

    def update(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9) -> Any:
        w, dw = floating(w), floating(dw)
        step, v = rule(state["v"] if "v" in state else start(dw), dw, lr, beta)
        return w - step, {"v": v}

    return update


def listed(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9) -> Any:
    """All gradients are kept, and weighed anew at each step."""
    w, past = floating(w), [*state.get("past", []), floating(dw)]
    v = sum(beta ** (len(past) - 1 - i) * g for i, g in enumerate(past))
    return w - lr * v, {"past": past}


def listed_ahead(w: Any, dw: Any, state: Any, lr: float, beta: float = 0.9) -> Any:
    """All gradients are kept; the newest counts 1 + beta."""
    w, past = floating(w), [*state.get("past", []), floating(dw)]
    v = sum(beta ** (len(past) - i) * g for i, g in enumerate(past))
    return w - lr * (past[-1] + v), {"past": past}


def stepping(v: Callable[[Any, Any, float, float], Any], move: Callable[..., Any] | None = None) -> Function:
    """A rule in which v is made as ``v`` says, and the step is lr · v, or what ``move`` says."""

    def rule(old: Any, dw: Any, lr: float, beta: float) -> tuple[Any, Any]:
        new = v(old, dw, lr, beta)
        return (move(new, old, dw, lr, beta) if move else lr * new), new

    return remembering(rule)


def velocity(old: Any, dw: Any, lr: float, beta: float) -> Any:
    """As it should be."""
    return beta * old + dw


def ahead(v: Any, old: Any, dw: Any, lr: float, beta: float) -> Any:
    """Nesterov's step."""
    return lr * (dw + beta * v)


def ignoring_beta(right: Function) -> Function:
    """beta is 0.9 in the code."""
    return lambda w, dw, state, lr, beta=0.9: right(w, dw, state, lr)


def other_default(right: Function) -> Function:
    """beta has another default."""
    return lambda w, dw, state, lr, beta=0.99: right(w, dw, state, lr, beta)


def rate_inside(move: Callable[..., Any]) -> Function:
    """v ← beta · v + lr · dw."""
    return remembering(lambda v, dw, lr, beta: (move(new := beta * v + lr * dw, v, lr * dw, 1.0, beta), new))


def common(right: Function, move: Callable[..., Any]) -> Iterator[Misconception]:
    """What goes wrong with the velocity, in both exercises. ``move``: from the velocity to the step."""
    yield Misconception(
        "averages the gradients",
        stepping(lambda v, g, lr, b: b * v + (1 - b) * g, move),
        "Your velocity is an average, with 1 - beta before the gradient. Here the gradient counts in full: it is a "
        "sum that fades. (Adam will average.)",
    )
    yield Misconception(
        "puts the learning rate into the velocity",
        rate_inside(move),
        "With one learning rate for all steps your result is right. Once lr changes it is not: old gradients keep the "
        "lr of their own time. The velocity holds gradients only, and lr multiplies the whole step.",
    )
    yield Misconception(
        "multiplies the new gradient by beta",
        stepping(lambda v, g, lr, b: b * (v + g), move),
        "beta multiplies the new gradient, too. Only what is remembered fades: beta belongs to the old velocity alone.",
    )
    yield Misconception(
        "begins with the gradient as velocity",
        remembering(
            lambda v, g, lr, b: (move(new := b * v + g, v, g, lr, b), new),
            np.copy,
        ),
        "At the first step the gradient is counted twice: the velocity begins with it, and then it is added. Before "
        "the first step the velocity is 0.",
    )
    yield Misconception(
        "lets the memory grow",
        stepping(lambda v, g, lr, b: v + g, move),
        "Old gradients never fade in your velocity. They are multiplied by beta at each step.",
    )
    yield Misconception(
        "has beta 0.9 built in",
        ignoring_beta(right),
        "The result is the same whatever beta is. Use the argument.",
    )
    yield Misconception(
        "has another default for beta",
        other_default(right),
        "Where beta is left out, your function uses another value than 0.9. Look at the signature.",
    )


MOMENTUM_MISTAKES = (
    *step_mistakes.with_state(momentum_update),
    *common(momentum_update, lambda v, old, dw, lr, beta: lr * v),
    Misconception(
        "looks ahead",
        nesterov_update,
        "This is Nesterov's rule, the next exercise. Here the step is the velocity times lr, and nothing more.",
        seen=2,
    ),
    Misconception(
        "steps with the old velocity",
        stepping(velocity, lambda v, old, g, lr, b: lr * old),
        "The step uses the velocity of the last time, so the first step does not move at all. First the new velocity, "
        "then the step.",
    ),
    Misconception(
        "adds gradient and velocity again in the step",
        stepping(velocity, lambda v, old, g, lr, b: lr * (g + v)),
        "The new gradient counts twice: it is in the velocity already when you add it to the step.",
    ),
)

NESTEROV_MISTAKES = (
    *step_mistakes.with_state(nesterov_update),
    *common(nesterov_update, ahead),
    Misconception(
        "does not look ahead",
        momentum_update,
        "This is momentum: with the old velocity, dw + beta · v is just the new velocity. The step takes beta times "
        "the new one.",
        seen=2,
    ),
    Misconception(
        "forgets the gradient in the step",
        stepping(velocity, lambda v, old, g, lr, b: lr * b * v),
        "The step has two parts, the gradient and what is remembered. The gradient is missing.",
    ),
    Misconception(
        "adds the whole velocity",
        stepping(velocity, lambda v, old, g, lr, b: lr * (g + v)),
        "In the step the velocity fades once more: it is multiplied by beta before the gradient is added.",
    ),
    Misconception(
        "looks ahead twice",
        stepping(velocity, lambda v, old, g, lr, b: lr * (g + b * (g + b * v))),
        "You look two moves ahead: beta is applied once too often. One new velocity, one look ahead.",
    ),
    Misconception(
        "keeps the step as velocity",
        remembering(lambda v, g, lr, b: (lr * (step := g + b * (b * v + g)), step)),
        "What you keep is the whole step. The velocity that is remembered is beta · v + dw, without the look ahead.",
    ),
)

SGD = Exercise(
    name="sgd_update",
    unit=UNIT,
    signature="sgd_update(w, dw, state, lr)",
    reference=sgd_update,
    kind=Stepping(),
    cases=sgd_cases,
    points=1,
    misconceptions=(
        *step_mistakes.every(sgd_update),
        Misconception(
            "uses the sign of the gradient alone",
            lambda w, dw, state, lr: (floating(w) - (lr * np.sign(dw)).astype(floating(w).dtype), state),
            "Every weight moves by lr, however steep it is there. The step is lr times the gradient itself.",
        ),
        Misconception(
            "divides by the gradient's length",
            lambda w, dw, state, lr: (
                floating(w) - lr * (dw / (np.linalg.norm(dw) + 1e-12)).astype(floating(w).dtype),
                state,
            ),
            "The gradient is scaled to length 1, so a steep place makes no larger step. Use the gradient as it is.",
        ),
        Misconception(
            "makes a matrix flat",
            lambda w, dw, state, lr: ((floating(w) - lr * dw).ravel(), state),
            "The numbers are right, but in one long row. The new weights have the shape of w.",
        ),
        step_mistakes.first_rate(sgd_update),
        Misconception(
            "leaves weights without gradient out",
            lambda w, dw, state, lr: (
                np.where(dw == 0, 0, floating(w) - lr * dw).astype(floating(w).dtype),
                state,
            ),
            "Where the gradient is 0 your new weight is 0. Such a weight stays as it is: w minus nothing.",
        ),
    ),
    alternatives=(one_by_one, by_sum),
    aspects=shares.SGD,
    reread="section 1, one step downhill: the boxed rule.",
)

MOMENTUM = Exercise(
    name="momentum_update",
    unit=UNIT,
    signature="momentum_update(w, dw, state, lr, beta=0.9)",
    reference=momentum_update,
    kind=Stepping(("beta",)),
    cases=cases,
    points=2,
    misconceptions=MOMENTUM_MISTAKES,
    alternatives=(listed, stepping(velocity)),
    aspects=shares.MOMENTUM,
    reread="section 4, momentum: the two boxed lines, and the table of three steps by hand.",
)

NESTEROV = Exercise(
    name="nesterov_update",
    unit=UNIT,
    signature="nesterov_update(w, dw, state, lr, beta=0.9)",
    reference=nesterov_update,
    kind=Stepping(("beta",)),
    cases=cases,
    points=2,
    misconceptions=NESTEROV_MISTAKES,
    alternatives=(listed_ahead, stepping(velocity, ahead)),
    aspects=shares.MOMENTUM,
    reread="section 4, Nesterov: the boxed line, and the step by hand.",
)
