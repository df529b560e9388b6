"""nnlib's layers beside PyTorch's, and beside a plain strided im2col, in float32 on the same inputs.

Each library has its images in memory as it likes them: PyTorch as (N, C, H, W), its default, nnlib with the batch
innermost, as its layers return them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from rich.console import Console
from rich.table import Table

from benchmarks.timing import geometric_mean, medians, product_peak, scratch
from nnlib.activations import relu_backward, relu_forward
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.normalization import batchnorm2d_backward, batchnorm2d_forward
from nnlib.pooling import avg_pool2d_backward, avg_pool2d_forward, max_pool2d_backward, max_pool2d_forward

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Convolution:
    """A workload; of a first layer nobody asks for dx."""

    name: str
    x: tuple[int, ...]
    w: tuple[int, ...]
    stride: int = 1
    padding: int = 0
    groups: int = 1
    first: bool = False


CONVOLUTIONS = (
    Convolution("3×3, 3→32, 32², N64", (64, 3, 32, 32), (32, 3, 3, 3), 1, 1, first=True),
    Convolution("3×3, 64→64, 16², N64", (64, 64, 16, 16), (64, 64, 3, 3), 1, 1),
    Convolution("5×5, 1→6, 28², N128", (128, 1, 28, 28), (6, 1, 5, 5), first=True),
    Convolution("1×1, 256→256, 14², N32", (32, 256, 14, 14), (256, 256, 1, 1)),
    Convolution("depthwise 3×3, 256, 14², N32", (32, 256, 14, 14), (256, 1, 3, 3), 1, 1, groups=256),
    Convolution("3×3 s2, 128→256, 28², N32", (32, 128, 28, 28), (256, 128, 3, 3), 2, 1),
    Convolution("7×7 s2, 3→64, 224², N8", (8, 3, 224, 224), (64, 3, 7, 7), 2, 3, first=True),
)
OTHERS = {  # forward, backward, what PyTorch calls it
    "max pool 2×2": (lambda x: max_pool2d_forward(x, 2), max_pool2d_backward, ("max_pool2d", (2,), {})),
    "max pool 3×3 s2": (lambda x: max_pool2d_forward(x, 3, 2), max_pool2d_backward, ("max_pool2d", (3, 2), {})),
    "average pool 2×2": (lambda x: avg_pool2d_forward(x, 2), avg_pool2d_backward, ("avg_pool2d", (2,), {})),
    "batch norm": (
        lambda x: batchnorm2d_forward(x, np.ones(64, x.dtype), np.zeros(64, x.dtype), {}, True)[:2],
        batchnorm2d_backward,
        ("batch_norm", (None, None), {"training": True}),
    ),
    "ReLU": (relu_forward, relu_backward, ("relu", (), {})),
}
SHAPE = (64, 64, 32, 32)


def own_layout(x: Array) -> Array:
    """The same array, with the batch innermost in memory."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)


