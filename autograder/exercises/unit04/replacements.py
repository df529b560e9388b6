"""synonym_replacement: n places, drawn among the words with synonyms, each with a synonym of its word."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

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
from autograder.exercises.unit04.replacement_mistakes import MISCONCEPTIONS
from autograder.exercises.unit04.sentences import Table, longer, sentence, share, table
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import synonym_replacement

DRAWS = 120  # calls, each of which crosses the boundary while grading
Change = tuple[int, str, str]  # place, old word, new word


def cases(rng: Rng) -> Iterator[Case]:
    """Sentences with more and fewer known words than asked for."""

    def case(trait: str, known: int, others: int, n: int) -> Case:
        synonyms = table(rng)
        return Case(trait, (sentence(rng, synonyms, known, others), synonyms, n, int(rng.integers(2**32))))

    yield case("one word", 3, 4, 1)
    yield case("three words", 5, 4, 3)
    yield case("nothing to do", 3, 3, 0)
    yield case("fewer than n", 2, 4, 4)
    yield case("no word known", 0, 5, 2)
    yield case("empty sentence", 0, 0, 1)
    synonyms = table(rng)
    twice = sentence(rng, synonyms, 1, 4)
    word = next(word for word in twice if word in synonyms)
    yield Case("a word twice", ([*twice, word, "and", word], synonyms, 1, int(rng.integers(2**32))))
    yield case("every place as likely", 4, 3, 1)
    word = str(rng.choice(list(synonyms)))
    yield Case("every synonym as likely", ([word] * DRAWS, synonyms, DRAWS, int(rng.integers(2**32))))
    yield case("the same rng, the same result", 5, 3, 2)
    yield case("another rng, another result", 5, 3, 2)
    yield case("inputs unchanged", 4, 3, 3)


def changes(sampler: Sampler, seed: int) -> list[Change] | Finding:
    """Which words were exchanged; a finding where that is not all."""
    given, synonyms, _ = sampler.given
    out = drawn(sampler, seed)
    if problem := longer(given, out):
        return problem
    made = [(i, a, b) for i, (a, b) in enumerate(zip(given, out, strict=True)) if a != b]
    for _, old, new in made:
        if old not in synonyms:
            return found("filler", f"{old!r} has no synonyms, and became {new!r}")
        if new not in synonyms[old]:
            return found("stranger", f"{old!r} became {new!r}, which is none of its synonyms {synonyms[old]}")
    return made


def looked(wrong: Callable[[Sampler, list[Change]], Finding | None]) -> Look:
    """Several draws; the first that is wrong."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        for k in range(8):
            made = changes(sampler, seed + k)
            problem = made if isinstance(made, Finding) else wrong(sampler, made)
            if problem:
                return problem
        return None

    return look


def counted(sampler: Sampler, made: list[Change]) -> Finding | None:
    """n words, or all that have synonyms."""
    given, synonyms, n = sampler.given
    wanted = min(n, sum(word in synonyms for word in given))
    if len(made) == wanted:
        return None
    direction = "fewer" if len(made) < wanted else "one more" if len(made) == wanted + 1 else "more"
    return found(
        direction,
        f"expected {wanted} words exchanged, got {len(made)}: {', '.join(f'{a} → {b}' for _, a, b in made) or 'none'}",
    )


def places_drawn(sampler: Sampler, seed: int) -> Finding | None:
    """How often the last word with synonyms is taken."""
    known = [i for i, word in enumerate(sampler.given[0]) if word in sampler.given[1]]
    taken = []
    for k in range(DRAWS):
        made = changes(sampler, seed + k)
        if isinstance(made, Finding):
            return made
        taken += [place for place, _, _ in made[:1]]
    return rate("share of draws that take the last place", share(taken, known[-1]), 1 / len(known))


def synonyms_drawn(sampler: Sampler, seed: int) -> Finding | None:
    """How often the last synonym is taken, for a word that comes many times."""
    made = changes(sampler, seed)
    if isinstance(made, Finding):
        return made
    options = sampler.given[1][sampler.given[0][0]]
    return rate(
        "share of words that become the last synonym",
        share([new for *_, new in made], options[-1]),
        1 / len(options),
    )


def rate(told: str, got: float, chance: float) -> Finding | None:
    """A share of DRAWS against its chance."""
    return within(told, got, chance, math.sqrt(chance * (1 - chance) / DRAWS))


LOOKS: dict[str, Look] = {
    **dict.fromkeys(
        (
            *("one word", "three words", "nothing to do", "fewer than n"),
            *("no word known", "empty sentence", "a word twice"),
        ),
        looked(counted),
    ),
    "every place as likely": places_drawn,
    "every synonym as likely": synonyms_drawn,
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "inputs unchanged": unchanged,
}


def by_choice(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> list[str]:
    """rng.choice, without replacement."""
    out = list(words)
    places = [i for i in range(len(words)) if words[i] in synonyms]
    for i in rng.choice(places, min(n, len(places)), replace=False) if places else []:
        out[i] = str(rng.choice(synonyms[out[i]]))
    return out


def by_drawing_one_at_a_time(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> list[str]:
    """Takes places out of a list until none is left."""
    out, left = words[:], [i for i, word in enumerate(words) if word in synonyms]
    while left and n > 0:
        i = left.pop(rng.integers(len(left)))
        options = synonyms[words[i]]
        out[i] = options[rng.integers(len(options))]
        n -= 1
    return out


EXERCISE = Exercise(
    name="synonym_replacement",
    unit=UNIT,
    signature="synonym_replacement(words, synonyms, n, *, rng)",
    reference=synonym_replacement,
    kind=Sampling(("words", "synonyms", "n"), LOOKS, words),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_choice, by_drawing_one_at_a_time),
    aspects=shares.REPLACEMENTS,
    reread="augmenting text: the example with five words, and the hints.",
)
