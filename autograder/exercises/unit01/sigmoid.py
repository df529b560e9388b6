"""The sigmoid, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.exercises.unit01.elementwise import (
    backward,
    backward_mistakes,
    floating,
    forward_mistakes,
    gradient,
    keeping_a,
    sigmoid_of_both_branches,
    silenced,
)
from autograder.exercises.unit01.settings import Array, forward_cases
from autograder.kinds import Layer
from autograder.precision import Precise
from nnlib.activations import sigmoid_backward, sigmoid_forward

DIGITS = (("very negative values", -690.0, -510.0), ("tiny values", -730.0, -712.0))


def cases(rng: np.random.Generator) -> Any:
    """Two of them with values that are tiny, and so with results that are."""
    return forward_cases(rng, digits=DIGITS)


def sigmoid(z: Array) -> Array:
    """The reference's a."""
    return sigmoid_forward(floating(z))[0]


def by_masks(z: Array) -> tuple[Array, Array]:
    """Each side with the formula that fits it."""
    z_float = floating(z)
    a = np.empty_like(z_float)
    positive = z_float >= 0
    a[positive] = 1 / (1 + np.exp(-z_float[positive]))
    power = np.exp(z_float[~positive])
    a[~positive] = power / (1 + power)
    return a, a


def by_logaddexp(z: Array) -> tuple[Array, Array]:
    """exp(−log(1 + exp(−z)))."""
    z_float = floating(z)
    a = np.exp(-np.logaddexp(np.zeros_like(z_float), -z_float))
    return a, a


def by_where(z: Array) -> tuple[Array, Array]:
    """Both formulas everywhere, knowingly, and then a choice."""
    z_float = floating(z)
    with np.errstate(all="ignore"):
        a = np.where(z_float >= 0, 1 / (1 + np.exp(-z_float)), np.exp(z_float) / (1 + np.exp(z_float)))
    return a, a


def backward_in_other_words(dout: Array, cache: Array) -> Array:
    """a − a²."""
    return dout * (cache - cache**2)


def backward_in_steps(dout: Array, cache: Array) -> Array:
    """Factor by factor."""
    slope = cache * (1 - cache)
    return np.multiply(slope, dout)


FORWARD_MISTAKES = (
    *forward_mistakes(sigmoid_forward, keeps="a"),
    Misconception(
        "overflows for very negative z",
        keeping_a(lambda z: 1 / (1 + np.exp(-floating(z)))),
        "For z far below 0, exp(-z) is too large for a float: NumPy warns of an overflow, and the result is 0 where a "
        "tiny number belongs. Which form of the formula gives exp only negative numbers?",
    ),
    Misconception(
        "silences the overflow",
        keeping_a(silenced(lambda z: 1 / (1 + np.exp(-floating(z))))),
        wording.SILENCED + "Give exp negative numbers only, whatever the sign of z.",
    ),
    Misconception(
        "overflows for very large z",
        keeping_a(lambda z: np.exp(floating(z)) / (1 + np.exp(floating(z)))),
        "For large z both exp(z) are inf, and inf / inf is nan. This form is good for negative z only.",
    ),
    Misconception(
        "computes both branches everywhere",
        keeping_a(sigmoid_of_both_branches),
        wording.BOTH_BRANCHES,
    ),
    Misconception(
        "cuts z off at 500",
        keeping_a(lambda z: 1 / (1 + np.exp(-np.clip(floating(z), -500, 500)))),
        "Clipping z avoids the overflow, but below −500 all results are the same number. A float can still tell them "
        "apart: choose the formula by the sign of z.",
    ),
    Misconception(
        "computes with 1 - …",
        keeping_a(lambda z: 1 - np.exp(-np.logaddexp(np.zeros_like(floating(z)), floating(z)))),
        "1 − (a number near 1) rounds small results to 0: next to a 1, a float keeps 16 digits and no more. Compute "
        "small values without a subtraction.",
    ),
    Misconception(
        "has the wrong sign in exp",
        keeping_a(lambda z: sigmoid(-floating(z))),
        "It falls where it should rise: the sign in exp is wrong. 1 / (1 + exp(−z)).",
    ),
    Misconception(
        "is tanh",
        keeping_a(lambda z: np.tanh(floating(z))),
        "This goes from −1 to 1: it is tanh. The sigmoid goes from 0 to 1.",
    ),
    Misconception(
        "forgets the 1 in the denominator",
        keeping_a(lambda z: np.exp(floating(z))),
        "1 / exp(−z) is just exp(z): the 1 + in the denominator is missing.",
    ),
    Misconception(
        "returns the slope",
        keeping_a(lambda z: sigmoid(z) * (1 - sigmoid(z))),
        "This is the slope a (1 − a). Asked for is a itself.",
    ),
    Misconception(
        "rounds to 0 or 1",
        keeping_a(lambda z: (floating(z) > 0).astype(floating(z).dtype)),
        "It jumps from 0 to 1. The sigmoid is the smooth version of this step.",
    ),
)

