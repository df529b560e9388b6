"""ReLU, forward and backward."""

from __future__ import annotations

import numpy as np

from autograder.exercise import Exercise, Misconception
from autograder.exercises.unit01 import shares
from autograder.exercises.unit01.elementwise import (
    backward,
    backward_mistakes,
    floating,
    forward,
    forward_mistakes,
    gradient,
    of_integers,
)
from autograder.exercises.unit01.settings import Array, forward_cases
from autograder.kinds import Layer
from nnlib.activations import relu_backward, relu_forward


def by_product(z: Array) -> tuple[Array, Array]:
    """A mask."""
    return floating(z) * (z > 0), z


def by_absolute_value(z: Array) -> tuple[Array, Array]:
    """(z + |z|) / 2."""
    z_float = floating(z)
    return (z_float + np.abs(z_float)) / 2, z


def by_copy(z: Array) -> tuple[Array, Array]:
    """A copy with its negative numbers set to 0."""
    a = floating(z).copy()
    a[a < 0] = 0
    return a, z


def backward_by_copy(dout: Array, cache: Array) -> Array:
    """A copy with 0 where z is not positive."""
    dz = dout.copy()
    dz[cache <= 0] = 0
    return dz


def backward_by_where(dout: Array, cache: Array) -> Array:
    """np.where."""
    return np.where(cache > 0, dout, np.zeros_like(dout))


def slope(z: Array) -> Array:
    """1 where z > 0."""
    return (z > 0).astype(z.dtype)


FORWARD_MISTAKES = (
    *forward_mistakes(relu_forward),
    Misconception(
        "takes the smaller number",
        forward(lambda z: np.minimum(floating(z), 0)),
        "Positive numbers have become 0 and negative ones are kept: it is the other way round.",
    ),
    Misconception(
        "takes the absolute value",
        forward(lambda z: np.abs(floating(z))),
        "Negative numbers have lost their sign. ReLU makes 0 of them.",
    ),
    Misconception(
        "returns the slope",
        forward(lambda z: slope(floating(z))),
        "This is 1 or 0, the slope of ReLU. A positive number itself is kept.",
    ),
    Misconception(
        "takes the largest number of all",
        forward(lambda z: np.max(floating(z), axis=0, initial=0)),
        "np.max looks for the largest number of an axis. Each number is compared with 0 alone: np.maximum does that.",
    ),
    Misconception(
        "leaks",
        forward(lambda z: np.where(z > 0, floating(z), floating(z) * floating(z).dtype.type(0.01))),
        "A little of the negative numbers comes through: this is leaky ReLU, which comes later. Here they become 0.",
    ),
    Misconception(
        "cuts off at 1",
        forward(lambda z: np.clip(floating(z), 0, 1)),
        "Numbers above 1 have become 1. ReLU has no upper limit.",
    ),
    Misconception(
        "does nothing", forward(floating), "z comes out as it went in. Which numbers should have become 0?"
    ),
)

BACKWARD_MISTAKES = (
    *backward_mistakes(relu_backward, slope),
    of_integers(relu_backward),
    Misconception(
        "has slope 1 at 0",
        backward(lambda dout, z: dout * (z >= 0)),
        "At z = 0 the slope does not exist, and this course takes 0 there. Which comparison leaves 0 out?",
        seen=23,
    ),
    Misconception(
        "has slope one half at 0",
        backward(lambda dout, z: dout * np.heaviside(z, 0.5)),
        "At z = 0 you take the slope ½. That is a possible choice, but this course takes 0 there.",
    ),
    Misconception(
        "looks at the sign of dout",
        backward(lambda dout, z: np.maximum(dout, 0)),
        "You cut off negative numbers of dout. What decides is z: where z was positive, dout passes, whatever its sign.",
    ),
    Misconception(
        "multiplies by z",
        backward(lambda dout, z: dout * np.maximum(z, 0)),
        "You multiply by the value of ReLU. The chain rule wants its slope.",
    ),
    Misconception(
        "lets everything pass",
        backward(lambda dout, z: dout.copy()),
        "dout passes everywhere. Where z is negative a small change of z changes nothing.",
    ),
    Misconception(
        "has slope -1 below 0",
        backward(lambda dout, z: dout * np.sign(z)),
        "Below 0 you take the slope −1, which belongs to |z|. ReLU is level there.",
    ),
    Misconception(
        "lets the negative side pass",
        backward(lambda dout, z: dout * (z < 0)),
        "The mask is the wrong way round: dout passes where z is negative.",
    ),
)


FORWARD = Exercise(
    name="relu_forward",
    unit="01_activations",
    signature="relu_forward(z)",
    reference=relu_forward,
    kind=Layer(("z",), cached=1),
    cases=forward_cases,
    points=1,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_product, by_absolute_value, by_copy),
    aspects=shares.FORWARD,
    reread="section 3, ReLU: the formula and the line of examples.",
)

BACKWARD = gradient(
    relu_forward,
    relu_backward,
    points=2,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_by_copy, backward_by_where),
    aspects=shares.KINKED,
    reread="section 5, slopes: the chain rule in the box, and what is taken at z = 0.",
)
