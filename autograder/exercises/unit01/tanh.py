"""The hyperbolic tangent, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.exercises.unit01.elementwise import (
    backward,
    backward_mistakes,
    both_branches,
    floating,
    forward_mistakes,
    gradient,
    keeping_a,
)
from autograder.exercises.unit01.settings import Array, forward_cases
from autograder.kinds import Layer
from autograder.precision import Precise
from nnlib.activations import sigmoid_forward, tanh_backward, tanh_forward


def cases(rng: np.random.Generator) -> Any:
    """One of them with values near 0."""
    return forward_cases(rng, digits=(("tiny values", -1e-9, 1e-9),))


def by_expm1(z: Array) -> tuple[Array, Array]:
    """(exp(2z) − 1) / (exp(2z) + 1), for −|z|, with its digits kept."""
    power = np.expm1(-2 * np.abs(floating(z)))
    a = np.sign(floating(z)) * -power / (2 + power)
    return a, a


def by_sides(z: Array) -> tuple[Array, Array]:
    """By the sign of z."""
    a = np.where(floating(z) < 0, -np.tanh(-floating(z)), np.tanh(floating(z)))
    return a, a


def backward_by_square(dout: Array, cache: Array) -> Array:
    """1 − a²."""
    return dout * (1 - cache**2)


def backward_in_steps(dout: Array, cache: Array) -> Array:
    """dout − dout a²."""
    return dout - dout * cache * cache


def by_definition(z: Array) -> Array:
    """(exp(z) − exp(−z)) / (exp(z) + exp(−z))."""
    up, down = np.exp(floating(z)), np.exp(-floating(z))
    return np.asarray((up - down) / (up + down))


def by_sigmoid(z: Array) -> Array:
    """2 σ(2z) − 1."""
    return np.asarray(2 * sigmoid_forward(2 * floating(z))[0] - 1)


def falling(z: Array) -> Array:
    """tanh by exp(−2z), which overflows for z far below 0."""
    power = np.expm1(-2 * z)
    return np.asarray(-power / (2 + power))


FORWARD_MISTAKES = (
    *forward_mistakes(tanh_forward, keeps="a"),
    Misconception(
        "overflows by the definition",
        keeping_a(by_definition),
        "For |z| above 710, exp(|z|) is inf, and inf / inf is nan. NumPy's own np.tanh takes care of that.",
    ),
    Misconception(
        "computes both branches everywhere",
        keeping_a(both_branches(lambda z: z >= 0, falling, lambda z: -falling(-z))),
        wording.BOTH_BRANCHES + " np.tanh knows how.",
    ),
    Misconception(
        "loses the digits near 0",
        keeping_a(by_sigmoid),
        "Near 0 this subtracts two numbers that are nearly equal, and most digits are lost. np.tanh keeps them.",
    ),
    Misconception(
        "is the sigmoid",
        keeping_a(lambda z: sigmoid_forward(floating(z))[0]),
        "This goes from 0 to 1: it is the sigmoid. tanh goes from −1 to 1.",
    ),
    Misconception(
        "forgets the 2 in front of z",
        keeping_a(lambda z: 2 * sigmoid_forward(floating(z))[0] - 1),
        "This is 2 σ(z) − 1, which is half as steep: tanh(z) is 2 σ(2z) − 1.",
    ),
    Misconception(
        "is the tangent",
        keeping_a(lambda z: np.tan(floating(z))),
        "np.tan is the tangent of an angle. The hyperbolic tangent is np.tanh.",
    ),
    Misconception(
        "is the hyperbolic sine",
        keeping_a(lambda z: np.sinh(np.clip(floating(z), -700, 700))),
        "This grows without limit: it is (exp(z) − exp(−z)) / 2. The denominator of tanh is missing.",
    ),
    Misconception(
        "has the sign wrong",
        keeping_a(lambda z: -np.tanh(floating(z))),
        "It falls where it should rise. For positive z the result is positive.",
    ),
    Misconception(
        "returns the slope",
        keeping_a(lambda z: 1 - np.tanh(floating(z)) ** 2),
        "This is the slope 1 − a². Asked for is a itself.",
    ),
    Misconception(
        "cuts off at -1 and 1",
        keeping_a(lambda z: np.clip(floating(z), -1, 1)),
        "This is a straight line, cut off at −1 and 1. tanh bends smoothly.",
    ),
)

BACKWARD_MISTAKES = (
    *backward_mistakes(tanh_backward, lambda a: 1 - a * a),
    Misconception(
        "takes the cache for z",
        backward(lambda dout, a: dout * (1 - np.tanh(a) ** 2)),
        "The cache is a, the result of the forward pass. You put it through tanh a second time.",
    ),
    Misconception(
        "takes the sigmoid's slope",
        backward(lambda dout, a: dout * a * (1 - a)),
        "a (1 − a) is the slope of the sigmoid. At a = 0 the slope of tanh is 1.",
    ),
    Misconception(
        "forgets the square",
        backward(lambda dout, a: dout * (1 - a)),
        "The square is missing. The slope is the same at z and at −z, and yours is not.",
    ),
    Misconception(
        "squares the difference",
        backward(lambda dout, a: dout * (1 - a) ** 2),
        "(1 − a)² is not 1 − a². For very negative z, where a is −1, the slope must go to 0.",
    ),
    Misconception(
        "adds the square",
        backward(lambda dout, a: dout * (1 + a * a)),
        "One sign is wrong: tanh is steepest at 0, so its slope must become smaller on both sides.",
    ),
    Misconception(
        "has the sign wrong",
        backward(lambda dout, a: dout * (a * a - 1)),
        "Only the sign is wrong: tanh rises everywhere, so its slope is positive.",
    ),
    Misconception(
        "takes the root",
        backward(lambda dout, a: dout * np.sqrt(np.maximum(1 - a * a, 0))),
        "That is the root of the slope: no root is left over in the derivation.",
    ),
    Misconception(
        "keeps the cache away from its limits",
        backward(lambda dout, a: dout * (1 - np.clip(a, 1e-7 - 1, 1 - 1e-7) ** 2)),
        "a is cut off a little before its limits. That protects a logarithm; here nothing needs protection, and where "
        "the neuron is saturated the slope is 0.",
    ),
    Misconception(
        "takes a ReLU's slope",
        backward(lambda dout, a: dout * (a > 0)),
        "dout passes as it is or not at all. The slope of tanh is a smooth curve, a formula in a.",
    ),
)


FORWARD = Exercise(
    name="tanh_forward",
    unit="01_activations",
    signature="tanh_forward(z)",
    reference=tanh_forward,
    kind=Precise(Layer(("z",), cached=1), tanh_forward),
    cases=cases,
    points=1,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_expm1, by_sides),
    aspects=shares.PRECISE,
    reread="section 7, tanh: its definition, and why np.tanh is the one to use.",
)

BACKWARD = gradient(
    tanh_forward,
    tanh_backward,
    points=2,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_by_square, backward_in_steps),
    aspects=shares.BACKWARD,
    reread="section 7, the slope of tanh: the derivation that ends in the box.",
)
