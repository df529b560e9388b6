"""Leaky ReLU, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Misconception
from autograder.exercises.unit01 import settings, shares
from autograder.exercises.unit01.elementwise import (
    backward,
    backward_mistakes,
    floating,
    forward,
    forward_mistakes,
    gradient,
    of_integers,
)
from autograder.exercises.unit01.settings import Array
from autograder.kinds import Layer
from nnlib.activations import leaky_relu_backward, leaky_relu_forward

FRIENDLY = 0.01


def _alphas(rng: np.random.Generator) -> Iterator[tuple[str, Array, tuple[float, ...]]]:
    """(trait, z, the arguments behind it)."""
    yield "alpha left out", settings.mixed(rng, settings.SHAPE), ()
    yield "another alpha", settings.mixed(rng, settings.SHAPE), (float(rng.uniform(0.2, 0.4)),)
    yield "alpha above 1", settings.mixed(rng, settings.SHAPE), (float(rng.uniform(1.5, 2.5)),)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Every alpha is the usual one but in the cases that are about alpha, and in the cache."""
    for case in settings.forward_cases(rng, FRIENDLY):
        about_cache = case.trait == "cache as documented"
        yield replace(case, arguments=(case.arguments[0], 0.25)) if about_cache else case
    for trait, z, alpha in _alphas(rng):
        yield Case(trait, (z, *alpha))


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """The same, with a dout."""
    yield from settings.backward_cases(rng, FRIENDLY)
    for trait, z, alpha in _alphas(rng):
        yield Case(trait, (z, *alpha), settings.upstream(rng, z))


def by_sum(z: Array, alpha: float = 0.01) -> tuple[Array, Any]:
    """Two halves."""
    z_float = floating(z)
    return np.maximum(z_float, 0) + z_float.dtype.type(alpha) * np.minimum(z_float, 0), (z, alpha)


def by_copy(z: Array, alpha: float = 0.01) -> tuple[Array, Any]:
    """A copy with its negative numbers made smaller."""
    a = floating(z).copy()
    a[a < 0] *= alpha
    return a, (z, alpha)


def backward_by_where(dout: Array, cache: Any) -> Array:
    """np.where."""
    z, alpha = cache
    return np.where(z > 0, dout, dout * dout.dtype.type(alpha))


def backward_by_sum(dout: Array, cache: Any) -> Array:
    """Two masks."""
    z, alpha = cache
    return dout * (z > 0) + dout.dtype.type(alpha) * dout * (z <= 0)


def slope(z: Array, alpha: float) -> Array:
    """1, or alpha."""
    return np.where(z > 0, z.dtype.type(1), z.dtype.type(alpha))


def value(z: Array, alpha: float) -> Array:
    """The reference's a."""
    return leaky_relu_forward(z, alpha)[0]


def with_default(change: Any) -> Any:
    """A forward function in which alpha may be left out."""
    made = forward(change)
    return lambda z, alpha=0.01: made(z, alpha)


FORWARD_MISTAKES = (
    *forward_mistakes(leaky_relu_forward),
    Misconception(
        "has alpha built in",
        with_default(lambda z, alpha: value(z, 0.01)),
        "alpha is not used: you have 0.01 built in.",
    ),
    Misconception(
        "has another alpha when it is left out",
        lambda z, alpha=0.1: (value(z, alpha), (z, alpha)),
        "Where alpha is left out it must be 0.01: look at the signature.",
    ),
    Misconception(
        "takes the larger of z and alpha z",
        with_default(lambda z, alpha: np.maximum(floating(z), floating(z).dtype.type(alpha) * floating(z))),
        "max(z, alpha·z) is right for alpha up to 1 only. For a larger alpha it picks the wrong one of the two: decide "
        "by the sign of z.",
    ),
    Misconception(
        "is plain ReLU",
        with_default(lambda z, alpha: np.maximum(floating(z), 0)),
        "Negative numbers have become 0: that is plain ReLU. Here a little of them leaks through.",
    ),
    Misconception(
        "makes alpha of negative numbers",
        with_default(lambda z, alpha: np.where(z > 0, floating(z), floating(z).dtype.type(alpha))),
        "Negative numbers have all become alpha. They are multiplied by it.",
    ),
    Misconception(
        "has the sign wrong below 0",
        with_default(lambda z, alpha: np.where(z > 0, floating(z), -floating(z).dtype.type(alpha) * floating(z))),
        "Negative numbers have become positive. They stay negative, only smaller.",
    ),
    Misconception(
        "multiplies the positive side too",
        with_default(lambda z, alpha: floating(z) * floating(z).dtype.type(alpha)),
        "All numbers are multiplied by alpha. Positive ones stay as they are.",
    ),
    Misconception(
        "exchanges the two sides",
        with_default(lambda z, alpha: np.where(z > 0, floating(z).dtype.type(alpha) * floating(z), floating(z))),
        "It leaks on the wrong side: positive numbers stay as they are, negative ones are multiplied by alpha.",
    ),
    Misconception(
        "subtracts alpha",
        with_default(lambda z, alpha: np.where(z > 0, floating(z), floating(z) - floating(z).dtype.type(alpha))),
        "alpha is subtracted from negative numbers. It is a factor.",
    ),
    Misconception(
        "keeps z alone in the cache",
        lambda z, alpha=0.01: (value(z, alpha), z),
        "The cache is the pair (z, alpha): the backward pass needs alpha too.",
    ),
)

