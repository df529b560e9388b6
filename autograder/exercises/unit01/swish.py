"""Swish, forward and backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Exercise, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.exercises.unit01.elementwise import (
    backward,
    backward_mistakes,
    floating,
    forward,
    forward_mistakes,
    gradient,
    of_integers,
    sigmoid_of_both_branches,
    silenced,
)
from autograder.exercises.unit01.settings import Array, forward_cases
from autograder.kinds import Layer
from autograder.precision import Precise
from nnlib.activations import sigmoid_forward, swish_backward, swish_forward


def cases(rng: np.random.Generator) -> Any:
    """Two of them with results that are tiny."""
    return forward_cases(rng, digits=(("very negative values", -690.0, -510.0), ("tiny values", -730.0, -712.0)))


def sigmoid(z: Array) -> Array:
    """σ(z)."""
    return sigmoid_forward(floating(z))[0]


def by_masks(z: Array) -> tuple[Array, Array]:
    """z times a sigmoid of two halves."""
    power = np.exp(-np.abs(floating(z)))
    return floating(z) * np.where(z >= 0, 1, power).astype(power.dtype) / (1 + power), z


def by_logaddexp(z: Array) -> tuple[Array, Array]:
    """z exp(−log(1 + exp(−z)))."""
    z_float = floating(z)
    return z_float * np.exp(-np.logaddexp(np.zeros_like(z_float), -z_float)), z


def backward_by_value(dout: Array, cache: Array) -> Array:
    """a + σ (1 − a)."""
    s = sigmoid(cache)
    a = floating(cache) * s
    return dout * (a + s * (1 - a))


def backward_by_product_rule(dout: Array, cache: Array) -> Array:
    """σ + z σ (1 − σ)."""
    s = sigmoid(cache)
    return dout * (s + floating(cache) * s * (1 - s))


def slope(z: Array) -> Array:
    """The right one."""
    return swish_backward(np.ones_like(z), z)


def by_quotient_rule(dout: Array, z: Array) -> Array:
    """Powers that overflow."""
    power = np.exp(-z)
    return np.asarray(dout * ((1 + power) + z * power) / (1 + power) ** 2)


FORWARD_MISTAKES = (
    *forward_mistakes(swish_forward),
    Misconception(
        "overflows for very negative z",
        forward(lambda z: floating(z) / (1 + np.exp(-floating(z)))),
        "For z far below 0, exp(-z) is too large for a float: NumPy warns of an overflow, and the result is 0 where a "
        "tiny number belongs. Use your own sigmoid_forward, which knows how.",
    ),
    Misconception(
        "silences the overflow",
        forward(silenced(lambda z: floating(z) / (1 + np.exp(-floating(z))))),
        wording.SILENCED + "Use your own sigmoid_forward.",
    ),
    Misconception(
        "overflows for very large z",
        forward(lambda z: floating(z) * np.exp(floating(z)) / (1 + np.exp(floating(z)))),
        "For large z both exp(z) are inf, and inf / inf is nan. Use your own sigmoid_forward, which is right for both "
        "signs.",
    ),
    Misconception(
        "computes both branches everywhere",
        forward(lambda z: floating(z) * sigmoid_of_both_branches(z)),
        wording.BOTH_BRANCHES + " Your own sigmoid_forward knows how.",
    ),
    Misconception(
        "cuts z off at 500",
        forward(lambda z: floating(z) / (1 + np.exp(-np.clip(floating(z), -500, 500)))),
        "z is cut off at −500 before exp, so that results below are too large. Use your own sigmoid_forward.",
    ),
    Misconception(
        "is the sigmoid", forward(sigmoid), "This is the sigmoid alone. Swish multiplies it by z: a = z · σ(z)."
    ),
    Misconception(
        "adds z",
        forward(lambda z: floating(z) + sigmoid(z)),
        "z and the sigmoid are added. Swish is their product.",
    ),
    Misconception(
        "has the wrong sign in the sigmoid",
        forward(lambda z: floating(z) * sigmoid(-floating(z))),
        "For large z this goes to 0, and swish goes to z. The sign inside the sigmoid is wrong.",
    ),
    Misconception(
        "multiplies by tanh",
        forward(lambda z: floating(z) * np.tanh(floating(z))),
        "z is multiplied by tanh here. Swish takes the sigmoid, which is between 0 and 1.",
    ),
    Misconception(
        "takes the sigmoid of the product",
        forward(lambda z: sigmoid(floating(z) * floating(z))),
        "z stands inside the sigmoid twice. It is multiplied with what the sigmoid gives: z · σ(z).",
    ),
    Misconception(
        "cuts off below 0",
        forward(lambda z: np.maximum(swish_forward(z)[0], 0)),
        "Negative results have become 0. Swish dips below 0 before it levels out: that is right.",
    ),
    Misconception(
        "is plain ReLU",
        forward(lambda z: np.maximum(floating(z), 0)),
        "This is ReLU, with its corner at 0. Swish is the smooth curve z · σ(z).",
    ),
)

BACKWARD_MISTAKES = (
    *backward_mistakes(swish_backward, slope),
    of_integers(swish_backward),
    Misconception(
        "differentiates one factor only",
        backward(lambda dout, z: dout * sigmoid(z)),
        "z · σ(z) is a product, and both factors depend on z. The second term of the product rule is missing.",
    ),
    Misconception(
        "takes the sigmoid's slope",
        backward(lambda dout, z: dout * sigmoid(z) * (1 - sigmoid(z))),
        "This is the slope of the sigmoid alone. The product rule gives two terms.",
    ),
    Misconception(
        "multiplies the two slopes",
        backward(lambda dout, z: dout * z * sigmoid(z) * (1 - sigmoid(z))),
        "The first term of the product rule is missing, the one in which z is differentiated and σ(z) stays.",
    ),
    Misconception(
        "forgets z in the second term",
        backward(lambda dout, z: dout * (sigmoid(z) + sigmoid(z) * (1 - sigmoid(z)))),
        "In the second term σ is differentiated and the other factor stays as it is: where has z gone?",
    ),
    Misconception(
        "has a sign wrong in the second term",
        backward(lambda dout, z: dout * sigmoid(z) * (1 - z * (1 - sigmoid(z)))),
        "The sign of the second term is wrong: the product rule adds.",
    ),
    Misconception(
        "adds 1 + σ in the second term",
        backward(lambda dout, z: dout * sigmoid(z) * (1 + z * (1 + sigmoid(z)))),
        "In the slope of the sigmoid one sign is wrong: at z = 0 it must be ¼, a (1 − a) with a = ½.",
    ),
    Misconception(
        "overflows in exp",
        backward(by_quotient_rule),
        "For very negative z the powers of exp(-z) are inf, and inf / inf is nan. Write the slope with σ(z) from your "
        "own sigmoid_forward.",
    ),
    Misconception(
        "computes both branches of the sigmoid",
        backward(lambda dout, z: dout * ((s := sigmoid_of_both_branches(z)) + z * s * (1 - s))),
        wording.BOTH_BRANCHES + " Take σ(z) from your own sigmoid_forward.",
    ),
    Misconception(
        "takes the cache for a",
        backward(lambda dout, z: dout * (z + sigmoid(z) * (1 - z))),
        "The cache holds z, and you use it as if it were the result a = z · σ(z).",
    ),
    Misconception(
        "takes ReLU's slope",
        backward(lambda dout, z: dout * (z > 0)),
        "This is ReLU's slope. Swish is curved: near 0 its slope goes smoothly from 0 to 1.",
    ),
)


FORWARD = Exercise(
    name="swish_forward",
    unit="01_activations",
    signature="swish_forward(z)",
    reference=swish_forward,
    kind=Precise(Layer(("z",), cached=1), swish_forward),
    cases=cases,
    points=2,
    misconceptions=FORWARD_MISTAKES,
    alternatives=(by_masks, by_logaddexp),
    aspects=shares.PRECISE,
    reread="section 9, swish: its formula, and the sigmoid that you have already.",
)

BACKWARD = gradient(
    swish_forward,
    swish_backward,
    points=3,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_by_value, backward_by_product_rule),
    aspects=shares.BACKWARD,
    reread="section 9, the slope of swish: the product rule, line by line.",
)
