"""What the inputs of unit 5 look like: a friendly setting, and for each trait what is different in it.

A setting has one trait and is friendly otherwise, so that a mistake fails the cases that are about it and no
others: points are then partial, and the grid of a report can be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Pair: TypeAlias = tuple[int, int]

INPUTS = ("out", "inputs")
LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Setting:
    """Sizes, stride, padding and dtype of one case; ``values`` says which numbers the images hold."""

    trait: str
    n: int = 2
    c: int = 2
    f: int = 3
    image: Pair = (5, 5)
    kernel: Any = (3, 3)
    stride: Any = 1
    padding: Any = 1
    dtype: str = "float64"
    values: str = "mixed"
    defaults: bool = False
    awkward: bool = False
    raises: type[Exception] | None = None
    looks_at: tuple[str, ...] = ()


def draw(rng: np.random.Generator, setting: Setting, *shape: int, values: str = "mixed") -> Array:
    """An array of ``shape`` as the setting wants it; integers are all different, and so are floats."""
    array = VALUES[values](rng, shape)
    if setting.dtype.startswith("int"):
        array = (rng.permutation(array.size) - array.size // 2).reshape(shape)
    array = array.astype(setting.dtype)
    array.flags.writeable = not setting.awkward
    return array


def _mixed(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Numbers of both signs, no two of them as good as equal."""
    values = np.linspace(-2.0, 2.0, int(np.prod(shape)) + 1)[1:] + 0.013
    return rng.permutation(values).reshape(shape)


def _negative(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return -2.5 + _mixed(rng, shape) / 2


def _tied(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Few different numbers; the first image of each pair is even."""
    values = rng.integers(0, 2, shape).astype(np.float64)
    values[..., :2, :2] = 1.0  # tied in the first window for certain
    return values


VALUES = {"mixed": _mixed, "negative": _negative, "tied": _tied}


def settings(base: Setting, *rows: tuple[str, dict[str, Any]]) -> tuple[Setting, ...]:
    """``base`` with the changes of each row, which is a trait and what is different."""
    return (base, *(replace(base, trait=trait, **changes) for trait, changes in rows))


def both(value: Any) -> Pair:
    """A pair of an int or a pair."""
    return (value, value) if isinstance(value, int) else tuple(value)


def output_shape(setting: Setting) -> Pair:
    """(OH, OW) of a setting."""
    sizes = zip(setting.image, both(setting.kernel), both(setting.stride), both(setting.padding), strict=True)
    oh, ow = ((size + 2 * padding - kernel) // stride + 1 for size, kernel, stride, padding in sizes)
    return oh, ow


def upstream(rng: np.random.Generator, setting: Setting, n: int, channels: int) -> Array:
    """dout for the outputs of a setting: a float, also where the images are integers."""
    floats = replace(setting, dtype="float64" if setting.dtype.startswith("int") else setting.dtype)
    return draw(rng, floats, n, channels, *output_shape(pool_stride(setting)))


CONVOLUTION = settings(
    Setting("square images, 3×3, padding 1"),
    ("image not square", {"image": (4, 7)}),
    ("image higher than wide", {"image": (8, 4)}),
    ("kernel not square", {"kernel": (3, 2)}),
    ("1×1 kernel", {"kernel": (1, 1)}),
    ("no padding", {"padding": 0}),
    ("padding 2", {"padding": 2}),
    ("padding a pair", {"padding": (2, 1)}),
    ("padding along one axis", {"padding": (0, 1)}),
    ("stride 2", {"image": (7, 7), "stride": 2}),
    ("windows side by side", {"image": (7, 7), "stride": 3}),
    ("leftover at the end", {"image": (9, 9), "stride": 3}),
    ("stride a pair", {"image": (7, 7), "stride": (2, 1)}),
    ("stride and padding different pairs", {"image": (6, 7), "stride": (1, 2), "padding": (2, 1)}),
    ("stride and padding left out", {"padding": 0, "defaults": True}),
    ("one image", {"n": 1}),
    ("one channel", {"c": 1}),
    ("many images", {"n": 11}),
    ("float32", {"dtype": "float32"}),
    ("integers", {"dtype": "int64"}),
    ("read-only arrays", {"awkward": True}),
    (
        "everything at once",
        {"n": 3, "c": 4, "f": 2, "image": (8, 11), "kernel": (4, 3), "stride": (2, 3), "padding": (1, 0)},
    ),
)

POOLING = settings(
    Setting("2×2 windows", n=2, c=3, image=(6, 6), kernel=2, stride=None, padding=0),
    ("image not square", {"image": (4, 8)}),
    ("image higher than wide", {"image": (8, 4)}),
    ("window not square", {"kernel": (2, 3)}),
    ("overlapping windows", {"image": (7, 7), "kernel": 3, "stride": 2}),
    ("stride 1", {"image": (5, 5), "kernel": 2, "stride": 1}),
    ("gaps between windows", {"image": (8, 8), "stride": 3}),
    ("leftover at the end", {"image": (7, 7)}),
    ("stride a pair", {"image": (5, 5), "kernel": 3, "stride": (2, 1)}),
    ("one window", {"image": (4, 4), "kernel": 4}),
    ("one image", {"n": 1}),
    ("one channel", {"c": 1}),
    ("many images", {"n": 11}),
    ("negative values", {"values": "negative"}),
    ("equal values", {"values": "tied"}),
    ("float32", {"dtype": "float32"}),
    ("integers", {"dtype": "int64"}),
    ("read-only arrays", {"awkward": True}),
    ("everything at once", {"n": 3, "c": 4, "image": (8, 11), "kernel": (3, 2), "stride": (2, 1)}),
)


def without(table: Iterable[Setting], *traits: str) -> tuple[Setting, ...]:
    """The settings of other traits."""
    return tuple(setting for setting in table if setting.trait not in traits)


def pool_stride(setting: Setting) -> Setting:
    """The setting with its stride written out: None means the window's size."""
    return replace(setting, stride=setting.kernel if setting.stride is None else setting.stride)


def each(
    table: Iterable[Setting], base: Setting, rows: Iterable[tuple[str, tuple[str, ...]]]
) -> Iterator[Setting]:
    """The settings of a table, and ``base`` again for each row: a trait and what it looks at."""
    yield from table
    for trait, looks_at in rows:
        yield replace(base, trait=trait, looks_at=looks_at)
