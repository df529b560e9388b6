"""LeNet-5's training loop, with places to go wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import Misconception
from autograder.exercises import training_loops
from autograder.exercises.training_loops import Rng, common, in_order, in_place, one_batch, torn, with_rng
from nnlib.lenet import lenet_backward, lenet_forward, lenet_start
from nnlib.losses import softmax_cross_entropy


def he_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """He's weights, and biases of 0."""
    return list(lenet_start(int(labels.max()) + 1, rng=rng, dtype=x.dtype))


def gradients(parameters: list[Any], x: Any, labels: Any) -> tuple[Any, ...]:
    """The gradients of one batch."""
    logits, cache = lenet_forward(x, parameters)
    return lenet_backward(softmax_cross_entropy(logits, labels)[1], cache)


loop = partial(training_loops.loop, start=he_start, gradients=gradients, lr=4e-3, epochs=5, size=20, warmup=10)
train_lenet = loop()


def equal_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """All weights are one number."""
    return [np.full_like(p, 0.02 if p.ndim > 1 else 0) for p in he_start(x, labels, rng)]


def small_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """Weights of a hundredth of what they should be."""
    return [p / 100 for p in he_start(x, labels, rng)]


def ten_classes(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """Ten outputs, whatever the labels."""
    return he_start(x, np.arange(10), rng)


def turned(x: Any, labels: Any, *, rng: Rng) -> Any:
    """Dense weights as (outputs, inputs)."""
    found = list(loop(epochs=1)(x, labels, rng=rng))
    found[6], found[8] = found[6].T, found[8].T
    return tuple(found)


MISCONCEPTIONS = (
    common("returns the weights it began with", lambda x, labels, *, rng: tuple(he_start(x, labels, rng))),
    Misconception(
        "begins with equal weights",
        loop(start=equal_start, epochs=2),
        "All filters of a layer began with the same numbers, so all of them learn the same. Draw the weights.",
    ),
    Misconception(
        "begins with far too small weights",
        loop(optimizer="sgd", lr=0.05, start=small_start, epochs=2),
        "The network guesses, and its first filters are still tiny. Five layers of small weights make a signal of "
        "almost 0. Draw them with He's variance, 2 / fan_in.",
    ),
    common("does not shuffle", loop(optimizer="momentum", lr=0.05, batches=in_order)),
    common("learns from one batch only", loop(batches=one_batch, epochs=2)),
    common("tears images and labels apart", loop(batches=torn, epochs=2)),
    common("has much too small a learning rate", loop(optimizer="sgd", lr=2e-3)),
    common("has much too large a learning rate", loop(optimizer="sgd", lr=1e6, epochs=1)),
    Misconception(
        "stops after one epoch",
        loop(epochs=1, lr=2e-3, size=50),
        "One time through the data is too short. Go through it five times or more, with new batches each time.",
    ),
    common("changes the images in place", loop(batches=in_place)),
    common("has an rng of its own", with_rng(train_lenet, lambda: np.random.default_rng(0))),
    common("ignores rng", with_rng(train_lenet, lambda: np.random.default_rng())),
    Misconception(
        "has ten classes built in",
        loop(start=ten_classes),
        "The last layer always has ten outputs. Take the number of classes from the data: labels.max() + 1.",
    ),
    Misconception(
        "returns transposed weights",
        turned,
        "The weights of the dense layers are (outputs, inputs). They should be (inputs, outputs): w4 is (120, 84).",
    ),
    Misconception(
        "returns the weights without biases",
        lambda x, labels, *, rng: loop(epochs=1)(x, labels, rng=rng)[::2],
        "Ten arrays are asked for: five weights, and behind each its bias.",
    ),
)
