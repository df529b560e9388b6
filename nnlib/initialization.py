"""Starting weights: how large they must be for signals and gradients to keep their size from layer to layer.

With w (fan_in, fan_out) of variance v, and inputs of variance 1 and mean 0, an output x w has variance fan_in ·
v. For a filter of a convolution fan_in is C·KH·KW and fan_out F·KH·KW; `shape` then gives the array its form.
"""

import numpy as np

from nnlib.arrays import Array

__all__ = ["he_normal", "small_normal", "xavier_normal"]

Shape = tuple[int, ...] | None


def small_normal(
    fan_in: int, fan_out: int, *, rng: np.random.Generator, std: float = 0.01, shape: Shape = None
) -> Array:
    """Normal numbers of one small standard deviation, whatever the layer: what the others improve on."""
    return rng.normal(0.0, std, _checked(fan_in, fan_out, shape))


def xavier_normal(fan_in: int, fan_out: int, *, rng: np.random.Generator, shape: Shape = None) -> Array:
    """Variance 2 / (fan_in + fan_out), a compromise between forward (1 / fan_in) and backward (1 / fan_out).

    For tanh and linear layers. Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    neural networks" (AISTATS 2010). Returns float64 (fan_in, fan_out). Raises ValueError for a fan below 1.
    """
    shape = _checked(fan_in, fan_out, shape)
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), shape)


def he_normal(fan_in: int, fan_out: int, *, rng: np.random.Generator, shape: Shape = None) -> Array:
    """Variance 2 / fan_in: ReLU sets half of its inputs to 0, so twice the variance is needed.

    He, Zhang, Ren and Sun, "Delving deep into rectifiers" (ICCV 2015). Returns float64 (fan_in, fan_out). Raises
    ValueError for a fan below 1.
    """
    shape = _checked(fan_in, fan_out, shape)
    return rng.normal(0.0, np.sqrt(2 / fan_in), shape)


def _checked(fan_in: int, fan_out: int, shape: Shape) -> tuple[int, ...]:
    """The shape asked for, else (fan_in, fan_out)."""
    if fan_in < 1 or fan_out < 1:
        raise ValueError(f"fan_in and fan_out must be at least 1, got {fan_in} and {fan_out}")
    return (fan_in, fan_out) if shape is None else shape
