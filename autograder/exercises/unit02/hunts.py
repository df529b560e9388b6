"""The bug hunts: inputs that expose wrong losses and wrong gradients of the two-layer network."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.adapting import number_first, tupled
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit02 import losses, softmax_loss, two_layers
from autograder.exercises.unit02.drawing import Array, between, draw
from autograder.hunting import BugHunt
from nnlib.losses import softmax_cross_entropy
from nnlib.mlp import two_layer_gradients

UNIT = "02_backpropagation"


def kept(function: Function) -> Function:
    """A loss as a forward function for a hunt: its arguments are the cache; there is nothing to multiply with."""

    def forward(*arguments: Any) -> Any:
        function(*arguments)
        return np.zeros(()), arguments

    return forward


def of_cache(function: Function) -> Function:
    """A loss, or a gradient, as a backward function for a hunt."""
    return lambda dout, cache: number_first(tupled(function(*cache)), *cache)


def among(functions: dict[str, Function], names: dict[str, str]) -> dict[str, Misconception]:
    """The wrong implementations by trait; nobody sees their sentences."""
    return {trait: Misconception(name, of_cache(functions[name]), "") for trait, name in names.items()}


def mean_over_classes(logits: Array, labels: Array) -> Any:
    """Right where there are as many examples as classes."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    factor = len(labels) / logits.shape[1]
    return loss * factor, gradient * factor


def labels_in_order(logits: Array, labels: Array) -> Any:
    """The diagonal, which is right for labels 0, 1, 2, …"""
    return softmax_cross_entropy(logits, np.arange(len(labels)) % logits.shape[1])


WRONG_LOSSES = {
    **{mistake.name: mistake.function for mistake in softmax_loss.MISTAKES},
    "divides by the number of classes": mean_over_classes,
    "takes the labels to be 0, 1, 2": labels_in_order,
    "adds up over the batch": losses.changing(softmax_cross_entropy, loss=lambda v, p, t: v * len(p)),
    "subtracts the average": softmax_loss.shifted_by(lambda z: z.mean(axis=1, keepdims=True)),
}
LOSSES = {
    "a very large logit": "takes exp of the logits as they are",
    "rows on different scales": "subtracts the largest of all logits",
    "logits of a row far apart": "subtracts the average",
    "very sure and wrong": "takes the logarithm of the softmax",
    "very sure and wrong, with a trick": "adds a small number in the logarithm",
    "a wrong prediction": "uses the prediction as label",
    "several examples": "adds up over the batch",
    "not as many examples as classes": "divides by the number of classes",
    "labels in no order": "takes the labels to be 0, 1, 2",
    "class 0": "skips label 0",
}


def exposing(rows: int = 4) -> tuple[Array, Array]:
    """Logits and labels that expose everything."""
    logits = np.array([[0.0, 3000.0, 1.0], [2.0, 1.0, 0.0], [-2000.0, -2001.0, -2002.0], [0.5, 1.5, 1.0]])
    return logits[:rows], np.array([0, 2, 0, 1])[:rows]


