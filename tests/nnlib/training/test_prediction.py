"""A model in evaluation: batches of any size give the same."""

import numpy as np
import pytest

from nnlib.layers import BatchNorm, Dense, Dropout, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.metrics import accuracy
from nnlib.training import evaluate, predict

MODEL = Sequential(Dense(6), BatchNorm(), ReLU(), Dropout(0.5), Dense(3))


@pytest.fixture
def start():
    return MODEL.initialize((4,), rng=np.random.default_rng(0))


@pytest.mark.parametrize("batch_size", [1, 7, 20, 100])
def test_the_size_of_batches_changes_nothing_but_rounding(rng, start, batch_size):
    x = rng.standard_normal((20, 4), np.float32)
    expected, _, _ = MODEL.forward(x, *start, False)
    np.testing.assert_allclose(predict(MODEL, *start, x, batch_size), expected, rtol=1e-5, atol=1e-6, strict=True)


def test_inputs_are_converted_to_the_dtype_of_the_params(rng, start):
    x = rng.integers(0, 9, (5, 4))
    np.testing.assert_array_equal(
        predict(MODEL, *start, x), predict(MODEL, *start, x.astype(np.float32)), strict=True
    )


def test_no_example_is_refused(start):
    with pytest.raises(ValueError, match=r"x must hold at least one example, got shape \(0, 4\)"):
        predict(MODEL, *start, np.ones((0, 4)))


def test_evaluation_is_of_all_examples_at_once(rng, start):
    x, y = rng.standard_normal((20, 4), np.float32), rng.integers(0, 3, 20)
    outputs = predict(MODEL, *start, x, 8)
    found = evaluate(MODEL, *start, x, y, softmax_cross_entropy, {"accuracy": accuracy}, 8)
    assert found == {"loss": softmax_cross_entropy(outputs, y)[0], "accuracy": accuracy(outputs, y)}
    assert list(evaluate(MODEL, *start, x, y, softmax_cross_entropy)) == ["loss"]


def test_numbers_are_plain_floats(rng, start):
    x = rng.standard_normal((20, 4))
    loss = lambda outputs, y: (np.float32(1), outputs)  # noqa: E731
    found = evaluate(MODEL, *start, x, x, loss, {"m": lambda outputs, y: np.float32(2)})
    assert {type(value) for value in found.values()} == {float}


def test_a_model_without_params_takes_inputs_as_they_are(rng):
    x = rng.standard_normal((3, 2))
    np.testing.assert_array_equal(predict(Sequential(ReLU()), [{}], [{}], x), np.maximum(x, 0), strict=True)
