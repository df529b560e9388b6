"""train_lenet: LeNet-5, trained by a loop of one's own, graded by accuracy on digits that were held out.

`train_lenet(x, labels, *, rng)` returns the ten parameters, and the network is run here: held-out images and their
labels never leave the trusted side. Each data set is turned or mirrored in a way of its own, has its classes renamed
and a little noise, so digits and weights that are known from elsewhere are of little use.
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
from autograder.exercises.unit06 import shares, wording
from autograder.exercises.unit06.training_mistakes import MISCONCEPTIONS, loop, train_lenet
from autograder.sampling import Finding, Look, Sampler, Sampling, Stopped, found
from nnlib.data import load_digits
from nnlib.lenet import lenet_forward

Array: TypeAlias = NDArray[Any]
MOST = 1e3  # no weight of a network that learns is larger
TINY = 0.05  # no filter that He's variance has drawn is as small
HARDLY = 60.0  # per cent: below, a network has learned next to nothing
OF_SPLITS = 3  # seeds of their own: a student gets an rng with the seed itself, and must not draw the same from it
NOTHING, FULL = 73.0, 93.0  # per cent right: no points up to here, all points from there on
FEW = 24  # digits, where accuracy does not matter
READ = 400  # new digits, at most
WANTED = "(w1, b1, w2, b2, w3, b3, w4, b4, w5, b5)"


@dataclass(frozen=True, slots=True)
class Split:
    """Images to learn from, and others to be judged by."""

    x: Array
    labels: Array
    new_x: Array
    new_labels: Array


@cache
def digits() -> tuple[Array, Array]:
    """All digits as images (N, 1, 28, 28): 8×8 pixels made 24×24, smoothly, and a border of 2."""
    images, labels = load_digits()
    at = (np.arange(24) + 0.5) / 3 - 0.5
    low = np.clip(np.floor(at).astype(int), 0, 6)
    share = np.clip(at - low, 0, 1)
    mix = np.zeros((24, 8))
    mix[np.arange(24), low], mix[np.arange(24), low + 1] = 1 - share, share
    return np.pad(mix @ images @ mix.T, ((0, 0), (2, 2), (2, 2)))[:, None], labels


def split(seed: int, count: int, *, classes: int = 10, dtype: str = "float32") -> Split:
    """``count`` digits to learn from, and others, all turned and mirrored alike."""
    rng = np.random.default_rng([OF_SPLITS, seed])
    images, labels = digits()
    chosen = rng.permutation(np.flatnonzero(labels < classes))[: count + READ]
    turned = np.rot90(images[chosen], int(rng.integers(4)), axes=(2, 3))
    turned = turned[..., ::-1] if rng.integers(2) else turned
    x = (turned + rng.normal(0, 0.02, turned.shape)).astype(dtype)
    y = rng.permutation(classes)[labels[chosen]]
    return Split(x[:count], y[:count], x[count:], y[count:])


def read(result: Any) -> Any:
    """Ten arrays."""
    value = plain(result)
    if type(value) not in (tuple, list) or len(value) != 10:
        return Opaque(describe(value), wanted=WANTED)
    if not all(isinstance(part, np.ndarray) for part in value):
        return Opaque("a tuple with something else than arrays in it", wanted=WANTED)
    return tuple(value)


def misfit(parameters: tuple[Array, ...], classes: int) -> Finding | None:
    """Why the parameters are no LeNet-5, or None."""
    shapes: tuple[tuple[int, ...], ...] = (
        *((6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 16, 5, 5), (120,)),
        *((120, 84), (84,), (84, classes), (classes,)),
    )
    for name, wanted, got in zip(WANTED[1:-1].split(", "), shapes, parameters, strict=True):
        if wanted != got.shape:
            return found("shapes", f"expected {name} {wanted}, got {got.shape}")
    if not all(np.isfinite(p).all() for p in parameters):
        return found("not finite", "there are numbers in it that are no numbers: training has diverged")
    return None


def trained(sampler: Sampler, seed: int, data: Split) -> tuple[Array, ...]:
    """The parameters that a call gives. Raises Stopped where they are no network."""
    parameters: tuple[Array, ...] = sampler(seed, data.x, data.labels)
    if problem := misfit(parameters, int(data.labels.max()) + 1):
        raise Stopped(problem)
    return parameters


def accuracy(parameters: tuple[Array, ...], x: Array, labels: Array) -> float:
    """Per cent of the images that the network reads rightly."""
    logits, _ = lenet_forward(x.astype(np.float32), [p.astype(np.float32) for p in parameters])
    return 100 * float((logits.argmax(axis=1) == labels).mean())


def how(per_cent: float, parameters: tuple[Array, ...], chance: float) -> str:
    """What an accuracy is a sign of."""
    if not parameters[-1].any():
        return "never moved"
    if max(np.abs(p).max() for p in parameters) > MOST:
        return "blown up"
    if np.abs(parameters[0]).max() < TINY:
        return "tiny filters"
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
        told = (
            f"{got:.1f} % of {len(data.new_x)} new digits are read rightly; points begin at {nothing:g} %, "
            f"all are for {full:g} %"
        )
        return found(how(got, parameters, 100 / settings.get("classes", 10)), told, credit=credit)

    return look


def fits(sampler: Sampler, seed: int) -> Finding | None:
    """The shapes of the parameters."""
    data = split(seed, FEW)
    return misfit(sampler(seed, data.x, data.labels), int(data.labels.max()) + 1)


def filters_differ(sampler: Sampler, seed: int) -> Finding | None:
    """No two filters of a layer do the same."""
    w1, _, w2, *_ = trained(sampler, seed, split(seed, FEW))
    for name, w in (("w1", w1), ("w2", w2)):
        count = len(np.unique(w.reshape(len(w), -1), axis=0))
        if count < len(w):
            told = f"of {len(w)} filters in {name} only {count} are different: they began alike, and stay alike"
            return found("filters alike", told)
    return None


def unchanged(sampler: Sampler, seed: int) -> Finding | None:
    """x and labels are as they were."""
    data = split(seed, FEW)
    trained(sampler, seed, data)
    pairs = zip(("x", "labels"), (data.x, data.labels), sampler.arguments, strict=True)
    names = [name for name, before, after in pairs if not np.array_equal(before, after)]
    if not names:
        return None
    return found("inputs changed", f"your function changed {' and '.join(names)}, which came in from outside")


def alike(one: tuple[Array, ...], other: tuple[Array, ...]) -> bool:
    """Whether two networks are the same."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def repeatable(sampler: Sampler, seed: int) -> Finding | None:
    """The same rng, the same network."""
    data = split(seed, FEW)
    if alike(trained(sampler, seed, data), trained(sampler, seed, data)):
        return None
    return found(
        "not repeatable", "with an rng of the same seed the network is another: something else draws, too"
    )


