"""The workloads of the layer benchmark, and each side's way to run them, in float32 on the same values.

Each side has its images in memory as it likes them: nnlib with the batch innermost, as its layers return them,
PyTorch as (N, C, H, W), its default, or channels last, which is often its fastest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from nnlib.activations import relu_backward, relu_forward
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.normalization import batchnorm2d_backward, batchnorm2d_forward
from nnlib.pooling import avg_pool2d_backward, avg_pool2d_forward, max_pool2d_backward, max_pool2d_forward

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
OTHERS = {  # forward, backward, what PyTorch calls it
    "max pool 2×2": (
        partial(max_pool2d_forward, size=2),
        max_pool2d_backward,
        ("max_pool2d", {"kernel_size": 2}),
    ),
    "max pool 3×3 s2": (
        partial(max_pool2d_forward, size=3, stride=2),
        max_pool2d_backward,
        ("max_pool2d", {"kernel_size": 3, "stride": 2}),
    ),
    "average pool 2×2": (
        partial(avg_pool2d_forward, size=2),
        avg_pool2d_backward,
        ("avg_pool2d", {"kernel_size": 2}),
    ),
    "batch norm": (
        lambda x, gamma, beta: batchnorm2d_forward(x, gamma, beta, {}, True)[:2],
        batchnorm2d_backward,
        ("batch_norm", {"training": True}),
    ),
    "ReLU": (relu_forward, relu_backward, ("relu", {})),
}


@lru_cache(maxsize=1)
def prepare(side: str, name: str) -> Ways:
    """What to time: a side's forward and backward pass of a workload; nothing where a side has none."""
    work = CONVOLUTIONS.get(name)
    rng = np.random.default_rng(0)
    draw = partial(rng.standard_normal, dtype=np.float32)
    if work:
        arrays = draw(work.x), draw(work.w), draw(work.w[:1])
    else:
        arrays = (draw(SHAPE), *([draw(64), draw(64)] if name == "batch norm" else []))
    if side == NNLIB:
        return _own(name, work, arrays, draw)
    if side == IM2COL:
        return _plain(work, arrays, draw) if work else {}
    return _torch(name, work, arrays, draw, last=side == TORCH_LAST)


def _own(name: str, work: Convolution | None, arrays: tuple[Array, ...], draw: Any) -> Ways:
    x, *others = own_layout(arrays[0]), *arrays[1:]
    if work:
        forward = partial(conv2d_forward, x, *others, work.stride, work.padding, 1, work.groups)
        backward = partial(conv2d_backward, needs_dx=not work.first)
    else:
        function, backward, _ = OTHERS[name]
        forward = partial(function, x, *others)
    out, cache = forward()
    dout = own_layout(draw(out.shape))
    return {"forward": forward, "backward": lambda: backward(dout, cache)}


def own_layout(x: Array) -> Array:
    """The same array, with the batch innermost in memory."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)


def _torch(name: str, work: Convolution | None, arrays: tuple[Array, ...], draw: Any, last: bool) -> Ways:
    import torch

    torch.set_num_threads(2)
    order = torch.channels_last if last else torch.contiguous_format

    def place(array: Array) -> Any:
        tensor = torch.tensor(array)
        return tensor.to(memory_format=order) if array.ndim == 4 else tensor

    first = bool(work and work.first)
    tensors = [place(array).requires_grad_(i > 0 or not first) for i, array in enumerate(arrays)]
    if work:
        called, named = "conv2d", {"stride": work.stride, "padding": work.padding, "groups": work.groups}
    else:
        called, named = OTHERS[name][2]
    if called == "batch_norm":  # takes the parameters behind the running statistics
        run = partial(torch.nn.functional.batch_norm, tensors[0], None, None, *tensors[1:], **named)
    else:
        run = partial(getattr(torch.nn.functional, called), *tensors, **named)

    def forward() -> Any:
        with torch.no_grad():
            return run()

    out, wanted = run(), tensors[first:]
    dout = place(draw(tuple(out.shape)))
    return {"forward": forward, "backward": lambda: torch.autograd.grad(out, wanted, dout, retain_graph=True)}


def _plain(work: Convolution, arrays: tuple[Array, ...], draw: Any) -> Ways:
    """The strided im2col that one writes first, on (N, C, H, W)."""
    out, columns = plain_forward(*arrays, work)
    dout = draw(out.shape)
    return {
        "forward": lambda: plain_forward(*arrays, work),
        "backward": lambda: plain_backward(dout, *arrays[:2], columns, work),
    }


def plain_forward(x: Array, w: Array, b: Array, work: Convolution) -> tuple[Array, Array]:
    """A strided view, one copy of all windows, one product: (out, columns)."""
    n, f, p, s = len(x), len(w), work.padding, work.stride
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    oh, ow = view.shape[2:4]
    columns = view.transpose(1, 4, 5, 0, 2, 3).reshape(work.groups, -1, n * oh * ow)
    out = w.reshape(work.groups, f // work.groups, -1) @ columns
    return out.reshape(f, n, oh, ow).transpose(1, 0, 2, 3) + b[:, None, None], columns


def plain_backward(dout: Array, x: Array, w: Array, columns: Array, work: Convolution) -> tuple[Any, Array, Array]:
    """Two products and the way back, window place by window place."""
    n, f, oh, ow = dout.shape
    rows = dout.transpose(1, 0, 2, 3).reshape(work.groups, f // work.groups, -1)
    dw = (rows @ columns.swapaxes(1, 2)).reshape(w.shape)
    dx = None
    if not work.first:
        values = (w.reshape(work.groups, f // work.groups, -1).swapaxes(1, 2) @ rows).reshape(
            x.shape[1], *w.shape[2:], n, oh, ow
        )
        p, s = work.padding, work.stride
        dx = np.zeros((n, x.shape[1], x.shape[2] + 2 * p, x.shape[3] + 2 * p), x.dtype)
        for i, j in np.ndindex(w.shape[2:]):
            dx[:, :, i : i + s * oh : s, j : j + s * ow : s] += values[:, i, j].swapaxes(0, 1)
    return dx, dw, dout.sum(axis=(0, 2, 3))
