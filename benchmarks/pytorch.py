"""PyTorch's side of the benchmarks, on two threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

from benchmarks.sides import CONVOLUTIONS, OTHERS, Array, Ways, draw

torch.set_num_threads(2)


def ways(name: str, arrays: list[Array], last: bool) -> Ways:
    """A layer's forward and backward pass, images in memory by default or channels last."""
    work = CONVOLUTIONS.get(name)
    order = torch.channels_last if last else torch.contiguous_format

    def place(array: Array) -> Any:
        tensor = torch.tensor(array)
        return tensor.to(memory_format=order) if array.ndim == 4 else tensor

    first = bool(work and work.first)
    tensors = [place(array).requires_grad_(i > 0 or not first) for i, array in enumerate(arrays)]
    if work:
        called, named = "conv2d", {"stride": work.stride, "padding": work.padding, "groups": work.groups}
    else:
        called, named = OTHERS[name]
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


def step(model: tuple[tuple[Any, ...], ...], x: Array, labels: Array, last: bool) -> Callable[[], None]:
    """A training step: forward, loss, backward, Adam."""
    net = torch.nn.Sequential(*_modules(model, x.shape[1:]))
    images, classes = torch.tensor(x), torch.tensor(labels)
    if last:
        net, images = net.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)

    def run() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(images), classes).backward()
        optimizer.step()

    return run


def _modules(model: tuple[tuple[Any, ...], ...], shape: tuple[int, ...]) -> Iterator[Any]:
    """The same layers of PyTorch, which wants to be told the inputs' sizes."""
    sample = torch.zeros(1, *shape)
    for kind, *settings in model:
        module_class = getattr(torch.nn, {"Dense": "Linear"}.get(kind, kind))
        sizes = [sample.shape[1]] if kind in ("Conv2d", "Dense") else []
        module = module_class(*sizes, *settings)
        sample = module(sample)
        yield module
