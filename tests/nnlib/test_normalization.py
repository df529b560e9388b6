"""Batch norm and layer norm: statistics, running state, agreement of the two forms, errors."""

import numpy as np
import pytest

from nnlib.normalization import batchnorm2d_backward, batchnorm2d_forward, batchnorm_forward, layernorm_forward


def test_in_training_each_feature_gets_mean_beta_and_deviation_gamma(rng):
    x = rng.normal(7, 3, (200, 4))
    gamma, beta = np.array([1.0, 2, 3, 4]), np.array([0.0, -1, 5, 9])
    out, _, _ = batchnorm_forward(x, gamma, beta, {}, True)
    np.testing.assert_allclose(out.mean(axis=0), beta, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), gamma, rtol=1e-5)


def test_the_running_state_is_a_new_one_and_converges_to_the_statistics(rng):
    x = rng.normal(7, 3, (50, 2))
    state = {}
    for _ in range(200):
        before = dict(state)
        _, _, after = batchnorm_forward(x, np.ones(2), np.zeros(2), state, True)
        assert state == before
        state = after
    np.testing.assert_allclose(state["mean"], x.mean(axis=0))
    np.testing.assert_allclose(state["var"], x.var(axis=0))


def test_one_step_moves_the_state_by_a_tenth():
    state = {"mean": np.zeros(1), "var": np.ones(1)}
    _, _, state = batchnorm_forward(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), state, True)
    assert state == {"mean": pytest.approx(0.2), "var": pytest.approx(1.0)}


def test_in_evaluation_an_example_does_not_feel_the_others_and_the_state_stays(rng):
    x, state = rng.standard_normal((5, 3)), {"mean": rng.standard_normal(3), "var": rng.random(3)}
    out, _, after = batchnorm_forward(x, np.ones(3), np.zeros(3), state, False)
    alone, _, _ = batchnorm_forward(x[2:3], np.ones(3), np.zeros(3), state, False)
    np.testing.assert_allclose(out[2:3], alone)
    np.testing.assert_allclose(out, (x - state["mean"]) / np.sqrt(state["var"] + 1e-5))
    assert after is state


def test_without_a_state_evaluation_takes_mean_0_and_variance_1(rng):
    x = rng.standard_normal((5, 3))
    np.testing.assert_allclose(batchnorm_forward(x, np.ones(3), np.zeros(3), {}, False)[0], x, rtol=1e-4)


def test_images_are_normalized_as_rows_of_channels(rng):
    x, gamma, beta = rng.standard_normal((3, 2, 4, 5)), rng.standard_normal(2), rng.standard_normal(2)
    out, cache, state = batchnorm2d_forward(x, gamma, beta, {}, True)
    rows, _, flat = batchnorm_forward(x.transpose(0, 2, 3, 1).reshape(-1, 2), gamma, beta, {}, True)
    np.testing.assert_allclose(out, rows.reshape(3, 4, 5, 2).transpose(0, 3, 1, 2))
    np.testing.assert_allclose(state["var"], flat["var"])
    assert batchnorm2d_backward(np.ones(x.shape), cache)[0] == pytest.approx(0, abs=1e-12)


def test_a_constant_feature_stays_finite():
    out, _, _ = batchnorm_forward(np.full((4, 1), 3.0), np.ones(1), np.full(1, 2.0), {}, True)
    np.testing.assert_array_equal(out, np.full((4, 1), 2.0))


def test_an_empty_batch_leaves_the_state_as_it_is():
    state = {"mean": np.ones(3), "var": np.ones(3)}
    assert batchnorm_forward(np.ones((0, 3)), np.ones(3), np.ones(3), state, True)[2] is state


def test_layer_norm_takes_each_row_on_its_own(rng):
    x = rng.normal(5, 2, (3, 4, 6))
    out, _ = layernorm_forward(x, np.ones(6), np.zeros(6))
    np.testing.assert_allclose(out.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(out[1, 2], layernorm_forward(x[1:2, 2], np.ones(6), np.zeros(6))[0][0])


@pytest.mark.parametrize(("forward", "shape", "words"), [
    (batchnorm_forward, (2, 3, 4, 4), "batchnorm2d_forward takes images"),
    (batchnorm2d_forward, (2, 3), "x must have shape"),
    (batchnorm_forward, (2, 4), r"gamma must have shape \(D,\) with D = 4, got \(3,\): one for each feature"),
    (batchnorm2d_forward, (2, 4, 5, 5), r"gamma must have shape \(D,\) with D = 4, got \(3,\): .*each channel"),
])  # fmt: skip
def test_shapes_that_do_not_fit_are_refused(forward, shape, words):
    with pytest.raises(ValueError, match=words):
        forward(np.ones(shape), np.ones(3), np.ones(3), {}, True)


def test_a_single_row_is_no_batch():
    with pytest.raises(ValueError, match="needs a batch axis"):
        layernorm_forward(np.ones(3), np.ones(3), np.ones(3))
