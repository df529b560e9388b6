"""The dense layer: the lecture's count of weights, flattening, errors."""

import numpy as np
import pytest

from nnlib.dense import dense_backward, dense_forward


def test_the_lectures_image_needs_150_million_weights_for_a_thousand_outputs():
    image = np.zeros((1, 3, 224, 224), np.float32)
    with pytest.raises(ValueError, match="D = 150528"):
        dense_forward(image, np.zeros((1, 1000)), np.zeros(1000))
    assert 224 * 224 * 3 * 1000 == 150528 * 1000 == 150_528_000


def test_a_small_layer_by_hand():
    x, w, b = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, -1.0], [3.0, 1.0, 0.5]]), np.array([0.0, 10.0, 20.0])
    out, cache = dense_forward(x, w, b)
    np.testing.assert_array_equal(out, [[7, 12, 20]])
    dx, dw, db = dense_backward(np.array([[1.0, 0.0, 2.0]]), cache)
    np.testing.assert_array_equal(dx, [[-1, 4]])
    np.testing.assert_array_equal(dw, [[1, 0, 2], [2, 0, 4]])
    np.testing.assert_array_equal(db, [1, 0, 2])


def test_images_are_flattened_and_their_gradient_is_an_image_again(rng):
    x, w = rng.standard_normal((5, 2, 3, 4)), rng.standard_normal((24, 3))
    out, cache = dense_forward(x, w, np.zeros(3))
    np.testing.assert_allclose(out, x.reshape(5, 24) @ w)
    assert cache[0] is x
    assert dense_backward(np.ones((5, 3)), cache)[0].shape == x.shape


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "b_shape", "message"),
    [
        (
            (2, 5),
            (4, 3),
            (3,),
            r"w must have shape \(D, M\) with D = 5, got \(4, 3\): x of shape \(2, 5\) has D = 5",
        ),
        ((2, 5), (5, 3), (1, 3), r"b must have shape \(M,\) with M = 3, got \(1, 3\): one bias per output"),
        ((), (5, 3), (3,), r"x must have shape \(N, …\), got \(\): .* x\[None\]"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_a_fix(x_shape, w_shape, b_shape, message):
    with pytest.raises(ValueError, match=message):
        dense_forward(np.ones(x_shape), np.ones(w_shape), np.ones(b_shape))
