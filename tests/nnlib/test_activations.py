"""Activation functions: known values, conventions, and large numbers."""

import numpy as np
import pytest

from nnlib.activations import (
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    softmax,
    swish_backward,
    swish_forward,
    tanh_backward,
    tanh_forward,
)


def test_relu_cuts_at_zero():
    np.testing.assert_array_equal(relu_forward(np.array([-2.0, 0.0, 3.0]))[0], [0, 0, 3])


def test_the_derivative_at_zero_is_zero():
    np.testing.assert_array_equal(relu_backward(np.full(3, 5.0), np.array([-2.0, 0.0, 3.0])), [0, 0, 5])


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4, 5)])
def test_any_shape_will_do(rng, shape):
    z = rng.standard_normal(shape)
    a, cache = relu_forward(z)
    assert cache is z
    assert a.shape == relu_backward(np.ones(shape), cache).shape == shape


def test_leaky_relu_leaks_below_zero_and_at_it():
    z = np.array([-2.0, 0.0, 3.0])
    a, cache = leaky_relu_forward(z, 0.1)
    np.testing.assert_allclose(a, [-0.2, 0, 3])
    np.testing.assert_allclose(leaky_relu_backward(np.ones(3), cache), [0.1, 0.1, 1])


def test_the_usual_leak_is_a_hundredth():
    assert leaky_relu_forward(np.array([-1.0]))[0][0] == -0.01


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("forward", [sigmoid_forward, tanh_forward, swish_forward])
def test_values_are_right_to_their_last_digits(rng, forward, dtype):
    z = np.concatenate([rng.normal(size=50) * scale for scale in (1e-3, 1, 10, 80)]).astype(dtype)
    exact = z.astype(np.longdouble)
    sigmoid = 1 / (1 + np.exp(-exact))
    expected = {sigmoid_forward: sigmoid, tanh_forward: np.tanh(exact), swish_forward: exact * sigmoid}[forward]
    tiny = np.finfo(dtype)
    np.testing.assert_allclose(forward(z)[0].astype(np.longdouble), expected, rtol=8 * tiny.eps, atol=tiny.tiny)


LARGE = {  # at −10,000 and 10,000: values, then derivatives
    "sigmoid": (sigmoid_forward, sigmoid_backward, [0, 1], [0, 0]),
    "tanh": (tanh_forward, tanh_backward, [-1, 1], [0, 0]),
    "swish": (swish_forward, swish_backward, [0, 1e4], [0, 1]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("forward", "backward", "values", "slopes"), LARGE.values(), ids=LARGE)
def test_ten_thousand_gives_no_warning_and_the_limit(forward, backward, values, slopes, dtype):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        a, cache = forward(np.array([-1e4, 1e4], dtype))
        np.testing.assert_array_equal(a, values)
        np.testing.assert_array_equal(backward(np.ones(2, dtype), cache), slopes)


def test_small_sigmoids_do_not_become_zero():
    assert sigmoid_forward(np.array([-700.0]))[0][0] == pytest.approx(np.exp(-700.0), rel=1e-14)


def test_softmax_takes_any_number_of_axes_and_large_logits(rng):
    logits = rng.standard_normal((2, 3, 4))
    np.testing.assert_allclose(softmax(logits)[1, 2], softmax(logits[1, 2:3])[0], rtol=1e-14)
    np.testing.assert_array_equal(softmax(np.array([1e4, -1e4, 1e4])), [0.5, 0, 0.5])
