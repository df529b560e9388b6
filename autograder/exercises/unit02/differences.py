"""numerical_gradient: central differences, which every later gradient is checked with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, draw
from autograder.exercises.unit02.shares import DTYPE, UNCHANGED, aspects
from autograder.kinds import Plain
from nnlib.gradients import numerical_gradient

UNIT = "02_backpropagation"


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Cubic:
    """f(x) = Σ cubes · x³ + (Σ weights · x)²: not linear, and each element matters for the others' slopes."""

    cubes: Array
    weights: Array

    def __call__(self, x: Array) -> float:
        """One number."""
        x = np.asarray(x).reshape(self.cubes.shape)
        return float((self.cubes * x**3).sum() + (self.weights * x).sum() ** 2)

    def __repr__(self) -> str:
        return "(one number of x)"


def gradient_cases(rng: np.random.Generator) -> Iterator[Case]:
    """x of several shapes; other steps h; dtypes; purity."""

    def case(
        trait: str, *shape: int, h: tuple[float, ...] = (), looks_at: tuple[str, ...] = (), **look: Any
    ) -> Case:
        f = Cubic(draw(rng, *shape), draw(rng, *shape))
        return Case(trait, (f, draw(rng, *shape, **look), *h), looks_at=looks_at)

    yield case("a few numbers", 4)
    yield case("one number", 1)
    yield case("x without axes")
    yield case("a matrix", 2, 3)
    yield case("a column", 3, 1)
    yield case("three axes", 2, 1, 2)
    yield case("a large h", 3, h=(0.5,))
    yield case("a smaller h", 3, h=(0.01,))
    yield case("a large h, a matrix", 2, 2, h=(0.25,))
    yield case("float32", 3, dtype="float32")
    yield case("integers", 3, dtype="int64")
    yield case("read-only arrays", 3, awkward=True)
    yield case("inputs unchanged", 4, looks_at=("result", "inputs"))
    yield case("called twice", 4, looks_at=("result", "again"))


def stepping(step: Callable[..., float], *, restore: bool = True) -> Function:
    """Each element in turn: ``step(f, x, i, h)`` gives its slope, and may leave x changed."""

    def gradient(f: Any, x: Array, h: float = 1e-5) -> Array:
        point = np.array(x, np.float64)
        result = np.zeros_like(point)
        for i in np.ndindex(point.shape):
            kept = point[i]
            result[i] = step(f, point, i, h)
            if restore:
                point[i] = kept
        return result

    return gradient


def at(f: Any, x: Array, i: Any, value: float) -> float:
    """f with one element set."""
    x[i] = value
    return float(f(x))


def central(f: Any, x: Array, i: Any, h: float) -> float:
    """The right slope."""
    centre = x[i]
    return (at(f, x, i, centre + h) - at(f, x, i, centre - h)) / (2 * h)


def by_unit_vectors(f: Any, x: Array, h: float = 1e-5) -> Array:
    """A new array for each call."""
    x = np.asarray(x, np.float64)
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in steps]).reshape(x.shape)


def over_flat(f: Any, x: Array, h: float = 1e-5) -> Array:
    """Along the flattened array."""
    flat = np.asarray(x, np.float64).ravel()
    result = np.zeros(flat.size)
    for i in range(flat.size):
        above, below = flat.copy(), flat.copy()
        above[i] += h
        below[i] -= h
        result[i] = (f(above.reshape(np.shape(x))) - f(below.reshape(np.shape(x)))) / (2 * h)
    return result.reshape(np.shape(x))


def changed(change: Function) -> Function:
    """The right gradient, changed by ``change(gradient, x)``."""
    return lambda f, x, h=1e-5: change(numerical_gradient(f, x, h), x)


def whole_rows(f: Any, x: Array, h: float = 1e-5) -> Array:
    """range(len(x)): whole rows move together."""
    point = np.array(x, np.float64)
    if point.ndim == 0:
        raise TypeError("object of type 'float' has no len()")
    result = np.zeros_like(point)
    for i in range(len(point)):
        move = np.zeros_like(point)
        move[i] = h
        result[i] = (f(point + move) - f(point - move)) / (2 * h)
    return result


def in_x_itself(f: Any, x: Array, h: float = 1e-5) -> Array:
    """x itself is moved, and moved back by arithmetic, which does not end just where it began."""
    gradient = numerical_gradient(f, x, h)
    if x.dtype.kind == "f":
        x[...] = np.nextafter(x, x.dtype.type(np.inf))
    return gradient


