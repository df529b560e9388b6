"""Whole training steps beside PyTorch's: forward, loss, backward, Adam; ``python -m benchmarks.steps``.

Both sides have the same model, the same batch in its usual layout (N, C, H, W), float32, two threads, and run in
processes of their own: see `benchmarks.timing`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import write
from benchmarks.sides import NNLIB, TORCH, TORCH_LAST
from benchmarks.timing import geometric_mean, medians, own_process

Model = tuple[tuple[Any, ...], ...]  # layers by name, with their settings

POOL, RELU = ("MaxPool2d", 2), ("ReLU",)
LENET: Model = (
    *(("Conv2d", 6, 5, 1, 2), RELU, POOL, ("Conv2d", 16, 5), RELU, POOL, ("Flatten",)),
    *(("Dense", 120), RELU, ("Dense", 84), RELU, ("Dense", 10)),
)
SMALL_VGG: Model = (
    *(("Conv2d", 32, 3, 1, 1), RELU, ("Conv2d", 32, 3, 1, 1), RELU, POOL),
    *(("Conv2d", 64, 3, 1, 1), RELU, ("Conv2d", 64, 3, 1, 1), RELU, POOL),
    *(("Flatten",), ("Dense", 256), RELU, ("Dense", 10)),
)
MLP: Model = (("Dense", 512), RELU, ("Dense", 512), RELU, ("Dense", 10))
WORKLOADS: dict[str, tuple[Model, tuple[int, ...]]] = {
    "LeNet-5, batch 128": (LENET, (128, 1, 28, 28)),
    "small VGG, batch 64": (SMALL_VGG, (64, 3, 32, 32)),
    "MLP 784-512-512-10, batch 128": (MLP, (128, 784)),
}


@lru_cache(maxsize=1)
def prepare(side: str, name: str) -> dict[str, Callable[[], Any]]:
    """What to time: a side's training step of a workload."""
    model, shape = WORKLOADS[name]
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal(shape, dtype=np.float32), rng.integers(0, 10, shape[0])
    if side == NNLIB:
        return {"step": import_module("benchmarks.own").step(model, x, labels)}
    last = side == TORCH_LAST and x.ndim == 4
    return {"step": import_module("benchmarks.pytorch").step(model, x, labels, last)}


def measured(rounds: int = 5) -> dict[str, dict[str, float]]:
    """Median seconds of a step by workload and side."""
    sides = (NNLIB, TORCH, TORCH_LAST) if find_spec("torch") else (NNLIB,)
    processes = {side: own_process() for side in sides}
    found = {name: medians(prepare, name, processes, rounds) for name in WORKLOADS}
    return {name: {side: ways["step"] for side, ways in by_side.items()} for name, by_side in found.items()}


def tables(found: dict[str, dict[str, float]]) -> Iterator[str]:
    """The lines of the report, in Markdown."""
    yield "Median milliseconds, float32, each side in a process of its own, alone. Below 1, nnlib is faster."
    yield from ("", "| step | ms | / PyTorch | / its best layout |", "|---|---:|---:|---:|")
    ratios: list[tuple[float, float]] = []
    for name, seconds in found.items():
        own, cells = seconds[NNLIB], ["", ""]
        if TORCH in seconds:
            ratios.append((own / seconds[TORCH], own / min(seconds[TORCH], seconds[TORCH_LAST])))
            cells = [f"{ratio:.2f}" for ratio in ratios[-1]]
        yield f"| {name} | {1e3 * own:.1f} | {' | '.join(cells)} |"
    if ratios:
        means = [geometric_mean(list(column)) for column in zip(*ratios, strict=True)]
        yield f"| geometric mean | | {means[0]:.2f} | {means[1]:.2f} |"


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print, or write."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.steps", description="training steps beside PyTorch's"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table between the marks of this document"
    )
    document = parser.parse_args(arguments).write
    lines = list(tables(measured()))
    print("\n".join(lines))
    if document:
        write(document, "steps", lines)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
