"""Which known mistakes explain what a function got wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from autograder.calling import Caller, Opaque, Raised
from autograder.comparison import compare
from autograder.exercise import Case, Exercise, Judgement, Misconception, Parts

Item: TypeAlias = tuple[int, str]  # a case, and one part of what it showed

MOST = 3  # more sentences at once help nobody
CONTRADICTION = 3  # what a right part weighs against a mistake that would have made it wrong


def recognise(
    exercise: Exercise, cases: Sequence[Case], expected: Sequence[Parts], seen: Sequence[Parts]
) -> tuple[Misconception, ...]:
    """The misconceptions that explain the most of what is wrong in ``seen``, best first.

    A misconception explains a wrong part if it gives the same wrong value or raises the same exception; it must
    not make wrong what is right. The next one counts by what the ones before it leave unexplained.
    """
    usable = [i for i, case in enumerate(cases) if not case.timed]
    judged = _judge(exercise, [cases[i] for i in usable], [expected[i] for i in usable], [seen[i] for i in usable])
    wrong = {(i, part) for i, it in zip(usable, judged, strict=True) for part, p in it.problems.items() if p}
    if not wrong:
        return ()
    right = {(i, part) for i, it in zip(usable, judged, strict=True) for part, p in it.problems.items() if not p}
    worth: dict[Misconception, tuple[set[Item], int]] = {}
    for mistake in exercise.misconceptions:
        shown = _show(exercise, cases, usable, mistake)
        worth[mistake] = (
            _explained(wrong, seen, shown),
            len(_contradicted(exercise, cases, expected, right, shown)),
        )
    return tuple(_best_first(wrong, worth))


def _judge(
    exercise: Exercise, cases: Sequence[Case], expected: Sequence[Parts], seen: Sequence[Parts]
) -> list[Judgement]:
    triples = zip(cases, expected, seen, strict=True)
    return [exercise.kind.judge(case, wanted, got, exercise.tolerance) for case, wanted, got in triples]


def _show(
    exercise: Exercise, cases: Sequence[Case], usable: Sequence[int], mistake: Misconception
) -> dict[int, Parts]:
    shown = exercise.kind.observe(tuple(cases[i] for i in usable), mistake.function, None, Caller())
    return dict(zip(usable, shown, strict=True))


def _explained(wrong: set[Item], seen: Sequence[Parts], shown: dict[int, Parts]) -> set[Item]:
    """The wrong parts that are wrong in the same way. One exception at many places is explained as a whole."""
    same = {(i, part) for i, part in wrong if _same(seen[i].get(part), shown[i].get(part))}
    groups: dict[str, set[Item]] = defaultdict(set)
    for i, part in wrong:
        if isinstance(value := seen[i].get(part), Raised):
            groups[_signature(value)].add((i, part))
    partly = [group for group in groups.values() if not group <= same]
    return same.difference(*partly)


def _signature(error: Raised) -> str:
    return f"{error.kind}: {re.sub(r'[0-9(), -]+', ' ', error.message)}"


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Raised) or isinstance(b, Raised):
        return isinstance(a, Raised) and isinstance(b, Raised) and a.kind == b.kind
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        return a == b
    if b is None or type(b) in (bool, str, list, dict):
        return type(a) is type(b) and bool(a == b)
    return compare("", b, a, equal_nan=True) is None


def _contradicted(
    exercise: Exercise,
    cases: Sequence[Case],
    expected: Sequence[Parts],
    right: set[Item],
    shown: dict[int, Parts],
) -> set[Item]:
    """The right parts that the mistake would have made wrong."""
    judged = {
        i: exercise.kind.judge(cases[i], expected[i], parts, exercise.tolerance) for i, parts in shown.items()
    }
    return {(i, part) for i, part in right if judged[i].problems[part]}


def _best_first(
    wrong: set[Item], worth: dict[Misconception, tuple[set[Item], int]]
) -> Iterable[Misconception]:
    left = set(wrong)
    for _ in range(MOST):
        ranked = [
            (len(explained & left) - CONTRADICTION * contradicted, -contradicted, mistake.seen, -rank, mistake)
            for rank, (mistake, (explained, contradicted)) in enumerate(worth.items())
            if explained & left
        ]
        best = max(ranked, default=None)
        if best is None or best[0] <= 0:
            return
        yield best[-1]
        left -= worth.pop(best[-1])[0]
