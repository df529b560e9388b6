"""ReLU, and its conventions."""

import numpy as np
import pytest

from nnlib.activations import relu_backward, relu_forward


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
