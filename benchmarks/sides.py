"""The workloads of the layer benchmark, and where each side's way to run them stands.

Each side runs in float32, on the same values, in a process that loads that side's library alone, and has its
images in memory as it likes them: nnlib with the batch innermost, as its layers return them, PyTorch as
(N, C, H, W), its default, or channels last, which is often its fastest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from math import prod
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Ways = dict[str, Callable[[], Any]]  # "forward" and "backward"

NNLIB, TORCH, TORCH_LAST, IM2COL = SIDES = ("nnlib", "PyTorch", "PyTorch, channels last", "im2col")


@dataclass(frozen=True, slots=True)
class Convolution:
    """A workload; of a first layer nobody asks for dx."""

    x: tuple[int, ...]
    w: tuple[int, ...]
    stride: int = 1
    padding: int = 0
    groups: int = 1
    first: bool = False

    @property
    def operations(self) -> float:
        """Floating-point operations of the forward pass; each gradient takes as many."""
        size = (self.x[2] + 2 * self.padding - self.w[2]) // self.stride + 1
        return 2.0 * self.x[0] * size**2 * prod(self.w)


CONVOLUTIONS = {
    "3×3, 3→32, 32², N64": Convolution((64, 3, 32, 32), (32, 3, 3, 3), 1, 1, first=True),
    "3×3, 64→64, 16², N64": Convolution((64, 64, 16, 16), (64, 64, 3, 3), 1, 1),
    "5×5, 1→6, 28², N128": Convolution((128, 1, 28, 28), (6, 1, 5, 5), first=True),
    "1×1, 256→256, 14², N32": Convolution((32, 256, 14, 14), (256, 256, 1, 1)),
    "depthwise 3×3, 256, 14², N32": Convolution((32, 256, 14, 14), (256, 1, 3, 3), 1, 1, groups=256),
    "3×3 s2, 128→256, 28², N32": Convolution((32, 128, 28, 28), (256, 128, 3, 3), 2, 1),
    "7×7 s2, 3→64, 224², N8": Convolution((8, 3, 224, 224), (64, 3, 7, 7), 2, 3, first=True),
}
SHAPE = (64, 64, 32, 32)
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {  # what they are called in torch.nn.functional
    "max pool 2×2": ("max_pool2d", {"kernel_size": 2}),
    "max pool 3×3 s2": ("max_pool2d", {"kernel_size": 3, "stride": 2}),
    "average pool 2×2": ("avg_pool2d", {"kernel_size": 2}),
    "batch norm": ("batch_norm", {"training": True}),
    "ReLU": ("relu", {}),
}
draw = partial(np.random.default_rng(0).standard_normal, dtype=np.float32)


@lru_cache(maxsize=1)
def prepare(side: str, name: str) -> Ways:
    """What to time: a side's forward and backward pass of a workload; nothing where a side has none."""
    work = CONVOLUTIONS.get(name)
    shapes = (work.x, work.w, work.w[:1]) if work else (SHAPE, *([(64,)] * 2 if name == "batch norm" else []))
    arrays = [draw(shape) for shape in shapes]
    if side == NNLIB:
        ways = import_module("benchmarks.own").ways(name, *arrays)
    elif side == IM2COL:
        ways = import_module("benchmarks.im2col").ways(work, *arrays) if work else {}
    else:
        ways = import_module("benchmarks.pytorch").ways(name, arrays, last=side == TORCH_LAST)
    made: Ways = ways
    return made
