"""How many of the known mistakes one friendly input accepts, as a usual test tries it. The checks accept none.

The friendly input is an exercise's first case: a small batch, square images, both signs. Its dtype, its cache and
that nothing changes in place are looked at as well, so the count flatters the friendly input. Left out are races,
and functions that train a network, where no case is friendly.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

import autograder
from autograder import checking
from autograder.competing import Competing
from autograder.exercise import Exercise
from autograder.racing import Race
from autograder.recognition import Lineup

SEED = 1
TRAINED = ("train", "train_lenet")


def compared() -> list[Exercise]:
    """The exercises that are looked at."""
    return [
        e for e in autograder.exercises() if not isinstance(e.kind, Race | Competing) and e.name not in TRAINED
    ]


def accepted(exercise: Exercise) -> int:
    """How many of its misconceptions get all credit for the first case."""
    cases = tuple(exercise.cases(np.random.default_rng(SEED)))[:1]
    expected = (checking.expected_of(exercise, cases[0]),)
    lineup = Lineup(exercise, cases)
    shown = (tuple(lineup.show(mistake, [0]).values()) for mistake in exercise.misconceptions)
    return sum(checking.judge(exercise, cases, expected, seen)[0].credit == 1 for seen in shown)


def by_unit() -> dict[str, tuple[int, int]]:
    """For each unit: how many misconceptions there are, and how many one friendly input accepts."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for exercise in compared():
        mistakes, passed = found[exercise.unit]
        found[exercise.unit] = mistakes + len(exercise.misconceptions), passed + accepted(exercise)
    return dict(found)


def main() -> None:
    """Print the table."""
    print("\nknown mistakes, and how many of them one friendly input accepts\n")
    table = by_unit()
    table["all"] = (sum(mistakes for mistakes, _ in table.values()), sum(passed for _, passed in table.values()))
    for unit, (mistakes, passed) in table.items():
        print(f"  {unit:<20} {mistakes:>6,} {passed:>6,} {100 * passed / mistakes:>4.0f} %")


if __name__ == "__main__":
    main()
