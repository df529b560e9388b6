"""What the traits of an exercise count."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograder.exercise import Aspect


def dividing(traits: Mapping[str, Sequence[str]]) -> Callable[..., tuple[Aspect, ...]]:
    """A function of what percentage each group of traits is worth, by its name, _ for a space.

    A trait of two groups that are named counts in the later one.
    """

    def aspects(**percent: float) -> tuple[Aspect, ...]:
        names = [name.replace("_", " ") for name in percent]
        later = [frozenset(trait for name in names[i + 1 :] for trait in traits[name]) for i in range(len(names))]
        found = zip(names, percent.values(), later, strict=True)
        return tuple(Aspect(name, worth, frozenset(traits[name]) - taken) for name, worth, taken in found)

    return aspects
