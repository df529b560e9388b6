"""Checks a function against its exercise: ``check`` for students, ``grade`` for anyone."""

from __future__ import annotations

import difflib
import zlib
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograder.errors import AutograderError
from autograder.exercise import Attempt, Exercise
from autograder.exercises import exercises
from autograder.report import Report, report

grading_seed: ContextVar[int | None] = ContextVar("grading_seed", default=None)
STUDENTS_SEED = 5  # one and the same, so that a student who runs a check again sees the same case again


def find(name: str) -> Exercise:
    """The exercise called ``name``. Raises AutograderError, naming those that are close."""
    known = {exercise.name: exercise for exercise in exercises()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(str(name), known, n=3) or sorted(known)
    raise AutograderError(f"there is no exercise called {name!r}; did you mean {' or '.join(map(repr, near))}?")


def grade(
    name: str, function: Callable[..., Any], *, forward: Callable[..., Any] | None = None, rng: np.random.Generator
) -> Report:
    """Examine ``function`` as the exercise ``name``, on inputs drawn from ``rng``.

    ``forward`` is the partner of a backward function (see the exercise). Never raises for what the function
    does; raises AutograderError for an unknown name or something that is no function, GraderError where the
    grader itself failed.
    """
    exercise = find(name)
    for what in (function, *([forward] if forward is not None else [])):
        if not callable(what):
            raise AutograderError(
                f"check({name!r}, …) needs the function itself, got {type(what).__name__}: "
                f"write check({name!r}, {name}), without calling it"
            )
    return report(exercise, exercise.kind.examine(exercise, Attempt(function, forward, rng)))


def check(name: str, function: Callable[..., Any], *, forward: Callable[..., Any] | None = None) -> Report:
    """Check your function ``function`` for the exercise ``name``; the report shows what is right and what is not.

    For a backward function, ``forward`` is your own forward function. The inputs are the same each time, and
    others when the notebook is graded. Raises as ``grade`` does.
    """
    seed = grading_seed.get()
    parts = [STUDENTS_SEED] if seed is None else [seed, zlib.crc32(name.encode())]
    return grade(name, function, forward=forward, rng=np.random.default_rng(parts))
