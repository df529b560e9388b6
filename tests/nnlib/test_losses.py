"""Softmax cross-entropy: known values, large logits, gradients, errors."""

import numpy as np
import pytest

from nnlib.activations import softmax
from nnlib.gradients import check_gradient
from nnlib.losses import mse_loss, sigmoid_cross_entropy, softmax_cross_entropy


def test_equal_logits_share_the_probability_and_cost_the_logarithm_of_their_number():
    np.testing.assert_allclose(softmax(np.zeros((2, 4))), 0.25)
    loss, dlogits = softmax_cross_entropy(np.zeros((2, 4)), np.array([0, 3]))
    assert loss == pytest.approx(np.log(4))
    np.testing.assert_allclose(dlogits, [[-0.375, 0.125, 0.125, 0.125], [0.125, 0.125, 0.125, -0.375]])


def test_rows_of_softmax_sum_to_one_and_do_not_feel_a_shift(rng):
    logits = rng.standard_normal((5, 3))
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1)
    np.testing.assert_allclose(softmax(logits + 100), softmax(logits))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_ten_thousand_neither_overflow_nor_lose_the_loss(dtype):
    logits = np.array([[1e4, -1e4], [-1e4, 1e4]], dtype)
    loss, dlogits = softmax_cross_entropy(logits, np.array([0, 0]))
    assert loss == pytest.approx(1e4)
    np.testing.assert_allclose(dlogits, [[0, 0], [-0.5, 0.5]])
    np.testing.assert_array_equal(softmax(logits), np.eye(2))


def test_the_gradient_follows_the_slope_of_the_loss(rng):
    logits, labels = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    _, dlogits = softmax_cross_entropy(logits, labels)
    assert check_gradient(lambda z: softmax_cross_entropy(z, labels)[0], logits, dlogits, rng=rng) < 1e-7


def test_the_loss_is_the_mean_over_the_batch(rng):
    logits, labels = rng.standard_normal((3, 4)), np.array([1, 0, 3])
    once, twice = (softmax_cross_entropy(np.tile(logits, (k, 1)), np.tile(labels, k)) for k in (1, 2))
    assert twice[0] == pytest.approx(once[0])
    np.testing.assert_allclose(twice[1][:3], once[1] / 2)


def test_dtype_is_kept_and_nothing_is_changed():
    logits = np.array([[1.0, 2.0]], np.float32)
    logits.flags.writeable = False
    labels = np.array([1], np.uint8)
    assert softmax(logits).dtype == np.float32
    loss, dlogits = softmax_cross_entropy(logits, labels)
    assert isinstance(loss, float)
    assert dlogits.dtype == np.float32
    assert softmax(np.array([[1, 2]])).dtype == np.float64


@pytest.mark.parametrize(
    ("logits", "labels", "error", "message"),
    [
        (np.ones(3), [0], ValueError, r"logits must have shape \(N, M\), got \(3,\)"),
        (np.ones((2, 3)), [0], ValueError, r"labels must have shape \(N,\) with N = 2, got \(1,\)"),
        (np.ones((2, 3)), np.eye(3, dtype=int)[:2], ValueError, "not one-hot rows"),
        (np.ones((2, 3)), [0.0, 1.0], TypeError, r"labels must be integers .*float64: try labels.astype\(int\)"),
        (np.ones((2, 3)), [1, 3], ValueError, r"labels must lie in \[0, M\) with M = 3, got values from 1 to 3"),
        (np.ones((2, 3)), [-1, 0], ValueError, "got values from -1 to 0"),
        (np.ones((0, 3)), np.zeros(0, int), ValueError, "at least one example"),
    ],
)
def test_labels_that_do_not_fit_are_refused_with_a_fix(logits, labels, error, message):
    with pytest.raises(error, match=message):
        softmax_cross_entropy(logits, np.asarray(labels))


def test_softmax_of_a_single_number_is_refused():
    with pytest.raises(ValueError, match="needs an axis of classes"):
        softmax(np.float64(1))


def test_half_the_squared_distance_averaged_over_the_batch():
    loss, dy_hat = mse_loss(np.array([[3.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 4.0], [1.0, 1.0]]))
    assert loss == 25 / 4
    np.testing.assert_array_equal(dy_hat, [[1.5, -2], [0, 0]])


def test_a_fair_coin_costs_one_bit_in_nats():
    loss, dlogits = sigmoid_cross_entropy(np.zeros((2, 1)), np.array([[0], [1]]))
    assert loss == pytest.approx(np.log(2))
    np.testing.assert_array_equal(dlogits, [[0.25], [-0.25]])


@pytest.mark.parametrize("loss", [mse_loss, sigmoid_cross_entropy])
@pytest.mark.parametrize("shape", [(5,), (5, 3), (2, 3, 4)])
def test_gradients_of_the_other_losses_follow_their_slope(rng, loss, shape):
    predicted, target = rng.standard_normal(shape), rng.random(shape)
    gradient = loss(predicted, target)[1]
    assert check_gradient(lambda p: loss(p, target)[0], predicted, gradient, rng=rng) < 1e-7
    assert loss(predicted.astype(np.float32), target)[1].dtype == np.float32


def test_sigmoid_cross_entropy_is_exact_at_ten_thousand():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, dlogits = sigmoid_cross_entropy(np.array([1e4, -1e4, 1e4]), np.array([1, 0, 0]))
    assert loss == pytest.approx(1e4 / 3, rel=1e-15)
    np.testing.assert_array_equal(dlogits, [0, 0, 1 / 3])


@pytest.mark.parametrize(("loss", "target", "words"), [
    (mse_loss, np.ones((3, 2)), r"y_hat must have y's shape \(3, 2\), got \(2, 3\)"),
    (sigmoid_cross_entropy, np.ones(2), r"logits must have targets's shape \(2,\), got \(2, 3\)"),
    (sigmoid_cross_entropy, np.full((2, 3), 1.5), r"targets must lie in \[0, 1\], got values from 1.5 to 1.5"),
])  # fmt: skip
def test_targets_that_do_not_fit_are_refused(loss, target, words):
    with pytest.raises(ValueError, match=words):
        loss(np.ones((2, 3)), target)


@pytest.mark.parametrize("loss", [mse_loss, sigmoid_cross_entropy])
def test_the_mean_over_nobody_is_refused(loss):
    with pytest.raises(ValueError, match="at least one example"):
        loss(np.ones((0, 3)), np.ones((0, 3)))
