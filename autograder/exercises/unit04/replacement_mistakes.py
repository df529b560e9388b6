"""Wrong ways to exchange words for synonyms."""

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
from nnlib.augmentation import synonym_replacement


def known_places(words: list[str], synonyms: Table) -> list[int]:
    """Where words with synonyms stand."""
    return [i for i, word in enumerate(words) if word in synonyms]


def replacing(places: Function, synonym: Function | None = None) -> Function:
    """Other places, or another word."""

    def wrong(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
        out = list(words)
        for i in places(words, synonyms, n, rng):
            if synonym or out[i] in synonyms:
                pick = synonym or (lambda word, synonyms, rng: rng.choice(synonyms[word]))
                out[i] = str(pick(words[i], synonyms, rng))
        return out

    return wrong


def some(words: list[str], synonyms: Table, n: int, rng: Rng) -> Any:
    """As it should be."""
    return rng.permutation(known_places(words, synonyms))[:n].astype(int)


def wherever(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """Wherever the word stands."""
    out = list(words)
    found = list(dict.fromkeys(word for word in words if word in synonyms))
    for k in rng.permutation(len(found))[:n]:
        new = str(rng.choice(synonyms[found[k]]))
        out = [new if word == found[k] else word for word in out]
    return out


def strict(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """As many as asked for, whether they are there or not."""
    out = list(words)
    for i in rng.choice(known_places(words, synonyms), n, replace=False):
        out[i] = str(rng.choice(synonyms[out[i]]))
    return out


def changing(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """The caller's list is changed."""
    words[:] = synonym_replacement(words, synonyms, n, rng=rng)
    return words


def behind(words: list[str], synonyms: Table, n: int, *, rng: Rng) -> Any:
    """The synonym comes behind its word."""
    out = list(words)
    for i in sorted(some(words, synonyms, n, rng), reverse=True):
        out.insert(i + 1, str(rng.choice(synonyms[words[i]])))
    return out


def any_synonym(word: str, synonyms: Table, rng: Rng) -> str:
    """A synonym of any word."""
    every = [other for key, others in synonyms.items() for other in others if key != word]
    return str(rng.choice(every))


MISCONCEPTIONS = (
    Misconception(
        "replaces a word wherever it stands",
        wherever,
        "A word that comes several times was replaced at all of its places. n counts places: draw places, not words.",
    ),
    Misconception(
        "takes the first n words",
        replacing(lambda words, synonyms, n, rng: known_places(words, synonyms)[:n]),
        "It is always the first words that are replaced. Draw the places among all words with synonyms.",
    ),
    Misconception(
        "takes the first synonym",
        replacing(some, lambda word, synonyms, rng: synonyms[word][0]),
        "A word always becomes the first of its synonyms. Draw one of them.",
    ),
    Misconception(
        "may draw a place twice",
        replacing(
            lambda words, synonyms, n, rng: (
                [places[rng.integers(len(places))] for _ in range(n)]
                if (places := known_places(words, synonyms))
                else []
            )
        ),
        "Sometimes fewer words are replaced than asked for: a place was drawn twice. Draw without putting back.",
    ),
    Misconception(
        "refuses where fewer than n words are known",
        strict,
        "Where fewer words have synonyms than are asked for, all of them are replaced. Draw min(n, how many there are).",
    ),
    Misconception(
        "draws among all words",
        replacing(lambda words, synonyms, n, rng: rng.permutation(len(words))[:n]),
        "Places were drawn among all words, and some of these have no synonyms, so too few are replaced. Collect the places of "
        "words with synonyms first.",
    ),
    Misconception(
        "takes a synonym of another word",
        replacing(some, any_synonym),
        "The new word is no synonym of the old one, so the sentence says something else, and its label may be wrong. Look up "
        "synonyms[word] for the word at that place.",
    ),
    Misconception(
        "replaces all that it knows",
        replacing(lambda words, synonyms, n, rng: known_places(words, synonyms)),
        "All words with synonyms were replaced, whatever n is.",
    ),
    Misconception(
        "puts the synonym behind the word",
        behind,
        "The sentence became longer: the synonym came in beside its word. It must take the word's place.",
    ),
    Misconception(
        "replaces one more",
        lambda words, synonyms, n, *, rng: synonym_replacement(words, synonyms, n + 1, rng=rng),
        "One word too many was replaced. Does your loop stop after n?",
    ),
    in_place(
        changing,
        "The caller's list was changed, so the original sentence is lost. Begin with a copy: list(words).",
    ),
    as_text(synonym_replacement),
    own_rng(synonym_replacement),
    no_rng(synonym_replacement),
)
