"""What batch norm is tried on, for tables (N, D) and for images (N, C, H, W), and what each trait counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.exercise import Case
from autograder.exercises.unit02.drawing import RNG, Array, draw, floating
from autograder.exercises.unit02.shares import aspects
from autograder.stateful import STATE

NAMES = ("x", "gamma", "beta", STATE + "mean", STATE + "var", "train", "momentum", "eps")
OUTS = ("out", "mean", "var")
GRADIENTS = ("dx", "dgamma", "dbeta")
TABLES: dict[str, tuple[int, ...]] = {
    "": (6, 3),
    "one example": (1, 3),
    "one feature": (6, 1),
    "many examples": (25, 3),
    "as many examples as features": (4, 4),
}
IMAGES: dict[str, tuple[int, ...]] = {
    "": (3, 2, 3, 3),
    "one image": (1, 3, 4, 4),
    "one channel": (4, 1, 3, 3),
    "many images": (12, 2, 3, 3),
    "image not square": (3, 2, 2, 5),
    "image higher than wide": (3, 2, 5, 2),
    "all sizes the same": (3, 3, 3, 3),
    "one pixel": (6, 3, 1, 1),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One case. ``plain``: gamma is 1 and beta 0. ``empty``: no state yet. ``batches``: calls in turn."""

    trait: str
    shape: tuple[int, ...]
    train: Any = True
    plain: bool = True
    empty: bool = False
    settings: tuple[float, ...] = ()
    scale: float = 1.0
    shift: float = 0.0
    constant: bool = False
    batches: int = 0
    dtype: str = "float64"
    awkward: bool = False
    looks_at: tuple[str, ...] = ()


def arguments(rng: RNG, s: Setting) -> tuple[Any, ...]:
    """Of a forward function, the state's values one by one."""
    size = s.shape[1]
    x = draw(rng, *((s.batches,) if s.batches else ()), *s.shape, dtype=s.dtype)
    x = (s.scale * (x + 0.7) + s.shift).astype(x.dtype) if x.dtype.kind == "f" else x
    if s.constant:
        x[:, 0] = 2.5
    x.flags.writeable = not s.awkward
    gamma = draw(rng, size, dtype=s.dtype) if not s.plain else np.ones(size, s.dtype)
    beta = draw(rng, size, dtype=s.dtype) if not s.plain else np.zeros(size, s.dtype)
    floats = "float32" if s.dtype == "float32" else "float64"
    mean, var = draw(rng, size, dtype=floats), np.square(draw(rng, size, dtype=floats))
    for array in (gamma, beta, mean, var):
        array.flags.writeable = not s.awkward
    state = (None, None) if s.empty else (mean, var)
    return (x, gamma, beta, *state, s.train, *s.settings)


def common(base: Setting, shapes: dict[str, tuple[int, ...]]) -> Iterator[Setting]:
    """What forward and backward functions have in common."""
    yield base
    yield replace(base, trait="in evaluation", train=False)
    for trait, shape in shapes.items():
        if trait:
            yield replace(base, trait=trait, shape=shape)
    yield replace(base, trait="gamma and beta", plain=False)
    yield replace(base, trait="gamma and beta, in evaluation", plain=False, train=False)
    yield replace(base, trait="large eps", settings=(0.9, 0.5))
    yield replace(base, trait="large eps, in evaluation", settings=(0.9, 0.5), train=False)
    yield replace(base, trait="constant feature", constant=True)
    yield replace(base, trait="float32", dtype="float32")
    yield replace(base, trait="integers", dtype="int64", plain=False)
    yield replace(base, trait="read-only arrays", awkward=True)


