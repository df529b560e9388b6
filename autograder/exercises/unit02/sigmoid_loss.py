"""sigmoid_cross_entropy: stable for every size of logits, with hard and soft targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted, number_first
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import QUIET, STABLE, Array, between, draw, floating
from autograder.exercises.unit02.losses import UNIT, changing, common
from autograder.exercises.unit02.shares import DTYPE, UNCHANGED, aspects
from autograder.kinds import Plain
from nnlib.losses import sigmoid_cross_entropy


def sigmoid_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Batches, hard and soft targets, logits that overflow, dtypes, purity."""

    def case(trait: str, *shape: int, looks_at: tuple[str, ...] = (), **look: Any) -> Case:
        return Case(trait, (draw(rng, *shape, **look), hard(*shape, **look)), looks_at=looks_at)

    def hard(*shape: int, dtype: str = "float64", awkward: bool = False) -> Array:
        targets = between(rng, *shape, dtype="int64").astype(dtype)
        targets.flags.writeable = not awkward
        return targets

    both = ("loss", "dlogits")
    yield case("a small batch", 4, 3)
    yield case("one example", 1, 4)
    yield case("one output", 5, 1)
    yield case("many examples", 12, 3)
    yield case("plain numbers", 6)
    yield Case("soft targets", (draw(rng, 4, 3), between(rng, 4, 3)))
    yield Case("all targets 0", (draw(rng, 3, 2), np.zeros((3, 2))))
    yield Case("all targets 1", (draw(rng, 3, 2), np.ones((3, 2))))
    targets = hard(4, 3)
    far = (2 * targets - 1) * STABLE + draw(rng, 4, 3)
    yield Case("sure and right", (far, targets), looks_at=QUIET)
    yield Case("sure and wrong", (-far, targets), looks_at=QUIET)
    yield Case("sure, soft targets", (far, between(rng, 4, 3)), looks_at=QUIET)
    yield case("float32", 4, 3, dtype="float32")
    yield case("integers", 4, 3, dtype="int64")
    yield case("read-only arrays", 4, 3, awkward=True)
    yield case("inputs unchanged", 4, 3, looks_at=(*both, "inputs"))
    yield case("called twice", 4, 3, looks_at=(*both, "again"))


def sigmoid(z: Array) -> Array:
    """Without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -floating(z))))


def sigmoid_by_logaddexp(logits: Array, targets: Array) -> Any:
    """NumPy's own function for log(exp a + exp b)."""
    z = floating(logits)
    costs = np.logaddexp(0, z) - targets * z
    return costs.sum() / len(z), ((sigmoid(z) - targets) / len(z)).astype(z.dtype)


def sigmoid_by_sides(logits: Array, targets: Array) -> Any:
    """Each sign by itself."""
    z, t = floating(logits), floating(targets)
    small = np.exp(-np.abs(z))
    a = np.where(z >= 0, 1 / (1 + small), small / (1 + small))
    costs = np.where(z >= 0, (1 - t) * z, -t * z) + np.log1p(small)
    return costs.sum() / len(z), ((a - t) / len(z)).astype(z.dtype)


def from_outputs(cost: Function) -> Function:
    """A loss of a = sigmoid(z) as it is computed: ``cost(a, t)``."""
    return changing(sigmoid_cross_entropy, loss=lambda v, z, t: cost(sigmoid(z), t).sum() / len(z))


def from_logits(cost: Function) -> Function:
    """A loss of z: ``cost(z, t)``."""
    return changing(sigmoid_cross_entropy, loss=lambda v, z, t: cost(z, t).sum() / len(z))


def rounding(logits: Array, targets: Array) -> Any:
    """Targets as 0 or 1."""
    return sigmoid_cross_entropy(logits, (targets > 0.5).astype(targets.dtype))


def along_rows(logits: Array, targets: Array) -> Any:
    """Takes two axes for granted."""
    if logits.ndim < 2:
        raise np.exceptions.AxisError("axis 1 is out of bounds for array of dimension 1")
    return sigmoid_cross_entropy(logits, targets)


