"""nnlib's side of the benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.sides import CONVOLUTIONS, Array, Ways, draw
from nnlib import layers
from nnlib.activations import relu_backward, relu_forward
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.losses import softmax_cross_entropy
from nnlib.normalization import batchnorm2d_backward, batchnorm2d_forward
from nnlib.optimizers import Adam
from nnlib.pooling import avg_pool2d_backward, avg_pool2d_forward, max_pool2d_backward, max_pool2d_forward

OTHERS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "max pool 2×2": (partial(max_pool2d_forward, size=2), max_pool2d_backward),
    "max pool 3×3 s2": (partial(max_pool2d_forward, size=3, stride=2), max_pool2d_backward),
    "average pool 2×2": (partial(avg_pool2d_forward, size=2), avg_pool2d_backward),
    "batch norm": (
        lambda x, gamma, beta: batchnorm2d_forward(x, gamma, beta, {}, True)[:2],
        batchnorm2d_backward,
    ),
    "ReLU": (relu_forward, relu_backward),
}


def ways(name: str, x: Array, *others: Array) -> Ways:
    """A layer's forward and backward pass."""
    work = CONVOLUTIONS.get(name)
    if work:
        forward = partial(conv2d_forward, batch_innermost(x), *others, work.stride, work.padding, 1, work.groups)
        backward: Callable[..., Any] = partial(conv2d_backward, needs_dx=not work.first)
    else:
        function, backward = OTHERS[name]
        forward = partial(function, batch_innermost(x), *others)
    out, cache = forward()
    dout = batch_innermost(draw(out.shape))
    return {"forward": forward, "backward": lambda: backward(dout, cache)}


def batch_innermost(x: Array) -> Array:
    """The same images, with the batch innermost in memory."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)


def step(model: tuple[tuple[Any, ...], ...], x: Array, labels: Array) -> Callable[[], None]:
    """A training step: forward, loss, backward, Adam."""
    net = layers.Sequential(*(getattr(layers, kind)(*settings) for kind, *settings in model))
    params, state = net.initialize(x.shape[1:], rng=np.random.default_rng(0))
    optimizer = Adam(1e-3)
    moments = optimizer.initialize(params)

    def run() -> None:
        out, cache, _ = net.forward(x, params, state, True)
        _, dout = softmax_cross_entropy(out, labels)
        _, grads = net.backward(dout, cache, needs_dx=False)
        optimizer.update(params, grads, moments)

    return run
