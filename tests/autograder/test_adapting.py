"""Single numbers are compared as numbers, whatever their type; lists as tuples."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder.adapting import as_number, number, number_first, tupled
from autograder.comparison import same


@pytest.mark.parametrize("value", [1, 1.0, np.float64(1), np.float32(1), np.int64(1), np.array(1.0), np.array(1)])
def test_a_number_of_any_type_is_a_float64_without_axes(value):
    assert as_number(value).dtype == np.float64
    assert as_number(value).shape == ()


@pytest.mark.parametrize("value", [True, None, "1", [1.0], (1.0,)])
def test_what_is_no_number_stays_as_it_is(value):
    assert as_number(value) is value


def test_an_array_with_axes_stays_as_it_is():
    array = np.ones(1)
    assert as_number(array) is array


def test_a_number_is_as_precise_as_the_inputs():
    assert number(0.5, np.ones(2, np.float32)).dtype == np.float32
    assert number(np.float32(0.5), np.ones(2)).dtype == np.float64
    assert number_first((0.5, "rest"), np.ones(2, np.float32), 3)[0].dtype == np.float32
    assert number_first(None, np.ones(2)) is None


def test_lists_within_lists_are_tuples():
    assert tupled([1, [2, (3, [4])]]) == (1, (2, (3, (4,))))


@pytest.mark.parametrize("loss", [float, np.float32, np.float64, lambda value: np.array(value)])
def test_a_loss_may_be_any_kind_of_number(loss):
    def mse(y_hat, y):
        if y_hat.shape != y.shape:
            raise ValueError
        difference = y_hat.astype(y_hat.dtype if y_hat.dtype.kind == "f" else float) - y
        return loss((difference.astype(float) ** 2).sum() / (2 * len(y))), difference / len(y)

    report = autograder.grade("mse_loss", mse, rng=np.random.default_rng(2))
    passed = [case.trait for case in report.cases if case.passed]
    assert len(passed) == len(report.cases) or loss is np.float32  # which has not the digits of float64
    assert "float32" in passed


def test_beside_infinity_other_numbers_are_not_the_same():
    assert same(np.array([np.inf, 1.0]), np.array([np.inf, 1.0]))
    assert not same(np.array([np.inf, 1.0]), np.array([27.6, 1.0]))
    assert not same(np.array([np.inf, 1.0]), np.array([np.inf, 2.0]))


def test_a_wrong_cache_costs_its_points_in_the_forward_function_only():
    from autograder.exercises.unit02.forward_pass import forward
    from nnlib.mlp import mlp_backward

    z_first = forward(keep=lambda a_in, z, a: (z, a_in))
    rng = np.random.default_rng
    assert autograder.grade("mlp_forward", z_first, rng=rng(1)).points < 3
    report = autograder.grade("mlp_backward", mlp_backward, forward=z_first, rng=rng(1))
    assert report.passed
    assert "With the documented cache your function is right" in report.notes[0]


def test_a_backward_function_may_use_what_its_own_cache_holds_besides():
    def with_slopes(x, weights, biases, activation):
        out, cache = mlp_forward(x, weights, biases, activation)
        return out, [(a_in, z, "and more") for a_in, z in cache]

    def backward(dout, cache, weights, activation):
        assert all(more == "and more" for _, _, more in cache)
        return mlp_backward(dout, [(a_in, z) for a_in, z, _ in cache], weights, activation)

    from nnlib.mlp import mlp_backward, mlp_forward

    report = autograder.grade("mlp_backward", backward, forward=with_slopes, rng=np.random.default_rng(1))
    assert report.passed
    assert not report.notes