EXERCISE = Exercise(
    name="sigmoid_cross_entropy",
    unit=UNIT,
    signature="sigmoid_cross_entropy(logits, targets)",
    reference=sigmoid_cross_entropy,
    kind=Adapted(Plain(("logits", "targets"), ("loss", "dlogits")), number_first),
    cases=sigmoid_cases,
    points=3,
    misconceptions=(
        Misconception(
            "takes the logarithm of the sigmoid",
            from_outputs(lambda a, t: -(t * np.log(a) + (1 - t) * np.log(1 - a))),
            "The sigmoid of a large number is stored as exactly 1, and log(1 − 1) is −inf; 0 · inf is nan. Work out "
            "log(sigmoid(z)) on paper first, and use z itself.",
        ),
        Misconception(
            "clips the sigmoid",
            from_outputs(
                lambda a, t: (
                    -(
                        t * np.log(np.clip(a, 1e-12, 1 - 1e-12))
                        + (1 - t) * np.log(np.clip(1 - a, 1e-12, 1 - 1e-12))
                    )
                )
            ),
            "Clipping hides how wrong the network is: beyond 27 the loss no longer grows. Use the form with log1p of z.",
        ),
        Misconception(
            "takes exp of large logits",
            from_logits(lambda z, t: np.log(1 + np.exp(z)) - t * z),
            wording.EXP_OVERFLOWS + " Here exp(−|z|) is safe.",
        ),
        Misconception(
            "computes both branches everywhere",
            from_logits(
                lambda z, t: np.where(z >= 0, z - t * z + np.log(1 + np.exp(-z)), np.log(1 + np.exp(z)) - t * z)
            ),
            "The result is right, but np.where works out both formulas for every z and only then picks one: the one "
            "that is thrown away overflows, and NumPy warns. exp(−|z|) fits both signs.",
        ),
        Misconception(
            "averages over all numbers",
            changing(
                sigmoid_cross_entropy, lambda v, p, t: v * len(p) / p.size, lambda g, p, t: g * len(p) / p.size
            ),
            wording.MEAN_OF_ALL.format("logits"),
            seen=4,
        ),
        Misconception(
            "multiplies by the derivative of the sigmoid",
            changing(sigmoid_cross_entropy, gradient=lambda g, p, t: g * sigmoid(p) * (1 - sigmoid(p))),
            "a (1 − a) has cancelled against the derivative of the logarithm: that is what cross-entropy is for. It stays "
            "with squared error only.",
        ),
        Misconception(
            "forgets the second term",
            from_logits(lambda z, t: t * np.logaddexp(0, -z)),
            "Where the target is 0, your loss is 0, whatever the network says. The term (1 − t) log(1 − a) is missing.",
        ),
        Misconception(
            "forgets the first term",
            from_logits(lambda z, t: (1 - t) * np.logaddexp(0, z)),
            "Where the target is 1, your loss is 0, whatever the network says. The term t log a is missing.",
        ),
        Misconception(
            "exchanges the two terms",
            from_logits(lambda z, t: t * np.logaddexp(0, z) + (1 - t) * np.logaddexp(0, -z)),
            "The two terms are exchanged: t belongs to log a, and 1 − t to log(1 − a).",
        ),
        Misconception(
            "rounds the targets",
            rounding,
            "Targets may lie between 0 and 1, such as 0.7. Use them as they are.",
        ),
        Misconception(
            "takes two axes for granted",
            along_rows,
            "logits may be of shape (N,), one number an example: sum over everything, then divide by N = len(logits).",
        ),
        Misconception(
            "compares the logit with the target",
            changing(sigmoid_cross_entropy, gradient=lambda g, p, t: (p - t) / len(p)),
            "dlogits is (a − t) / N with a = sigmoid(z). You have z itself in the place of a.",
        ),
        *common(sigmoid_cross_entropy, "sigmoid_cross_entropy", "dlogits", "logits"),
    ),
    alternatives=(sigmoid_by_logaddexp, sigmoid_by_sides),
    aspects=aspects(
        basics=(
            30,
            ("a small batch", "one example", "one output", "many examples", "all targets 0", "all targets 1"),
        ),
        soft_targets=(10, ("soft targets",)),
        plain_numbers=(10, ("plain numbers",)),
        sure=(20, ("sure and right", "sure and wrong", "sure, soft targets")),
        dtype=(18, DTYPE),
        nothing_changed=(12, UNCHANGED),
    ),
    reread="section 3, sigmoid and cross-entropy: the boxed gradient and the safe form of the loss.",
)
