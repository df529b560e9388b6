"""Penalties: values, slopes, dtypes."""

import numpy as np
import pytest

from nnlib.gradients import check_gradient
from nnlib.regularization import l1_penalty, l2_penalty

WEIGHTS = [np.array([[1.0, -2.0]]), np.array([0.0, 3.0])]


def test_l2_is_the_sum_of_squares_over_all_arrays():
    penalty, gradients = l2_penalty(WEIGHTS, 0.5)
    assert penalty == 7
    np.testing.assert_array_equal(gradients[0], [[1, -2]])
    np.testing.assert_array_equal(gradients[1], [0, 3])


def test_l1_pulls_equally_hard_everywhere_but_at_zero():
    penalty, gradients = l1_penalty(WEIGHTS, 0.5)
    assert penalty == 3
    np.testing.assert_array_equal(gradients[0], [[0.5, -0.5]])
    np.testing.assert_array_equal(gradients[1], [0, 0.5])


@pytest.mark.parametrize("penalty", [l1_penalty, l2_penalty])
def test_gradients_follow_the_slope_and_keep_their_dtypes(rng, penalty):
    weights = [rng.standard_normal((3, 4)), rng.standard_normal(5)]
    gradients = penalty(weights, 0.3)[1]
    for i, gradient in enumerate(gradients):
        others = {**dict(enumerate(weights))}
        slope = lambda w, i=i, others=others: penalty([w if k == i else v for k, v in others.items()], 0.3)[0]  # noqa: E731
        assert check_gradient(slope, weights[i], gradient, rng=rng) < 1e-7
    assert [g.dtype for g in penalty([w.astype(np.float32) for w in weights], 0.3)[1]] == [np.float32] * 2


def test_without_weights_there_is_no_penalty():
    assert l2_penalty([], 1.0) == (0.0, [])
