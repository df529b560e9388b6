"""What goes wrong with any of the losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, floating

UNIT = "02_backpropagation"


def changing(right: Function, loss: Function | None = None, gradient: Function | None = None) -> Function:
    """The right loss and gradient, each changed: ``loss(value, prediction, target)``, ``gradient(array, …)``."""

    def wrong(prediction: Array, target: Array) -> Any:
        value, array = right(prediction, target)
        value = loss(value, floating(prediction), target) if loss else value
        return value, gradient(array, floating(prediction), target).astype(array.dtype) if gradient else array

    return wrong


def common(right: Function, name: str, gradient: str, argument: str) -> tuple[Misconception, ...]:
    """What goes wrong with any loss."""

    def in_place(prediction: Array, target: Array) -> Any:
        found = right(prediction, target)
        prediction -= prediction.dtype.type(1)
        return found

    def integers(prediction: Array, target: Array) -> Any:
        value, array = right(prediction, target)
        return value, array.astype(prediction.dtype)

    return (
        Misconception(
            "does not divide the gradient",
            changing(right, gradient=lambda g, p, t: g * len(p)),
            wording.NOT_DIVIDED.format(gradient),
        ),
        Misconception(
            "divides the gradient by N twice",
            changing(right, gradient=lambda g, p, t: g / len(p)),
            f"{gradient} is N times too small: 1/N belongs into it once.",
        ),
        Misconception(
            "has the sign wrong",
            changing(right, gradient=lambda g, p, t: -g),
            wording.SIGN.format(gradient),
        ),
        Misconception("returns the loss alone", lambda p, t: right(p, t)[0], wording.LOSS_ALONE.format(gradient)),
        Misconception(
            "adds up over the batch",
            changing(right, loss=lambda v, p, t: v * len(p)),
            "The loss is a mean over the batch: divide the sum by N. Then it does not depend on how many examples there are.",
        ),
        Misconception(
            "returns float64 for float32",
            lambda p, t: (right(p, t)[0], right(p, t)[1].astype(np.float64)),
            wording.FLOAT64,
        ),
        Misconception("makes gradients of integers", integers, wording.INTEGERS, seen=30),
        Misconception("changes its input in place", in_place, wording.IN_PLACE.format(argument), seen=27),
    )
