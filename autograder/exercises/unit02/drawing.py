"""The numbers that unit 2's functions are tried on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
RNG: TypeAlias = np.random.Generator

STABLE = 10_000.0  # exp of it overflows
QUIET = ("loss", "warnings")  # what is looked at besides, where NumPy must not warn of it


def draw(rng: RNG, *shape: int, dtype: str = "float64", awkward: bool = False) -> Array:
    """Numbers of both signs, none near 0; integers are up to 4. ``awkward``: may not be written to."""
    signs = np.where(rng.permutation(int(np.prod(shape))) % 2, -1.0, 1.0).reshape(shape)
    values: Array = signs * rng.uniform(0.3, 1.5, shape)
    if dtype.startswith("int"):
        values = signs * rng.integers(1, 5, shape)
    array = np.array(values, dtype)
    array.flags.writeable = not awkward
    return array


def between(rng: RNG, *shape: int, dtype: str = "float64", awkward: bool = False) -> Array:
    """Numbers from 0.1 to 0.9, as targets of a sigmoid; integers are 0 and 1."""
    values: Array = rng.uniform(0.1, 0.9, shape)
    if dtype.startswith("int"):
        values = rng.permutation(int(np.prod(shape))).reshape(shape) % 2
    array = np.array(values, dtype)
    array.flags.writeable = not awkward
    return array


def widths(rng: RNG, sizes: Sequence[int], **look: Any) -> tuple[list[Array], list[Array]]:
    """Weights and biases of layers of these sizes."""
    pairs = list(itertools.pairwise(sizes))
    return [draw(rng, *pair, **look) for pair in pairs], [draw(rng, m, **look) for _, m in pairs]


def floating(array: Any) -> Array:
    """As float64, if it holds integers."""
    array = np.asarray(array)
    return array if array.dtype.kind == "f" else array.astype(np.float64)