def plain_forward(x: Array, w: Array, b: Array, stride: int, padding: int, groups: int) -> tuple[Array, Array]:
    """A strided view, one copy of all windows, one product: (out, columns)."""
    n, f = len(x), len(w)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    view = sliding_window_view(padded, w.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    oh, ow = view.shape[2:4]
    columns = view.transpose(1, 4, 5, 0, 2, 3).reshape(groups, -1, n * oh * ow)
    out = w.reshape(groups, f // groups, -1) @ columns
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


def convolution(work: Convolution, torch: Any) -> dict[str, float]:
    """Medians of a workload, and nnlib's scratch memory."""
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(shape, dtype=np.float32) for shape in (work.x, work.w, work.w[:1]))
    settings = work.stride, work.padding
    ours = own_layout(x)
    forward = lambda: conv2d_forward(ours, w, b, *settings, 1, work.groups)  # noqa: E731
    out, cache = forward()
    dout = rng.standard_normal(out.shape, dtype=np.float32)
    own_dout = own_layout(dout)
    _, columns = plain_forward(x, w, b, *settings, work.groups)
    backward = lambda: conv2d_backward(own_dout, cache, not work.first)  # noqa: E731
    found = medians(
        {
            "forward": forward,
            "backward": backward,
            "plain forward": lambda: plain_forward(x, w, b, *settings, work.groups),
            "plain backward": lambda: plain_backward(dout, x, w, columns, work),
            **_theirs(torch, (x, w, b), dout, "conv2d", settings, {"groups": work.groups}, 1 if work.first else 0),
        }
    )
    return {**found, "operations": 2.0 * out.size * prod(w.shape[1:]), "scratch": scratch(forward) / x.nbytes,
            "scratch back": scratch(backward) / x.nbytes}  # fmt: skip


def _theirs(
    torch: Any, arrays: tuple[Array, ...], dout: Array, name: str, arguments: Any, named: Any, skip: int
) -> dict[str, Callable[[], Any]]:
    """PyTorch's two ways, where it is installed; ``skip`` leaves out the gradients of the first arrays."""
    if torch is None:
        return {}
    tensors = [torch.tensor(array, requires_grad=i >= skip) for i, array in enumerate(arrays)]
    function, gradient = getattr(torch.nn.functional, name), torch.tensor(dout)

    def forward() -> Any:
        with torch.no_grad():
            return function(*tensors, *arguments, **named)

    out = function(*tensors, *arguments, **named)
    backward = lambda: torch.autograd.grad(out, tensors[skip:], gradient, retain_graph=True)  # noqa: E731
    return {"torch forward": forward, "torch backward": backward}


def other(name: str, torch: Any) -> dict[str, float]:
    """Medians of a layer without weights, or of batch norm."""
    forward, backward, (called, arguments, named) = OTHERS[name]
    rng = np.random.default_rng(0)
    x = rng.standard_normal(SHAPE, dtype=np.float32)
    ours = own_layout(x)
    out, cache = forward(ours)
    dout = rng.standard_normal(out.shape, dtype=np.float32)
    own_dout = own_layout(dout)
    theirs = _theirs(torch, (x,), dout, called, arguments, named, 0)
    found = medians({"forward": lambda: forward(ours), "backward": lambda: backward(own_dout, cache), **theirs})
    return {**found, "scratch": scratch(lambda: forward(ours)) / x.nbytes,
            "scratch back": scratch(lambda: backward(own_dout, cache)) / x.nbytes}  # fmt: skip


def rows(torch: Any) -> Iterator[tuple[str, dict[str, float]]]:
    """Each workload's name and what was measured."""
    for work in CONVOLUTIONS:
        yield work.name, convolution(work, torch)
    for name in OTHERS:
        yield name, other(name, torch)


def _cells(found: dict[str, float], way: str, peak: float) -> list[str]:
    ours = found[way]
    ratios = [f"{ours / found[key]:.2f}" if key in found else "—" for key in (f"torch {way}", f"plain {way}")]
    products = 1 if way == "forward" else 2
    share = f"{products * found['operations'] / ours / peak:.0%}" if "operations" in found else ""
    memory = found["scratch" if way == "forward" else "scratch back"]
    return [f"{1e3 * ours:.1f}", *ratios, share, f"{memory:.1f}"]


def main() -> None:
    """Measure and print."""
    try:
        import torch

        torch.set_num_threads(2)
    except ImportError:
        torch = None
    peak = product_peak()
    table = Table(title=f"Layers, float32; matrix product {peak / 1e9:.0f} GFLOP/s; ratios below 1 are faster")
    table.add_column("")
    for way in ("forward", "backward"):
        for heading in (f"{way} ms", "/ PyTorch", "/ im2col", "of peak", "scratch"):
            table.add_column(heading, justify="right")
    measured = dict(rows(torch))
    for name, found in measured.items():
        table.add_row(name, *_cells(found, "forward", peak), *_cells(found, "backward", peak))
    console = Console(width=160)
    console.print(table)
    if torch is not None:
        for title, names in (("convolutions", [w.name for w in CONVOLUTIONS]), ("others", list(OTHERS))):
            for way in ("forward", "backward"):
                ratios = [measured[name][way] / measured[name][f"torch {way}"] for name in names]
                console.print(f"{title}, {way} / PyTorch: geometric mean {geometric_mean(ratios):.2f}")
