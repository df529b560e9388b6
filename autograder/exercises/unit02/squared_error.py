"""mse_loss: half the squared distance, averaged over the batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted, number_first
from autograder.exercise import Case, Exercise, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, draw, floating
from autograder.exercises.unit02.losses import UNIT, changing, common
from autograder.exercises.unit02.shares import DTYPE, UNCHANGED, aspects
from autograder.kinds import Plain
from nnlib.losses import mse_loss


def mse_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Batches of several shapes, dtypes, purity, and shapes that do not fit."""

    def case(trait: str, *shape: int, looks_at: tuple[str, ...] = (), scale: float = 1, **look: Any) -> Case:
        y_hat, y = draw(rng, *shape, **look), draw(rng, *shape, **look)
        return Case(trait, (y_hat * y_hat.dtype.type(scale) if scale != 1 else y_hat, y), looks_at=looks_at)

    both = ("loss", "dy_hat")
    yield case("a small batch", 3, 2)
    yield case("one example", 1, 4)
    yield case("one output", 5, 1)
    yield case("many examples", 12, 3)
    yield case("plain numbers", 6)
    yield case("images", 2, 1, 3, 2)
    yield Case("no error at all", (y := draw(rng, 3, 2), y.copy()))
    yield case("large errors", 3, 2, scale=1e4)
    yield case("float32", 4, 3, dtype="float32")
    yield case("integers", 4, 3, dtype="int64")
    yield case("read-only arrays", 3, 2, awkward=True)
    yield case("inputs unchanged", 3, 2, looks_at=(*both, "inputs"))
    yield case("called twice", 3, 2, looks_at=(*both, "again"))
    yield Case("shapes that only broadcast", (draw(rng, 4, 1), draw(rng, 4)), raises=ValueError)


def mse_by_loops(y_hat: Array, y: Array) -> Any:
    """Example by example."""
    if y_hat.shape != y.shape:
        raise ValueError("shapes differ")
    a = floating(y_hat)
    total, gradient = 0.0, np.zeros_like(a)
    for n in range(len(a)):
        gradient[n] = (a[n] - y[n]) / len(a)
        total += 0.5 * np.sum((a[n] - y[n]) ** 2)
    return total / len(a), gradient


def mse_by_gradient(y_hat: Array, y: Array) -> Any:
    """The loss from the gradient."""
    if np.shape(y_hat) != np.shape(y):
        raise ValueError("shapes differ")
    dy = (floating(y_hat) - floating(y)) / len(y)
    return len(y) / 2 * np.vdot(dy, dy), dy


def broadcasting(y_hat: Array, y: Array) -> Any:
    """No check of the shapes."""
    difference = floating(y_hat) - y
    return (difference**2).sum() / (2 * len(y_hat)), difference / len(y_hat)


def along_axis_1(y_hat: Array, y: Array) -> Any:
    """Takes two axes for granted."""
    loss, gradient = mse_loss(y_hat, y)
    rows = 0.5 * np.sum((floating(y_hat) - y) ** 2, axis=1)
    return (loss if rows.ndim == 1 else rows.mean()), gradient


EXERCISE = Exercise(
    name="mse_loss",
    unit=UNIT,
    signature="mse_loss(y_hat, y)",
    reference=mse_loss,
    kind=Adapted(Plain(("y_hat", "y"), ("loss", "dy_hat")), number_first),
    cases=mse_cases,
    points=2,
    misconceptions=(
        Misconception(
            "forgets the half",
            changing(mse_loss, loss=lambda v, p, t: 2 * v),
            "The loss is twice too large: the half in front is missing. It is there so that the 2 of the derivative goes away.",
        ),
        Misconception(
            "doubles the gradient",
            changing(mse_loss, gradient=lambda g, p, t: 2 * g),
            "The gradient is twice too large: the 2 from the square and the half in front cancel.",
        ),
        Misconception(
            "averages over all numbers",
            changing(mse_loss, lambda v, p, t: v * len(p) / p.size, lambda g, p, t: g * len(p) / p.size),
            wording.MEAN_OF_ALL.format("y_hat"),
            seen=4,
        ),
        Misconception(
            "takes distances, not their squares",
            changing(
                mse_loss,
                loss=lambda v, p, t: np.sqrt((p - t).reshape(len(p), -1) ** 2 @ np.ones(p[0].size)).mean() / 2,
            ),
            "You average the distances. The loss averages their squares: leave out the root.",
        ),
        Misconception(
            "returns a loss for each example",
            lambda p, t: (((floating(p) - t) ** 2).reshape(len(p), -1).sum(axis=1) / 2, mse_loss(p, t)[1]),
            "The loss is one number: take the mean over the examples.",
        ),
        Misconception(
            "lets shapes broadcast",
            broadcasting,
            "(4, 1) minus (4,) is (4, 4): every prediction minus every target. Compare the shapes first, and raise a "
            "ValueError where they differ.",
        ),
        Misconception(
            "sums over axis 1 only",
            along_axis_1,
            "An example may be one number, a row or a whole image: sum over everything, then divide by N.",
            seen=4,
        ),
        *common(mse_loss, "mse_loss", "dy_hat", "y_hat"),
    ),
    alternatives=(mse_by_loops, mse_by_gradient),
    aspects=aspects(
        basics=(
            45,
            ("a small batch", "one example", "one output", "many examples", "no error at all", "large errors"),
        ),
        any_shape=(15, ("plain numbers", "images")),
        shapes_checked=(10, ("shapes that only broadcast",)),
        dtype=(20, DTYPE),
        nothing_changed=(10, UNCHANGED),
    ),
    reread="section 3, squared error: the boxed gradient and the example worked by hand.",
)
