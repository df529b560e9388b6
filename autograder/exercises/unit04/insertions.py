"""random_insertion: n synonyms of the sentence's words, each at a place of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit04 import augmentation_shares as shares
from autograder.exercises.unit04.augmentation_looks import (
    UNIT,
    Rng,
    another,
    as_text,
    drawn,
    in_place,
    no_rng,
    own_rng,
    repeatable,
    unchanged,
    words,
)
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


def inserting(word: Function, place: Function) -> Function:
    """Another word, or another place."""

    def wrong(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
        out, known = list(words), [w for w in words if w in synonyms]
        for _ in range(n if known else 0):
            source = known[rng.integers(len(known))]
            out.insert(int(place(out, source, rng)), str(word(source, synonyms, rng)))
        return out

    return wrong


def a_synonym(source: str, synonyms: Table, rng: Rng) -> Any:
    """As it should be."""
    return rng.choice(synonyms[source])


def anywhere(out: list[str], source: str, rng: Rng) -> Any:
    """As it should be."""
    return rng.integers(len(out) + 1)


def unchecked(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """Fails where there is nothing to draw from."""
    out = list(words)
    known = [word for word in words if word in synonyms]
    for _ in range(n):
        source = known[rng.integers(len(known))]
        out.insert(rng.integers(len(out) + 1), str(rng.choice(synonyms[source])))
    return out


def of_one_word(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """The word is drawn once."""
    known = [word for word in words if word in synonyms]
    one = {word: synonyms[word] for word in [known[rng.integers(len(known))]]} if known else {}
    return random_insertion(words, one, n, rng=rng)


def of_first_word(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """The word is not drawn at all."""
    first = next((word for word in words if word in synonyms), None)
    return random_insertion(words, {first: synonyms[first]} if first else {}, n, rng=rng)


def at_one_place(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """The place is drawn once."""
    place = rng.integers(len(words) + 1)
    return inserting(a_synonym, lambda out, source, rng: place)(words, synonyms, n, rng=rng)


def of_any_word(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """From the whole table."""
    out = list(words)
    for _ in range(n):
        out.insert(
            rng.integers(len(out) + 1),
            str(rng.choice([other for others in synonyms.values() for other in others])),
        )
    return out


def overwriting(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """out[place] = word."""
    out, known = list(words), [word for word in words if word in synonyms]
    for _ in range(n if known else 0):
        out[rng.integers(len(out))] = str(a_synonym(known[rng.integers(len(known))], synonyms, rng))
    return out


def growing(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """The caller's list grows."""
    words[:] = random_insertion(words, synonyms, n, rng=rng)
    return words


def among_all(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """Words without synonyms are drawn, too, and then nothing comes in."""
    out = list(words)
    for _ in range(n if words else 0):
        source = words[rng.integers(len(words))]
        if source in synonyms:
            out.insert(rng.integers(len(out) + 1), str(rng.choice(synonyms[source])))
    return out


MISCONCEPTIONS = (
    Misconception(
        "puts the synonym behind its word",
        inserting(a_synonym, lambda out, source, rng: out.index(source) + 1),
        "The synonym always stands right behind its word. Its place is drawn, too.",
    ),
    Misconception(
        "never puts anything at the end",
        inserting(a_synonym, lambda out, source, rng: rng.integers(len(out))),
        "No new word ever stands at the end. k words have k + 1 gaps, from before the first to behind the last.",
    ),
    Misconception(
        "puts everything at the end",
        inserting(a_synonym, lambda out, source, rng: len(out)),
        "All new words stand at the end. Draw a place for each of them.",
    ),
    Misconception(
        "puts everything in front",
        inserting(a_synonym, lambda out, source, rng: 0),
        "All new words stand in front. Draw a place for each of them.",
    ),
    Misconception(
        "puts in the word itself",
        inserting(lambda source, synonyms, rng: source, anywhere),
        "A word of the sentence came in once more. Look up its synonyms, and draw one of them.",
    ),
    Misconception(
        "takes the first synonym",
        inserting(lambda source, synonyms, rng: synonyms[source][0], anywhere),
        "It is always the first synonym of a word that comes in. Draw one of them.",
    ),
    Misconception(
        "takes synonyms of one word only",
        of_one_word,
        "The word was drawn once, before the loop, and all new words are synonyms of it. Draw a word each time.",
    ),
    Misconception(
        "takes synonyms of the first word only",
        of_first_word,
        "All new words are synonyms of the first word that has any. Draw the word, too.",
    ),
    Misconception(
        "puts everything at one place",
        at_one_place,
        "All new words stand side by side: the place was drawn once. Draw one each time.",
    ),
    Misconception(
        "takes synonyms of words that are not there",
        of_any_word,
        "A word came in that has nothing to do with this sentence, and may change what it says. Draw among the sentence's own "
        "words.",
    ),
    Misconception(
        "overwrites words",
        overwriting,
        "The sentence did not grow: a word was overwritten. out.insert(place, word) makes room.",
    ),
    Misconception(
        "draws words without synonyms, too",
        among_all,
        "Sometimes too few words come in, because a word without synonyms was drawn. Collect those that have some first.",
    ),
    Misconception(
        "fails where no word is known",
        unchecked,
        "A sentence may have no word with synonyms, or no word at all. Then nothing can be drawn: return it as it is.",
    ),
    in_place(
        growing,
        "The caller's list has grown: insert changes the list that it is called on. Begin with a copy: list(words).",
    ),
    as_text(random_insertion),
    own_rng(random_insertion),
    no_rng(random_insertion),
)

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
