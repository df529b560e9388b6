"""What the inputs of the unit's elementwise functions look like: for each trait an array that has it.

A setting has one trait and is friendly otherwise, so that a mistake fails the cases that are about it and no others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.exercise import Case
from autograder.precision import DIGITS

Array: TypeAlias = NDArray[Any]

SHAPE = (4, 3)
STABLE = {"large values": ("warnings",)}  # where exp overflows, if it is let


def mixed(rng: np.random.Generator, shape: tuple[int, ...], low: float = -3.0, high: float = 3.0) -> Array:
    """Numbers between the two, no two of them as good as equal and none as good as 0."""
    values = np.linspace(low, high, int(np.prod(shape)) + 2)[1:-1] + rng.uniform(0.002, 0.03)
    return rng.permutation(values).reshape(shape)


def with_zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Every third number is exactly 0."""
    z = mixed(rng, shape)
    z.ravel()[::3] = 0.0
    return z


def large(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Of both signs, from hundreds to ten thousand."""
    sizes = np.resize([1e4, 900.0, 3e3], int(np.prod(shape))) * rng.uniform(0.9, 1.0)
    return (sizes * np.resize([1, 1, 1, -1, -1, -1], sizes.shape)).reshape(shape)


def whole(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Integers of both signs, 0 among them, no two equal."""
    count = int(np.prod(shape))
    return (rng.permutation(count) - count // 2).reshape(shape)


def drawn(rng: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """(trait, z)."""
    yield "both signs", mixed(rng, SHAPE)
    yield "positive values", mixed(rng, SHAPE, 0.05, 3)
    yield "negative values", mixed(rng, SHAPE, -3, -0.05)
    yield "many examples", mixed(rng, (40, 3))
    yield "one example", mixed(rng, (1, 6))
    yield "a vector", mixed(rng, (7,))
    yield "images", mixed(rng, (2, 2, 3, 4))
    yield "zeros among them", with_zeros(rng, SHAPE)
    yield "large values", large(rng, SHAPE)
    yield "float32", mixed(rng, SHAPE).astype(np.float32)
    yield "integers", whole(rng, SHAPE)
    yield "read-only arrays", frozen(mixed(rng, SHAPE))


def frozen(array: Array) -> Array:
    """The array, not to be written to."""
    array.flags.writeable = False
    return array


def forward_cases(
    rng: np.random.Generator, *more: Any, digits: tuple[tuple[str, float, float], ...] = ()
) -> Iterator[Case]:
    """A forward function in each setting; then purity and the cache. ``more``: arguments behind z.

    ``digits``: trait, lowest and highest value of arrays whose results are judged to their last digits.
    """
    for trait, z in drawn(rng):
        yield Case(trait, (z, *more), looks_at=STABLE.get(trait, ()))
    for trait, low, high in digits:
        yield Case(trait, (rng.uniform(low, high, SHAPE), *more), looks_at=(DIGITS,))
    yield Case("inputs unchanged", (with_zeros(rng, SHAPE), *more), looks_at=("out", "inputs"))
    yield Case("cache as documented", (mixed(rng, SHAPE), *more), looks_at=("out", "cache"))


def backward_cases(rng: np.random.Generator, *more: Any) -> Iterator[Case]:
    """A backward function in each setting, with a dout of both signs; then purity."""
    for trait, z in drawn(rng):
        yield Case(trait, (z, *more), upstream(rng, z), looks_at=STABLE.get(trait, ()))
    for trait, looks_at in (("dout and cache unchanged", "inputs"), ("called twice", "again")):
        z = mixed(rng, SHAPE)
        yield Case(trait, (z, *more), upstream(rng, z), looks_at=("dz", looks_at))


def upstream(rng: np.random.Generator, z: Array) -> Array:
    """dout for z: of z's dtype, or float64 where z holds integers."""
    dout = mixed(rng, z.shape, -2, 2).astype(z.dtype if z.dtype.kind == "f" else np.float64)
    dout.flags.writeable = z.flags.writeable
    return dout
