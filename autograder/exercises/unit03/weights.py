"""xavier_normal and he_normal: what is drawn is judged by its statistics, with bounds that chance alone respects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.calling import Opaque, describe, plain
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.momentum import UNIT
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.initialization import he_normal, xavier_normal

Rng = np.random.Generator
Variance = Callable[[int, int], float]
SIZES = {
    "a square layer": (200, 200),
    "more inputs than outputs": (400, 100),
    "more outputs than inputs": (100, 400),
    "one input": (1, 40_000),
}


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Layers of several forms, each for one property."""
    for trait in (*SIZES, *OTHERS):
        jitter = int(rng.integers(1, 20)) if trait != "one input" else 0
        fan_in, fan_out = SIZES.get(trait, (150, 260))
        yield Case(trait, (fan_in + jitter, fan_out + jitter, int(rng.integers(2**32))))


def read(result: Any) -> Any:
    """An array of real numbers."""
    value = plain(result)
    fits = isinstance(value, np.ndarray) and value.size > 0
    return value if fits else Opaque(describe(value), wanted="an array (fan_in, fan_out)")


def spread(variance: Variance) -> Look:
    """The variance is as it should be: 2/n · v² is that of a variance of n normal numbers."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        wanted, w = variance(*sampler.given), sampler(seed)
        got = float(w.var())
        problem = within("variance", got, wanted, wanted * math.sqrt(2 / w.size))
        told = 0 < got < math.inf
        times = round(2 * math.log2(got / wanted)) if told else None  # tells one wrong formula from another
        return problem and replace(problem, name=f"variance: {times}")

    return look


def centred(sampler: Sampler, seed: int) -> Finding | None:
    """The mean is 0, to what chance allows."""
    w = sampler(seed)
    return within("mean", float(w.mean()), 0.0, float(w.std()) / math.sqrt(w.size))


def shaped(sampler: Sampler, seed: int) -> Finding | None:
    """(fan_in, fan_out)."""
    w, wanted = sampler(seed), sampler.given
    if w.shape == wanted:
        return None
    hint = "A dense layer computes x @ w: the rows of w belong to the inputs." if w.shape == wanted[::-1] else ""
    return found(f"shape {w.shape == wanted[::-1]} {w.ndim}", f"expected shape {wanted}, got {w.shape}", hint=hint)


def typed(sampler: Sampler, seed: int) -> Finding | None:
    """float64."""
    w = sampler(seed)
    return None if w.dtype == np.float64 else found(f"{w.dtype}", f"expected dtype float64, got {w.dtype}")


def normal(sampler: Sampler, seed: int) -> Finding | None:
    """68.3 % of normal numbers are within one standard deviation."""
    w = sampler(seed)
    chance = math.erf(1 / math.sqrt(2))
    share = float((np.abs(w - w.mean()) < w.std()).mean())
    return within("share within one standard deviation", share, chance, math.sqrt(chance * (1 - chance) / w.size))


def different(sampler: Sampler, seed: int) -> Finding | None:
    """No two weights are equal."""
    w = sampler(seed)
    count = len(np.unique(w))
    if count == w.size:
        return None
    return found("equal weights", f"of {w.size} weights only {count} are different: each is drawn for itself")


def repeatable(sampler: Sampler, seed: int) -> Finding | None:
    """The same rng, the same weights."""
    if np.array_equal(sampler(seed), sampler(seed)):
        return None
    return found(
        "not repeatable", "with an rng of the same seed the weights are others: something else draws, too"
    )


def another(sampler: Sampler, seed: int) -> Finding | None:
    """Another rng, other weights."""
    if not np.array_equal(sampler(seed), sampler(seed + 1)):
        return None
    return found("the same weights", "two layers have the same weights, though rng has moved on")


OTHERS: dict[str, Look] = {
    "mean 0": centred,
    "shape": shaped,
    "float64": typed,
    "normal, not uniform": normal,
    "each weight for itself": different,
    "the same rng, the same weights": repeatable,
    "another rng, other weights": another,
}


def looks(variance: Variance) -> dict[str, Look]:
    """What is looked at, by trait."""
    return {**dict.fromkeys(SIZES, spread(variance)), **OTHERS}


def xavier(fan_in: int, fan_out: int) -> float:
    """Glorot's variance."""
    return 2 / (fan_in + fan_out)


def he(fan_in: int, fan_out: int) -> float:
    """He's variance."""
    return 2 / fan_in


def drawing(deviation: Callable[[int, int], float]) -> Function:
    """Normal numbers of this standard deviation."""
    return lambda fan_in, fan_out, *, rng: rng.normal(0, deviation(fan_in, fan_out), (fan_in, fan_out))


def scaled(variance: Variance) -> Function:
    """Standard normal numbers, and then the scale."""
    return lambda fan_in, fan_out, *, rng: (
        rng.standard_normal((fan_in, fan_out)) * variance(fan_in, fan_out) ** 0.5
    )


def one_by_one(variance: Variance) -> Function:
    """A row at a time."""

    def draw(fan_in: int, fan_out: int, *, rng: Rng) -> Any:
        rows = [rng.normal(scale=math.sqrt(variance(fan_in, fan_out)), size=fan_out) for _ in range(fan_in)]
        return np.array(rows)

    return draw


def uniform(variance: Variance) -> Function:
    """Uniform numbers of the right variance."""

    def draw(fan_in: int, fan_out: int, *, rng: Rng) -> Any:
        limit = math.sqrt(3 * variance(fan_in, fan_out))
        return rng.uniform(-limit, limit, (fan_in, fan_out))

    return draw


