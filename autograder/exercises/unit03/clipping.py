"""clip_by_global_norm and clip_by_value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.momentum import UNIT, floating
from autograder.values import Values
from nnlib.optimizers import clip_by_global_norm, clip_by_value

NOT_CHANGED = "Your function changes the gradients that came in. Make new arrays: g * factor, not g *= factor."
FLOAT64 = (
    "float32 came in, float64 went out. A factor of NumPy's float64 does that: make it a float(…), or use astype."
)
INTEGERS = "Integer gradients stayed integers. Convert them with as_float first."


def draw(
    rng: np.random.Generator, *shapes: tuple[int, ...], dtype: str = "float64", scale: float = 1.0
) -> list[Any]:
    """Gradients of both signs, from 0.5 to 2 times ``scale`` in size."""
    found = [scale * rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape) for shape in shapes]
    return [np.round(4 * g).astype(dtype) if dtype.startswith("int") else g.astype(dtype) for g in found]


def frozen(arrays: list[Any]) -> list[Any]:
    """Read-only."""
    for array in arrays:
        array.flags.writeable = False
    return arrays


def norm_of(arrays: list[Any]) -> float:
    """All arrays as one vector."""
    return float(np.sqrt(sum((np.float64(g) ** 2).sum() for g in arrays)))


TWO = ((3, 2), (2,))


def norm_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Norms above, below and far from the limit."""
    usual = draw(rng, *TWO)
    yield Case("too long", (usual, 1.0))
    yield Case("short enough", (draw(rng, *TWO), 50.0))
    yield Case("just as long as allowed", (given := draw(rng, *TWO), norm_of(given)))
    yield Case("one array", (draw(rng, (5,)), 1.0))
    yield Case("five arrays", (draw(rng, (4, 3), (3,), (3, 2), (2,), (2, 1, 2)), 0.5))
    yield Case("one long, one short", ([*draw(rng, (3,)), *draw(rng, (2,), scale=0.01)], 1.0))
    yield Case("very long", (draw(rng, *TWO, scale=1e6), 2.0))
    yield Case("all zero", ([np.zeros((2, 2)), np.zeros(3)], 1.0))
    yield Case("float32", (draw(rng, *TWO, dtype="float32"), 1.0))
    yield Case("integers", (draw(rng, *TWO, dtype="int64"), 1.0))
    yield Case("read-only arrays", (frozen(draw(rng, *TWO)), 1.0))
    yield Case("inputs unchanged", (draw(rng, *TWO), 1.0), looks_at=("inputs",))


