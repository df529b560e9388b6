"""A loss that is no number any more: the error says where it began, in words of this run."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nnlib.layers import Dense, Dropout, Flatten, Layer, Parallel, ReLU, Residual, Sequential
from nnlib.losses import mse_loss, softmax_cross_entropy
from nnlib.nested import Nested
from nnlib.optimizers import SGD
from nnlib.regularization import l2_penalty
from nnlib.training import DivergedError
from nnlib.training.divergence import _watched, diagnose_params


@dataclass(frozen=True, repr=False)
class Reciprocal(Layer):
    """1 / x: infinite where x is 0; its gradient is nan there."""

    def output_shape(self, shape):
        return shape

    def forward(self, x, params: Nested, state: Nested, train, *, rng=None) -> tuple[Any, Any, Nested]:
        return 1 / x, x, state

    def backward(self, dout, cache, needs_dx=True):
        return -dout / cache**2, {}


@dataclass(frozen=True, repr=False)
class BadGradient(ReLU):
    """The identity, with a gradient that is nan."""

    def forward(self, x, params, state, train, *, rng=None):
        return x, None, state

    def backward(self, dout, cache, needs_dx=True):
        return np.full_like(dout, np.nan), {}


@pytest.fixture
def message(train):
    def run(**changes):
        with pytest.raises(DivergedError) as caught:
            train(**changes)
        return str(caught.value)

    return run


def regression():
    x = np.random.default_rng(0).standard_normal((50, 4), np.float32)
    return {"data": (x, x[:, :1]), "loss": mse_loss, "model": Sequential(Dense(1)), "epochs": 20}


def test_a_learning_rate_that_is_too_large(message):
    found = message(**regression(), optimizer=SGD(30.0))
    step, epoch = map(
        int, re.match(r"in step (\d+) \(epoch (\d+), both counted from 0\) the loss is inf: ", found).groups()
    )
    assert 4 < step < 40  # each of them makes the outputs some ten times larger
    assert epoch == step // 4
    assert re.search(
        r"all layers' outputs are finite, the last at most \d.*e\+\d\d, so it comes of the loss", found
    )
    assert "(1) the learning rate, 30, is too large: try a tenth of it, or clip_norm=1.0; " in found


def test_the_learning_rate_named_is_that_of_the_step(message):
    found = message(**regression(), schedule=lambda step: 10.0**step)
    step = int(re.search(r"step (\d+)", found)[1])
    assert f"(1) the learning rate, {10.0**step:g}, is too large" in found


def test_params_that_the_step_before_broke_are_named(message):
    found = message(model=Sequential(Dense(4), Sequential(Dense(4), BadGradient()), Dense(3)))
    assert found.startswith("in step 1 (epoch 0, both counted from 0) the loss is nan: ")
    assert "the step before left nan or inf in w of layer 0, Dense(units=4) (and in 3 more). The us" in found


def test_params_of_a_layer_within_layers_are_named_from_outside_inwards(message):
    found = message(model=Sequential(Flatten(), Residual(Sequential(ReLU(), Dense(4))), BadGradient(), Dense(3)))
    assert "in w of layer 1, Residual: layer 0, Sequential: layer 1, Dense(units=4) (and in 1 more)" in found


def test_params_that_were_broken_from_the_beginning(message):
    params = [{"w": np.full((4, 3), np.nan), "b": np.zeros(3)}]
    found = message(model=Sequential(Dense(3)), params=params, state=[{}])
    assert "in step 0 (epoch 0, " in found
    assert "from the beginning there is nan or inf in w of layer 0, Dense(units=3). The usual" in found


def test_params_of_a_model_that_is_one_layer(message):
    params = {"w": np.ones((4, 3)), "b": np.full(3, np.inf)}
    assert "nan or inf in b of Dense(units=3). The" in message(model=Dense(3), params=params, state={})


def test_params_within_a_layer_of_ones_own_are_its():
    params = [{}, {"gate": {"w": np.array([np.nan])}}]
    assert diagnose_params(Sequential(ReLU(), Reciprocal()), params) == "w of layer 1, Reciprocal()"


def test_params_that_the_last_step_broke_are_found_without_another(message, tmp_path):
    file = tmp_path / "run.npz"
    model = Sequential(Dense(3), BadGradient())
    found = message(model=model, epochs=1, batch_size=50, checkpoint=file)
    assert found.startswith(
        "step 0, counted from 0, left nan or inf in w of layer 0, Dense(units=3) (and in 1 more)"
    )
    assert "(1) the learning rate, 0.1, is too large" in found


def test_inputs_so_large_that_a_layer_overflows(message):
    params = [{}, {"w": np.ones((4, 3), np.float32), "b": np.zeros(3, np.float32)}]
    x = np.full((20, 4), 1e38, np.float32)
    model = Sequential(Flatten(), Dense(3))
    found = message(model=model, data=(x, np.zeros(20, int)), params=params, state=[{}, {}])
    assert "layer 1, Dense(units=3): its output is the first that holds nan or inf" in found
    assert (
        "(2) the inputs are not scaled: the largest value of this batch is 1e+38, and values about 1 train"
        in found
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_inputs_that_are_no_numbers(message, blobs, value):
    x, y = blobs(50, 0)
    x[7, 2] = value
    assert "the inputs of this batch hold nan or inf: look at the data, and at augment" in message(data=(x, y))


def test_augmentation_that_gives_no_numbers(message):
    assert "look at the data, and at augment" in message(augment=lambda x, rng: np.log(-np.abs(x)))


FIRST = {
    "a layer": (Sequential(Dense(3), ReLU(), Reciprocal(), Dense(3)), "layer 2, Reciprocal(): its"),
    "within a branch": (
        Sequential(Flatten(), Parallel(Dense(2), Sequential(Dense(5), ReLU(), Reciprocal()))),
        "layer 1, Parallel: layer 1, Sequential: layer 2, Reciprocal(): its",
    ),
    "where branches are added": (
        Sequential(Flatten(), Residual(Sequential()), Residual(Sequential()), Flatten()),
        "layer 2, Residual: its",
    ),
    "a model that is one layer": (Reciprocal(), "Reciprocal(): its"),
    "a model that is one layer of layers": (Residual(Residual(Sequential())), "nan: Residual: its"),
}


@pytest.mark.parametrize(("model", "expected"), FIRST.values(), ids=FIRST)
def test_the_first_layer_whose_output_is_not_finite_is_named(message, model, expected):
    x = np.zeros((8, 4), np.float32)
    if "Residual" in expected:
        x += np.float32(1.5e38)  # added twice it is finite no more
    found = message(model=model, data=(x, np.zeros(8, int)), batch_size=8)
    assert f"{expected} output is the first that holds nan or inf. The usual causes: (1)" in found


def test_a_loss_that_is_itself_no_number(message):
    found = message(loss=lambda outputs, y: (np.nan, np.zeros_like(outputs)))
    assert "the loss is nan: all layers' outputs are finite, the last at most " in found
    assert ", so it comes of the loss or the penalty. The usual causes: (1)" in found
    assert found.endswith(
        "(3) the loss takes the logarithm of 0 or divides by 0: if it applies the softmax itself, as "
        "softmax_cross_entropy does, the model must end without one"
    )


def test_a_penalty_that_is_no_number(message):
    assert "the loss is inf: all layers' outputs are" in message(
        penalty=lambda weights: l2_penalty(weights, np.inf)
    )


def test_dropout_does_not_stand_in_the_way_of_an_explanation(message):
    assert "layer 1, Reciprocal(): its" in message(model=Sequential(Dropout(0.5), Reciprocal(), Dense(3)))


def test_what_was_trained_before_stays_in_the_checkpoint(message, train, tmp_path, same_training):
    file = tmp_path / "run.npz"
    message(checkpoint=file, schedule=lambda step: 0.1 if step < 8 else np.inf)
    same_training(train(checkpoint=file), train())


def test_the_error_is_an_arithmetic_error(train):
    with pytest.raises(ArithmeticError):
        train(loss=lambda outputs, y: (np.inf, outputs))


def test_a_watched_model_is_the_model(rng):
    model = Sequential(Dense(4), Residual(Dense(4)), ReLU(), Dense(3))
    params, state = model.initialize((5,), rng=rng)
    x, labels = rng.standard_normal((6, 5), np.float32), rng.integers(0, 3, 6)
    found = []
    for layer in (model, _watched(model)):
        out, cache, _ = layer.forward(x, params, state, True)
        dx, grads = layer.backward(softmax_cross_entropy(out, labels)[1], cache)
        found.append((out, dx, grads[1][0]["w"]))
        assert layer.output_shape((5,)) == (3,)
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