def friendly(n: int, m: int) -> tuple[Array, Array]:
    """A random batch of small logits."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, m)), (np.arange(n) + 1) % m


LOSS = Exercise(
    name="hunt_loss_bug",
    unit=UNIT,
    signature="hunt_loss_bug()",
    reference=exposing,
    kind=(
        loss_hunt := BugHunt(
            ("logits", "labels"),
            kept(softmax_cross_entropy),
            of_cache(softmax_cross_entropy),
            among(WRONG_LOSSES, LOSSES),
            lambda logits, labels: int(np.size(logits)) * max(1, len(labels)),
        )
    ),
    cases=loss_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "small logits",
            lambda: friendly(4, 3),
            "Your logits are of ordinary size, and there nothing overflows. Try a few that are in the thousands.",
        ),
        Misconception(
            "all logits are large",
            lambda: (friendly(4, 3)[0] + 3000, friendly(4, 3)[1]),
            "All your rows lie on the same scale, and within a row the logits are close. Let one row be far above the "
            "others, and one logit far above its neighbours.",
        ),
        Misconception(
            "sure and always right",
            lambda: (exposing()[0], exposing()[0].argmax(axis=1)),
            "Your network is always right: the label is where the largest logit is. A loss shows its worth where the "
            "network is very sure, and wrong.",
        ),
        Misconception(
            "one example",
            lambda: exposing(1),
            "With a single example nobody can go wrong over the batch. Take several.",
        ),
        Misconception(
            "as many examples as classes",
            lambda: exposing(3),
            "There are as many examples as classes, so nobody can mix them up. Choose two different numbers.",
        ),
        Misconception(
            "labels in order",
            lambda: (exposing()[0][:, [1, 0, 2]], np.arange(4) % 3),
            "Your labels are 0, 1, 2, … Whoever takes the diagonal is right on them by luck: mix the labels.",
        ),
        Misconception(
            "nobody is of class 0",
            lambda: (exposing()[0], np.array([2, 2, 1, 1])),
            "No example is of class 0. It is a class like any other, and some code forgets that.",
        ),
        Misconception(
            "rows on the same scale",
            lambda: (
                np.array([[0.0, 3000.0, 1.0], [5.0, 3000.0, 0.0], [3000.0, 2.0, 1.0], [1.0, 2.0, 3000.0]]),
                exposing()[1],
            ),
            "The largest logit of every row is the same, so nobody can take it from the wrong row. Add a row on another scale.",
        ),
        Misconception(
            "returns logits alone",
            lambda: exposing()[0],
            "Two things are asked for: return logits, labels.",
        ),
    ),
    alternatives=(
        lambda: (np.vstack([exposing()[0], [[1.0, 2.0, 0.0]]]), np.array([2, 2, 0, 2, 0])),
        lambda: (
            np.array([[0, 0, 5000, 0], [1, 2, 3, 4], [0, -4000, -4000, -4001], [0, 1, 2, 3], [3, 0, 0, 0]]),
            np.array([0, 0, 2, 1, 3]),
        ),
    ),
    reread="the hint of the bug hunt: what does a friendly batch take for granted?",
)

CHAIN = {
    "a hidden unit that is off": "forgets the derivative of ReLU",
    "z1 of exactly 0": "takes 1 for ReLU's derivative at 0",
    "as many hidden units as outputs": "transposes w2 only where it must",
    "several examples": "keeps the last example only",
    "several examples, and a mean": "divides by N once more",
    "several outputs": "averages over all numbers",
    "an output beside its target": "forgets the derivative of the sigmoid",
    "units with different signs": "looks at the first unit's sign only",
    "some units on, some off": "turns the whole example off",
    "outputs with different errors": "uses the first output's error for all",
    "a target above the output": "takes the absolute error",
}


def network(n: int = 3, d: int = 2, h: int = 3, m: int = 3, kink: bool = True) -> tuple[Array, ...]:
    """A drawn network; with a kink, one hidden unit's z1 is 0 for the first example."""
    rng = np.random.default_rng(4)
    x, t = draw(rng, n, d), between(rng, n, m)
    w1, b1, w2, b2 = draw(rng, d, h), draw(rng, h), draw(rng, h, m), draw(rng, m)
    if kink:
        x[0], b1[-1] = 0.0, 0.0
    return x, t, w1, b1, w2, b2


def shifted(**by: float) -> tuple[Array, ...]:
    """The exposing network with some arrays moved."""
    named = dict(zip(two_layers.NAMES, network(), strict=True))
    return tuple(value + by.get(name, 0.0) for name, value in named.items())


GRADIENT = Exercise(
    name="hunt_gradient_bug",
    unit=UNIT,
    signature="hunt_gradient_bug()",
    reference=network,
    kind=(
        gradient_hunt := BugHunt(
            two_layers.NAMES,
            kept(two_layer_gradients),
            of_cache(two_layer_gradients),
            among(two_layers.WRONG, CHAIN),
            lambda x, t, w1, b1, w2, b2: int(len(x) * (np.size(w1) + np.size(w2))),
        )
    ),
    cases=gradient_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "a friendly network",
            lambda: network(5, 3, 4, 2, kink=False),
            "Random numbers, four hidden units, two outputs: nobody is at a kink, and no matrix is square. Think of what "
            "each mistake needs in order to show.",
        ),
        Misconception(
            "no unit at its kink",
            lambda: network(kink=False),
            "Among random numbers z1 is never exactly 0, so nobody sees what the derivative is there. An input of zeros and "
            "a bias of 0 will do.",
        ),
        Misconception(
            "no square w2",
            lambda: network(h=4),
            "w2 is not square, so whoever forgets to transpose it gets an error and repairs it. Take as many hidden units "
            "as outputs.",
        ),
        Misconception(
            "one example alone",
            lambda: network(n=1),
            "With a single example nobody can go wrong over the batch. Take several.",
        ),
        Misconception(
            "one output alone",
            lambda: network(m=1, h=1),
            "With one output and one hidden unit there is nothing to mix up. Take several of both.",
        ),
        Misconception(
            "all units are on",
            lambda: shifted(b1=9.0),
            "All hidden units are on, so the ReLU might as well not be there. Let some be off.",
        ),
        Misconception(
            "all units are off",
            lambda: shifted(b1=-9.0),
            "All hidden units are off, so hardly any gradient is left to be wrong. Let some be on.",
        ),
        Misconception(
            "no target above its output",
            lambda: shifted(t=-2.0),
            "All your targets lie below the outputs, so nobody can lose the sign of the error. Take targets on both sides.",
        ),
        Misconception(
            "returns no targets",
            lambda: (network()[0], *network()[2:]),
            "Six things are asked for: return x, t, w1, b1, w2, b2.",
        ),
    ),
    alternatives=(lambda: network(4, 3, 2, 2), lambda: network(6, 1, 5, 5)),
    reread="the hints of the bug hunt: which trait does each mistake need?",
)

EXERCISES = (LOSS, GRADIENT)