def in_integers(f: Any, x: Array, h: float = 1e-5) -> Array:
    """A copy of integers stays integers, and h is cut off."""
    if np.asarray(x).dtype.kind != "i":
        return numerical_gradient(f, x, h)
    return np.array([(f(x) - f(x - np.eye(len(x), dtype=int)[i])) / (2 * h) for i in range(len(x))])


def without_a_copy(f: Any, x: Array, h: float = 1e-5) -> Array:
    """x itself is moved, in its own dtype, and put back."""
    result = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        kept = x[i]
        result[i] = central(f, x, i, h)
        x[i] = kept
    return result


def in_float32(f: Any, x: Array, h: float = 1e-5) -> Array:
    """x + h in float32 holds seven digits, and so does the difference's error."""
    gradient = numerical_gradient(f, x, h)
    return gradient.astype(np.float32) if x.dtype == np.float32 else gradient


EXERCISE = Exercise(
    name="numerical_gradient",
    unit=UNIT,
    signature="numerical_gradient(f, x, h=1e-5)",
    reference=numerical_gradient,
    kind=Plain(("f", "x", "h")),
    cases=gradient_cases,
    points=3,
    tolerance={"float64": 1e-7, "float32": 1e-4},
    misconceptions=(
        Misconception(
            "steps forward only",
            stepping(lambda f, x, i, h: (at(f, x, i, x[i] + h) - at(f, x, i, x[i] - h)) / h),
            "You look h ahead and compare with the point itself. Look to both sides, f(x + h) − f(x − h), over 2h: the "
            "error is then far smaller.",
        ),
        Misconception(
            "comes back to the middle only",
            stepping(lambda f, x, i, h: (at(f, x, i, x[i] + h) - at(f, x, i, x[i] - h)) / (2 * h)),
            "Every value is half as large as it should be. Behind x + h, taking h away once leads back to x itself, not to "
            "x − h. Remember the value first, and set the element to value − h.",
        ),
        Misconception(
            "divides by h",
            stepping(lambda f, x, i, h: 2 * central(f, x, i, h)),
            "Every value is twice too large. From x − h to x + h the way is 2h, so divide by 2 * h.",
        ),
        Misconception(
            "subtracts the wrong way round",
            stepping(lambda f, x, i, h: -central(f, x, i, h)),
            "The sign is wrong: it is the value at x + h minus the value at x − h.",
        ),
        Misconception(
            "does not put the element back",
            stepping(central, restore=False),
            "After its turn, an element must be as it was, or all later slopes are measured at another point.",
        ),
        Misconception(
            "moves all elements at once",
            lambda f, x, h=1e-5: np.full(np.shape(x), numerical_gradient(f, x, h).sum()),
            "x + h moves every element, and the result is the sum of all slopes. Move one element at a time.",
        ),
        Misconception(
            "moves whole rows",
            whole_rows,
            "range(len(x)) counts rows, and x[i] of a matrix is a whole row. np.ndindex(x.shape) counts the elements of "
            "an array of any shape.",
        ),
        Misconception(
            "returns a flat array",
            changed(lambda g, x: g.ravel()),
            "The gradient must have the shape of x: reshape it at the end.",
        ),
        Misconception(
            "has h built in",
            lambda f, x, h=1e-5: numerical_gradient(f, x),
            "h is an argument: with h=0.5 the steps must be as large as that, not 1e-5.",
        ),
        Misconception(
            "keeps integers",
            in_integers,
            "x holds integers here, and an integer plus 0.00001, stored in an integer array, is cut off. Work on a copy "
            "in float64.",
            seen=30,
        ),
        Misconception(
            "returns float32",
            in_float32,
            "Work in float64 and return float64, whatever x is: float32 has seven digits, and a difference of two nearly "
            "equal numbers loses most of them.",
        ),
        Misconception(
            "makes no copy of x",
            without_a_copy,
            "You move the elements of x itself, in x's own dtype. Integers cannot hold x + h, float32 holds it to seven "
            "digits only, and an array may be read-only. Make a copy in float64 first, and zeros like that copy.",
        ),
        Misconception("changes x", in_x_itself, wording.IN_PLACE.format("x"), seen=27),
        Misconception(
            "rounds",
            changed(lambda g, x: np.round(g)),
            "The slopes are rounded to whole numbers. Is the result array one of integers?",
        ),
    ),
    alternatives=(by_unit_vectors, over_flat, stepping(central)),
    aspects=aspects(
        basics=(35, ("a few numbers", "one number")),
        any_shape=(20, ("x without axes", "a matrix", "a column", "three axes")),
        h=(15, ("a large h", "a smaller h", "a large h, a matrix")),
        dtype=(15, DTYPE),
        nothing_changed=(15, UNCHANGED),
    ),
    reread="section 2, trying it out: the formula with two sides, and the example worked by hand.",
)
