"""One epoch of training: every batch forward, backward, and a step down; then a row of the history."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array
from nnlib.batches import minibatches
from nnlib.layers import Layer
from nnlib.nested import items, mapped
from nnlib.optimizers import Optimizer, clip_by_global_norm
from nnlib.training.divergence import DivergedError, causes, diagnose, diagnose_params
from nnlib.training.prediction import Loss, Metric, dtype_of, evaluate
from nnlib.training.runs import Run

__all__ = ["Augment", "Data", "Penalty", "Plan", "epoch"]

Data: TypeAlias = tuple[Array, Array]
Penalty: TypeAlias = Callable[[Sequence[Array]], tuple[float, Sequence[Array]]]
Augment: TypeAlias = Callable[..., Array]
Gradients: TypeAlias = dict[str, Array]  # by path


@dataclass(frozen=True, slots=True)
class Plan:
    """All that does not change while training; `fit` says what each is."""

    model: Layer
    data: Data
    loss: Loss
    optimizer: Optimizer
    epochs: int
    batch_size: int
    validation: Data | None
    metrics: Mapping[str, Metric]
    schedule: Callable[[int], float] | None
    penalty: Penalty | None
    clip_norm: float | None
    augment: Augment | None
    patience: int | None

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return math.ceil(len(self.data[0]) / self.batch_size)

    def check(self) -> None:
        """ValueError where the arguments do not fit together."""
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError(f"epochs and batch_size must be at least 1, got {self.epochs} and {self.batch_size}")
        for name, pair in (("data", self.data), ("validation", self.validation)):
            if pair and not len(pair[0]) == len(pair[1]) > 0:
                raise ValueError(
                    f"{name} must be (x, y) with at least one example and as many x as y, "
                    f"got {np.shape(pair[0])} and {np.shape(pair[1])}"
                )
        if self.patience is not None and self.validation is None:
            raise ValueError("patience waits for the validation loss: pass validation=(x, y) as well")
        if self.patience is not None and self.patience < 1:
            raise ValueError(f"patience must be at least 1 epoch, got {self.patience}")

    def is_over(self, run: Run) -> bool:
        """Whether all epochs are done, a callback said so, or the validation loss has not sunk for too long."""
        epochs, best = len(run.history), run.history.best_epoch
        waited = epochs if best is None else epochs - 1 - best
        return run.ended or epochs >= self.epochs or (self.patience is not None and waited >= self.patience)


def epoch(plan: Plan, run: Run, tick: Callable[[], None]) -> None:
    """Every batch once, tick after each; then a row of the history.

    Raises DivergedError where the loss, or what the last step left of the params, is not finite.
    """
    names, sums, seen, lr = ("loss", *plan.metrics), np.zeros(1 + len(plan.metrics)), 0, 0.0
    for x, y in minibatches(*plan.data, plan.batch_size, rng=run.rng):
        outputs, loss, lr = _step(plan, run, x, y)
        run.history.step_losses.append(loss)
        sums += len(x) * np.array([loss, *(metric(outputs, y) for metric in plan.metrics.values())])
        seen += len(x)
        tick()
    if broken := diagnose_params(plan.model, run.params):
        last = len(run.history.step_losses) - 1
        raise DivergedError(f"step {last}, counted from 0, left nan or inf in {broken}. {causes(x, lr)}")
    row = dict(zip(names, (sums / seen).tolist(), strict=True))
    if plan.validation:
        found = evaluate(plan.model, run.params, run.state, *plan.validation, plan.loss, plan.metrics)
        row.update({f"val_{name}": value for name, value in found.items()})
    run.history.rows.append({**row, "lr": lr})
    if plan.validation and run.history.is_best():
        run.best = mapped(np.copy, run.params), mapped(np.copy, run.state)
    tick()


def _step(plan: Plan, run: Run, x: Array, y: Array) -> tuple[Array, float, float]:
    """One batch forward, back, and one step down: (outputs, loss, learning rate)."""
    step, dtype = len(run.history.step_losses), dtype_of(run.params, x)
    lr = float(plan.schedule(step) if plan.schedule else plan.optimizer.lr)
    x = np.asarray(x, dtype)
    if plan.augment:
        x = np.asarray(plan.augment(x, rng=run.rng), dtype)
    before = run.state
    outputs, cache, run.state = plan.model.forward(x, run.params, before, True, rng=run.rng)
    value, dout = plan.loss(outputs, y)
    penalty, slopes = _penalty(plan, run)
    loss = float(value + penalty)
    if not math.isfinite(loss):
        why = diagnose(plan.model, run.params, before, x, loss, lr, step)
        raise DivergedError(f"in step {step} (epoch {len(run.history)}, both counted from 0) {why}")
    grads = dict(items(plan.model.backward(dout, cache, needs_dx=False)[1]))
    grads |= {path: grads[path] + slope for path, slope in slopes.items()}
    if plan.clip_norm is not None:
        grads = dict(zip(grads, clip_by_global_norm(list(grads.values()), plan.clip_norm)[0], strict=True))
    plan.optimizer.update(run.params, grads, run.moments, lr)
    return outputs, loss, lr


def _penalty(plan: Plan, run: Run) -> tuple[float, Gradients]:
    """The penalty on all arrays called w, and its gradients."""
    if plan.penalty is None:
        return 0.0, {}
    weights = {path: w for path, w in items(run.params) if path.rpartition(".")[2] == "w"}
    value, slopes = plan.penalty(list(weights.values()))
    return value, dict(zip(weights, slopes, strict=True))
