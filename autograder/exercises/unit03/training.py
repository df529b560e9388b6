"""train: the whole loop, graded by accuracy on digits that were held out.

`train(x, labels, *, rng)` returns the parameters of a network, and the network is run here: held-out images and their
labels never leave the trusted side. Each data set has its pixels in an order of its own, its classes renamed and a
little noise, so digits that are known from elsewhere are of no use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.calling import Opaque, describe, plain
from autograder.exercise import Case, Exercise
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.momentum import UNIT
from autograder.exercises.unit03.training_mistakes import MISCONCEPTIONS, loop, train
from autograder.sampling import Finding, Look, Sampler, Sampling, Stopped, found
from nnlib.data import load_digits

Array: TypeAlias = NDArray[Any]
MOST = 1e3  # no weight of a network that learns is larger
HARDLY = 60.0  # per cent: below, a network has learned next to nothing
OF_SPLITS = 3  # seeds of their own: a student gets an rng with the seed itself, and must not draw the same from it
NOTHING, FULL = 75.0, 95.0  # per cent right: no points up to here, all points from there on
WANTED = "(w1, b1, w2, b2)"


@dataclass(frozen=True, slots=True)
class Split:
    """Images to learn from, and others to be judged by."""

    x: Array
    labels: Array
    new_x: Array
    new_labels: Array


@cache
def digits() -> tuple[Array, Array]:
    """All digits, (N, 8, 8)."""
    return load_digits()


def split(seed: int, count: int, *, crop: int = 0, classes: int = 10, dtype: str = "float64") -> Split:
    """``count`` digits to learn from, and all others; without ``crop`` rows and columns at each side."""
    rng = np.random.default_rng([OF_SPLITS, seed])
    images, labels = digits()
    chosen = rng.permutation(np.flatnonzero(labels < classes))
    images = images[chosen, crop : 8 - crop, crop : 8 - crop].reshape(len(chosen), -1)
    x = images[:, rng.permutation(images.shape[1])] + rng.normal(0, 0.02, images.shape)
    y = rng.permutation(classes)[labels[chosen]]
    x = x.astype(dtype)
    return Split(x[:count], y[:count], x[count:], y[count:])


def read(result: Any) -> Any:
    """Four arrays."""
    value = plain(result)
    if type(value) not in (tuple, list) or len(value) != 4:
        return Opaque(describe(value), wanted=WANTED)
    if not all(isinstance(part, np.ndarray) for part in value):
        return Opaque("a tuple with something else than arrays in it", wanted=WANTED)
    return tuple(value)


def misfit(parameters: tuple[Array, ...], features: int, classes: int) -> Finding | None:
    """Why the parameters are no network, or None."""
    w1, b1, w2, b2 = parameters
    shapes = [p.shape for p in parameters]
    fit = (
        w1.ndim == w2.ndim == 2
        and w1.shape[0] == features
        and b1.shape == (w1.shape[1],) == (w2.shape[0],)
        and b2.shape == (w2.shape[1],)
        and w2.shape[1] >= classes
    )
    if not fit:
        told = f"w1 {shapes[0]}, b1 {shapes[1]}, w2 {shapes[2]}, b2 {shapes[3]}"
        return found(
            "shapes", f"expected w1 ({features}, H), b1 (H,), w2 (H, {classes}), b2 ({classes},), got {told}"
        )
    if not all(np.isfinite(p).all() for p in parameters):
        return found("not finite", "there are numbers in it that are no numbers: training has diverged")
    return None


def trained(sampler: Sampler, seed: int, data: Split) -> tuple[Array, ...]:
    """The parameters that a call gives. Raises Stopped where they are no network."""
    parameters: tuple[Array, ...] = sampler(seed, data.x, data.labels)
    if problem := misfit(parameters, data.x.shape[1], int(data.labels.max()) + 1):
        raise Stopped(problem)
    return parameters


def accuracy(parameters: tuple[Array, ...], x: Array, labels: Array) -> float:
    """Per cent of the images that the network reads rightly."""
    w1, b1, w2, b2 = (p.astype(np.float64) for p in parameters)
    with np.errstate(all="ignore"):
        logits = np.maximum(x.astype(np.float64) @ w1 + b1, 0) @ w2 + b2
    return 100 * float((logits.argmax(axis=1) == labels).mean())


def how(per_cent: float, parameters: tuple[Array, ...], chance: float) -> str:
    """What an accuracy is a sign of."""
    if not parameters[3].any():
        return "never moved"
    if max(np.abs(p).max() for p in parameters) > MOST:
        return "blown up"
    bands = ((2 * chance, "guesses"), (HARDLY, "hardly learned"), (NOTHING, "half learned"))
    return next((name for most, name in bands if per_cent < most), "not yet")


def reads(
    count: int, full: float = FULL, nothing: float = NOTHING, *, ordered: bool = False, **settings: Any
) -> Look:
    """The accuracy after learning from ``count`` digits: ``full`` per cent for all of the credit."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        data = split(seed, count, **settings)
        if ordered:
            rows = np.argsort(data.labels, kind="stable")
            data = Split(data.x[rows], data.labels[rows], data.new_x, data.new_labels)
        parameters = trained(sampler, seed, data)
        got = accuracy(parameters, data.new_x, data.new_labels)
        if got >= full:
            return None
        credit = max(0.0, (got - nothing) / (full - nothing))
        told = f"{got:.1f} % of {len(data.new_x)} new digits are read rightly; points begin at {nothing:g} %, all are for {full:g} %"
        return found(how(got, parameters, 100 / settings.get("classes", 10)), told, credit=credit)

    return look


