"""Back-translation: a sentence goes into another language and back, and comes home in other words.

Sennrich, Haddow and Birch, "Improving neural machine translation models with monolingual data" (ACL 2016).
Any two translators will do. The ones here know a few dozen phrases of German, enough to see the idea.
"""

from collections.abc import Callable, Mapping, Sequence

from nnlib.augmentation.checks import as_words
from nnlib.augmentation.phrases import ENGLISH_OF, GERMAN_OF

__all__ = ["back_translation", "to_english", "to_german"]

Translator = Callable[[Sequence[str]], Sequence[str]]


def to_german(words: Sequence[str]) -> list[str]:
    """English words in German, phrase by phrase, the longest that is known first; unknown words stay."""
    return _translated(as_words(words), GERMAN_OF)


def to_english(words: Sequence[str]) -> list[str]:
    """German words in English, as `to_german` does it."""
    return _translated(as_words(words), ENGLISH_OF)


def back_translation(
    words: Sequence[str], there: Translator = to_german, back: Translator = to_english
) -> list[str]:
    """The words as they come home from another language: back(there(words)).

    there, back: translators, from a list of words to a list of words. Raises TypeError where words, or what a
    translator returns, is no list of words.
    """
    return as_words(back(as_words(there(as_words(words)))))


def _translated(words: list[str], table: Mapping[str, str]) -> list[str]:
    longest = max(len(phrase.split()) for phrase in table)
    out: list[str] = []
    while words:
        sizes = range(min(longest, len(words)), 0, -1)
        size = next((size for size in sizes if " ".join(words[:size]) in table), 0)
        out += table[" ".join(words[:size])].split() if size else words[:1]
        words = words[size or 1 :]
    return out