def repeated(variance: Variance) -> Function:
    """One row for all."""

    def draw(fan_in: int, fan_out: int, *, rng: Rng) -> Any:
        return np.tile(rng.normal(0, math.sqrt(variance(fan_in, fan_out)), fan_out), (fan_in, 1))

    return draw


def common(right: Function, variance: Variance) -> Iterator[Misconception]:
    """What goes wrong whatever the variance is."""
    yield Misconception(
        "takes the variance for the standard deviation",
        drawing(variance),
        "rng.normal takes the standard deviation. You gave it the variance: a root is missing.",
    )
    yield Misconception(
        "draws uniform numbers",
        uniform(variance),
        "The variance is right, but the numbers are uniform. Normal ones are asked for: rng.normal.",
    )
    yield Misconception(
        "draws from 0 to 1",
        lambda fan_in, fan_out, *, rng: rng.random((fan_in, fan_out)) * math.sqrt(variance(fan_in, fan_out)),
        "All weights are positive: rng.random draws from 0 to 1. Draw numbers of mean 0.",
    )
    yield Misconception(
        "is transposed",
        lambda fan_in, fan_out, *, rng: right(fan_in, fan_out, rng=rng).T,
        "Rows and columns are exchanged. With x (N, D) and w (D, M) the rows of w belong to the inputs.",
    )
    yield Misconception(
        "has an rng of its own",
        lambda fan_in, fan_out, *, rng: right(fan_in, fan_out, rng=np.random.default_rng(0)),
        "Your function makes its own generator, so two layers of one size have the same weights. Use the rng that came "
        "in.",
    )
    yield Misconception(
        "ignores rng",
        lambda fan_in, fan_out, *, rng: right(fan_in, fan_out, rng=np.random.default_rng()),
        "With the same rng the weights should be the same. You draw from something else, such as np.random.",
    )
    yield Misconception(
        "draws one row for all",
        repeated(variance),
        "All rows are the same. Each weight is drawn for itself: give rng.normal the whole shape.",
    )
    yield Misconception(
        "makes float32",
        lambda fan_in, fan_out, *, rng: right(fan_in, fan_out, rng=rng).astype(np.float32),
        "The result is float32. Leave it in float64, as rng.normal gives it.",
    )
    yield Misconception(
        "is always small",
        drawing(lambda fan_in, fan_out: 0.01),
        "The weights have the same size for every layer. It must depend on the number of connections.",
    )
    yield Misconception(
        "gives a flat array",
        lambda fan_in, fan_out, *, rng: right(fan_in, fan_out, rng=rng).ravel(),
        "The numbers are right, but in one long row. The shape is (fan_in, fan_out).",
    )


XAVIER = Exercise(
    name="xavier_normal",
    unit=UNIT,
    signature="xavier_normal(fan_in, fan_out, *, rng)",
    reference=xavier_normal,
    kind=Sampling(("fan_in", "fan_out"), looks(xavier), read),
    cases=cases,
    points=2,
    misconceptions=(
        *common(xavier_normal, xavier),
        Misconception(
            "is He's",
            he_normal,
            "This is He's variance, 2 / fan_in, for ReLU. Xavier's takes inputs and outputs into account.",
        ),
        Misconception(
            "looks at the inputs alone",
            drawing(lambda fan_in, fan_out: math.sqrt(1 / fan_in)),
            "1 / fan_in keeps the size on the way forward only. The compromise has the outputs in it, too.",
        ),
        Misconception(
            "has 1 in place of 2",
            drawing(lambda fan_in, fan_out: math.sqrt(1 / (fan_in + fan_out))),
            "The variance is half of what it should be. It is 1 over the mean of fan_in and fan_out, and a mean has a 2 "
            "in it.",
        ),
        Misconception(
            "has 6 in place of 2",
            drawing(lambda fan_in, fan_out: math.sqrt(6 / (fan_in + fan_out))),
            "The 6 belongs to the uniform version, where it stands in the limits. Normal numbers have a 2.",
        ),
    ),
    alternatives=(scaled(xavier), one_by_one(xavier)),
    aspects=shares.WEIGHTS,
    reread="section 6, initialisation: the box with both variances.",
)

HE = Exercise(
    name="he_normal",
    unit=UNIT,
    signature="he_normal(fan_in, fan_out, *, rng)",
    reference=he_normal,
    kind=Sampling(("fan_in", "fan_out"), looks(he), read),
    cases=cases,
    points=1,
    misconceptions=(
        *common(he_normal, he),
        Misconception(
            "is Xavier's",
            xavier_normal,
            "This is Xavier's variance, 2 / (fan_in + fan_out). He's looks at the inputs alone, since ReLU switches half "
            "of them off.",
        ),
        Misconception(
            "has 1 in place of 2",
            drawing(lambda fan_in, fan_out: math.sqrt(1 / fan_in)),
            "The variance is half of what it should be. ReLU throws half of the signal away, and the 2 makes up for it.",
        ),
        Misconception(
            "counts the outputs",
            drawing(lambda fan_in, fan_out: math.sqrt(2 / fan_out)),
            "You divide by the number of outputs. A unit adds up its inputs: it is fan_in that counts.",
        ),
    ),
    alternatives=(scaled(he), one_by_one(he)),
    aspects=shares.WEIGHTS,
    reread="section 6, initialisation: the box with both variances.",
)
