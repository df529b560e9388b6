"""`check` for students, `grade` for anyone: from a name and a function to a report."""

from __future__ import annotations

import contextvars
import pickle
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np

from autograder import marking
from autograder.calling import Caller, Raised, describe, plain
from autograder.comparison import Problem
from autograder.competing import Competing
from autograder.errors import AutograderError
from autograder.exercise import Case, Exercise, Function, Judgement, Misconception, Parts
from autograder.exercises import exercises
from autograder.recognition import Evidence, Lineup, recognise
from autograder.report import CaseResult, Mistake, Report

DEFAULT_SEED = 5  # a student who runs a check again sees the same inputs

MOST_KEPT = 16  # draws of inputs that are remembered
_kept: dict[bytes, Drawn] = {}

grading_seed: contextvars.ContextVar[int | None] = contextvars.ContextVar("grading_seed", default=None)


class UnknownExercise(AutograderError, LookupError):
    """There is no exercise of that name."""


def check(
    name: str, function: Function, *, forward: Function | None = None, predict: Function | None = None
) -> Report:
    """Try ``function`` as the exercise ``name`` on inputs that are the same each time, and say what is wrong.

    ``forward``: your forward function, where ``function`` is a backward one; it makes the cache. ``predict``: what
    uses the parameters that ``function`` gives, where it trains a classifier.
    Raises UnknownExercise for a name that is no exercise, TypeError where ``function`` is no function.
    """
    seed = grading_seed.get()
    start = [DEFAULT_SEED if seed is None else seed, zlib.crc32(str(name).encode())]
    partner = predict if forward is None else forward
    return grade(name, function, forward=partner, rng=np.random.default_rng(start))


def grade(name: str, function: Function, *, forward: Function | None = None, rng: np.random.Generator) -> Report:
    """Try ``function`` as the exercise ``name`` on inputs drawn from ``rng``. Raises as `check` does."""
    exercise = find(name)
    if not callable(function):
        raise TypeError(_not_a_function(exercise, function))
    return examine(exercise, function, forward if callable(forward) else None, rng)


def find(name: str) -> Exercise:
    """The exercise of that name. Raises UnknownExercise with the names that are close."""
    known = {exercise.name: exercise for exercise in exercises()}
    if name in known:
        return known[name]
    close = get_close_matches(str(name), known, n=3, cutoff=0.5) or list(known)
    raise UnknownExercise(f"there is no exercise {name!r}; did you mean {' or '.join(map(repr, close))}?")


def _not_a_function(exercise: Exercise, value: Any) -> str:
    partner = f", forward={exercise.partner}" if exercise.partner else ""
    why = "; was it called, as in f(…), where only its name f belongs?" if value is not None else ""
    return (
        f"check needs the function itself, but got {describe(plain(value))}{why} "
        f'Write: check("{exercise.name}", {exercise.name}{partner})'
    )


def examine(exercise: Exercise, function: Function, forward: Function | None, rng: np.random.Generator) -> Report:
    """Try ``function`` on all cases of ``exercise``, and report."""
    drawn = _drawn(exercise, tuple(exercise.cases(rng)))
    cases, expected = drawn.cases, drawn.expected
    seen = exercise.kind.observe(cases, function, forward, Caller())
    judged = judge(exercise, cases, expected, seen)
    found = marking.earned(cases, judged)
    return Report(
        name=exercise.name,
        points=marking.points(exercise, cases, found),
        max_points=exercise.points,
        bonus=exercise.bonus,
        cases=tuple(_results(exercise, cases, judged, found)),
        marks=marking.marks(exercise, cases, found),
        mistakes=tuple(map(_mistake, recognise(Evidence(cases, expected, seen, judged), drawn.lineup))),
        notes=tuple(dict.fromkeys(str(parts["note"]) for parts in seen if "note" in parts)),
        measured=next((dict(parts["measured"]) for parts in seen if "measured" in parts), {}),
        rule=marking.rule(exercise, cases),
        written=not all(isinstance(v, Raised) and v.unwritten for parts in seen for v in parts.values()),
        reread=exercise.reread,
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The cases of an exercise, and what the reference and (when asked) the misconceptions show on them."""

    exercise: Exercise
    cases: tuple[Case, ...]
    expected: tuple[Parts, ...]
    lineup: Lineup


def _drawn(exercise: Exercise, cases: tuple[Case, ...]) -> Drawn:
    """Kept for the next call on the same inputs: a check is run again and again, a class gets the same inputs."""
    key = pickle.dumps([(case.trait, case.arguments, case.dout) for case in cases])
    known = _kept.pop(key, None)
    if known is None or known.exercise is not exercise:
        expected = tuple(expected_of(exercise, case) for case in cases)
        known = Drawn(exercise, cases, expected, Lineup(exercise, cases))
    _kept[key] = known
    if len(_kept) > MOST_KEPT:
        del _kept[next(iter(_kept))]
    return known


def expected_of(exercise: Exercise, case: Case) -> Parts:
    """What the reference shows; where an exception is expected, that exception."""
    if case.raises:
        return dict.fromkeys(exercise.kind.parts, Raised(case.raises.__name__, ""))
    if case.timed:
        return {}  # nobody is compared with the reference's time
    if isinstance(exercise.kind, Competing):
        return exercise.kind.expected(case)
    return exercise.kind.observe((case,), exercise.reference, None, Caller())[0]


def judge(
    exercise: Exercise, cases: Sequence[Case], expected: Sequence[Parts], seen: Sequence[Parts]
) -> tuple[Judgement, ...]:
    """The judgement of each case."""
    triples = zip(cases, expected, seen, strict=True)
    return tuple(exercise.kind.judge(case, wanted, got, exercise.tolerance) for case, wanted, got in triples)


def _results(
    exercise: Exercise, cases: Sequence[Case], judged: Sequence[Judgement], found: marking.Earned
) -> Iterator[CaseResult]:
    for case, judgement, row in zip(cases, judged, found, strict=True):
        credit = sum(row.values()) / len(row)
        problems = list(dict.fromkeys(p for p in judgement.problems.values() if p))
        shown = problems or ([] if credit == 1 else [Problem("counts once another case is right")])
        yield CaseResult(
            trait=case.trait,
            credit=credit,
            call=_call(exercise, case),
            summary="; ".join(problem.summary for problem in shown),
            details=tuple(line for problem in shown for line in problem.details),
            hints=tuple(dict.fromkeys(problem.hint for problem in shown if problem.hint)),
        )


def _call(exercise: Exercise, case: Case) -> str:
    """The inputs of a case in one line: "x (2, 3, 5, 8) float64, stride 2"."""
    if case.timed or exercise.signature.endswith("()"):
        return ""
    names = exercise.kind.names
    given = dict(zip(names, case.arguments, strict=False))
    if case.dout is not None:
        given["dout"] = case.dout
    return ", ".join(f"{name} {_value(value)}" for name, value in given.items())


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, tuple) and any(isinstance(item, np.ndarray) for item in value):
        return f"({', '.join(map(_value, value))})"
    return f"{value.shape} {value.dtype}" if isinstance(value, np.ndarray) else repr(value)


def _mistake(misconception: Misconception) -> Mistake:
    return Mistake(misconception.name, misconception.sentence)
