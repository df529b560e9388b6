"""random_insertion: n synonyms of the sentence's words, each at a place of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

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
from autograder.exercises.unit04.insertion_mistakes import MISCONCEPTIONS
from autograder.exercises.unit04.sentences import Table, left_over, sentence, share, table
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import random_insertion

DRAWS = 120  # calls, each of which crosses the boundary while grading
Added = list[tuple[int, str]]  # places in the result, and words


def cases(rng: Rng) -> Iterator[Case]:
    """Sentences with some words known, with none, and without words."""

    def case(trait: str, known: int, others: int, n: int) -> Case:
        synonyms = table(rng)
        return Case(trait, (sentence(rng, synonyms, known, others), synonyms, n, int(rng.integers(2**32))))

    yield case("one word", 2, 4, 1)
    yield case("three words", 3, 4, 3)
    yield case("nothing to do", 3, 3, 0)
    yield case("a sentence of one word", 1, 0, 2)
    yield case("no word known", 0, 5, 2)
    yield case("empty sentence", 0, 0, 1)
    yield case("every gap as likely", 1, 2, 1)
    yield case("every word as likely", 3, 1, DRAWS)
    yield case("every synonym as likely", 1, 1, DRAWS)
    yield case("the same rng, the same result", 4, 3, 2)
    yield case("another rng, another result", 4, 3, 2)
    yield case("inputs unchanged", 3, 3, 2)


def additions(sampler: Sampler, seed: int) -> Added | Finding:
    """What came in, and where; a finding where something else happened."""
    given, synonyms, n = sampler.given
    out = drawn(sampler, seed)
    known = [word for word in given if word in synonyms]
    wanted = len(given) + (n if known else 0)
    if len(out) != wanted:
        return found(
            f"length {np.sign(len(out) - wanted)}", f"expected {wanted} words, got {len(out)}: {' '.join(out)}"
        )
    added = left_over(out, given)
    if added is None:
        return found("order", f"the sentence's own words are not all there in their order: {' '.join(out)}")
    allowed = {other for word in known for other in synonyms[word]}
    for _, word in added:
        if word in given:
            return found("itself", f"{word!r} came in, which is a word of the sentence and no synonym of one")
        if word not in allowed:
            return found("stranger", f"{word!r} came in, which is no synonym of a word of this sentence")
    return added


def right(sampler: Sampler, seed: int) -> Finding | None:
    """Several draws; the first that is wrong. Not all synonyms are of one word, nor all side by side."""
    found_in = [additions(sampler, seed + k) for k in range(12)]
    return next((one for one in found_in if isinstance(one, Finding)), None) or _varied(sampler, found_in)


def _varied(sampler: Sampler, found_in: list[Any]) -> Finding | None:
    given, synonyms, n = sampler.given
    if n < 3:
        return None
    sides = [max(np.diff([place for place, _ in added])) == 1 for added in found_in]
    if all(sides):
        return found("side by side", f"the {n} new words always stand side by side: each has a place of its own")
    owners = [
        {key for key in given if key in synonyms and word in synonyms[key]}
        for added in found_in
        for _, word in added
    ]
    if all(owner == owners[0] for owner in owners):
        return found(
            "always one word's", f"in {len(found_in)} draws all new words are synonyms of one and the same word"
        )
    if all(owners[k] == owners[k - k % n] for k in range(len(owners))):
        return found(
            "one word's", f"the {n} new words are always synonyms of one word: draw a word for each of them"
        )
    return None


def gaps(sampler: Sampler, seed: int) -> Finding | None:
    """Each gap, the ends included, is as likely."""
    count, taken = len(sampler.given[0]) + 1, []
    for k in range(DRAWS):
        added = additions(sampler, seed + k)
        if isinstance(added, Finding):
            return added
        taken += [place for place, _ in added]
    for gap, told in ((0, "in front"), (count - 1, "at the end"), (1, "behind the first word")):
        if problem := rate(f"share of new words {told}", share(taken, gap), 1 / count):
            return problem
    return None


def owners(sampler: Sampler, seed: int) -> Finding | None:
    """How often it is the last word that has synonyms whose synonym comes in."""
    added, (given, synonyms, _) = additions(sampler, seed), sampler.given
    if isinstance(added, Finding):
        return added
    known = [word for word in given if word in synonyms]
    of = [next(key for key, others in synonyms.items() if word in others) for _, word in added]
    return rate(
        "share of new words that belong to the last word with synonyms", share(of, known[-1]), 1 / len(known)
    )


def synonyms_drawn(sampler: Sampler, seed: int) -> Finding | None:
    """How often the last synonym of the only word that has some comes in."""
    added, (given, synonyms, _) = additions(sampler, seed), sampler.given
    if isinstance(added, Finding):
        return added
    options = next(synonyms[word] for word in given if word in synonyms)
    return rate(
        "share of draws that take the last synonym",
        share([word for _, word in added], options[-1]),
        1 / len(options),
    )


def rate(told: str, got: float, chance: float) -> Finding | None:
    """A share of DRAWS against its chance."""
    return within(told, got, chance, math.sqrt(chance * (1 - chance) / DRAWS))


LOOKS: dict[str, Look] = {
    **dict.fromkeys(("one word", "three words", "nothing to do", "a sentence of one word"), right),
    **dict.fromkeys(("no word known", "empty sentence"), right),
    "every gap as likely": gaps,
    "every word as likely": owners,
    "every synonym as likely": synonyms_drawn,
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "inputs unchanged": unchanged,
}


def by_slices(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> list[str]:
    """A new list at each step."""
    out, known = list(words), [word for word in words if word in synonyms]
    if not known:
        return out
    for _ in range(n):
        place = rng.integers(0, len(out) + 1)
        word = known[rng.integers(len(known))]
        out = [*out[:place], str(rng.choice(synonyms[word])), *out[place:]]
    return out


def drawn_first(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> list[str]:
    """All new words first, then their places."""
    known = [word for word in words if word in synonyms]
    new = [str(rng.choice(synonyms[str(word)])) for word in rng.choice(known, n)] if known else []
    out = words.copy()
    for word in new:
        out.insert(int(rng.random() * (len(out) + 1)), word)
    return out


EXERCISE = Exercise(
    name="random_insertion",
    unit=UNIT,
    signature="random_insertion(words, synonyms, n, *, rng)",
    reference=random_insertion,
    kind=Sampling(("words", "synonyms", "n"), LOOKS, words),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_slices, drawn_first),
    aspects=shares.INSERTIONS,
    reread="augmenting text: the picture of the gaps, and the hints.",
)
