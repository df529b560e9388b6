"""When training stops, and which epoch was the best; `fit` agrees."""

from itertools import product

import numpy as np
import pytest

from nnlib import layers, losses, optimizers
from nnlib.early_stopping import early_stopping
from nnlib.training import fit


@pytest.mark.parametrize(
    ("losses", "patience", "expected"),
    [
        ([3.0, 2.0, 2.5, 1.0, 1.2, 1.1], 2, (5, 3)),
        ([3.0, 2.0, 1.0], 2, (2, 2)),
        ([1.0, 2.0, 3.0], 1, (1, 0)),
        ([1.0, 2.0, 3.0, 0.5], 2, (2, 0)),
        ([2.0, 2.0, 2.0, 2.0], 3, (3, 0)),
        ([2.0, float("nan"), 1.0], 2, (2, 2)),
        ([5.0], 1, (0, 0)),
    ],
)
def test_it_stops_when_the_best_epoch_is_patience_epochs_ago(losses, patience, expected):
    assert early_stopping(losses, patience) == expected


def test_it_is_what_its_definition_says_on_all_short_runs():
    for run, patience in product(product((1.0, 2.0, 3.0), repeat=5), (1, 2, 3)):
        stop, best = early_stopping(run, patience)
        assert best == run.index(min(run[: stop + 1]))
        waited = [k - run.index(min(run[: k + 1])) for k in range(len(run))]
        late = [k for k, epochs in enumerate(waited) if epochs >= patience]
        assert stop == (late[0] if late else 4)


def test_fit_stops_at_the_same_epoch_with_the_same_best_one():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 4)), rng.integers(0, 3, 40)
    model = layers.Sequential(layers.Dense(16), layers.ReLU(), layers.Dense(3))
    fitted = fit(
        model, (x[:20], y[:20]), losses.softmax_cross_entropy, optimizers.SGD(0.5), epochs=60, batch_size=5,
        rng=rng, validation=(x[20:], y[20:]), patience=3, progress=False,
    )  # fmt: skip
    history = fitted.history
    assert len(history) < 60
    assert early_stopping(history["val_loss"], 3) == (len(history) - 1, history.best_epoch)


@pytest.mark.parametrize(("losses", "patience"), [([], 2), ([1.0, 2.0], 0)])
def test_what_makes_no_sense_is_refused(losses, patience):
    with pytest.raises(ValueError, match="at least one epoch and a patience of at least 1"):
        early_stopping(losses, patience)
