"""LeNet-5's training loop, with places to go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from nnlib import optimizers
from nnlib.batches import minibatches
from nnlib.lenet import lenet_backward, lenet_forward, lenet_start
from nnlib.losses import softmax_cross_entropy
from nnlib.schedules import warmup_cosine

Rng = np.random.Generator
Start = Callable[[int, Rng, Any], list[Any]]
UPDATES: dict[str, Function] = {
    "sgd": optimizers.sgd_update,
    "momentum": optimizers.momentum_update,
    "adam": optimizers.adam_update,
}


def he_start(classes: int, rng: Rng, dtype: Any) -> list[Any]:
    """He's weights, and biases of 0."""
    return list(lenet_start(classes, rng=rng, dtype=dtype))


def gradients(parameters: list[Any], x: Any, labels: Any) -> tuple[Any, ...]:
    """The gradients of one batch."""
    logits, cache = lenet_forward(x, parameters)
    return lenet_backward(softmax_cross_entropy(logits, labels)[1], cache)


def loop(
    *,
    optimizer: str = "adam",
    lr: float = 4e-3,
    epochs: int = 5,
    start: Start = he_start,
    batches: Callable[..., Iterator[Any]] = minibatches,
    size: int = 20,
) -> Function:
    """A training loop: warm-up, cosine, mini-batches."""
    update = UPDATES[optimizer]

    def train_lenet(x: Any, labels: Any, *, rng: Rng) -> tuple[Any, ...]:
        parameters = start(int(labels.max()) + 1, rng, x.dtype)
        states: list[Any] = [{} for _ in parameters]
        total, step = max(2, epochs * -(-len(x) // size)), 0
        for _ in range(epochs):
            for batch, targets in batches(x, labels, size, rng=rng):
                rate = warmup_cosine(lr, step, total // 10, total)
                for i, g in enumerate(gradients(parameters, batch, targets)):
                    parameters[i], states[i] = update(parameters[i], g, states[i], rate)
                step += 1
        return tuple(parameters)

    return train_lenet


train_lenet = loop()


def filled_start(value: float) -> Start:
    """All weights are one number."""

    def start(classes: int, rng: Rng, dtype: Any) -> list[Any]:
        return [np.full_like(p, value if p.ndim > 1 else 0) for p in he_start(classes, rng, dtype)]

    return start


def small_start(classes: int, rng: Rng, dtype: Any) -> list[Any]:
    """Weights of a hundredth of what they should be."""
    return [p / 100 for p in he_start(classes, rng, dtype)]


def ten_classes(classes: int, rng: Rng, dtype: Any) -> list[Any]:
    """Ten outputs, whatever the labels."""
    return he_start(10, rng, dtype)


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
    return lambda x, labels, *, rng: train_lenet(x, labels, rng=rng_of())


def turned(x: Any, labels: Any, *, rng: Rng) -> Any:
    """Dense weights as (outputs, inputs)."""
    found = list(loop(epochs=1)(x, labels, rng=rng))
    found[6], found[8] = found[6].T, found[8].T
    return tuple(found)


MISCONCEPTIONS = (
    Misconception(
        "returns the weights it began with",
        lambda x, labels, *, rng: tuple(he_start(int(labels.max()) + 1, rng, x.dtype)),
        "The network guesses, and its last biases are exactly 0: these are the starting values. An update returns new "
        "arrays; put them where the next step finds them.",
    ),
    Misconception(
        "begins with equal weights",
        loop(start=filled_start(0.02), epochs=2),
        "All filters of a layer began with the same numbers, so all of them learn the same. Draw the weights.",
    ),
    Misconception(
        "begins with far too small weights",
        loop(optimizer="sgd", lr=0.05, start=small_start, epochs=2),
        "The network guesses, and its first filters are still tiny. Five layers of small weights make a signal of "
        "almost 0. Draw them with He's variance, 2 / fan_in.",
    ),
    Misconception(
        "does not shuffle",
        loop(optimizer="momentum", lr=0.05, batches=in_order),
        "When the digits come sorted by class, your network learns one class after another and forgets the ones before. "
        "Draw new batches at each epoch.",
    ),
    Misconception(
        "learns from one batch only",
        loop(batches=one_batch, epochs=2),
        "Your network knows a few digits by heart and has not seen the others. Loop over all batches of all epochs.",
    ),
    Misconception(
        "tears images and labels apart",
        loop(batches=torn, epochs=2),
        "The network has moved, but it guesses: perhaps the labels of a batch belong to other images. One order for "
        "both.",
    ),
    Misconception(
        "has much too small a learning rate",
        loop(optimizer="sgd", lr=2e-3),
        "The network learns, but very slowly. Try a learning rate ten times as large, and again, until it becomes worse.",
    ),
    Misconception(
        "has much too large a learning rate",
        loop(optimizer="sgd", lr=1e6, epochs=1),
        "The numbers have grown beyond all bounds. The learning rate is far too large, or the step has the wrong sign.",
    ),
    Misconception(
        "stops after one epoch",
        loop(epochs=1, lr=2e-3, size=50),
        "One time through the data is too short. Go through it five times or more, with new batches each time.",
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
