"""What each trait counts: the aspects of an exercise, in percent of its points."""

from __future__ import annotations

from autograder.exercise import Aspect

DTYPE = ("float32", "integers")
UNCHANGED = ("read-only arrays", "inputs unchanged", "called twice")


def aspects(**parts: tuple[float, tuple[str, ...]]) -> tuple[Aspect, ...]:
    """Aspects by name, _ for a space: a percentage, and the traits that it is given for."""
    return tuple(
        Aspect(name.replace("_", " "), percent, frozenset(traits)) for name, (percent, traits) in parts.items()
    )
