"""A small problem to train on, and what two trainings must have in common to be the same."""

import numpy as np
import pytest

from nnlib.layers import Dense, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.nested import items
from nnlib.optimizers import SGD
from nnlib.training import fit


def make_blobs(size, seed):
    """Points (N, 4) around three centres, and which centre."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, size)
    centres = 3 * np.eye(3, 4)
    return (centres[labels] + rng.standard_normal((size, 4))).astype(np.float32), labels


@pytest.fixture
def blobs():
    return make_blobs


@pytest.fixture
def train():
    """`fit` with what a test does not care about filled in: 50 points in batches of 16, 16, 16 and 2."""

    def run(**changes):
        settings = {
            "model": Sequential(Dense(8), ReLU(), Dense(3)),
            "data": make_blobs(50, 0),
            "loss": softmax_cross_entropy,
            "optimizer": SGD(0.1),
            "epochs": 3,
            "batch_size": 16,
            "rng": np.random.default_rng(1),
            "progress": False,
        }
        return fit(**settings | changes)

    return run


def assert_equal_bits(one, other):
    ours, theirs = dict(items(one)), dict(items(other))
    assert ours.keys() == theirs.keys()
    for path, array in ours.items():
        np.testing.assert_array_equal(array, theirs[path], strict=True, err_msg=path)


@pytest.fixture
def same_arrays():
    return assert_equal_bits


@pytest.fixture
def same_training():
    """Asserts that two fitted models are the same to the bit, and came about in the same way."""

    def check(one, other):
        assert one.history.step_losses == other.history.step_losses
        assert one.history.rows == other.history.rows
        assert one.history.best_epoch == other.history.best_epoch
        assert_equal_bits(one.params, other.params)
        assert_equal_bits(one.state, other.state)

    return check
