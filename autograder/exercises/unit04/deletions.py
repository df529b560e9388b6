"""random_deletion: each word left out with probability p, and never all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from autograder.exercise import Case, Exercise
from autograder.exercises.unit04 import augmentation_shares as shares
from autograder.exercises.unit04.augmentation_looks import (
    UNIT,
    Rng,
    another,
    drawn,
    repeatable,
    unchanged,
    words,
)
from autograder.exercises.unit04.deletion_mistakes import MISCONCEPTIONS
from autograder.exercises.unit04.sentences import FILLERS, POOL, left_over
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import random_deletion

EVERY = (*POOL, *FILLERS)


def cases(rng: Rng) -> Iterator[Case]:
    """Short sentences, long ones, none; small and large p."""

    def case(trait: str, count: int, p: float) -> Case:
        chosen = [str(word) for word in rng.permutation(EVERY)[:count]]
        return Case(trait, (chosen, p, int(rng.integers(2**32))))

    yield case("probability 0", 7, 0.0)
    yield case("a part in its order", 12, 0.4)
    yield case("probability 1", 6, 1.0)
    yield case("any word may be left", 4, 1.0)
    yield case("a sentence of one word", 1, 0.9)
    yield case("empty sentence", 0, 0.5)
    many = [f"w{k}" for k in rng.permutation(400)]
    yield Case("share of words left", (many, float(rng.uniform(0.15, 0.3)), int(rng.integers(2**32))))
    yield Case("another probability", (many, float(rng.uniform(0.5, 0.6)), int(rng.integers(2**32))))
    word = str(rng.choice(EVERY))
    yield Case("the same word many times", ([word] * 300, 0.3, int(rng.integers(2**32))))
    yield case("another number each time", 19, 0.4)
    yield case("the same rng, the same result", 12, 0.4)
    yield case("another rng, another result", 12, 0.4)
    yield case("inputs unchanged", 14, 0.5)


def part(given: list[str], out: list[str]) -> Finding | None:
    """The words that are left stand in their order."""
    if left_over(given, out) is not None:
        return None
    return found("order", f"what is left is no part of the sentence in its order: {' '.join(out[:12])}")


def ordered(sampler: Sampler, seed: int) -> Finding | None:
    """A part, at each of some draws; everything where p is 0."""
    given, p = sampler.given
    for k in range(8):
        out = drawn(sampler, seed + k)
        if problem := part(given, out):
            return problem
        if p == 0 and out != given:
            return found("lost", f"with p = 0 all {len(given)} words stay, but {len(out)} are left")
    return None


def one_left(sampler: Sampler, seed: int) -> Finding | None:
    """One word where all are deleted; none where there was none."""
    given, p = sampler.given
    for k in range(8):
        out = drawn(sampler, seed + k)
        if not given or p == 1 or len(given) == 1:
            wanted = min(1, len(given))
            if len(out) != wanted or (out and out[0] not in given):
                return found(f"{len(out)} left", f"expected {wanted} of {len(given)} words, got {len(out)}: {out}")
    return None


def any_left(sampler: Sampler, seed: int) -> Finding | None:
    """Each word may be the one that is left."""
    given = sampler.given[0]
    outs = [drawn(sampler, seed + k) for k in range(50)]
    if any(len(out) != 1 for out in outs):
        return found("not one", f"expected one word, got {outs[0]}")
    never = [word for word in given if [word] not in outs]
    if not never:
        return None
    return found(
        f"always {given.index(outs[0][0]) if len(never) == len(given) - 1 else 'some'}",
        f"of {len(outs)} draws none left {never[0]!r}: the word that stays is drawn, too",
    )


def share(sampler: Sampler, seed: int) -> Finding | None:
    """As many words are left as p says."""
    given, p = sampler.given
    out = drawn(sampler, seed)
    if problem := part(given, out):
        return problem
    mean = len(out) / len(given)
    problem = within("share of words left", mean, 1 - p, math.sqrt(p * (1 - p) / len(given)))
    return problem and replace(problem, name=f"share: {round(10 * mean)}" if mean in (0, 1) else problem.name)


def varied(sampler: Sampler, seed: int) -> Finding | None:
    """How many are left varies."""
    counts = {len(drawn(sampler, seed + k)) for k in range(20)}
    if len(counts) > 1:
        return None
    return found("a fixed number", f"20 draws left {counts.pop()} words each time: each word is drawn for itself")


LOOKS: dict[str, Look] = {
    **dict.fromkeys(("probability 0", "a part in its order"), ordered),
    **dict.fromkeys(("probability 1", "a sentence of one word", "empty sentence"), one_left),
    "any word may be left": any_left,
    **dict.fromkeys(("share of words left", "another probability", "the same word many times"), share),
    "another number each time": varied,
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "inputs unchanged": unchanged,
}


def by_loop(words: list[str], p: float, *, rng: Rng) -> list[str]:
    """Words are taken out from behind."""
    out = list(words)
    for i in reversed(range(len(out))):
        if rng.random() < p:
            del out[i]
    if not out and words:
        out.append(words[rng.integers(len(words))])
    return out


def by_mask(words: list[str], p: float, *, rng: Rng) -> list[str]:
    """A mask; where it is empty, one place is set."""
    keep = rng.binomial(1, 1 - p, len(words)).astype(bool)
    if len(words) and not keep.any():
        keep[rng.integers(len(words))] = True
    return [words[i] for i in np.flatnonzero(keep)]


EXERCISE = Exercise(
    name="random_deletion",
    unit=UNIT,
    signature="random_deletion(words, p, *, rng)",
    reference=random_deletion,
    kind=Sampling(("words", "p"), LOOKS, words),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_loop, by_mask),
    aspects=shares.DELETIONS,
    reread="augmenting text: the example with four words, and the hints.",
)
