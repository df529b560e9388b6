"""Whole training steps beside PyTorch's: forward, loss, backward, Adam; ``python -m benchmarks.steps``.

Both sides have the same model, the same batch in its usual layout (N, C, H, W), float32, two threads, and run in
processes of their own: see `benchmarks.timing`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.documents import write
from benchmarks.sides import NNLIB, TORCH, TORCH_LAST
from benchmarks.timing import geometric_mean, medians, own_process
from nnlib.layers import Conv2d, Dense, Flatten, MaxPool2d, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.optimizers import Adam

Layers = tuple[Any, ...]

LENET: Layers = (
    *(Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(16, 5), ReLU(), MaxPool2d(2), Flatten()),
    *(Dense(120), ReLU(), Dense(84), ReLU(), Dense(10)),
)
SMALL_VGG: Layers = (
    *(Conv2d(32, 3, padding=1), ReLU(), Conv2d(32, 3, padding=1), ReLU(), MaxPool2d(2)),
    *(Conv2d(64, 3, padding=1), ReLU(), Conv2d(64, 3, padding=1), ReLU(), MaxPool2d(2)),
    *(Flatten(), Dense(256), ReLU(), Dense(10)),
)
MLP: Layers = (Dense(512), ReLU(), Dense(512), ReLU(), Dense(10))
WORKLOADS: dict[str, tuple[Layers, tuple[int, ...]]] = {
    "LeNet-5, batch 128": (LENET, (128, 1, 28, 28)),
    "small VGG, batch 64": (SMALL_VGG, (64, 3, 32, 32)),
    "MLP 784-512-512-10, batch 128": (MLP, (128, 784)),
}


@lru_cache(maxsize=1)
def prepare(side: str, name: str) -> dict[str, Callable[[], Any]]:
    """What to time: a side's training step of a workload."""
    layers, shape = WORKLOADS[name]
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal(shape, dtype=np.float32), rng.integers(0, 10, shape[0])
    if side == NNLIB:
        return {"step": _own(Sequential(*layers), x, labels, rng)}
    return {"step": _torch(layers, x, labels, last=side == TORCH_LAST and x.ndim == 4)}


def _own(model: Sequential, x: Any, labels: Any, rng: np.random.Generator) -> Callable[[], None]:
    params, state = model.initialize(x.shape[1:], rng=rng)
    optimizer = Adam(1e-3)
    moments = optimizer.initialize(params)

    def step() -> None:
        out, cache, _ = model.forward(x, params, state, True)
        _, dout = softmax_cross_entropy(out, labels)
        _, grads = model.backward(dout, cache, needs_dx=False)
        optimizer.update(params, grads, moments)

    return step


def _torch(layers: Layers, x: Any, labels: Any, last: bool) -> Callable[[], None]:
    import torch

    torch.set_num_threads(2)
    model = torch.nn.Sequential(*_modules(layers, x.shape[1:]))
    images, classes = torch.tensor(x), torch.tensor(labels)
    if last:
        model, images = model.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), classes).backward()
        optimizer.step()

    return step


def _modules(layers: Layers, shape: tuple[int, ...]) -> list[Any]:
    """The same layers of PyTorch."""
    from torch import nn

    made: list[Any] = []
    for layer in layers:
        if isinstance(layer, Conv2d):
            made.append(nn.Conv2d(shape[0], layer.filters, layer.kernel, padding=layer.padding))
        elif isinstance(layer, Dense):
            made.append(nn.Linear(shape[0], layer.units))
        elif isinstance(layer, MaxPool2d):
            made.append(nn.MaxPool2d(layer.size))
        else:
            made.append({ReLU: nn.ReLU, Flatten: nn.Flatten}[type(layer)]())
        shape = layer.output_shape(shape)
    return made


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
