"""The training loop, with places to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from nnlib import optimizers
from nnlib.activations import relu_backward, relu_forward
from nnlib.batches import minibatches
from nnlib.dense import dense_backward, dense_forward
from nnlib.initialization import he_normal
from nnlib.losses import softmax_cross_entropy
from nnlib.schedules import warmup_cosine

Rng = np.random.Generator
Start = Callable[[int, int, int, Rng], list[Any]]
UPDATES: dict[str, Function] = {
    "sgd": optimizers.sgd_update,
    "momentum": optimizers.momentum_update,
    "adam": optimizers.adam_update,
}


def he_start(d: int, hidden: int, classes: int, rng: Rng) -> list[Any]:
    """He's weights, and biases of 0."""
    w1, w2 = he_normal(d, hidden, rng=rng), he_normal(hidden, classes, rng=rng)
    return [w1, np.zeros(hidden), w2, np.zeros(classes)]


def gradients(parameters: list[Any], x: Any, labels: Any) -> tuple[Any, ...]:
    """The gradients of one batch."""
    w1, b1, w2, b2 = parameters
    z, cache1 = dense_forward(x, w1, b1)
    a, cache2 = relu_forward(z)
    logits, cache3 = dense_forward(a, w2, b2)
    da, dw2, db2 = dense_backward(softmax_cross_entropy(logits, labels)[1], cache3)
    _, dw1, db1 = dense_backward(relu_backward(da, cache2), cache1, needs_dx=False)
    return dw1, db1, dw2, db2


def loop(
    *,
    optimizer: str = "adam",
    lr: float = 0.015,
    epochs: int = 12,
    hidden: int = 64,
    start: Start = he_start,
    batches: Callable[..., Iterator[Any]] = minibatches,
    size: int = 50,
) -> Function:
    """A training loop: warm-up, cosine, mini-batches."""
    update = UPDATES[optimizer]

    def train(x: Any, labels: Any, *, rng: Rng) -> tuple[Any, ...]:
        parameters = start(x.shape[1], hidden, int(labels.max()) + 1, rng)
        states: list[Any] = [{} for _ in parameters]
        total, step = max(2, epochs * -(-len(x) // size)), 0
        for _ in range(epochs):
            for batch, targets in batches(x, labels, size, rng=rng):
                rate = warmup_cosine(lr, step, total // 20, total)
                for i, g in enumerate(gradients(parameters, batch, targets)):
                    parameters[i], states[i] = update(parameters[i], g, states[i], rate)
                step += 1
        return tuple(parameters)

    return train


train = loop()


def equal_start(d: int, hidden: int, classes: int, rng: Rng) -> list[Any]:
    """All weights of a layer are the same number."""
    return [np.full((d, hidden), 0.1), np.zeros(hidden), np.full((hidden, classes), 0.1), np.zeros(classes)]


def zero_start(d: int, hidden: int, classes: int, rng: Rng) -> list[Any]:
    """All weights are 0."""
    return [np.zeros((d, hidden)), np.zeros(hidden), np.zeros((hidden, classes)), np.zeros(classes)]


def built_in_start(d: int, hidden: int, classes: int, rng: Rng) -> list[Any]:
    """For digits of 8 × 8 pixels alone."""
    return he_start(64, hidden, classes, rng)


def in_order(x: Any, labels: Any, m: int, *, rng: Rng) -> Iterator[Any]:
    """Batches as the examples come."""
    for i in range(0, len(x), m):
        yield x[i : i + m], labels[i : i + m]


def one_batch(x: Any, labels: Any, m: int, *, rng: Rng) -> Iterator[Any]:
    """The same few examples at each step."""
    for _ in range(-(-len(x) // m)):
        yield x[:12], labels[:12]


def in_place(x: Any, labels: Any, m: int, *, rng: Rng) -> Iterator[Any]:
    """The caller's arrays are shuffled."""
    order = rng.permutation(len(x))
    x[:], labels[:] = x[order], labels[order]
    yield from in_order(x, labels, m, rng=rng)


def torn(x: Any, labels: Any, m: int, *, rng: Rng) -> Iterator[Any]:
    """Images and labels each in an order of their own."""
    yield from in_order(x[rng.permutation(len(x))], labels[rng.permutation(len(x))], m, rng=rng)


def with_rng(rng_of: Callable[[], Rng]) -> Function:
    """Another generator."""
    return lambda x, labels, *, rng: train(x, labels, rng=rng_of())


def transposed(x: Any, labels: Any, *, rng: Rng) -> Any:
    """Weights as (outputs, inputs)."""
    w1, b1, w2, b2 = train(x, labels, rng=rng)
    return w1.T, b1, w2.T, b2


MISCONCEPTIONS = (
    Misconception(
        "returns the weights it began with",
        lambda x, labels, *, rng: tuple(he_start(x.shape[1], 64, int(labels.max()) + 1, rng)),
        "The network guesses, and its last biases are exactly 0: these are the starting values. An update returns new "
        "arrays; put them where the next step finds them.",
    ),
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
    Misconception(
        "does not shuffle",
        loop(optimizer="momentum", lr=0.1, epochs=20, size=32, batches=in_order),
        "When the digits come sorted by class, your network learns one class after another and forgets the ones before. "
        "Draw new batches at each epoch.",
    ),
    Misconception(
        "learns from one batch only",
        loop(batches=one_batch),
        "Your network knows a few digits by heart and has not seen the others. Loop over all batches of all epochs.",
    ),
    Misconception(
        "tears images and labels apart",
        loop(batches=torn),
        "The network has moved, but it guesses: perhaps the labels of a batch belong to other images. One order for "
        "both.",
    ),
    Misconception(
        "has much too small a learning rate",
        loop(optimizer="sgd", lr=2.5e-3, epochs=20, size=32),
        "The network learns, but very slowly. Try a learning rate ten times as large, and again, until it becomes worse.",
    ),
    Misconception(
        "has much too large a learning rate",
        loop(optimizer="sgd", lr=1e6),
        "The numbers have grown beyond all bounds. The learning rate is far too large, or the step has the wrong sign.",
    ),
    Misconception(
        "stops after one epoch",
        loop(epochs=1, lr=4e-3, size=32),
        "One time through the data is too short. Go through it twenty times or more, with new batches each time.",
    ),
    Misconception(
        "changes the images in place",
        loop(batches=in_place),
        "Your function shuffles the caller's own arrays. Index with a new order, which makes copies.",
    ),
    Misconception(
        "has an rng of its own",
        with_rng(lambda: np.random.default_rng(0)),
        "Your function makes its own generator, so every run is the same run. Use the rng that came in, for everything "
        "that is drawn.",
    ),
    Misconception(
        "ignores rng",
        with_rng(lambda: np.random.default_rng()),
        "With the same rng the network should be the same. Something draws from elsewhere, such as np.random.",
    ),
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
