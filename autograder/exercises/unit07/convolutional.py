"""A right classifier of another kind: a small convolutional network in the manner of LeNet, by nnlib's own training."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from autograder.competing import Array, Entry
from nnlib.augmentation import random_crop
from nnlib.layers import Conv2d, Dense, MaxPool2d, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.optimizers import Adam
from nnlib.schedules import warmup_cosine
from nnlib.training import fit
from nnlib.training import predict as scores_of

RATE, SIZE = 0.02, 20
STEPS, FEWEST, MOST = 0.4, 50, 350  # so many for each image, within these bounds


def network(classes: int) -> Sequential:
    """Two convolutions, of which the first halves the image by its stride; 6,784 parameters for 16×16 and ten classes."""
    return Sequential(
        *(Conv2d(12, kernel=5, stride=2, padding=2), ReLU()),
        *(Conv2d(24, kernel=3, padding=1), ReLU(), MaxPool2d(2)),
        Dense(classes),
    )


def train(images: Array, labels: Array, *, rng: np.random.Generator, cpu_seconds: float) -> dict[str, Any]:
    """Adam with a warm-up and a cosine; as many steps as the images need."""
    classes, each = int(labels.max()) + 1, -(-len(images) // SIZE)
    steps = min(max(FEWEST, round(STEPS * len(images))), MOST)
    epochs = -(-steps // each)
    fitted = fit(
        network(classes),
        (images[:, None].astype(np.float32), labels),
        softmax_cross_entropy,
        Adam(RATE),
        epochs=epochs,
        batch_size=SIZE,
        rng=rng,
        schedule=lambda step: warmup_cosine(RATE, step, epochs * each // 10, epochs * each),
        augment=partial(random_crop, padding=1),  # moved by at most a pixel along each axis
        progress=False,
    )
    return {"classes": classes, "layers": fitted.params, "state": fitted.state}


def predict(parameters: Any, images: Array) -> Array:
    """The class with the highest score."""
    x = images[:, None].astype(np.float32)
    scores = scores_of(network(parameters["classes"]), parameters["layers"], parameters["state"], x)
    answers: Array = scores.argmax(axis=1)
    return answers


CONVOLUTIONAL = Entry(train, predict)
