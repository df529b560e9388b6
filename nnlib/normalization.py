"""Normalization: values shifted to mean 0 and scaled to variance 1, then by a learned gamma and beta.

Batch norm takes mean and variance of each feature (each channel, of images) over the batch; layer norm takes them
of each example over its features. Variances are biased (divided by the count), and eps stands under the root.

    x_hat = (x − mean) / std,    std = sqrt(var + eps),    out = gamma · x_hat + beta

Backward, with g = dout · gamma, and means over the values that share a mean (angle brackets):

    dx = (g − ⟨g⟩ − x_hat · ⟨g · x_hat⟩) / std,    dgamma = Σ dout · x_hat,    dbeta = Σ dout

⟨…⟩ is what x does through mean and std; with running statistics, which x does not change, it is left out.
Ioffe and Szegedy, "Batch normalization" (ICML 2015); Ba, Kiros and Hinton, "Layer normalization" (2016).
"""

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, channel_blocks, check_same_shape, check_shape

__all__ = [
    "BatchNormCache",
    "LayerNormCache",
    "State",
    "batchnorm2d_backward",
    "batchnorm2d_forward",
    "batchnorm_backward",
    "batchnorm_forward",
    "layernorm_backward",
    "layernorm_forward",
]

State: TypeAlias = Mapping[str, Array]
BatchNormCache: TypeAlias = tuple[Array, Array, Array, Array, bool]
LayerNormCache: TypeAlias = tuple[Array, Array, Array, Array]


def batchnorm_forward(
    x: Array, gamma: Array, beta: Array, state: State, train: bool, momentum: float = 0.9, eps: float = 1e-5
) -> tuple[Array, BatchNormCache, State]:
    """Batch norm of features: x (N, D), gamma (D,), beta (D,) -> out (N, D).

    In training with the batch's own statistics; otherwise with the running ones of `state`,
    {"mean": (D,), "var": (D,)}, where {} means mean 0 and variance 1. Returns (out, cache, state), cache
    (x, gamma, mean, std, train). In training the state is a new one, of momentum · running + (1 − momentum) ·
    batch's; an empty batch leaves it as it is. Nothing is changed in place.
    Raises ValueError where the shapes do not fit together.
    """
    x = as_float("x", x)
    check_shape("x", x, {"N": None, "D": None}, "batchnorm2d_forward takes images (N, C, H, W)")
    out, mean, std, state = _batchnorm(_as_images(x), gamma, beta, state, train, momentum, eps)
    return out[:, 0, 0].T, (x, gamma, mean, std, train), state


def batchnorm_backward(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) for dout (N, D). Raises ValueError where dout has not out's shape."""
    dx, dgamma, dbeta = _batchnorm_gradients(dout, cache)
    return dx[:, 0, 0].T, dgamma, dbeta


def batchnorm2d_forward(
    x: Array, gamma: Array, beta: Array, state: State, train: bool, momentum: float = 0.9, eps: float = 1e-5
) -> tuple[Array, BatchNormCache, State]:
    """Batch norm of images: x (N, C, H, W), gamma (C,), beta (C,) -> out (N, C, H, W).

    A channel's statistics are taken over all its N·H·W values, since a convolution does the same at every place.
    All else is as in `batchnorm_forward`.
    """
    x = as_images(x)
    out, mean, std, state = _batchnorm(_as_images(x), gamma, beta, state, train, momentum, eps)
    return out.transpose(3, 0, 1, 2), (x, gamma, mean, std, train), state


def batchnorm2d_backward(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) for dout (N, C, H, W). Raises ValueError where dout has not out's shape."""
    dx, dgamma, dbeta = _batchnorm_gradients(dout, cache)
    return dx.transpose(3, 0, 1, 2), dgamma, dbeta


