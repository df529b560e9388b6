"""Training: the loop over epochs, and all that goes with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array
from nnlib.layers import Layer
from nnlib.nested import Nested, mapped
from nnlib.optimizers import Optimizer
from nnlib.training.epochs import Augment, Data, Penalty, Plan, epoch
from nnlib.training.history import History
from nnlib.training.prediction import Loss, Metric, predict
from nnlib.training.progress import shown
from nnlib.training.runs import Run, RunFile, describe

__all__ = ["Fitted", "fit"]

Callback: TypeAlias = Callable[[Run], object]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model: its params and state, and the history of how it came about."""

    model: Layer
    params: Nested
    state: Nested
    history: History

    def predict(self, x: Array, batch_size: int = 256) -> Array:
        """The model's outputs for x (N, …), in evaluation."""
        return predict(self.model, self.params, self.state, x, batch_size)


def fit(
    model: Layer,
    data: Data,
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    params: Nested = None,
    state: Nested = None,
    validation: Data | None = None,
    metrics: Mapping[str, Metric] | None = None,
    schedule: Callable[[int], float] | None = None,
    penalty: Penalty | None = None,
    clip_norm: float | None = None,
    augment: Augment | None = None,
    patience: int | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool = True,
) -> Fitted:
    """Train `model` on data (x (N, …), y (N, …)) with `loss(outputs, y) -> (value, doutputs)`.

    params, state: where to begin, by default what `model.initialize` draws from rng; they stay as they are.
    validation: another (x, y), looked at after every epoch. metrics: {name: metric(outputs, y) -> float}.
    schedule(step), step counted from 0: the learning rate, in place of the optimizer's. clip_norm: the largest
    norm of all gradients together. penalty(weights) -> (value, gradients) counts in the training loss, for the
    arrays called w. augment(x, rng=rng) -> x changes each training batch.
    patience: end when the validation loss has not become smaller for so many epochs, and return the best epoch's
    params and state, not the last ones. callbacks: called with the `Run` after every epoch; True ends training.
    checkpoint: a file, written after every epoch, from which the same call goes on after an interruption, exactly
    as if there had been none. progress: show a bar.

    x is converted to the dtype of the params. Raises DivergedError where the loss is not finite, ValueError where
    arguments do not fit together or the checkpoint is damaged or another run's.
    """
    plan = Plan(model, _arrays(data), loss, optimizer, epochs, batch_size, validation and _arrays(validation),
                metrics or {}, schedule, penalty, clip_norm, augment, patience)  # fmt: skip
    plan.check()
    file = RunFile(checkpoint, describe(model, plan.data, optimizer, batch_size) if checkpoint else {})
    run = file.load(rng) or _beginning(plan, params, state, rng)
    with shown(progress, run, epochs, plan.steps) as tick:
        _train(plan, run, file, callbacks, tick)
    best = run.best if patience is not None else None
    return Fitted(model, *(best or (run.params, run.state)), run.history)


def _train(plan: Plan, run: Run, file: RunFile, callbacks: Sequence[Callback], tick: Callable[[], None]) -> None:
    """All epochs that are left."""
    if not len(run.history):
        file.save(run)  # so that an interruption of the first epoch, too, changes nothing
    while not plan.is_over(run):
        with np.errstate(all="ignore"):  # what is not finite is found and explained
            epoch(plan, run, tick)
        answers = [callback(run) for callback in callbacks]
        run.ended = any(isinstance(answer, (bool, np.bool_)) and bool(answer) for answer in answers)
        file.save(run)


def _arrays(data: Data) -> Data:
    x, y = data
    return np.asarray(x), np.asarray(y)


def _beginning(plan: Plan, params: Nested, state: Nested, rng: np.random.Generator) -> Run:
    """A run before its first epoch, with arrays of its own."""
    if params is None:
        params, drawn = plan.model.initialize(plan.data[0].shape[1:], rng=rng)
        state = drawn if state is None else state
    elif state is None:
        raise ValueError("params without their state: pass both, as model.initialize returns them")
    params = mapped(lambda array: np.array(array, order="C"), params)
    return Run(params, state, plan.optimizer.initialize(params), rng)
