"""Starting weights: their statistics, and what they do to a signal that passes many layers."""

import numpy as np
import pytest

from nnlib.initialization import he_normal, small_normal, xavier_normal

VARIANCES = {
    "small": (small_normal, 0.01**2),
    "xavier": (xavier_normal, 2 / (400 + 250)),
    "he": (he_normal, 2 / 400),
}


@pytest.mark.parametrize(("initialize", "variance"), VARIANCES.values(), ids=VARIANCES)
def test_mean_and_variance_are_as_said(rng, initialize, variance):
    w = initialize(400, 250, rng=rng)
    assert w.shape == (400, 250)
    assert abs(w.mean()) <= 5 * np.sqrt(variance / w.size)  # five standard deviations of a mean
    assert abs(w.var() / variance - 1) <= 5 * np.sqrt(2 / w.size)  # and of a variance


def test_filters_get_a_shape_of_their_own(rng):
    w = he_normal(3 * 5 * 5, 64 * 5 * 5, rng=rng, shape=(64, 3, 5, 5))
    assert w.shape == (64, 3, 5, 5)
    assert abs(w.var() * 75 / 2 - 1) <= 5 * np.sqrt(2 / w.size)


def test_he_keeps_a_signal_through_twenty_relu_layers_and_small_weights_lose_it(rng):
    sizes = {}
    for initialize in (he_normal, small_normal):
        x = rng.standard_normal((200, 300))
        for _ in range(20):
            x = np.maximum(x @ initialize(300, 300, rng=rng), 0)
        sizes[initialize] = np.square(x).mean()
    assert 0.3 < sizes[he_normal] < 3
    assert sizes[small_normal] < 1e-20


@pytest.mark.parametrize("initialize", [small_normal, xavier_normal, he_normal])
def test_a_layer_without_inputs_is_refused(rng, initialize):
    with pytest.raises(ValueError, match="fan_in and fan_out must be at least 1, got 0 and 3"):
        initialize(0, 3, rng=rng)
