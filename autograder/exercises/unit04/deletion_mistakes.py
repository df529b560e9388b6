"""Wrong ways to leave words out."""

from __future__ import annotations

from typing import Any

from autograder.exercise import Misconception
from autograder.exercises.unit04.augmentation_looks import (
    Rng,
    as_text,
    in_place,
    no_rng,
    own_rng,
)
from nnlib.augmentation import random_deletion


def kept(words: list[str], p: float, rng: Rng) -> list[str]:
    """What is left before anything else is thought of."""
    return [word for word in words if rng.random() >= p]


def by_value(words: list[str], p: float, *, rng: Rng) -> Any:
    """Words that are alike have one fate."""
    gone = {word for word in dict.fromkeys(words) if rng.random() < p}
    out = [word for word in words if word not in gone]
    return out or ([words[rng.integers(len(words))]] if words else [])


def fixed_number(words: list[str], p: float, *, rng: Rng) -> Any:
    """p · N words, rounded."""
    count = max(min(1, len(words)), len(words) - round(p * len(words)))
    return [words[i] for i in sorted(rng.permutation(len(words))[:count])]


def out_of_order(words: list[str], p: float, *, rng: Rng) -> Any:
    """The words that are left are drawn."""
    out = random_deletion(words, p, rng=rng)
    return [out[i] for i in rng.permutation(len(out))]


def all_or_nothing(words: list[str], p: float, *, rng: Rng) -> Any:
    """One number for the sentence."""
    return list(words) if not words or rng.random() >= p else [words[rng.integers(len(words))]]


def removing(words: list[str], p: float, *, rng: Rng) -> Any:
    """words.pop, on the caller's list."""
    words[:] = random_deletion(words, p, rng=rng)
    return words


def without_empty(words: list[str], p: float, *, rng: Rng) -> Any:
    """An empty sentence has nothing to draw from."""
    return kept(words, p, rng) or [words[rng.integers(len(words))]]


def at_most_one(words: list[str], p: float, *, rng: Rng) -> Any:
    """One word at most goes."""
    out = list(words)
    if len(out) > 1 and rng.random() < p:
        del out[rng.integers(len(out))]
    return out


MISCONCEPTIONS = (
    Misconception(
        "takes p for the probability to keep",
        lambda words, p, *, rng: random_deletion(words, 1 - p, rng=rng),
        "Too many words go for a small p. p is the probability of being left out: a word stays where its number is at least p.",
    ),
    Misconception(
        "leaves nothing",
        lambda words, p, *, rng: kept(words, p, rng),
        "Sometimes no word is left, and an empty sentence has no meaning and no label. Then draw one word to stay.",
    ),
    Misconception(
        "leaves the first word",
        lambda words, p, *, rng: kept(words, p, rng) or words[:1],
        "Where nothing is left, it is always the first word that stays. Draw it.",
    ),
    Misconception(
        "gives the whole sentence where nothing is left",
        lambda words, p, *, rng: kept(words, p, rng) or list(words),
        "Where nothing is left, the whole sentence comes back. One word is asked for.",
    ),
    Misconception(
        "leaves out a fixed number",
        fixed_number,
        "It is always the same number of words that go. Each word is drawn for itself, so the number varies.",
    ),
    Misconception(
        "leaves out all words that are alike",
        by_value,
        "Words that are alike go together. `word in …` asks for the word, not for its place. Draw a number for each place.",
    ),
    Misconception(
        "changes the order",
        out_of_order,
        "The words that are left have another order, and the sentence is no sentence any more. Go through it from left to "
        "right.",
    ),
    Misconception(
        "draws once for the sentence",
        all_or_nothing,
        "All words go, or none: one number was drawn for the whole sentence. Draw one for each word.",
    ),
    Misconception(
        "leaves out one word at most",
        at_most_one,
        "One word goes at most, whatever p is. Draw for each word whether it goes.",
    ),
    Misconception(
        "has 0.1 built in",
        lambda words, p, *, rng: random_deletion(words, 0.1, rng=rng),
        "About a tenth of the words goes, whatever p says. Use the argument.",
    ),
    Misconception(
        "fails on an empty sentence",
        without_empty,
        "A sentence without words has none to draw from. Return an empty list for it.",
    ),
    in_place(removing, "The caller's list became shorter, so the original sentence is lost. Make a new list."),
    as_text(random_deletion),
    own_rng(random_deletion),
    no_rng(random_deletion),
)