def fits(sampler: Sampler, seed: int) -> Finding | None:
    """The shapes of the parameters."""
    data = split(seed, 120)
    return misfit(sampler(seed, data.x, data.labels), 64, 10)


def units_differ(sampler: Sampler, seed: int) -> Finding | None:
    """No two hidden units do the same."""
    w1 = trained(sampler, seed, split(seed, 120))[0]
    count = len(np.unique(w1, axis=1).T)
    if count == w1.shape[1]:
        return None
    return found(
        "units alike",
        f"of {w1.shape[1]} hidden units only {count} are different: they began alike, and stay alike",
    )


def unchanged(sampler: Sampler, seed: int) -> Finding | None:
    """x and labels are as they were."""
    data = split(seed, 120)
    trained(sampler, seed, data)
    before = (data.x, data.labels)
    names = [
        n for n, a, b in zip(("x", "labels"), before, sampler.arguments, strict=True) if not np.array_equal(a, b)
    ]
    if not names:
        return None
    return found("inputs changed", f"your function changed {' and '.join(names)}, which came in from outside")


def alike(one: tuple[Array, ...], other: tuple[Array, ...]) -> bool:
    """Whether two networks are the same."""
    return all(a.shape == b.shape and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def repeatable(sampler: Sampler, seed: int) -> Finding | None:
    """The same rng, the same network."""
    data = split(seed, 120)
    if alike(trained(sampler, seed, data), trained(sampler, seed, data)):
        return None
    return found(
        "not repeatable", "with an rng of the same seed the network is another: something else draws, too"
    )


def another(sampler: Sampler, seed: int) -> Finding | None:
    """Another rng, another network."""
    data = split(seed, 120)
    if not alike(trained(sampler, seed, data), trained(sampler, seed + 1, data)):
        return None
    return found("the same network", "two networks are the same, though rng is another: is it used at all?")


LOOKS: dict[str, Look] = {
    "shapes": fits,
    "new digits": reads(1200),
    "few digits": reads(211, 80, 40),
    "digits sorted by class": reads(500, 88, 65, ordered=True),
    "smaller images": reads(500, 88, 65, crop=1),
    "four classes": reads(250, 92, 70, classes=4),
    "float32": reads(250, 80, 50, dtype="float32"),
    "hidden units differ": units_differ,
    "inputs unchanged": unchanged,
    "the same rng, the same network": repeatable,
    "another rng, another network": another,
}


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """A seed for each look."""
    yield from (Case(trait, (int(rng.integers(2**32)),)) for trait in LOOKS)


EXERCISE = Exercise(
    name="train",
    unit=UNIT,
    signature="train(x, labels, *, rng)",
    reference=train,
    kind=Sampling((), LOOKS, read),
    cases=cases,
    points=5,
    misconceptions=MISCONCEPTIONS,
    alternatives=(
        loop(optimizer="momentum", lr=0.1, epochs=20, size=32),
        loop(optimizer="sgd", lr=0.5, epochs=30, size=32),
    ),
    aspects=shares.TRAINING,
    reread="section 8, everything together: the plan of the loop, and the scale of the points.",
)
