"""A training loop, with places to go wrong, for any network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from nnlib import optimizers
from nnlib.batches import minibatches
from nnlib.schedules import warmup_cosine

Rng = np.random.Generator
Start = Callable[[Any, Any, Rng], list[Any]]  # the first parameters, for images and labels
UPDATES: dict[str, Function] = {
    "sgd": optimizers.sgd_update,
    "momentum": optimizers.momentum_update,
    "adam": optimizers.adam_update,
}


def loop(
    *,
    start: Start,
    gradients: Callable[[list[Any], Any, Any], tuple[Any, ...]],
    lr: float,
    epochs: int,
    size: int,
    warmup: int,
    optimizer: str = "adam",
    batches: Callable[..., Iterator[Any]] = minibatches,
) -> Function:
    """A training loop: warm-up over one step in ``warmup``, cosine, mini-batches."""
    update = UPDATES[optimizer]

    def train(x: Any, labels: Any, *, rng: Rng) -> tuple[Any, ...]:
        parameters = start(x, labels, rng)
        states: list[Any] = [{} for _ in parameters]
        total, step = max(2, epochs * -(-len(x) // size)), 0
        for _ in range(epochs):
            for batch, targets in batches(x, labels, size, rng=rng):
                rate = warmup_cosine(lr, step, total // warmup, total)
                for i, g in enumerate(gradients(parameters, batch, targets)):
                    parameters[i], states[i] = update(parameters[i], g, states[i], rate)
                step += 1
        return tuple(parameters)

    return train


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


def with_rng(train: Function, rng_of: Callable[[], Rng]) -> Function:
    """Another generator."""
    return lambda x, labels, *, rng: train(x, labels, rng=rng_of())


SAID = {
    "returns the weights it began with": (
        "The network guesses, and its last biases are exactly 0: these are the starting values. An update returns new "
        "arrays; put them where the next step finds them."
    ),
    "does not shuffle": (
        "When the digits come sorted by class, your network learns one class after another and forgets the ones before. "
        "Draw new batches at each epoch."
    ),
    "learns from one batch only": (
        "Your network knows a few digits by heart and has not seen the others. Loop over all batches of all epochs."
    ),
    "tears images and labels apart": (
        "The network has moved, but it guesses: perhaps the labels of a batch belong to other images. One order for "
        "both."
    ),
    "has much too small a learning rate": (
        "The network learns, but very slowly. Try a learning rate ten times as large, and again, until it becomes worse."
    ),
    "has much too large a learning rate": (
        "The numbers have grown beyond all bounds. The learning rate is far too large, or the step has the wrong sign."
    ),
    "changes the images in place": (
        "Your function shuffles the caller's own arrays. Index with a new order, which makes copies."
    ),
    "has an rng of its own": (
        "Your function makes its own generator, so every run is the same run. Use the rng that came in, for everything "
        "that is drawn."
    ),
    "ignores rng": "With the same rng the network should be the same. Something draws from elsewhere, such as np.random.",
}


def common(label: str, function: Function) -> Misconception:
    """A mistake that every training loop invites, with its sentence."""
    return Misconception(label, function, SAID[label])
