"""The gradient checkers find right gradients right and wrong ones wrong."""

import numpy as np
import pytest

from nnlib.gradients import check_gradient, numerical_gradient, relative_error


def sum_of_sines(x):
    return float(np.sin(x).sum())


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 2)])
def test_numerical_gradient_of_sines_is_cosines(rng, shape):
    x = rng.standard_normal(shape)
    gradient = numerical_gradient(sum_of_sines, x)
    assert gradient.shape == shape
    np.testing.assert_allclose(gradient, np.cos(x), rtol=1e-8)


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_the_differences_are_taken_in_float64_whatever_x_is(dtype):
    x = np.array([1, 2, 3]).astype(dtype)
    x.flags.writeable = False
    gradient = numerical_gradient(sum_of_sines, x)
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, np.cos([1, 2, 3]), rtol=1e-8)
    np.testing.assert_array_equal(x, [1, 2, 3])


def test_central_differences_are_exact_for_parabolas():
    gradient = numerical_gradient(lambda x: float((x**2).sum()), np.array([1.0, -2.0]), h=0.5)
    np.testing.assert_allclose(gradient, [2, -4])


def test_every_element_is_restored_before_the_next_is_moved():
    gradient = numerical_gradient(lambda x: float(x.sum() ** 2), np.array([1.0, -2.0, 4.0]), h=0.5)
    np.testing.assert_allclose(gradient, [6, 6, 6])


def test_a_function_of_several_numbers_is_refused():
    with pytest.raises(ValueError, match=r"f must return one number, got an array of shape \(3,\): sum it"):
        numerical_gradient(np.sin, np.ones(3))


def test_relative_error_is_zero_for_equal_arrays_and_one_for_opposite_ones():
    a = np.array([[1.0, -2.0]])
    assert relative_error(a, a) == relative_error(0 * a, 0 * a) == 0
    assert relative_error(a, -a) == 1
    assert relative_error(a, 3 * a) == pytest.approx(0.5)


def test_relative_error_does_not_depend_on_the_scale(rng):
    a, b = rng.standard_normal((2, 5))
    assert relative_error(1e-9 * a, 1e-9 * b) == pytest.approx(relative_error(a, b))


def test_relative_error_computes_integers_without_wrapping_around():
    assert relative_error(np.array([0], np.uint8), np.array([1], np.uint8)) == 1


def test_arrays_of_different_shape_are_not_compared():
    with pytest.raises(ValueError, match=r"a must have b's shape \(1, 3\), got \(3,\)"):
        relative_error(np.ones(3), np.ones((1, 3)))


def test_a_right_gradient_passes_the_check(rng):
    x = rng.standard_normal((4, 5))
    assert check_gradient(sum_of_sines, x, np.cos(x), rng=rng) < 1e-9


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: -np.cos(x),
        lambda x: 2 * np.cos(x),
        lambda x: np.cos(x) / len(x),
        lambda x: np.cos(x[::-1]),
        lambda x: np.zeros_like(x),
        lambda x: np.cos(x) + 0.1,
        lambda x: np.where(np.arange(x.size).reshape(x.shape) == 7, 0, np.cos(x)),
    ],
    ids=["sign", "factor", "averaged", "order", "zero", "offset", "one element"],
)
def test_a_wrong_gradient_fails_the_check(rng, wrong):
    x = rng.standard_normal((4, 5))
    assert check_gradient(sum_of_sines, x, wrong(x), rng=rng) > 1e-3


def test_the_check_leaves_x_alone_and_a_constant_has_gradient_zero(rng):
    x = np.ones(3)
    x.flags.writeable = False
    assert check_gradient(lambda value: 7.0, x, np.zeros(3), rng=rng) == 0


def test_a_gradient_of_another_shape_is_refused(rng):
    with pytest.raises(ValueError, match=r"grad must have x's shape \(3,\), got \(1, 3\)"):
        check_gradient(sum_of_sines, np.ones(3), np.ones((1, 3)), rng=rng)
