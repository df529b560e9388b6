"""Sentences, as lists of words, with a few words changed.

Wei and Zou, "EDA: easy data augmentation techniques for boosting performance on text classification tasks"
(EMNLP-IJCNLP 2019). Words are looked up as they stand: the table's are lower case.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from nnlib.augmentation.checks import as_words, check_probability, check_whole
from nnlib.augmentation.thesaurus import SYNONYMS

__all__ = ["random_deletion", "random_insertion", "synonym_replacement"]

Rng = np.random.Generator
Synonyms = Mapping[str, Sequence[str]]


def synonym_replacement(words: Sequence[str], synonyms: Synonyms = SYNONYMS, n: int = 1, *, rng: Rng) -> list[str]:
    """A sentence in which n words are exchanged for a synonym each, drawn from synonyms[word].

    n different places are drawn among those whose word has synonyms (all of these, where they are fewer).
    Raises TypeError where words is no list of words, ValueError for n below 0.
    """
    out, n = as_words(words), check_whole("n", n, 0)
    places = [i for i, word in enumerate(out) if synonyms.get(word)]
    for i in rng.permutation(places)[:n]:
        out[i] = _drawn(synonyms[out[i]], rng)
    return out


def random_insertion(words: Sequence[str], synonyms: Synonyms = SYNONYMS, n: int = 1, *, rng: Rng) -> list[str]:
    """A sentence with n more words: each a synonym of one of its words, put in at a place of its own.

    n times: draw one of the sentence's own words that have synonyms, draw one of its synonyms, and draw one of
    the places for it, from before the first word to behind the last (of what the sentence has become). A sentence
    without such words stays as it is. Raises as `synonym_replacement` does.
    """
    out, n = as_words(words), check_whole("n", n, 0)
    known = [word for word in out if synonyms.get(word)]
    for _ in range(n if known else 0):
        word = _drawn(synonyms[_drawn(known, rng)], rng)
        out.insert(int(rng.integers(len(out) + 1)), word)
    return out


def random_deletion(words: Sequence[str], p: float = 0.1, *, rng: Rng) -> list[str]:
    """A sentence in which each word is left out with probability p; if none is left, one of them is drawn.

    Draws rng.random(len(words)); a word stays where its number is at least p. An empty sentence stays empty.
    Raises TypeError where words is no list of words, ValueError for p outside of [0, 1].
    """
    given, p = as_words(words), check_probability("p", p)
    kept = [word for word, number in zip(given, rng.random(len(given)), strict=True) if number >= p]
    return kept or ([_drawn(given, rng)] if given else [])


def _drawn(words: Sequence[str], rng: Rng) -> str:
    return words[int(rng.integers(len(words)))]
