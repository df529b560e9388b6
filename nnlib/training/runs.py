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
from nnlib.saving import load_data, save_data, structure
from nnlib.training.history import History

__all__ = ["Run", "describe", "resumed", "save_run"]


@dataclass(slots=True)
class Run:
    """All that changes while training; a callback may read it after every epoch."""

    params: Nested
    state: Nested
    moments: list[dict[str, Any]]  # what the optimizer keeps
    rng: np.random.Generator
    history: History = field(default_factory=History)
    best: tuple[Nested, Nested] | None = None  # params and state of the epoch with the smallest validation loss


def describe(model: Layer, data: tuple[Array, Array], optimizer: Optimizer, batch_size: int) -> dict[str, Any]:
    """What must be the same for a run to go on as it began."""
    x, y = data
    return {
        "model": structure(model),
        "optimizer": repr(optimizer),
        "batch_size": batch_size,
        "shape of x": np.shape(x),
        "checksum of y": zlib.crc32(np.ascontiguousarray(y).tobytes()),
    }


def save_run(path: str | os.PathLike[str], run: Run, description: dict[str, Any]) -> None:
    """Write the run, and what it belongs to."""
    history = run.history
    data = {
        "description": description,
        "params": run.params,
        "state": run.state,
        "moments": run.moments,
        "rng": run.rng.bit_generator.state,
        "rows": history.rows,
        "step_losses": np.array(history.step_losses),
        "best_epoch": history.best_epoch,
        "best": run.best,
    }
    save_data(path, data)


def resumed(path: str | os.PathLike[str], rng: np.random.Generator, description: dict[str, Any]) -> Run | None:
    """The run in the file, with rng set to where it was then; None where there is no file.

    Raises ValueError where the file is damaged, or belongs to a run of another description.
    """
    if not Path(path).exists():
        return None
    found = load_data(path)
    if not isinstance(found, dict) or "description" not in found:
        raise ValueError(f"{path} holds no training run")
    differing = [name for name, value in description.items() if found["description"].get(name) != value]
    kind = type(rng.bit_generator).__name__
    if found["rng"]["bit_generator"] != kind:
        differing.append("rng")
    if differing:
        raise ValueError(
            f"{path} belongs to another run: {', '.join(differing)} differ. Take another file, or delete this one "
            "to begin anew"
        )
    rng.bit_generator.state = found["rng"]
    history = History(found["rows"], found["step_losses"].tolist(), found["best_epoch"])
    return Run(found["params"], found["state"], found["moments"], rng, history, found["best"])
