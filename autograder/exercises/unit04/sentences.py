"""What the inputs of the text exercises are: sentences of words with and without synonyms, no two alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.exercises.unit04.augmentation_looks import Rng
from autograder.sampling import Finding, found

POOL = {
    "good": ["fine", "decent", "nice"],
    "film": ["movie", "picture", "feature"],
    "long": ["lengthy", "extended", "endless"],
    "funny": ["amusing", "witty", "comical"],
    "story": ["tale", "plot", "narrative"],
    "sad": ["gloomy", "tragic", "mournful"],
    "quick": ["fast", "rapid", "swift"],
}
FILLERS = ("the", "a", "was", "and", "but", "of", "it", "we", "with", "at", "its", "end")
Table = dict[str, list[str]]


def table(rng: Rng, count: int = 5) -> Table:
    """Some of the words with synonyms, in another order each time."""
    chosen = rng.permutation(list(POOL))[:count]
    return {str(word): [str(other) for other in rng.permutation(POOL[str(word)])] for word in chosen}


def sentence(rng: Rng, synonyms: Table, known: int, others: int) -> list[str]:
    """As many words with synonyms and without, mixed; no word comes twice."""
    words = [*rng.permutation(list(synonyms))[:known], *rng.permutation(FILLERS)[:others]]
    return [str(word) for word in rng.permutation(words)] if words else []


def left_over(long: Sequence[str], short: Sequence[str]) -> list[tuple[int, str]] | None:
    """What must be taken out of ``long``, with its places, for ``short`` to be left; None where that is impossible."""
    out, rest = [], list(short)
    for place, word in enumerate(long):
        if rest and word == rest[0]:
            rest.pop(0)
        else:
            out.append((place, word))
    return None if rest else out


def longer(words: list[str], out: list[str]) -> Finding | None:
    """As many words as before."""
    if len(words) == len(out):
        return None
    return found(
        f"length {np.sign(len(out) - len(words))}", f"expected {len(words)} words, got {len(out)}: {' '.join(out)}"
    )


def share(values: Sequence[Any], wanted: Any) -> float:
    """How often ``wanted`` is among the values, as a part of 1."""
    return Counter(values)[wanted] / max(1, len(values))
