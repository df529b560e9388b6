"""Dropout forward, in both forms: what is drawn is judged by its statistics, with bounds that chance respects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Opaque, describe, plain
from autograder.exercise import Case
from autograder.exercises.unit02.drawing import RNG, Array, draw, floating
from autograder.exercises.unit02.shares import aspects
from autograder.sampling import Finding, Look, Sampler, Sampling, Stopped, found, within

NAMES = ("x", "p_drop", "train")
TABLE, IMAGES = (60, 40), (20, 3, 8, 10)
NEAR = {"float64": 1e-9, "float32": 1e-5}
DRAWS = 24  # to see that the number of dropped values varies


@dataclass(frozen=True, slots=True)
class Rule:
    """What kept values are multiplied by in training, and all values in evaluation."""

    training: Callable[[float], float]
    evaluation: Callable[[float], float]

    def mean(self, p: float) -> float:
        """What a value is multiplied by on average, in training."""
        return (1 - p) * self.training(p)

    def deviation(self, p: float) -> float:
        """The standard deviation of what one value is multiplied by, in training."""
        return math.sqrt(p * (1 - p)) * self.training(p)


INVERTED = Rule(training=lambda p: 1 / (1 - p), evaluation=lambda p: 1.0)
SCALED = Rule(training=lambda p: 1.0, evaluation=lambda p: 1 - p)


def cases(rng: RNG) -> Iterator[Case]:
    """Tables of many values, each for one property; the last argument seeds what is drawn."""

    def case(
        trait: str, *shape: int, p: tuple[float, float] = (0.2, 0.3), train: bool = True, **look: Any
    ) -> Case:
        x = draw(rng, *(shape or TABLE), **look)
        return Case(trait, (x, float(np.round(rng.uniform(*p), 3)), train, int(rng.integers(2**32))))

    many = (0.75, 0.85)
    yield case("share dropped")
    yield case("share dropped, of many", p=many)
    yield case("what is left")
    yield case("what is left of many", p=many)
    yield case("on average", p=(0.35, 0.45))
    yield case("nothing dropped", p=(0, 0))
    yield case("each value for itself")
    yield case("another number each time", 12, 10)
    yield case("in evaluation", train=False)
    yield case("in evaluation, many dropped before", p=many, train=False)
    yield case("one example", 1, 2400)
    yield case("a vector", 2400)
    yield case("images", *IMAGES)
    yield case("float32", dtype="float32")
    yield case("float32 in evaluation", 5, 4, dtype="float32", train=False)
    yield case("integers", dtype="int64")
    yield case("integers in evaluation", 5, 4, dtype="int64", train=False)
    yield case("the same rng, the same mask")
    yield case("another rng, another mask")
    yield case("cache in training", 6, 5, p=(0.35, 0.45))
    yield case("cache in evaluation", 6, 5, train=False)
    yield case("read-only arrays", awkward=True)
    yield case("inputs unchanged", 6, 5)


ASPECTS = aspects(
    share=(15, ("share dropped", "share dropped, of many", "nothing dropped")),
    scale=(15, ("what is left", "what is left of many", "on average")),
    each_for_itself=(10, ("each value for itself", "another number each time")),
    evaluation=(14, ("in evaluation", "in evaluation, many dropped before")),
    shapes=(10, ("one example", "a vector", "images")),
    dtype=(10, ("float32", "float32 in evaluation", "integers", "integers in evaluation")),
    chance_from_rng=(10, ("the same rng, the same mask", "another rng, another mask")),
    cache=(8, ("cache in training", "cache in evaluation")),
    nothing_changed=(8, ("read-only arrays", "inputs unchanged")),
)


def read(result: Any) -> Any:
    """The pair (out, cache)."""
    if type(result) in (tuple, list) and len(result) == 2:
        return tuple(map(plain, result))
    return Opaque(describe(plain(result)), wanted="(out, cache)")


def out_of(sampler: Sampler, seed: int) -> Array:
    """out. Raises Stopped where it is no array of x's shape."""
    out, x = sampler(seed)[0], sampler.given[0]
    if not isinstance(out, np.ndarray) or out.shape != x.shape:
        raise Stopped(Opaque(describe(out), wanted=f"out of x's shape {x.shape}"))
    return out


def factors(sampler: Sampler, seed: int) -> Array:
    """What each value of x was multiplied by."""
    return np.asarray(out_of(sampler, seed) / floating(sampler.given[0]))


def share(sampler: Sampler, seed: int) -> Finding | None:
    """p_drop of the values are 0; √(p (1 − p) / n) is the standard deviation of that share."""
    p, out = sampler.given[1], out_of(sampler, seed)
    return within("share of values dropped", float((out == 0).mean()), p, math.sqrt(p * (1 - p) / out.size))


def scale(rule: Rule) -> Look:
    """Kept values are multiplied by one factor."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        wanted = rule.training(sampler.given[1])
        kept = factors(sampler, seed)
        kept = kept[kept != 0]
        if kept.size and (np.abs(kept - wanted) <= 1e-6 * wanted).all():
            return None
        told = f"{kept.mean():.4g}" if kept.size and np.ptp(kept) < 1e-6 else "different factors"
        name = f"factor {float(told) / wanted:.2g}" if told[0].isdigit() else "no one factor"
        return found(name, f"a value that is kept is multiplied by {wanted:.4g}, yours by {told}")

    return look


def average(rule: Rule) -> Look:
    """The mean factor; √(variance / n) is its standard deviation."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        p, got = sampler.given[1], factors(sampler, seed)
        name, deviation = "out / x in training, on average", rule.deviation(p) / math.sqrt(got.size)
        return within(name, float(got.mean()), rule.mean(p), deviation)

    return look


