"""The course's exercises, unit by unit; a module of this package holds the records of one topic."""

from __future__ import annotations

from functools import cache

from autograder.exercise import Exercise


@cache
def exercises() -> tuple[Exercise, ...]:
    """Every exercise, in the order of the course."""
    from autograder.exercises import convolution, hunts, patches, pooling, sizes, speed

    topics = (sizes, convolution, patches, pooling, hunts, speed)
    return tuple(exercise for topic in topics for exercise in topic.EXERCISES)
