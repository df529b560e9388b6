"""Wrong ways to put words into a sentence."""

from __future__ import annotations

from typing import Any

from autograder.exercise import Function, Misconception
from autograder.exercises.unit04.augmentation_looks import (
    Rng,
    as_text,
    in_place,
    no_rng,
    own_rng,
)
from autograder.exercises.unit04.sentences import Table
from nnlib.augmentation import random_insertion


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
