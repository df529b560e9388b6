"""Right classifiers, quick to train: how steep the ink is in which direction, and a linear layer on top."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from autograder.competing import Array, Entry
from nnlib.activations import relu_forward
from nnlib.batches import minibatches
from nnlib.losses import softmax_cross_entropy

BINS, CELL = 8, 4
WAVES, STEEP, PENALTY = 480, 2.0, 0.3
Rng = np.random.Generator


def slopes(images: Array) -> Array:
    """Features (N, cells · BINS): in cells of 4×4 pixels, how much ink rises in each of eight directions."""
    padded = np.pad(images.astype(np.float32), ((0, 0), (1, 1), (1, 1)))
    down = padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]
    right = padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]
    direction = np.arctan2(down, right) % (2 * np.pi) / (2 * np.pi) * BINS
    bins = np.arange(BINS, dtype=np.float32)[:, None, None, None]
    near = np.clip(1 - np.abs((direction - bins + BINS / 2) % BINS - BINS / 2), 0, None)
    maps = np.hypot(down, right) * near  # (BINS, N, H, W)
    high, wide = images.shape[1] // CELL, images.shape[2] // CELL
    cells = maps[:, :, : high * CELL, : wide * CELL].reshape(BINS, len(images), high, CELL, wide, CELL)
    found = np.sqrt(cells.sum(axis=(3, 5)).transpose(1, 0, 2, 3).reshape(len(images), -1))
    features: Array = found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-12)
    return features


def waves(features: Array) -> Array:
    """Cosines in directions that are the same each time: a linear layer on them is a smooth function of features."""
    directions, starts = drawn(features.shape[1])
    return np.cos(features @ directions + starts)


@cache
def drawn(features: int) -> tuple[Array, Array]:
    """The directions, and where each wave starts."""
    rng = np.random.default_rng(0)
    directions = rng.normal(0, STEEP, (features, WAVES)), rng.uniform(0, 2 * np.pi, WAVES)
    return directions[0].astype(np.float32), directions[1].astype(np.float32)


def described(images: Array) -> Array:
    """What the linear layer gets, with a 1 for its bias."""
    found = waves(slopes(images))
    return np.concatenate([found, np.ones((len(found), 1))], axis=1)


def moved(images: Array) -> Array:
    """The images, and each moved by a pixel in four directions."""
    ways = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))
    return np.concatenate([np.roll(images, way, axis=(1, 2)) for way in ways])


def fitted(features: Array, labels: Array, penalty: float = PENALTY) -> Array:
    """Weights (features, classes) of least squares with an L2 penalty."""
    targets = 2.0 * (labels[:, None] == np.arange(labels.max() + 1)) - 1
    square = features.T @ features + penalty * np.eye(features.shape[1])
    weights: Array = np.linalg.solve(square, features.T @ targets)
    return weights


def train(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> dict[str, Array]:
    """Least squares on 481 features; nothing is drawn."""
    return {"w": fitted(described(moved(images)), np.tile(labels, 5))}


def predict(parameters: Any, images: Array) -> Array:
    """The class with the highest score."""
    answers: Array = (described(images) @ parameters["w"]).argmax(axis=1)
    return answers


REFERENCE = Entry(train, predict)


def learn_by_steps(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> tuple[Array, ...]:
    """A network with one hidden layer on the slopes, by mini-batches with momentum."""
    x, y = slopes(moved(images)) * 3, np.tile(labels, 5)
    w1 = rng.normal(0, np.sqrt(2 / x.shape[1]), (x.shape[1], 64))
    w2 = rng.normal(0, np.sqrt(2 / 64), (64, int(labels.max()) + 1))
    weights = [w1, np.zeros(64), w2, np.zeros(w2.shape[1])]
    speeds = [np.zeros_like(w) for w in weights]
    epochs = max(12, 8000 // len(x))
    for epoch in range(epochs):
        for batch, targets in minibatches(x, y, 50, rng=rng):
            for w, v, g in zip(weights, speeds, _gradients(weights, batch, targets), strict=True):
                v *= 0.9
                v += g
                w -= 0.1 * (1 - epoch / epochs) * v
    return tuple(weights)


def _gradients(weights: list[Array], x: Array, labels: Array) -> tuple[Array, ...]:
    w1, b1, w2, b2 = weights
    a, z = relu_forward(x @ w1 + b1)
    dlogits = softmax_cross_entropy(a @ w2 + b2, labels)[1]
    dz = (dlogits @ w2.T) * (z > 0)
    return x.T @ dz, dz.sum(axis=0), a.T @ dlogits, dlogits.sum(axis=0)


def read_by_layers(parameters: Any, images: Array) -> Array:
    """The answers of that network."""
    w1, b1, w2, b2 = parameters
    hidden = np.maximum(slopes(images) * 3 @ w1 + b1, 0)
    answers: Array = np.argmax(hidden @ w2 + b2, axis=-1)
    return answers


def learn_in_halves(images: Array, labels: Array, *, rng: Rng, cpu_seconds: float) -> list[Any]:
    """Least squares again, its sums taken batch by batch; parameters in a list, with a number among them."""
    classes = int(labels.max()) + 1
    square = PENALTY * np.eye(WAVES + 1)
    products = np.zeros((WAVES + 1, classes))
    for batch, targets in minibatches(moved(images), np.tile(labels, 5), 500, rng=rng):
        features = described(batch)
        square += features.T @ features
        products += features.T @ (2 * np.eye(classes)[targets] - 1)
    return [classes, [np.linalg.solve(square, products).T.astype(np.float32)]]


def read_class_by_class(parameters: Any, images: Array) -> Array:
    """Scores one class after another."""
    classes, (w,) = parameters
    features = described(images)
    scores = np.stack([np.einsum("nf,f->n", features, w[k].astype(np.float64)) for k in range(classes)])
    return scores.argmax(axis=0)


ALTERNATIVES = (Entry(learn_by_steps, read_by_layers), Entry(learn_in_halves, read_class_by_class))
