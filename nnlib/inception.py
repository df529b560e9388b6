"""The inception module as functions: branches of convolutions side by side, concatenated along the channels."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from nnlib.activations import relu_backward, relu_forward
from nnlib.arrays import Array
from nnlib.convolution import conv2d_backward, conv2d_forward

__all__ = ["Branches", "InceptionCache", "inception_backward", "inception_forward"]

Branches: TypeAlias = Sequence[Sequence[tuple[Array, Array]]]  # of each branch, (w, b) of its convolutions
InceptionCache: TypeAlias = tuple[tuple[tuple[Any, Array], ...], ...]  # of each, (convolution's cache, its z)


def inception_forward(x: Array, branches: Branches) -> tuple[Array, InceptionCache]:
    """Every branch on x (N, C, H, W), the results one behind the other: out (N, ΣF, H, W).

    A branch is convolutions (w, b), each with stride 1, padding K // 2 and a ReLU behind it, their kernels square
    and odd, so H and W stay. After Szegedy and others (CVPR 2015), whose fourth branch begins with a pool.
    Returns (out, cache). Raises ValueError for no branches, an empty one, or kernels that change H and W.
    """
    if not branches or not all(map(len, branches)):
        raise ValueError("expected one branch or more, each of one convolution or more")
    outs, cache = [], []
    for branch in branches:
        a, steps = x, []
        for w, b in branch:
            if np.ndim(w) != 4 or w.shape[2] != w.shape[3] or w.shape[2] % 2 == 0:
                raise ValueError(f"w must have shape (F, C, K, K) with K odd, so that H and W stay, got {w.shape}")
            z, conv = conv2d_forward(a, w, b, 1, w.shape[2] // 2)
            a = relu_forward(z)[0]
            steps.append((conv, z))
        outs.append(a)
        cache.append(tuple(steps))
    return np.concatenate(outs, axis=1), tuple(cache)


def inception_backward(
    dout: Array, cache: InceptionCache
) -> tuple[Array, tuple[tuple[tuple[Array, Array], ...], ...]]:
    """(dx, dbranches) for dout (N, ΣF, H, W); dbranches has (dw, db) where branches has (w, b).

    Each branch gets its own channels of dout; dx is the sum over all branches. Raises ValueError where dout has
    not out's shape.
    """
    widths = [steps[-1][1].shape[1] for steps in cache]
    if dout.ndim != 4 or dout.shape[1] != sum(widths):
        raise ValueError(f"dout must have {sum(widths)} channels, those of out, got shape {dout.shape}")
    dxs, dbranches = [], []
    for part, steps in zip(np.split(dout, np.cumsum(widths)[:-1], axis=1), cache, strict=True):
        da, gradients = part, []
        for conv, z in reversed(steps):
            da, dw, db = conv2d_backward(relu_backward(da, z), conv)
            gradients.append((dw, db))
        dxs.append(da)
        dbranches.append(tuple(reversed(gradients)))
    return sum(dxs[1:], start=dxs[0]), tuple(dbranches)
