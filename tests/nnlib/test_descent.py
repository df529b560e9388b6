"""Gradient descent over batches: one step a batch, a state for each parameter, a rate for each step."""

from __future__ import annotations

import numpy as np
import pytest

from nnlib.descent import descend
from nnlib.optimizers import adam_update, momentum_update, sgd_update


def parabola(parameters, x, y):
    """½ a w² for each parameter, with the curvature a in x; y is not used."""
    return float(sum(0.5 * x * w @ w for w in parameters)), [x * w for w in parameters]


def batches(count, curvature=2.0):
    return [(curvature, None)] * count


def test_on_a_parabola_each_step_multiplies_by_the_same_factor():
    losses, (w,) = descend(parabola, [np.array([1.0, -3.0])], batches(5), sgd_update, 0.1)
    np.testing.assert_allclose(w, np.array([1.0, -3.0]) * 0.8**5)
    np.testing.assert_allclose(losses, 10 * 0.64 ** np.arange(5))


def test_each_parameter_has_a_state_of_its_own_that_goes_on_from_step_to_step():
    start = [np.array([1.0]), np.array([-2.0])]
    _, (first, second) = descend(parabola, start, batches(4), momentum_update, 0.1)
    for begin, end in zip(start, (first, second), strict=True):
        w, state = begin, {}
        for _ in range(4):
            w, state = momentum_update(w, 2 * w, state, 0.1)
        np.testing.assert_allclose(end, w)


def test_the_rate_may_depend_on_the_step():
    asked = []

    def rate(step):
        asked.append(step)
        return 0.5 if step == 0 else 0.0

    _, (w,) = descend(parabola, [np.array([1.0])], iter(batches(3, 1.0)), sgd_update, rate)
    assert asked == [0, 1, 2]
    assert w == [0.5]


def test_nothing_is_changed_and_no_batch_is_no_step():
    start = [np.ones(3)]
    losses, end = descend(parabola, start, [], adam_update, 0.1)
    assert losses == []
    assert end[0] is start[0]
    descend(parabola, start, batches(3), adam_update, 0.1)
    assert np.array_equal(start[0], np.ones(3))


def test_too_few_gradients_are_an_error():
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        descend(lambda *_: (0.0, [np.ones(1)]), [np.ones(1), np.ones(1)], batches(1), sgd_update, 0.1)
