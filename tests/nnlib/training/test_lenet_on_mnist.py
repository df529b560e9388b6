"""Real data: LeNet-5 learns handwritten digits from 8,000 of them, in seconds."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from threadpoolctl import threadpool_limits

from nnlib.data import load_mnist, train_test_split
from nnlib.layers import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.metrics import accuracy
from nnlib.optimizers import Adam
from nnlib.schedules import warmup_cosine
from nnlib.training import fit

LENET = Sequential(
    Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(16, 5), ReLU(), MaxPool2d(2),
    Flatten(), Dense(120), ReLU(), Dense(84), ReLU(), Dense(10),
)  # fmt: skip
EPOCHS, BATCH, RATE = 9, 128, 8e-3
STEPS = EPOCHS * 63


@pytest.fixture
def digits(root, monkeypatch):
    """10,000 images (N, 1, 28, 28) and their labels."""
    for folder in filter(None, [os.environ.get("NNLIB_DATA"), root.parent / "shared" / "data"]):
        if (Path(folder) / "mnist" / "t10k-images-idx3-ubyte.gz").is_file():
            monkeypatch.setenv("NNLIB_DATA", str(folder))
            images, labels = load_mnist("test")
            return images[:, None], labels
    return pytest.skip("MNIST's test files are not here: set NNLIB_DATA to the folder above theirs")


def moved(x, *, rng):
    """Each image moved by up to a pixel along each axis."""
    places = sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), x.shape[2:], (2, 3))
    down, right = rng.integers(0, 3, (2, len(x)))
    return places[np.arange(len(x)), :, down, right]


def test_lenet_learns_real_digits(digits):
    rng = np.random.default_rng(0)
    training, test = train_test_split(*digits, 0.2, rng=rng)
    with threadpool_limits(
        1, "blas"
    ):  # its products are small: two threads wait for each other, and for tests beside
        fitted = fit(
            LENET, training, softmax_cross_entropy, Adam(RATE), epochs=EPOCHS, batch_size=BATCH, rng=rng,
            schedule=lambda step: warmup_cosine(RATE, step, STEPS // 20, STEPS), augment=moved, progress=False,
        )  # fmt: skip
    assert len(fitted.history.step_losses) == STEPS
    assert accuracy(fitted.predict(test[0]), test[1]) >= 0.98
