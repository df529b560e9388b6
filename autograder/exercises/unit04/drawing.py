"""The numbers that unit 4's functions are tried on, and what each trait of an exercise counts."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.exercise import Aspect

Array: TypeAlias = NDArray[Any]
RNG: TypeAlias = np.random.Generator

UNIT = "04_overfitting"


def draw(rng: RNG, *shape: int, dtype: str = "float64", awkward: bool = False) -> Array:
    """Numbers of both signs, none near 0; integers are up to 4. ``awkward``: may not be written to."""
    signs = np.where(rng.permutation(int(np.prod(shape))) % 2, -1.0, 1.0).reshape(shape)
    values: Array = signs * rng.uniform(0.3, 1.5, shape)
    if dtype.startswith("int"):
        values = signs * rng.integers(1, 5, shape)
    array = np.array(values, dtype)
    array.flags.writeable = not awkward
    return array


def floating(array: Any) -> Array:
    """Floats as they are, integers as float64."""
    array = np.asarray(array)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def aspects(**parts: tuple[float, tuple[str, ...]]) -> tuple[Aspect, ...]:
    """Aspects by name, _ for a space: a percentage, and the traits that it is given for."""
    return tuple(
        Aspect(name.replace("_", " "), percent, frozenset(traits)) for name, (percent, traits) in parts.items()
    )