def nothing(sampler: Sampler, seed: int) -> Finding | None:
    """With p = 0, x."""
    if np.allclose(factors(sampler, seed), 1, atol=1e-9):
        return None
    dropped = float((out_of(sampler, seed) == 0).mean())
    name = "all dropped" if dropped == 1 else "some dropped" if dropped else "values changed"
    return found(name, "with p_drop = 0 nothing is dropped, and out must be x")


def for_itself(sampler: Sampler, seed: int) -> Finding | None:
    """No row (and no column) is dropped like all others."""
    mask = out_of(sampler, seed) != 0
    for name, lines in (("rows", mask), ("columns", mask.T)):
        if len(np.unique(lines, axis=0)) < len(lines) / 2:
            return found(f"{name} alike", f"many {name} of x lose the same values: each value is drawn for itself")
    return None


def varies(sampler: Sampler, seed: int) -> Finding | None:
    """How many are dropped is left to chance."""
    counts = {int((out_of(sampler, seed + k) == 0).sum()) for k in range(DRAWS)}
    if len(counts) > 1:
        return None
    return found("the same number", f"in {DRAWS} draws exactly {counts.pop()} values were dropped each time")


def evaluated(rule: Rule) -> Look:
    """Nothing is dropped, and all values have one factor."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        wanted, got = rule.evaluation(sampler.given[1]), factors(sampler, seed)
        if np.allclose(got, wanted, rtol=1e-6):
            return None
        if (got == 0).any():
            return found("dropped in evaluation", "with train=False nothing may be dropped, and yours has zeros")
        told = f"{got.mean():.4g}"
        return found(
            f"evaluation factor {float(told) / wanted:.2g}",
            f"with train=False, out / x must be {wanted:.4g} everywhere; yours is {told}",
        )

    return look


def typed(dtype: str, rule: Rule) -> Look:
    """out has x's dtype, or float64 for integers, and keeps its digits."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        out, (_, p, train) = out_of(sampler, seed), sampler.given
        if out.dtype != dtype:
            return found(
                f"{out.dtype}", f"x is {sampler.given[0].dtype}: expected out in {dtype}, got {out.dtype}"
            )
        wanted = (rule.training if train else rule.evaluation)(p)
        got = factors(sampler, seed)
        if ((np.abs(got - wanted) < 1e-4) | (got == 0)).all():
            return None
        return found(f"digits cut off, {train}", f"kept values must be {wanted:.4g} times x, and some are not")

    return look


def repeatable(sampler: Sampler, seed: int) -> Finding | None:
    """The same rng, the same mask."""
    if np.array_equal(out_of(sampler, seed), out_of(sampler, seed)):
        return None
    return found(
        "not repeatable", "with an rng of the same seed other values are dropped: something else draws, too"
    )


def another(sampler: Sampler, seed: int) -> Finding | None:
    """Another rng, another mask."""
    if not np.array_equal(out_of(sampler, seed), out_of(sampler, seed + 1)):
        return None
    return found("the same mask", "two calls drop the same values, though rng has moved on")


def cached(sampler: Sampler, seed: int) -> Finding | None:
    """What x was multiplied by."""
    out_of(sampler, seed)
    (out, cache), x = sampler(seed), sampler.given[0]
    wanted = f"cache: expected what x was multiplied by, an array {x.shape} of float64"
    if not isinstance(cache, np.ndarray) or cache.shape != x.shape:
        return found(f"cache: {describe(cache)}", f"{wanted}; got {describe(cache)}")
    if cache.dtype != np.float64:
        return found(f"cache of {cache.dtype}", f"{wanted}; got {cache.dtype}")
    if np.allclose(x * cache, out):
        return None
    kind = "x" if np.array_equal(cache, x) else "out" if np.array_equal(cache, out) else "other"
    kind = "1 or 0" if set(np.unique(cache)) <= {0.0, 1.0} else kind
    return found(f"cache holds {kind}", f"{wanted}; x * cache is not out")


def unchanged(sampler: Sampler, seed: int) -> Finding | None:
    """x is as it was."""
    out_of(sampler, seed)
    if np.array_equal(sampler.given[0], sampler.arguments[0]):
        return None
    return found("x changed", "your function changed x, which came in from outside")


def kind(rule: Rule) -> Sampling:
    """How a form of dropout is judged."""
    looks: dict[str, Look] = {
        **dict.fromkeys(("share dropped", "share dropped, of many", "one example", "a vector", "images"), share),
        **dict.fromkeys(("what is left", "what is left of many"), scale(rule)),
        **dict.fromkeys(("in evaluation", "in evaluation, many dropped before"), evaluated(rule)),
        **dict.fromkeys(("float32", "float32 in evaluation"), typed("float32", rule)),
        **dict.fromkeys(("integers", "integers in evaluation"), typed("float64", rule)),
        **dict.fromkeys(("cache in training", "cache in evaluation"), cached),
        "on average": average(rule),
        "nothing dropped": nothing,
        "each value for itself": for_itself,
        "another number each time": varies,
        "the same rng, the same mask": repeatable,
        "another rng, another mask": another,
        "read-only arrays": share,
        "inputs unchanged": unchanged,
    }
    return Sampling(NAMES, looks, read)