BACKWARD_MISTAKES = (
    *backward_mistakes(leaky_relu_backward, slope),
    of_integers(leaky_relu_backward),
    Misconception(
        "has slope 1 at 0",
        backward(lambda dout, z, alpha: dout * np.where(z >= 0, 1, alpha)),
        "At z = 0 the slope does not exist, and this course takes alpha there. Which comparison leaves 0 out?",
        seen=23,
    ),
    Misconception(
        "has slope 0 at 0",
        backward(lambda dout, z, alpha: dout * np.where(z > 0, 1, np.where(z < 0, alpha, 0))),
        "At z = 0 you take the slope 0. For leaky ReLU it is alpha there: 0 counts with the negative side.",
    ),
    Misconception(
        "is plain ReLU",
        backward(lambda dout, z, alpha: dout * (z > 0)),
        "Nothing comes through where z is negative: that is plain ReLU. Here the slope is alpha there.",
    ),
    Misconception(
        "has alpha built in",
        backward(lambda dout, z, alpha: dout * np.where(z > 0, 1, 0.01)),
        "alpha is not used: you have 0.01 built in. It stands in the cache.",
    ),
    Misconception(
        "compares z with alpha z",
        backward(lambda dout, z, alpha: dout * np.where(z > alpha * z, 1, alpha)),
        "z > alpha·z asks for the sign of z only while alpha is below 1. Compare z with 0.",
    ),
    Misconception(
        "looks at the sign of dout",
        backward(lambda dout, z, alpha: dout * np.where(dout > 0, 1, alpha)),
        "The sign of dout decides in your function. What decides is the sign of z.",
    ),
    Misconception(
        "multiplies by z",
        backward(lambda dout, z, alpha: dout * value(z, alpha)),
        "You multiply by the value of leaky ReLU. The chain rule wants its slope.",
    ),
    Misconception(
        "has slope minus alpha below 0",
        backward(lambda dout, z, alpha: dout * np.where(z > 0, 1, -alpha)),
        "Below 0 the sign is wrong: leaky ReLU rises there too, only slowly.",
    ),
    Misconception(
        "puts alpha in place of dout",
        backward(lambda dout, z, alpha: np.where(z > 0, dout, alpha)),
        "Where z is negative you return alpha alone, without dout.",
    ),
)


FORWARD = Exercise(
    name="leaky_relu_forward",
    unit="01_activations",
    signature="leaky_relu_forward(z, alpha=0.01)",
    reference=leaky_relu_forward,
    kind=Layer(("z", "alpha"), cached=2),
    cases=forward_cases,
    points=2,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_sum, by_copy),
    aspects=shares.LEAKY,
    reread="section 8, leaky ReLU: the formula with its two cases.",
)

BACKWARD = gradient(
    leaky_relu_forward,
    leaky_relu_backward,
    names=("z", "alpha"),
    cases=backward_cases,
    points=2,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_by_where, backward_by_sum),
    aspects=shares.LEAKY_GRADIENT,
    reread="section 8, the slope of leaky ReLU, and what is taken at z = 0.",
)
