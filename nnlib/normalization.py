"""Normalization: values shifted to mean 0 and scaled to variance 1, then by a learned gamma and beta.

Batch norm takes mean and variance of each feature (each channel, of images) over the batch; layer norm takes them
of each example over its features. Variances are biased (divided by the count), and eps stands under the root.

    x_hat = (x − mean) / std,    std = sqrt(var + eps),    out = gamma · x_hat + beta

Backward, with g = dout · gamma, and means over the values that share a mean (angle brackets):

    dx = (g − ⟨g⟩ − x_hat · ⟨g · x_hat⟩) / std,    dgamma = Σ dout · x_hat,    dbeta = Σ dout

⟨…⟩ is what x does through mean and std; with running statistics, which x does not change, it is left out.
Ioffe and Szegedy, "Batch normalization" (ICML 2015); Ba, Kiros and Hinton, "Layer normalization" (2016).
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, as_images, check_same_shape, check_shape

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

BATCH = (0, 2)  # axes of x as (N, C, L) over which batch norm takes its statistics


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
    out, mean, std, state = _batchnorm(x[:, :, None], gamma, beta, state, train, momentum, eps)
    return out.reshape(x.shape), (x, gamma, mean, std, train), state


def batchnorm_backward(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) for dout (N, D). Raises ValueError where dout has not out's shape."""
    return _batchnorm_gradients(dout, cache)


def batchnorm2d_forward(
    x: Array, gamma: Array, beta: Array, state: State, train: bool, momentum: float = 0.9, eps: float = 1e-5
) -> tuple[Array, BatchNormCache, State]:
    """Batch norm of images: x (N, C, H, W), gamma (C,), beta (C,) -> out (N, C, H, W).

    A channel's statistics are taken over all its N·H·W values, since a convolution does the same at every place.
    All else is as in `batchnorm_forward`.
    """
    x = as_images(x)
    out, mean, std, state = _batchnorm(_as_lines(x), gamma, beta, state, train, momentum, eps)
    return out.reshape(x.shape), (x, gamma, mean, std, train), state


def batchnorm2d_backward(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    """(dx, dgamma, dbeta) for dout (N, C, H, W). Raises ValueError where dout has not out's shape."""
    return _batchnorm_gradients(dout, cache)


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
    gamma, beta = _checked_parameters(gamma, beta, "D", x.shape[-1])
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
        as_gradient(_through(dout * gamma, x_hat, (-1,)) / std, x),
        as_gradient(dgamma, gamma),
        as_gradient(dbeta, gamma),
    )


def _batchnorm(
    x: Array, gamma: Array, beta: Array, state: State, train: bool, momentum: float, eps: float
) -> tuple[Array, Array, Array, State]:
    """Batch norm of x (N, C, L): (out, mean, std, state)."""
    channels = x.shape[1]
    gamma, beta = _checked_parameters(gamma, beta, "C" if x.shape[2] > 1 else "D", channels)
    mean, var = state.get("mean", np.zeros(channels, x.dtype)), state.get("var", np.ones(channels, x.dtype))
    if train and x.size:
        batch = x.mean(axis=BATCH), x.var(axis=BATCH)
        state = {
            "mean": momentum * mean + (1 - momentum) * batch[0],
            "var": momentum * var + (1 - momentum) * batch[1],
        }
        mean, var = batch
    std = np.sqrt(var + x.dtype.type(eps))
    return (x - mean[:, None]) * (gamma / std)[:, None] + beta[:, None], mean, std, state


def _batchnorm_gradients(dout: Array, cache: BatchNormCache) -> tuple[Array, Array, Array]:
    x, gamma, mean, std, train = cache
    dout = as_float("dout", dout)
    check_same_shape("dout", dout, "x", x)
    d, std, gammas = _as_lines(dout), std[:, None], np.asarray(gamma)[:, None]
    x_hat = (_as_lines(x) - mean[:, None]) / std
    g = d * gammas
    dx = (_through(g, x_hat, BATCH) if train else g) / std
    dgamma, dbeta = (d * x_hat).sum(axis=BATCH), d.sum(axis=BATCH)
    return as_gradient(dx.reshape(x.shape), x), as_gradient(dgamma, gamma), as_gradient(dbeta, gamma)


def _through(g: Array, x_hat: Array, axes: tuple[int, ...]) -> Array:
    """std times the gradient with respect to x, for g, the gradient with respect to x_hat."""
    if not g.size:
        return g
    through: Array = g - g.mean(axis=axes, keepdims=True) - x_hat * (g * x_hat).mean(axis=axes, keepdims=True)
    return through


def _as_lines(x: Array) -> Array:
    """x (N, C, …) as (N, C, L)."""
    return x.reshape(*x.shape[:2], -1) if x.size else x.reshape(*x.shape[:2], 0 if x.ndim > 2 else 1)


def _checked_parameters(gamma: Array, beta: Array, axis: str, size: int) -> tuple[Array, Array]:
    gamma, beta = as_float("gamma", gamma), as_float("beta", beta)
    for name, array in (("gamma", gamma), ("beta", beta)):
        check_shape(name, array, {axis: size}, "one for each feature (each channel, of images)")
    return gamma, beta
