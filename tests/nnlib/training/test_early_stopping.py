"""Patience: training ends in time, and what is returned is the best epoch's, as a copy."""

import math

import numpy as np
import pytest

from nnlib.layers import BatchNorm, Dense, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.nested import leaves

SCRIPTS = {  # validation losses, patience, epochs that are trained, the best one
    "falling": ([5, 4, 3, 2, 1], 1, 5, 4),
    "rising at once": ([1, 2, 3, 4, 5], 2, 3, 0),
    "level is not smaller": ([2, 2, 2, 2, 2], 2, 3, 0),
    "a way back in time": ([3, 2, 4, 1, 5], 2, 5, 3),
    "a way back too late": ([3, 2, 4, 5, 1], 2, 4, 1),
    "nan is never best": ([math.nan, 3, math.nan, 2, math.nan], 2, 5, 3),
    "nan alone": ([math.nan] * 5, 3, 3, None),
    "infinity alone": ([math.inf] * 5, 3, 3, None),
}
MODEL = Sequential(Dense(8), BatchNorm(), ReLU(), Dense(3))


@pytest.fixture
def scripted(train, blobs):
    """Training in which the validation losses, of 30 points, are those of a script."""

    def run(values, **changes):
        script = iter(values)

        def loss(outputs, y):
            value, gradient = softmax_cross_entropy(outputs, y)
            return (next(script) if len(y) == 30 else value), gradient

        settings = {"model": MODEL, "loss": loss, "validation": blobs(30, 1), "epochs": len(values)}
        return train(**settings | changes)

    return run


@pytest.mark.parametrize(("values", "patience", "trained", "best"), SCRIPTS.values(), ids=SCRIPTS)
def test_training_ends_when_the_validation_loss_has_not_sunk_for_so_many_epochs(
    scripted, train, same_arrays, values, patience, trained, best
):
    fitted = scripted(values, patience=patience)
    assert len(fitted.history) == trained
    assert fitted.history.best_epoch == best
    np.testing.assert_array_equal(fitted.history["val_loss"], values[:trained])
    until_best = train(model=MODEL, epochs=trained if best is None else best + 1)
    same_arrays([fitted.params, fitted.state], [until_best.params, until_best.state])


def test_without_patience_the_last_params_are_returned_and_the_best_epoch_is_named(scripted, train, same_arrays):
    fitted = scripted([2, 1, 3, 4])
    assert fitted.history.best_epoch == 1
    whole = train(model=MODEL, epochs=4)
    same_arrays([fitted.params, fitted.state], [whole.params, whole.state])


def test_the_best_params_share_no_memory_with_those_that_are_trained_on(scripted):
    runs = []
    fitted = scripted([1, 2, 3], patience=3, callbacks=[runs.append])
    run = runs[-1]
    for best, last in ((fitted.params, run.params), (fitted.state, run.state)):
        pairs = list(zip(leaves(best), leaves(last), strict=True))
        assert pairs
        assert not any(np.shares_memory(ours, theirs) for ours, theirs in pairs)
        assert not all(np.array_equal(ours, theirs) for ours, theirs in pairs)


def test_without_validation_there_is_no_best_epoch(train):
    assert train().history.best_epoch is None
