"""The loop of gradient descent for parameters that are plain arrays, with any update function of `optimizers`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from nnlib.arrays import Array

__all__ = ["descend"]

Update: TypeAlias = Callable[[Array, Array, Any, float], tuple[Array, Any]]
Gradients: TypeAlias = Callable[[list[Array], Array, Array], tuple[float, Sequence[Array]]]


def descend(
    gradients: Gradients,
    parameters: Sequence[Array],
    batches: Iterable[tuple[Array, Array]],
    update: Update,
    lr: float | Callable[[int], float],
) -> tuple[list[float], list[Array]]:
    """One step for each batch (x, y). Returns (losses, parameters): the loss before each step, and the end.

    gradients(parameters, x, y) -> (loss, one gradient for each parameter).
    update(w, dw, state, lr) -> (w, state), called for each parameter with a state of its own, {} at first.
    lr: a number, or a function of the step, which counts from 0. Changes none of `parameters`.
    Raises ValueError where there are not as many gradients as parameters.
    """
    parameters, losses = list(parameters), []
    states: list[Any] = [{} for _ in parameters]
    for step, (x, y) in enumerate(batches):
        loss, slopes = gradients(parameters, x, y)
        rate = lr(step) if callable(lr) else lr
        moved = [update(*given, rate) for given in zip(parameters, slopes, states, strict=True)]
        parameters, states = [w for w, _ in moved], [state for _, state in moved]
        losses.append(loss)
    return losses, parameters
