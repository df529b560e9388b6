"""What is learned in the capstone: digits on sheets, and which of them are held out.

In a notebook, images and questions both come from the digits that students work with. While a class is graded, all
of those are for learning, and the questions are about the digits that no notebook loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from autograder.checking import grading_seed
from autograder.competing import Array, Examples
from nnlib.data import digits_on_sheets, load_digits

OPEN, ORDER = 1200, 7  # the notebook takes so many, of a permutation with this seed
OF_EXAMPLES, OF_NAMES = (
    1,
    2,
)  # seeds of their own: a student gets an rng, and must not learn from it what is drawn here
OF_OWN = 900  # of them, to learn from, where nothing else is there to ask about


@cache
def digits() -> tuple[Array, Array]:
    """All digits, (N, 8, 8), in the order in which the first are open to students."""
    images, labels = load_digits()
    order = np.random.default_rng(ORDER).permutation(len(images))
    return images[order], labels[order]


@dataclass(frozen=True, slots=True)
class Sheets:
    """``count`` digits to learn from (None: as many as there are), of so many classes, on sheets of that size.

    ``naming`` seeds the numbers that the classes have; ``ordered``: the images come sorted by class;
    ``locked``: they are read-only.
    """

    seed: int
    graded: bool
    cpu_seconds: float
    count: int | None = None
    classes: int = 10
    sheet: tuple[int, int] = (16, 16)
    ordered: bool = False
    locked: bool = False
    naming: int = 0

    def draw(self) -> Examples:
        """The examples; they are the same each time."""
        return _drawn(self)


@lru_cache(maxsize=64)
def _drawn(it: Sheets) -> Examples:
    rng = np.random.default_rng([OF_EXAMPLES, it.seed])
    images, labels = digits()
    mine, others = rng.permutation(OPEN), rng.permutation(np.arange(OPEN, len(images)))
    to_learn, to_ask = (mine, others) if it.graded else (mine[:OF_OWN], mine[OF_OWN:])
    names = np.random.default_rng([OF_NAMES, it.seed, it.naming]).permutation(it.classes)
    to_learn, to_ask = (part[labels[part] < it.classes] for part in (to_learn, to_ask))
    to_learn = to_learn[: it.count]
    if it.ordered:
        to_learn = to_learn[np.argsort(names[labels[to_learn]], kind="stable")]
    learned, asked = (digits_on_sheets(images[part], rng=rng, sheet=it.sheet) for part in (to_learn, to_ask))
    arrays = learned, names[labels[to_learn]], asked, names[labels[to_ask]]
    for array in arrays:
        array.flags.writeable = not it.locked
    return Examples(*arrays)


def graded() -> bool:
    """Whether a class is being graded."""
    return grading_seed.get() is not None
