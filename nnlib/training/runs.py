"""A training run in a file, after every epoch: what an interrupted one goes on from, to the same bits."""

import os
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nnlib.arrays import Array
from nnlib.layers import Layer
from nnlib.nested import Nested
from nnlib.optimizers import Optimizer
from nnlib.saving import load_data, save_data
from nnlib.training.history import History

__all__ = ["Run", "RunFile", "describe"]


@dataclass(slots=True)
class Run:
    """All that changes while training; a callback may read it after every epoch."""

    params: Nested
    state: Nested
    moments: list[dict[str, Any]]  # what the optimizer keeps
    rng: np.random.Generator
    history: History = field(default_factory=History)
    best: tuple[Nested, Nested] | None = None  # params and state of the epoch with the smallest validation loss
    ended: bool = False  # by a callback


@dataclass(frozen=True, slots=True)
class RunFile:
    """The file that a run of this description is kept in; with a path of None nothing is kept."""

    path: str | os.PathLike[str] | None
    description: dict[str, str]

    def save(self, run: Run) -> None:
        """Write the run, and what it belongs to."""
        if self.path is None:
            return
        history = run.history
        data = {
            "description": {**self.description, "rng": _kind(run.rng)},
            "params": run.params,
            "state": run.state,
            "moments": run.moments,
            "rng": run.rng.bit_generator.state,
            "rows": history.rows,
            "step_losses": np.array(history.step_losses),
            "best_epoch": history.best_epoch,
            "best": run.best,
            "ended": run.ended,
        }
        save_data(self.path, data)

    def load(self, rng: np.random.Generator) -> Run | None:
        """The run in the file, with rng set to where it was then.

        None where there is no file, or that of another run which has not finished an epoch. Raises ValueError
        where the file is damaged, or belongs to a run of another description.
        """
        if self.path is None or not Path(self.path).exists():
            return None
        found = load_data(self.path)
        if not isinstance(found, dict) or "description" not in found:
            raise ValueError(f"{self.path} holds no training run: take another file as checkpoint")
        differing = _differing(found["description"], {**self.description, "rng": _kind(rng)})
        if differing and not found["rows"]:
            return None
        if differing:
            raise ValueError(
                f"{self.path} belongs to another run: {differing}. Take another file for this run, or delete that "
                "one to begin anew"
            )
        rng.bit_generator.state = found["rng"]
        history = History(found["rows"], found["step_losses"].tolist(), found["best_epoch"])
        return Run(found["params"], found["state"], found["moments"], rng, history, found["best"], found["ended"])


def describe(model: Layer, data: tuple[Array, Array], optimizer: Optimizer, batch_size: int) -> dict[str, str]:
    """What must be the same for a run to go on as it began, in words."""
    x, y = (f"{array.shape} {array.dtype} of checksum {_checksum(array)}" for array in data)
    return {
        "model": " ".join(repr(model).split()),
        "data": f"x {x}, y {y}",
        "optimizer": repr(optimizer),
        "batch_size": str(batch_size),
    }


def _differing(there: dict[str, str], here: dict[str, str]) -> str:
    """What of two descriptions differs, in words; "" where nothing does."""
    names = [name for name, value in here.items() if there.get(name) != value]
    return "; ".join(f"its {name} is {there.get(name)}, not {here[name]}" for name in names)


def _kind(rng: np.random.Generator) -> str:
    return type(rng.bit_generator).__name__


def _checksum(array: Array) -> str:
    return f"{zlib.crc32(np.ascontiguousarray(array).tobytes()):08x}"