def layernorm_forward(x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> tuple[Array, LayerNormCache]:
    """Layer norm: x (N, …, D), gamma (D,), beta (D,) -> out of x's shape, each row of D values on its own.

    Training or not makes no difference. Returns (out, cache), cache (x, gamma, mean, std).
    Raises ValueError where the shapes do not fit together.
    """
    x = as_float("x", x)
    if x.ndim < 2:
        raise ValueError(
            f"x must have shape (N, …, D), got {x.shape}: a single example needs a batch axis, x[None]"
        )
    gamma, beta = _checked_parameters(gamma, beta, x.shape[-1])
    mean, std = x.mean(axis=-1, keepdims=True), np.sqrt(x.var(axis=-1, keepdims=True) + x.dtype.type(eps))
    return (x - mean) / std * gamma + beta, (x, gamma, mean, std)


def layernorm_backward(dout: Array, cache: LayerNormCache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) for dout of x's shape. Raises ValueError where dout has not out's shape."""
    x, gamma, mean, std = cache
    dout = as_float("dout", dout)
    check_same_shape("dout", dout, "x", x)
    x_hat = (x - mean) / std
    rows = tuple(range(x.ndim - 1))
    dgamma, dbeta = (dout * x_hat).sum(axis=rows), dout.sum(axis=rows)
    return (
        as_gradient(_through(dout * gamma, x_hat) / std, x),
        as_gradient(dgamma, gamma),
        as_gradient(dbeta, gamma),
    )


def _batchnorm(
    images: Array, gamma: Array, beta: Array, state: State, train: bool, momentum: float, eps: float
) -> tuple[Array, Array, Array, State]:
    """Batch norm of images (C, H, W, N): (out, mean, std, state)."""
    channels, dtype = len(images), images.dtype
    gamma, beta = _checked_parameters(gamma, beta, channels)
    mean, var = np.zeros(channels, dtype), np.ones(channels, dtype)
    mean[:], var[:] = state.get("mean", mean), state.get("var", var)
    running, train = (mean.copy(), var.copy()), train and images.size > 0
    out = np.empty(images.shape, np.result_type(images, gamma, beta))
    ones, count = np.ones(images[:1].size, dtype), max(1, images[:1].size)
    for part in channel_blocks(images):
        rows, centred = _rows(images[part]), _rows(out[part])
        if train:
            mean[part] = rows @ ones / count
        np.subtract(rows, mean[part, None], out=centred)
        if train:
            var[part] = np.vecdot(centred, centred) / count
        centred *= (gamma[part] / np.sqrt(var[part] + dtype.type(eps)))[:, None]
        centred += beta[part, None]
    if train:
        kept = (momentum * old + (1 - momentum) * new for old, new in zip(running, (mean, var), strict=True))
        state = dict(zip(("mean", "var"), kept, strict=True))
    return out, mean, np.sqrt(var + dtype.type(eps)), state


def _batchnorm_gradients(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta), dx as (C, H, W, N)."""
    x, gamma, mean, std, train = cache
    dout = as_float("dout", dout)
    check_same_shape("dout", dout, "x", x)
    images, douts, scale = _as_images(as_float("x", x)), _as_images(dout), np.asarray(gamma) / std
    dx = np.empty(images.shape, np.result_type(images, dout, scale))
    dgamma, dbeta = np.zeros((2, len(images)), np.result_type(images, dout))
    ones, count = np.ones(images[:1].size, dout.dtype), max(1, images[:1].size)
    for part in channel_blocks(images):
        slopes, through = _rows(douts[part]), _rows(dx[part])
        dbeta[part] = slopes @ ones
        np.subtract(_rows(images[part]), mean[part, None], out=through)
        dgamma[part] = np.vecdot(slopes, through) / std[part]
        if train:  # what x does through mean and std
            through *= (-dgamma[part] / std[part] / count)[:, None]
            through += slopes
            through -= dbeta[part, None] / count
            slopes = through
        np.multiply(slopes, scale[part, None], out=through)
    return as_gradient(dx, x), as_gradient(dgamma, gamma), as_gradient(dbeta, gamma)


def _rows(block: Array) -> Array:
    """Some channels (C, H, W, N) as a row of values each: a view where they lie in one piece."""
    return block.reshape(len(block), math.prod(block.shape[1:]))


def _as_images(x: Array) -> Array:
    """x (N, D), or (N, C, H, W), as a view (C, H, W, N)."""
    return x.T[:, None, None] if x.ndim == 2 else x.transpose(1, 2, 3, 0)


def _through(g: Array, x_hat: Array) -> Array:
    """std times the gradient with respect to x, for g, the gradient with respect to x_hat; along rows."""
    through: Array = g - g.mean(axis=-1, keepdims=True) - x_hat * (g * x_hat).mean(axis=-1, keepdims=True)
    return through


def _checked_parameters(gamma: Array, beta: Array, size: int) -> tuple[Array, Array]:
    gamma, beta = as_float("gamma", gamma), as_float("beta", beta)
    for name, array in (("gamma", gamma), ("beta", beta)):
        check_shape(name, array, {"D": size}, "one for each feature, which is each channel of images")
    return gamma, beta
