"""A plain strided im2col, all windows at once: the other side of the layer benchmark that needs no library."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.sides import Array, Convolution, Ways, draw


def ways(work: Convolution, *arrays: Array) -> Ways:
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
