"""Which known mistakes explain what a function got wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from autograder.calling import Caller, Raised
from autograder.comparison import same
from autograder.exercise import Case, Exercise, Judgement, Misconception, Parts

Item: TypeAlias = tuple[int, str]  # a case, and one part of what it showed

MOST = 3  # more sentences at once help nobody
CONTRADICTION = 3  # what a right part weighs against a mistake that would have made it wrong


class Lineup:
    """What each misconception of an exercise shows on some cases; each is looked at once, when asked for."""

    def __init__(self, exercise: Exercise, cases: Sequence[Case]) -> None:
        self.exercise, self.cases = exercise, cases
        self._seen: dict[tuple[str, int], Parts] = {}

    def show(self, mistake: Misconception, numbers: Iterable[int]) -> dict[int, Parts]:
        """What ``mistake`` shows on the cases of these numbers."""
        wanted = sorted(set(numbers))
        missing = [i for i in wanted if (mistake.name, i) not in self._seen]
        cases = tuple(self.cases[i] for i in missing)
        shown = self.exercise.kind.observe(cases, mistake.function, None, Caller()) if cases else ()
        self._seen |= {(mistake.name, i): parts for i, parts in zip(missing, shown, strict=True)}
        return {i: self._seen[mistake.name, i] for i in wanted}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a function showed on each case, and how that was judged."""

    cases: Sequence[Case]
    expected: Sequence[Parts]
    seen: Sequence[Parts]
    judged: Sequence[Judgement]

    def items(self, *, wrong: bool) -> set[Item]:
        """The parts that are wrong, or those that are right. Races are no evidence."""
        return {
            (i, part)
            for i, (case, judgement) in enumerate(zip(self.cases, self.judged, strict=True))
            for part, problem in judgement.problems.items()
            if bool(problem) is wrong and not case.timed
        }


def recognise(evidence: Evidence, lineup: Lineup) -> tuple[Misconception, ...]:
    """The misconceptions that explain the most of what is wrong, best first.

    A misconception explains a wrong part if it gives the same wrong value or raises the same exception; it must
    not make wrong what is right. The next one counts by what the ones before it leave unexplained.
    """
    wrong, right = evidence.items(wrong=True), evidence.items(wrong=False)
    groups = _exceptions(evidence, wrong)
    worth: dict[Misconception, tuple[set[Item], int]] = {}
    for mistake in lineup.exercise.misconceptions if wrong else ():
        shown = lineup.show(mistake, (i for i, _ in wrong))
        if explained := _explained(evidence, shown, wrong, groups):
            shown = lineup.show(mistake, (i for i, _ in right))
            worth[mistake] = explained, _contradicted(evidence, shown, right)
    return tuple(_best_first(wrong, worth))


def _exceptions(evidence: Evidence, wrong: set[Item]) -> list[set[Item]]:
    """The wrong parts that are exceptions, those with the same message together."""
    groups: dict[str, set[Item]] = defaultdict(set)
    for i, part in wrong:
        if isinstance(value := evidence.seen[i].get(part), Raised):
            groups[f"{value.kind}: {re.sub(r'[0-9(), -]+', ' ', value.message)}"].add((i, part))
    return list(groups.values())


def _explained(
    evidence: Evidence, shown: Mapping[int, Parts], wrong: set[Item], groups: list[set[Item]]
) -> set[Item]:
    """The wrong parts that are wrong in the same way; one exception at many places only as a whole."""
    alike = {(i, part) for i, part in wrong if same(evidence.seen[i].get(part), shown[i].get(part))}
    return alike.difference(*(group for group in groups if not group <= alike))


def _contradicted(evidence: Evidence, shown: Mapping[int, Parts], right: set[Item]) -> int:
    """How many right parts the mistake would have made wrong."""
    return sum(not same(evidence.expected[i][part], shown[i].get(part)) for i, part in right)


def _best_first(wrong: set[Item], worth: dict[Misconception, tuple[set[Item], int]]) -> Iterator[Misconception]:
    left = set(wrong)
    for _ in range(MOST):
        ranked = [
            (len(explained & left) - CONTRADICTION * contradicted, mistake.seen, -rank, mistake)
            for rank, (mistake, (explained, contradicted)) in enumerate(worth.items())
            if explained & left
        ]
        best = max(ranked, default=None, key=lambda row: row[:3])
        if best is None or best[0] <= 0:
            return
        yield best[-1]
        left -= worth.pop(best[-1])[0]
