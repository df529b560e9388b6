"""Training: the loop over epochs and mini-batches, and all that goes with it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array
from nnlib.batches import minibatches
from nnlib.layers import Layer
from nnlib.nested import Nested, items, leaves, mapped
from nnlib.optimizers import Optimizer, clip_by_global_norm
from nnlib.training.divergence import DivergedError, diagnose
from nnlib.training.history import History
from nnlib.training.prediction import Loss, Metric, dtype_of, evaluate, predict
from nnlib.training.runs import Run, describe, resumed, save_run

__all__ = ["Fitted", "fit"]

Data: TypeAlias = tuple[Array, Array]
Penalty: TypeAlias = Callable[[Sequence[Array]], tuple[float, list[Array]]]
Augment: TypeAlias = Callable[..., Array]


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


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that does not change while training."""

    model: Layer
    data: Data
    loss: Loss
    optimizer: Optimizer
    epochs: int
    batch_size: int
    validation: Data | None
    metrics: Mapping[str, Metric]
    schedule: Callable[[int], float]
    penalty: Penalty | None
    clip_norm: float | None
    augment: Augment | None
    patience: int | None

    def check(self) -> None:
        """ValueError where the arguments do not fit together."""
        if self.epochs < 1 or not len(self.data[0]):
            raise ValueError(f"nothing to do: {self.epochs} epochs of {len(self.data[0])} examples")
        if self.patience is not None and self.validation is None:
            raise ValueError("patience waits for the validation loss: pass validation=(x, y) as well")
        if self.patience is not None and self.patience < 1:
            raise ValueError(f"patience must be at least 1 epoch, got {self.patience}")

    def is_over(self, history: History) -> bool:
        """Whether all epochs are done, or the validation loss has not become smaller for too long."""
        waited = len(history) - 1 - (len(history) if history.best_epoch is None else history.best_epoch)
        return len(history) >= self.epochs or (self.patience is not None and waited >= self.patience)


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

    params, state: where to begin; by default what `model.initialize` draws from rng. They stay as they are.
    validation: another (x, y), looked at after every epoch. metrics: {name: metric(outputs, y) -> float}.
    schedule(step), step counted from 0, gives the learning rate; by default the optimizer's.
    penalty(weights) -> (value, gradients), for the arrays called w (see `regularization`).
    clip_norm: the largest norm of all gradients together. augment(x, rng=rng) -> x changes each batch's inputs.
    patience: end when the validation loss has not become smaller for so many epochs, and return the best epoch's
    params and state; without it the last ones.
    callbacks: called with the `Run` after every epoch; one that returns True ends the training.
    checkpoint: a file, written after every epoch, from which the same call goes on after an interruption, exactly
    as if there had been none. progress: show a bar.

    x is converted to the dtype of the params. Raises DivergedError where the loss is not finite, ValueError where
    the arguments do not fit together or the checkpoint belongs to another run.
    """
    plan = _Plan(
        model, data, loss, optimizer, epochs, batch_size, validation, metrics or {},
        schedule or (lambda step: optimizer.lr), penalty, clip_norm, augment, patience,
    )  # fmt: skip
    plan.check()
    description = describe(model, data, optimizer, batch_size)
    run = resumed(checkpoint, rng, description) if checkpoint else None
    run = run or _beginning(plan, params, state, rng)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"), _bar(plan, run, progress) as tick:
        while not plan.is_over(run.history):
            _epoch(plan, run, tick)
            answers = [callback(run) for callback in callbacks]
            if checkpoint:
                save_run(checkpoint, run, description)
            if True in answers:
                break
    best = run.best if patience is not None else None
    return Fitted(model, *(best or (run.params, run.state)), run.history)


def _beginning(plan: _Plan, params: Nested, state: Nested, rng: np.random.Generator) -> Run:
    """A run before its first epoch, with arrays of its own."""
    if params is None:
        params, drawn = plan.model.initialize(np.shape(plan.data[0])[1:], rng=rng)
        state = drawn if state is None else state
    elif state is None:
        raise ValueError("params without their state: pass both, as model.initialize returns them")
    params = mapped(lambda array: np.array(array, order="C"), params)
    return Run(params, state, plan.optimizer.initialize(params), rng)


def _epoch(plan: _Plan, run: Run, tick: Callable[[float], None]) -> None:
    """Every batch once; then a row of the history."""
    names, sums, seen = ("loss", *plan.metrics), np.zeros(1 + len(plan.metrics)), 0
    for x, y in minibatches(*plan.data, plan.batch_size, rng=run.rng):
        outputs, value, lr = _step(plan, run, x, y)
        run.history.step_losses.append(value)
        sums += len(x) * np.array([value, *(metric(outputs, y) for metric in plan.metrics.values())])
        seen += len(x)
        tick(value)
    row = dict(zip(names, (sums / seen).tolist(), strict=True))
    if plan.validation:
        found = evaluate(plan.model, run.params, run.state, *plan.validation, plan.loss, plan.metrics)
        row.update({f"val_{name}": value for name, value in found.items()})
    run.history.rows.append({**row, "lr": lr})
    if plan.validation and run.history.is_best():
        run.best = mapped(np.copy, run.params), mapped(np.copy, run.state)


def _step(plan: _Plan, run: Run, x: Array, y: Array) -> tuple[Array, float, float]:
    """One batch forward, back, and one step down: (outputs, loss, learning rate)."""
    step = len(run.history.step_losses)
    lr = plan.schedule(step)
    x = np.asarray(x, dtype_of(run.params, x))
    if plan.augment:
        x = plan.augment(x, rng=run.rng)
    before = run.state
    outputs, cache, run.state = plan.model.forward(x, run.params, before, True, rng=run.rng)
    value, dout = plan.loss(outputs, y)
    if not math.isfinite(value):
        epoch, text = len(run.history), diagnose(plan.model, run.params, before, x, value, lr)
        raise DivergedError(f"in step {step} (epoch {epoch}, both counted from 0) {text}")
    _, grads = plan.model.backward(dout, cache, needs_dx=False)
    value += _add_penalty(plan.penalty, run.params, grads)
    plan.optimizer.update(run.params, _clipped(grads, plan.clip_norm), run.moments, lr)
    return outputs, value, lr


def _add_penalty(penalty: Penalty | None, params: Nested, grads: Nested) -> float:
    """The penalty on all weights; its gradients are added to grads."""
    if penalty is None:
        return 0.0
    pairs = zip(items(params), leaves(grads), strict=True)
    weights, targets = zip(*((w, dw) for (path, w), dw in pairs if path.split(".")[-1] == "w"), strict=True)
    value, slopes = penalty(list(weights))
    for target, slope in zip(targets, slopes, strict=True):
        target += slope
    return value


def _clipped(grads: Nested, max_norm: float | None) -> Nested:
    if max_norm is None:
        return grads
    clipped = iter(clip_by_global_norm(leaves(grads), max_norm)[0])
    return mapped(lambda _: next(clipped), grads)


@contextmanager
def _bar(plan: _Plan, run: Run, shown: bool) -> Iterator[Callable[[float], None]]:
    """What to call with each step's loss; it moves a bar with the epoch, the loss and the last validation."""
    if not shown:
        yield lambda value: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    steps = math.ceil(len(plan.data[0]) / plan.batch_size)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}"),
    )
    with Progress(*columns) as bar:
        task = bar.add_task("", total=plan.epochs * steps, completed=len(run.history.step_losses), text="")

        def tick(value: float) -> None:
            text = f"loss {value:.4f}  {run.history.validation()}"
            bar.update(task, advance=1, description=f"epoch {len(run.history) + 1}/{plan.epochs}", text=text)

        yield tick