def value_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Values above, below and between the limits."""
    yield Case("some too large", ([np.abs(g) for g in draw(rng, *TWO)], 1.2))
    yield Case("some too small", ([-np.abs(g) for g in draw(rng, *TWO)], 1.2))
    yield Case("both signs", (draw(rng, *TWO), 1.0))
    yield Case("none too large", (draw(rng, *TWO), 10.0))
    yield Case("all too large", (draw(rng, *TWO, scale=100), 0.5))
    yield Case("one array", (draw(rng, (6,)), 1.0))
    yield Case("five arrays", (draw(rng, (4, 3), (3,), (3, 2), (2,), (2, 1, 2)), 1.0))
    yield Case("float32", (draw(rng, *TWO, dtype="float32"), 1.0))
    yield Case("integers", (draw(rng, *TWO, dtype="int64"), 4))
    yield Case("read-only arrays", (frozen(draw(rng, *TWO)), 1.0))
    yield Case("inputs unchanged", (draw(rng, *TWO), 1.0), looks_at=("inputs",))


def scaled(
    norm: Callable[[list[Any]], Any] = norm_of, factor: Any = lambda most, n: min(1.0, most / n) if n else 1.0
) -> Function:
    """One factor for all, made in another way."""

    def clip(grads: list[Any], max_norm: float) -> Any:
        n = norm(grads)
        return [floating(g) * float(factor(max_norm, n)) for g in grads], norm_of(grads)

    return clip


def by_one_vector(grads: list[Any], max_norm: float) -> Any:
    """All gradients in one vector."""
    norm = np.linalg.norm(np.concatenate([np.ravel(floating(g)) for g in grads]))
    if norm <= max_norm:
        return [floating(g) for g in grads], norm
    return [(floating(g) / norm * max_norm).astype(floating(g).dtype) for g in grads], norm


def by_maximum(grads: list[Any], max_norm: float) -> Any:
    """Divides by max(norm, limit)."""
    norm = float(np.linalg.norm([np.linalg.norm(g) for g in grads]))
    return tuple(floating(g) * (max_norm / max(norm, max_norm)) for g in grads), norm


def each_alone(grads: list[Any], max_norm: float) -> Any:
    """Every array has its own norm."""
    return [clip_by_global_norm([g], max_norm)[0][0] for g in grads], norm_of(grads)


def norm_in_place(grads: list[Any], max_norm: float) -> Any:
    """g *= factor."""
    norm = norm_of(grads)
    for g in grads:
        g *= min(1.0, max_norm / norm) if norm else 1.0
    return grads, norm


def as_they_came(right: Function, kept: Callable[[Any, Any], Any]) -> Function:
    """The result in another dtype."""

    def clip(grads: list[Any], limit: float) -> Any:
        result = right(grads, limit)
        if isinstance(result, tuple):
            return [kept(new, g) for new, g in zip(result[0], grads, strict=True)], result[1]
        return [kept(new, g) for new, g in zip(result, grads, strict=True)]

    return clip


def each_value(rule: Callable[[Any, Any], Any]) -> Function:
    """Another rule for each value."""
    return lambda grads, limit: [np.asarray(rule(floating(g), limit)).astype(floating(g).dtype) for g in grads]


def value_in_place(grads: list[Any], limit: float) -> Any:
    """np.clip(…, out=g)."""
    return [np.clip(g, -limit, limit, out=g) for g in grads]


GLOBAL_NORM = Exercise(
    name="clip_by_global_norm",
    unit=UNIT,
    signature="clip_by_global_norm(grads, max_norm)",
    reference=clip_by_global_norm,
    kind=Values(("grads", "max_norm"), ("clipped", "norm")),
    cases=norm_cases,
    points=2,
    tolerance={"float64": 1e-6, "float32": 1e-4},
    worth={"clipped": 3, "norm": 1},
    misconceptions=(
        Misconception(
            "clips each array by its own norm",
            each_alone,
            "Each array is shortened by its own factor, which turns the direction. One norm and one factor for all of "
            "them together.",
        ),
        Misconception(
            "stretches short gradients",
            scaled(factor=lambda most, n: most / n if n else 1.0),
            "Short gradients become longer. The factor must never be larger than 1.",
        ),
        Misconception(
            "adds the norms up",
            scaled(lambda grads: sum(np.linalg.norm(g) for g in grads)),
            "The norm of all is not the sum of the norms. Add the squares of all numbers, then take one root.",
        ),
        Misconception(
            "forgets the root",
            scaled(lambda grads: norm_of(grads) ** 2),
            "You divide by the sum of squares. The norm is its root.",
        ),
        Misconception(
            "takes the largest value for the norm",
            scaled(lambda grads: max(np.abs(g).max() for g in grads)),
            "You measure the largest value. The norm is the root of the sum of all squares.",
        ),
        Misconception(
            "adds absolute values",
            scaled(lambda grads: sum(np.abs(g).sum() for g in grads)),
            "You add the absolute values. Squares are added, and then the root is taken.",
        ),
        Misconception(
            "divides 0 by 0",
            lambda grads, most: (
                [
                    floating(g) * np.float64(min(1.0, most / n)).astype(floating(g).dtype)
                    if (n := norm_of(grads))
                    else g * np.nan
                    for g in grads
                ],
                norm_of(grads),
            ),
            "If all gradients are 0, so is the norm, and you divide by it. Nothing has to be shortened then.",
        ),
        Misconception(
            "returns the norm after clipping",
            lambda grads, most: ((clipped := clip_by_global_norm(grads, most)[0]), norm_of(clipped)),
            "The norm that you return is that of the shortened gradients. The one before is asked for: it tells when "
            "training goes wrong.",
        ),
        Misconception(
            "changes the gradients in place",
            norm_in_place,
            NOT_CHANGED,
        ),
        Misconception(
            "makes float64 of float32",
            as_they_came(clip_by_global_norm, lambda new, g: new.astype(np.float64)),
            FLOAT64,
        ),
        Misconception(
            "cuts integers off",
            as_they_came(clip_by_global_norm, lambda new, g: new.astype(g.dtype)),
            INTEGERS,
            seen=30,
        ),
        Misconception(
            "clips by value",
            lambda grads, most: (clip_by_value(grads, most), norm_of(grads)),
            "You cut single values. Here all of them are multiplied by one factor, so that the direction stays.",
        ),
        Misconception(
            "returns the list alone",
            lambda grads, most: clip_by_global_norm(grads, most)[0],
            "Two things are asked for: the list and the norm before. End with: return clipped, norm.",
        ),
    ),
    alternatives=(by_one_vector, by_maximum),
    aspects=shares.CLIP_NORM,
    reread="section 7, clipping: the boxed factor, and the example with 3 and 4.",
)

BY_VALUE = Exercise(
    name="clip_by_value",
    unit=UNIT,
    signature="clip_by_value(grads, limit)",
    reference=clip_by_value,
    kind=Values(("grads", "limit"), ("clipped",)),
    cases=value_cases,
    points=1,
    misconceptions=(
        Misconception(
            "cuts large values only",
            each_value(lambda g, limit: np.minimum(g, limit)),
            "Values far below zero stay. They are cut at -limit.",
        ),
        Misconception(
            "cuts small values only",
            each_value(lambda g, limit: np.maximum(g, -limit)),
            "Values far above zero stay. They are cut at limit.",
        ),
        Misconception(
            "loses the sign",
            each_value(lambda g, limit: np.minimum(np.abs(g), limit)),
            "All values came out positive. Cut on both sides: at -limit and at limit.",
        ),
        Misconception(
            "sets what is too large to 0",
            each_value(lambda g, limit: np.where(np.abs(g) > limit, 0, g)),
            "A value that is too large becomes 0. It becomes the limit, with its sign.",
        ),
        Misconception(
            "cuts at 0",
            each_value(lambda g, limit: np.clip(g, 0, limit)),
            "Negative values became 0. The lower end is -limit.",
        ),
        Misconception(
            "scales by the largest value",
            each_value(lambda g, limit: g * min(1.0, limit / np.abs(g).max())),
            "The whole array is scaled. Each value is cut for itself; those within the limits stay.",
        ),
        Misconception(
            "has limit 1 built in",
            lambda grads, limit: clip_by_value(grads, 1.0),
            "All is cut at 1, whatever limit is. Use the argument.",
        ),
        Misconception(
            "squeezes with tanh",
            each_value(lambda g, limit: limit * np.tanh(g / limit)),
            "Values within the limits change, too. They must stay exactly as they are.",
        ),
        Misconception(
            "changes the gradients in place",
            value_in_place,
            "Your function changes the gradients that came in. Leave out=… away, and let np.clip make a new array.",
        ),
        Misconception(
            "keeps integers",
            as_they_came(clip_by_value, lambda new, g: new.astype(g.dtype)),
            INTEGERS,
            seen=30,
        ),
        Misconception(
            "makes float64 of float32",
            as_they_came(clip_by_value, lambda new, g: new.astype(np.float64)),
            FLOAT64,
        ),
        Misconception(
            "returns the first array alone",
            lambda grads, limit: clip_by_value(grads, limit)[:1],
            "Your function stops after the first array: is return inside the loop?",
        ),
    ),
    alternatives=(
        lambda grads, limit: [np.minimum(np.maximum(floating(g), -limit), limit) for g in grads],
        lambda grads, limit: tuple(
            np.where(np.abs(g) > limit, np.sign(g) * limit, g).astype(floating(g).dtype) for g in grads
        ),
    ),
    aspects=shares.CLIP_VALUE,
    reread="section 7, clipping: the difference between both, and the example with 3 and 4.",
)