def another(sampler: Sampler, seed: int) -> Finding | None:
    """Another rng, another network."""
    data = split(seed, FEW)
    if not alike(trained(sampler, seed, data), trained(sampler, seed + 1, data)):
        return None
    return found("the same network", "two networks are the same, though rng is another: is it used at all?")


LOOKS: dict[str, Look] = {
    "shapes": fits,
    "new digits": reads(600),
    "few digits": reads(151, 45, 20),
    "digits sorted by class": reads(200, 60, 35, ordered=True),
    "four classes": reads(150, 60, 35, classes=4),
    "float64": reads(100, 35, 15, dtype="float64"),
    "filters differ": filters_differ,
    "inputs unchanged": unchanged,
    "the same rng, the same network": repeatable,
    "another rng, another network": another,
}


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """A seed for each look."""
    yield from (Case(trait, (int(rng.integers(2**32)),)) for trait in LOOKS)


EXERCISE = Exercise(
    name="train_lenet",
    unit=wording.UNIT,
    signature="train_lenet(x, labels, *, rng)",
    reference=train_lenet,
    kind=Sampling((), LOOKS, read),
    cases=cases,
    points=6,
    misconceptions=MISCONCEPTIONS,
    alternatives=(
        loop(optimizer="momentum", lr=0.03, epochs=6),
        loop(size=16, lr=3e-3),
    ),
    aspects=shares.TRAINING,
    reread="section 4, LeNet-5: the plan of the loop, and the scale of the points.",
)