BACKWARD_MISTAKES = (
    *backward_mistakes(sigmoid_backward, lambda a: a * (1 - a)),
    Misconception(
        "takes the cache for z",
        backward(lambda dout, a: dout * sigmoid(a) * (1 - sigmoid(a))),
        "The cache is a, the result of the forward pass. You put it through the sigmoid a second time.",
    ),
    Misconception(
        "adds in place of subtracting",
        backward(lambda dout, a: dout * a * (1 + a)),
        "One sign is wrong. At a = ½ the slope must be ¼: is yours?",
    ),
    Misconception(
        "takes tanh's slope",
        backward(lambda dout, a: dout * (1 - a * a)),
        "1 − a² is the slope of tanh. The sigmoid's has a (1 − a).",
    ),
    Misconception(
        "forgets a factor a",
        backward(lambda dout, a: dout * (1 - a)),
        "A factor is missing: for very negative z the slope must go to 0, as a does, and yours goes to 1.",
    ),
    Misconception(
        "forgets the factor 1 - a",
        backward(lambda dout, a: dout * a),
        "A factor is missing: for large z the slope must go to 0, and yours goes to 1.",
    ),
    Misconception(
        "squares dout",
        backward(lambda dout, a: dout * dout * a * (1 - a)),
        "dout is there twice. It is one factor, the slope is the other.",
    ),
    Misconception(
        "has the sign wrong",
        backward(lambda dout, a: dout * a * (a - 1)),
        "Only the sign is wrong: the sigmoid rises everywhere, so its slope is positive.",
    ),
    Misconception(
        "keeps the cache away from its limits",
        backward(lambda dout, a: dout * (s := np.clip(a, 1e-7, 1 - 1e-7)) * (1 - s)),
        "a is cut off a little before its limits. That protects a logarithm; here nothing needs protection, and where "
        "the neuron is saturated the slope is 0.",
    ),
    Misconception(
        "takes a ReLU's slope",
        backward(lambda dout, a: dout * (a > 0.5)),
        "dout passes as it is or not at all. The sigmoid's slope is a smooth curve, a formula in a.",
    ),
)


FORWARD = Exercise(
    name="sigmoid_forward",
    unit="01_activations",
    signature="sigmoid_forward(z)",
    reference=sigmoid_forward,
    kind=Precise(Layer(("z",), cached=1), sigmoid_forward),
    cases=cases,
    points=3,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_masks, by_logaddexp, by_where),
    aspects=shares.PRECISE,
    reread="section 6, the sigmoid: two forms of one formula, and which of them fits which sign.",
)

BACKWARD = gradient(
    sigmoid_forward,
    sigmoid_backward,
    points=2,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_in_other_words, backward_in_steps),
    aspects=shares.BACKWARD,
    reread="section 6, the slope of the sigmoid: the derivation that ends in the box.",
)
