"""What the update functions are tried on: a friendly path of three steps, and for each trait what is different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.exercise import Case

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Path:
    """The weights' shape, how many steps, how large the gradients are, and what is set besides.

    ``settings``: by name, in the function's order; None at the end stands for a default that is left out.
    ``zeros``: some weights get no gradient. ``rates``: another learning rate at each step.
    """

    trait: str
    shape: tuple[int, ...] = (4,)
    steps: int = 3
    scale: float = 1.0
    settings: tuple[float, ...] = ()
    dtype: str = "float64"
    zeros: bool = False
    rates: bool = False
    awkward: bool = False
    looks_at: tuple[str, ...] = ()


def case(rng: np.random.Generator, path: Path) -> Case:
    """One path, drawn."""
    w = _draw(rng, path, path.shape, 1.0)
    gradients = _draw(rng, path, (path.steps, *path.shape), path.scale)
    if path.zeros:
        gradients[:, 0] = 0
    lr: Any = float(np.round(rng.uniform(0.05, 0.2), 3))
    if path.rates:
        lr = tuple(float(r) for r in np.round(rng.uniform(0.05, 0.5, path.steps), 3))
    return Case(path.trait, (w, gradients, lr, *path.settings), looks_at=path.looks_at)


def _draw(rng: np.random.Generator, path: Path, shape: tuple[int, ...], scale: float) -> Array:
    """Numbers of both signs, none of them near 0, so that no mistake hides."""
    values = rng.uniform(0.5, 2.0, shape) * rng.choice([-1, 1], shape) * scale
    if path.dtype.startswith("int"):
        values = np.sign(values) * np.ceil(np.abs(3 * values))
    array: Array = values.astype(path.dtype)
    array.flags.writeable = not path.awkward
    return array


BASE = (
    Path("one step", steps=1),
    Path("three steps"),
    Path("many steps", steps=25),
    Path("one weight", shape=(1,)),
    Path("a matrix", shape=(3, 2)),
    Path("filters", shape=(2, 3, 2, 2), steps=2),
    Path("another learning rate each step", rates=True),
    Path("some gradients are 0", zeros=True),
    Path("float32", dtype="float32"),
    Path("integers", dtype="int64"),
    Path("read-only arrays", awkward=True),
    Path("inputs unchanged", looks_at=("inputs",)),
)
WITH_STATE = (
    *BASE,
    Path("two parameters in turn", looks_at=("apart",)),
    Path("again from an empty state", looks_at=("again",)),
)


def cases(rng: np.random.Generator, *paths: Path) -> Iterator[Case]:
    """The cases of all paths."""
    yield from (case(rng, path) for path in paths)


def varied(trait: str, **changes: Any) -> Path:
    """The friendly path with another trait."""
    return replace(Path(trait), **changes)
