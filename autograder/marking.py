"""How right cases become points.

The cases of an exercise belong to aspects (padding, stride, dtype, …), each worth a published part of the points.
An aspect is earned where all of its cases are right; of several returned values, by each for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.exercise import Aspect, Case, Exercise, Judgement

Earned = Sequence[Mapping[str, float]]  # for each case, what each returned value earns, 0 to 1


@dataclass(frozen=True, slots=True)
class Mark:
    """What an aspect earned. ``traits`` are those of its cases."""

    name: str
    points: float
    max_points: float
    traits: tuple[str, ...]


def earned(cases: Sequence[Case], judged: Sequence[Judgement]) -> Earned:
    """What each case earns. Raising the right error earns nothing where no result is ever right."""
    works = any(it.credit for case, it in zip(cases, judged, strict=True) if not case.raises)
    return [it.earned if works or not case.raises else dict.fromkeys(it.earned, 0.0)
            for case, it in zip(cases, judged, strict=True)]  # fmt: skip


def marks(exercise: Exercise, cases: Sequence[Case], found: Earned) -> tuple[Mark, ...]:
    """What each aspect of the exercise earned."""
    return tuple(_mark(exercise, aspect, cases, found) for aspect in exercise.aspects)


def rule(exercise: Exercise, cases: Sequence[Case]) -> str:
    """What a student must know of the points."""
    if cases[-1].timed:
        return "The speed counts, once all other cases are right."
    if not exercise.aspects:
        return "Each case counts the same."
    whole = "The points of a line are for all of its cases together."
    names = exercise.kind.parts
    if len(names) == 1:
        return whole
    weights = {name: exercise.worth.get(name, 1) for name in names}
    parts = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
    kind = "gradient" if all(name.startswith("d") for name in names) else "result"
    return f"{whole} Each {kind} earns its own part of them: of {sum(weights.values()):g} parts, {parts}."


def points(exercise: Exercise, cases: Sequence[Case], found: Earned) -> float:
    """The points for all cases. In a race the speed counts, if all else is right."""
    credits = [_mean(row, {}) for row in found]
    if cases[-1].timed:
        share = credits[-1] if all(credit == 1 for credit in credits[:-1]) else 0.0
    elif exercise.aspects:
        return round(sum(mark.points for mark in marks(exercise, cases, found)), 2)
    else:
        share = sum(credits) / len(credits)
    return round(exercise.points * share, 2)


def _mark(exercise: Exercise, aspect: Aspect, cases: Sequence[Case], found: Earned) -> Mark:
    rows = {case.trait: row for case, row in zip(cases, found, strict=True) if case.trait in aspect.traits}
    names = next(iter(rows.values()))
    least = {name: min(row[name] for row in rows.values()) for name in names}
    most = exercise.points * aspect.percent / 100
    return Mark(aspect.name, most * _mean(least, exercise.worth), most, tuple(rows))


def _mean(row: Mapping[str, float], worth: Mapping[str, float]) -> float:
    weights = {name: worth.get(name, 1.0) for name in row}
    return sum(weights[name] * value for name, value in row.items()) / sum(weights.values())
