"""Gradients by finite differences, and how far a gradient is from them."""

from collections.abc import Callable

import numpy as np

from nnlib.arrays import Array, as_float, check_shape

__all__ = ["check_gradient", "numerical_gradient", "relative_error"]


def numerical_gradient(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """∂f/∂x by central differences, (f(x + h eᵢ) − f(x − h eᵢ)) / 2h for every element, in x's shape and float64.

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
    """‖a − b‖ / (‖a‖ + ‖b‖), with Euclidean norms over all elements: 0 where equal (also both zero), at most 1.

    Norms, not elements: an entry that is nearly zero in both arrays does not spoil the measure. Below 1e-7 is what
    a right gradient in float64 gives; above 1e-3 is a bug. Raises ValueError for arrays of different shape.
    """
    first = as_float("a", a).astype(np.float64, copy=False).ravel()
    second = as_float("b", b).astype(np.float64, copy=False).ravel()
    if np.shape(a) != np.shape(b):
        raise ValueError(f"a and b must have the same shape, got {np.shape(a)} and {np.shape(b)}")
    scale = np.linalg.norm(first) + np.linalg.norm(second)
    return float(np.linalg.norm(first - second) / scale) if scale else 0.0


def check_gradient(
    f: Callable[[Array], float],
    x: Array,
    grad: Array,
    *,
    rng: np.random.Generator,
    h: float = 1e-5,
    directions: int = 3,
) -> float:
    """How far `grad` is from ∂f/∂x, by the slope of f along random directions u: two calls of f each, however large x.

    Compares ⟨grad, u⟩ with (f(x + h u) − f(x − h u)) / 2h. Returns the largest difference, divided by
    ‖grad‖ + |slope|: below 1e-7 for a right gradient in float64 (where f has no kink near x), near 1 for a wrong one.
    Raises ValueError where grad has not x's shape.
    """
    point = as_float("x", x).astype(np.float64)
    grad = as_float("grad", grad).astype(np.float64)
    check_shape(
        "grad", grad, {f"axis {i}": n for i, n in enumerate(point.shape)}, "a gradient has its array's shape"
    )
    errors = []
    for _ in range(directions):
        u = rng.standard_normal(point.shape)
        slope = (_number(f(point + h * u)) - _number(f(point - h * u))) / (2 * h)
        difference = abs(slope - float((grad * u).sum()))
        scale = abs(slope) + float(np.linalg.norm(grad))
        errors.append(difference / scale if scale else 0.0)
    return max(errors)


def _number(value: float) -> float:
    if np.size(value) != 1:
        raise ValueError(
            f"f must return one number, got an array of shape {np.shape(value)}: sum it, or take one element"
        )
    return float(np.asarray(value).item())
