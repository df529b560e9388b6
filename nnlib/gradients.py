"""Gradients by finite differences, and how far a gradient is from them."""

from collections.abc import Callable

import numpy as np

from nnlib.arrays import Array, as_float, check_same_shape

__all__ = ["check_gradient", "numerical_gradient", "relative_error"]


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """∂f/∂x by central differences, (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for each element i: x's shape, float64.

    f takes an array of x's shape and returns one number. It gets a float64 copy, so x stays as it is; f must
    compute from its argument, not from a variable outside. Two calls of f per element: for small x only.
    """
    point = as_float("x", x).astype(np.float64)  # always a copy
    gradient = np.empty_like(point)
    for i in np.ndindex(point.shape):
        centre = point[i]
        point[i] = centre + h
        above = _number(f(point))
        point[i] = centre - h
        below = _number(f(point))
        point[i] = centre
        gradient[i] = (above - below) / (2 * h)
    return gradient


def relative_error(a: Array, b: Array) -> float:
    """‖a − b‖ / (‖a‖ + ‖b‖), in Euclidean norms: 0 where they are equal (both zero, too), at most 1.

    Norms of the whole, not elements: an entry that is nearly zero in both does not spoil the measure. A right
    gradient in float64 gives less than 1e-7, a wrong one mostly more than 1e-3.
    Raises ValueError where the shapes differ.
    """
    first, second = (as_float(name, array).astype(np.float64) for name, array in (("a", a), ("b", b)))
    check_same_shape("a", first, "b", second)
    scale = _norm(first) + _norm(second)
    return _norm(first - second) / scale if scale else 0.0


def check_gradient(
    f: Callable[[Array], float],
    x: Array,
    grad: Array,
    *,
    rng: np.random.Generator,
    h: float = 1e-5,
    directions: int = 3,
) -> float:
    """How far `grad` is from ∂f/∂x, along random directions u: two calls of f each, however large x is.

    Compares ⟨grad, u⟩ with the slope (f(x + h u) − f(x − h u)) / 2h. Returns the largest difference, divided
    by ‖grad‖ + |slope|: below 1e-7 for a right gradient (of an f without a kink near x), mostly above 1e-3 for
    a wrong one. f gets float64 arrays of x's shape. Raises ValueError where grad has not x's shape.
    """
    point = as_float("x", x).astype(np.float64)
    grad = as_float("grad", grad).astype(np.float64)
    check_same_shape("grad", grad, "x", point)
    errors = []
    for _ in range(directions):
        u = rng.standard_normal(point.shape)
        slope = (_number(f(point + h * u)) - _number(f(point - h * u))) / (2 * h)
        difference = abs(slope - float((grad * u).sum()))
        scale = abs(slope) + _norm(grad)
        errors.append(difference / scale if scale else 0.0)
    return max(errors)


def _norm(a: Array) -> float:
    return float(np.linalg.norm(a.ravel()))


def _number(value: float) -> float:
    if np.size(value) != 1:
        raise ValueError(
            f"f must return one number, got an array of shape {np.shape(value)}: sum it, or take one element"
        )
    return float(np.asarray(value).item())
