"""The training loop, with places to go wrong."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import Misconception
from autograder.exercises import training_loops
from autograder.exercises.training_loops import Rng, common, in_order, in_place, one_batch, torn, with_rng
from nnlib.activations import relu_backward, relu_forward
from nnlib.dense import dense_backward, dense_forward
from nnlib.initialization import he_normal
from nnlib.losses import softmax_cross_entropy

HIDDEN = 64


def he_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """He's weights, and biases of 0."""
    d, classes = x.shape[1], int(labels.max()) + 1
    w1, w2 = he_normal(d, HIDDEN, rng=rng), he_normal(HIDDEN, classes, rng=rng)
    return [w1, np.zeros(HIDDEN), w2, np.zeros(classes)]


def gradients(parameters: list[Any], x: Any, labels: Any) -> tuple[Any, ...]:
    """The gradients of one batch."""
    w1, b1, w2, b2 = parameters
    z, cache1 = dense_forward(x, w1, b1)
    a, cache2 = relu_forward(z)
    logits, cache3 = dense_forward(a, w2, b2)
    da, dw2, db2 = dense_backward(softmax_cross_entropy(logits, labels)[1], cache3)
    _, dw1, db1 = dense_backward(relu_backward(da, cache2), cache1, needs_dx=False)
    return dw1, db1, dw2, db2


loop = partial(training_loops.loop, start=he_start, gradients=gradients, lr=0.015, epochs=12, size=50, warmup=20)
train = loop()


def equal_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """All weights of a layer are the same number."""
    return [np.full_like(p, 0.1 if p.ndim > 1 else 0) for p in he_start(x, labels, rng)]


def zero_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """All weights are 0."""
    return [np.zeros_like(p) for p in he_start(x, labels, rng)]


def built_in_start(x: Any, labels: Any, rng: Rng) -> list[Any]:
    """For digits of 8 × 8 pixels alone."""
    return he_start(np.empty((0, 64)), labels, rng)


def transposed(x: Any, labels: Any, *, rng: Rng) -> Any:
    """Weights as (outputs, inputs)."""
    w1, b1, w2, b2 = train(x, labels, rng=rng)
    return w1.T, b1, w2.T, b2


MISCONCEPTIONS = (
    common("returns the weights it began with", lambda x, labels, *, rng: tuple(he_start(x, labels, rng))),
    Misconception(
        "begins with zeros",
        loop(start=zero_start),
        "All weights began as 0, so no gradient ever reached the first layer. Draw the weights; only the biases may "
        "begin with 0.",
    ),
    Misconception(
        "begins with equal weights",
        loop(start=equal_start, lr=5e-3, epochs=20, size=32),
        "All weights of a layer began with the same number, so all hidden units learn the same. Draw the weights.",
    ),
    common("does not shuffle", loop(optimizer="momentum", lr=0.1, epochs=20, size=32, batches=in_order)),
    common("learns from one batch only", loop(batches=one_batch)),
    common("tears images and labels apart", loop(batches=torn)),
    common("has much too small a learning rate", loop(optimizer="sgd", lr=2.5e-3, epochs=20, size=32)),
    common("has much too large a learning rate", loop(optimizer="sgd", lr=1e6)),
    Misconception(
        "stops after one epoch",
        loop(epochs=1, lr=4e-3, size=32),
        "One time through the data is too short. Go through it twenty times or more, with new batches each time.",
    ),
    common("changes the images in place", loop(batches=in_place)),
    common("has an rng of its own", with_rng(train, lambda: np.random.default_rng(0))),
    common("ignores rng", with_rng(train, lambda: np.random.default_rng())),
    Misconception(
        "has 64 features built in",
        loop(start=built_in_start),
        "Your network fits images of 8×8 pixels only. Take the number of features from the data: x.shape[1].",
    ),
    Misconception(
        "returns transposed weights",
        transposed,
        "Rows and columns of the weights are exchanged: w1 is (D, H) and w2 is (H, M), so that x @ w1 works.",
    ),
    Misconception(
        "returns the weights without biases",
        lambda x, labels, *, rng: train(x, labels, rng=rng)[::2],
        "Four arrays are asked for: w1, b1, w2, b2.",
    ),
)
