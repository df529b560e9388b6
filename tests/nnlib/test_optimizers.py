"""Optimizers: first steps by hand, states of their own, nothing in place, clipping."""

import numpy as np
import pytest

from nnlib import optimizers
from nnlib.optimizers import (
    adam_update,
    adamw_update,
    clip_by_global_norm,
    clip_by_value,
    momentum_update,
    nesterov_update,
    rmsprop_update,
    sgd_update,
)

UPDATES = [getattr(optimizers, name) for name in optimizers.__all__ if name.endswith("_update")]
every_update = pytest.mark.parametrize("update", UPDATES)


def steps(update, gradients, **settings):
    w, state = np.array([1.0]), {}
    for dw in gradients:
        w, state = update(w, np.array([dw]), state, 0.1, **settings)
    return w[0]


def test_first_steps_by_hand():
    assert steps(sgd_update, [2, 2]) == pytest.approx(1 - 0.2 - 0.2)
    assert steps(momentum_update, [2, 2], beta=0.5) == pytest.approx(1 - 0.2 - 0.3)
    assert steps(nesterov_update, [2], beta=0.5) == pytest.approx(1 - 0.1 * (2 + 0.5 * 2))
    assert steps(rmsprop_update, [2], beta=0.75, eps=1) == pytest.approx(1 - 0.2 / (1 + 1))
    assert steps(adam_update, [2], eps=1) == pytest.approx(1 - 0.2 / (2 + 1))
    assert steps(adamw_update, [2], eps=1, weight_decay=0.5) == pytest.approx(0.95 - 0.2 / (2 + 1))


def test_adams_first_step_has_the_size_of_the_learning_rate_whatever_the_gradient():
    assert steps(adam_update, [1e-3]) == pytest.approx(0.9, abs=1e-5)
    assert steps(adam_update, [1e3]) == pytest.approx(0.9, abs=1e-5)


@every_update
def test_nothing_is_changed_in_place(rng, update):
    w, dw, state = rng.standard_normal(4), rng.standard_normal(4), {}
    for _ in range(3):
        kept = w.copy(), dw.copy(), {name: np.copy(value) for name, value in state.items()}
        new, after = update(w, dw, state, 0.1)
        np.testing.assert_array_equal(w, kept[0])
        np.testing.assert_array_equal(dw, kept[1])
        assert state.keys() == kept[2].keys()
        assert all(np.array_equal(state[name], value) for name, value in kept[2].items())
        assert not np.shares_memory(new, w)
        w, state = new, after


@every_update
def test_float32_stays_in_weights_and_state(update):
    w, state = np.ones(3, np.float32), {}
    for _ in range(2):
        w, state = update(w, np.ones(3), state, np.float64(0.1))
    assert w.dtype == np.float32
    assert {v.dtype for v in state.values() if isinstance(v, np.ndarray)} <= {np.dtype(np.float32)}


@every_update
def test_a_gradient_of_another_shape_is_refused(update):
    with pytest.raises(ValueError, match=r"dw must have w's shape \(3,\), got \(1, 3\)"):
        update(np.ones(3), np.ones((1, 3)), {}, 0.1)


def test_one_factor_clips_all_gradients_together():
    grads = [np.array([3.0, 0.0]), np.array([[4.0]])]
    clipped, norm = clip_by_global_norm(grads, 1.0)
    assert norm == 5
    np.testing.assert_allclose(clipped[0], [0.6, 0])
    np.testing.assert_allclose(clipped[1], [[0.8]])
    np.testing.assert_array_equal(clip_by_global_norm(grads, 10.0)[0][0], grads[0])
    np.testing.assert_array_equal(clip_by_global_norm([np.zeros(2)], 1.0)[0][0], [0, 0])


def test_each_value_is_clipped_on_its_own():
    clipped = clip_by_value([np.array([-3, 0.5, 2], np.float32)], 1.0)
    np.testing.assert_array_equal(clipped[0], np.array([-1, 0.5, 1], np.float32), strict=True)


@pytest.mark.parametrize("clip", [clip_by_global_norm, clip_by_value])
def test_a_limit_that_clips_all_away_is_refused(clip):
    with pytest.raises(ValueError, match="must be positive, got 0"):
        clip([np.ones(2)], 0)