def forward_cases(shapes: dict[str, tuple[int, ...]]) -> Any:
    """The cases of a forward function on these shapes."""

    def cases(rng: RNG) -> Iterator[Case]:
        base = Setting("a batch in training", shapes[""])
        rows: Sequence[Setting] = (
            *common(base, shapes),
            replace(base, trait="empty state", empty=True),
            replace(base, trait="in evaluation, empty state", empty=True, train=False, shift=1.0),
            replace(base, trait="two batches in turn", batches=2, train=(True, True)),
            replace(base, trait="trained, then evaluated", batches=3, train=(True, True, False)),
            replace(base, trait="another momentum", settings=(0.6,)),
            replace(base, trait="small variance", scale=1e-3),
            replace(base, trait="far from 0", shift=1e5),
            replace(base, trait="inputs unchanged", looks_at=(*OUTS, "inputs")),
            replace(base, trait="inputs unchanged, in evaluation", train=False, looks_at=(*OUTS, "inputs")),
            replace(base, trait="called twice", looks_at=(*OUTS, "again")),
            replace(base, trait="cache as documented", plain=False, looks_at=(*OUTS, "cache")),
            replace(base, trait="cache in evaluation", train=False, looks_at=(*OUTS, "cache")),
        )
        yield from (Case(s.trait, arguments(rng, s), looks_at=s.looks_at) for s in rows)

    return cases


def backward_cases(shapes: dict[str, tuple[int, ...]]) -> Any:
    """The cases of a backward function on these shapes."""

    def cases(rng: RNG) -> Iterator[Case]:
        base = Setting("a batch in training", shapes[""])
        rows: Sequence[Setting] = (
            *common(base, shapes),
            replace(base, trait="wide spread", scale=50.0),
            replace(base, trait="dout and cache unchanged", looks_at=(*GRADIENTS, "inputs")),
            replace(base, trait="called twice", looks_at=(*GRADIENTS, "again")),
        )
        for s in rows:
            given = arguments(rng, s)
            dtype = "float32" if s.dtype == "float32" else "float64"
            dout = draw(rng, *s.shape, dtype=dtype, awkward=s.awkward) + given[0].dtype.type(0)
            dout = dout.astype(dtype)
            dout.flags.writeable = not s.awkward
            yield Case(s.trait, given, dout, looks_at=s.looks_at)

    return cases


def defaults(*arguments: Any) -> tuple[Array, Array]:
    """What the empty state stands for: mean 0 and variance 1."""
    x, gamma = arguments[:2]
    dtype = floating(x).dtype
    return np.zeros(len(gamma), dtype), np.ones(len(gamma), dtype)


def sized(shapes: dict[str, tuple[int, ...]]) -> tuple[str, ...]:
    """The traits that are about a shape."""
    return tuple(trait for trait in shapes if trait)


def forward_aspects(shapes: dict[str, tuple[int, ...]]) -> Any:
    """What a forward function's traits count."""
    return aspects(
        training=(8, ("a batch in training", *sized(shapes))),
        state=(20, ("empty state", "another momentum", "two batches in turn")),
        evaluation=(10, ("in evaluation", "in evaluation, empty state", "trained, then evaluated")),
        gamma_and_beta=(14, ("gamma and beta", "gamma and beta, in evaluation")),
        eps=(14, ("large eps", "large eps, in evaluation", "constant feature", "small variance")),
        stability=(10, ("far from 0",)),
        dtype=(8, ("float32", "integers")),
        cache=(8, ("cache as documented", "cache in evaluation")),
        nothing_changed=(
            8, ("read-only arrays", "inputs unchanged", "inputs unchanged, in evaluation", "called twice"),
        ),
    )  # fmt: skip


def backward_aspects(shapes: dict[str, tuple[int, ...]]) -> Any:
    """What a backward function's traits count."""
    return aspects(
        training=(18, ("a batch in training", "wide spread")),
        shapes=(12, sized(shapes)),
        evaluation=(12, ("in evaluation",)),
        gamma_and_beta=(20, ("gamma and beta", "gamma and beta, in evaluation")),
        eps=(14, ("large eps", "large eps, in evaluation", "constant feature")),
        dtype=(14, ("float32", "integers")),
        nothing_changed=(10, ("read-only arrays", "dout and cache unchanged", "called twice")),
    )
