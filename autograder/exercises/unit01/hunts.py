"""The bug hunts: inputs that expose wrong slopes of leaky ReLU, and wrong softmaxes."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit01 import leaky_relu, softmax
from autograder.hunting import BugHunt
from nnlib import activations

WRONG_SLOPES = {
    "0 in z: slope 1": "has slope 1 at 0",
    "0 in z: slope 0": "has slope 0 at 0",
    "alpha not 0.01": "has alpha built in",
    "alpha above 1": "compares z with alpha z",
    "not two axes": "loops over two axes",
    "integers": "makes gradients of integers",
    "several examples": "divides by N",
    "negative z": "is plain ReLU",
}
WRONG_SOFTMAXES = {
    "large logits": "overflows",
    "rows far apart": "subtracts the largest logit of all",
    "far above the mean": "subtracts the mean",
    "far above the smallest": "subtracts the smallest logit",
    "logits above 500 that differ": "cuts logits off at 500",
    "several rows": "adds up everything",
    "several rows, the first alone": "does the first row only",
    "integers": "keeps integers",
}


def among(mistakes: tuple[Misconception, ...], names: dict[str, str]) -> dict[str, Misconception]:
    """The wrong implementations by trait."""
    known = {mistake.name: mistake for mistake in mistakes}
    return {trait: known[name] for trait, name in names.items()}


def plain(function: Function) -> Function:
    """A plain function in the place of a backward one: it gets the cache alone."""
    return lambda dout, cache: function(cache)


def plain_mistakes(mistakes: tuple[Misconception, ...]) -> tuple[Misconception, ...]:
    """The same, of misconceptions."""
    return tuple(Misconception(m.name, plain(m.function), m.sentence, m.seen) for m in mistakes)


def table_softmax(logits: Any) -> tuple[Any, Any]:
    """softmax as a forward function; only for tables, as the exercise has it."""
    if not isinstance(logits, np.ndarray) or logits.ndim != 2:
        raise ValueError("logits must be one array of shape (N, M)")
    return activations.softmax(logits), logits


slope_hunt = BugHunt(
    leaky_relu.FORWARD.kind.names,
    activations.leaky_relu_forward,
    activations.leaky_relu_backward,
    among(leaky_relu.BACKWARD_MISTAKES, WRONG_SLOPES),
    lambda z, alpha: int(np.size(z)),
)
softmax_hunt = BugHunt(
    ("logits",),
    table_softmax,
    plain(activations.softmax),
    among(plain_mistakes(softmax.MISCONCEPTIONS), WRONG_SOFTMAXES),
    lambda logits: int(np.size(logits)),
)


def floats(*shape: int, shift: float = 0.0) -> Any:
    """No 0 among them."""
    return np.random.default_rng(0).normal(size=shape) + shift


def integers(*shape: int) -> Any:
    """0 and negative numbers among them."""
    return np.arange(int(np.prod(shape))).reshape(shape) - 3


def table(*rows: list[float], dtype: str = "int64") -> Function:
    """A hunt that returns these logits."""
    return lambda: np.array(rows, dtype=dtype)


SLOPE = Exercise(
    name="hunt_slope_bug",
    unit="01_activations",
    signature="hunt_slope_bug()",
    reference=lambda: (np.array([-2, -1, 0, 0, 1, 3]), 1.5),
    kind=slope_hunt,
    cases=slope_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "a friendly input",
            lambda: (floats(4, 3), 0.01),
            "Random floats in a table, and the usual alpha: that is the input on which nearly everything is right. "
            "Change one of these at a time and see what is exposed.",
        ),
        Misconception(
            "no 0 in z",
            lambda: (np.array([-2, -1, 1, 2, 5]), 1.5),
            "There is no 0 in z, so nobody sees what happens exactly at the corner.",
        ),
        Misconception(
            "the usual alpha",
            lambda: (integers(2, 3, 2), 0.01),
            "alpha is 0.01, so that it may as well be built in. Take another one.",
        ),
        Misconception(
            "alpha below 1",
            lambda: (integers(2, 3, 2), 0.3),
            "alpha is below 1, as usual. Nobody forbids a larger one, and max(z, alpha·z) is then something else.",
        ),
        Misconception(
            "a table",
            lambda: (integers(4, 3), 1.5),
            "z is a table of rows and columns. An elementwise function must take any shape.",
        ),
        Misconception(
            "z holds floats",
            lambda: (integers(2, 3, 2) * 1.0, 1.5),
            "z holds floats, so the dtype of a result made like z cannot be wrong. What if z holds whole numbers?",
        ),
        Misconception(
            "one example",
            lambda: (integers(1, 3, 4), 1.5),
            "There is one example. A division by the number of examples is then a division by 1.",
        ),
        Misconception(
            "z is always positive",
            lambda: (np.array([1, 2, 5]), 1.5),
            "z is positive everywhere, but the negative side is what leaky ReLU is about.",
        ),
        Misconception(
            "returns z alone",
            lambda: integers(2, 3, 2),
            "Two things are asked for: z and alpha. End with: return z, alpha.",
        ),
    ),
    alternatives=(lambda: (integers(2, 3, 2), 2.0), lambda: (integers(5), 7)),
    reread="the hint of the bug hunt: what does somebody take for granted who tests with random floats?",
)

SOFTMAX = Exercise(
    name="hunt_softmax_bug",
    unit="01_activations",
    signature="hunt_softmax_bug()",
    reference=table([9000, 8999, -9000], [-9000, -9002, -8999]),
    kind=softmax_hunt,
    cases=softmax_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "a friendly input",
            lambda: floats(1, 4),
            "One row of small floats: that is the input on which nearly everything is right. Change one of these at a "
            "time and see what is exposed.",
        ),
        Misconception(
            "small logits",
            table([1, 2, 3], [3, 1, 1]),
            "All logits are small, and exp of them is harmless. From what size on is it not?",
        ),
        Misconception(
            "large logits that are all near each other",
            table([9000, 8999, 8998], [9000, 9001, 9001]),
            "All logits are large and lie close together: whatever is subtracted, exp is harmless then. Let some be "
            "far away, in the same row and in another one.",
        ),
        Misconception(
            "rows at the same height",
            table([9000, 8999, -9000], [8998, 9000, -9000]),
            "Both rows have the same largest logit, so nobody can take the wrong one.",
        ),
        Misconception(
            "floats",
            table([9000, 8999, -9000], [-9000, -9002, -8999], dtype="float64"),
            "The logits are floats, so nothing can be cut off to whole numbers. What if the table holds integers?",
        ),
        Misconception(
            "one row",
            table([9000, 8999, -9000]),
            "There is one row, so nobody can mix rows up. Take two or more.",
        ),
        Misconception(
            "one far ahead",
            table([400, 0, 0], [-400, 400, 0]),
            "No logit is above 500, where some people cut off, and the results are 0 and 1 only.",
        ),
        Misconception(
            "returns a list",
            lambda: [[1, 2], [3, 4]],
            "One array is asked for, of shape (N, M). np.array(…) makes one of a list of lists.",
        ),
    ),
    alternatives=(
        table([2000, 1999, -2000, 0], [-3000, -2999, -3001, -3000]),
        table([1600, 1599, -1600], [-1600, -1601, -1600], [5000, 4000, 4999]),
    ),
    reread="the hint of the bug hunt: what can be too large, and compared with what?",
)

EXERCISES = (SLOPE, SOFTMAX)
