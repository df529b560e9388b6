"""Which known mistakes explain what a function got wrong."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograder.calling import Caller, NotTried, Opaque, Raised
from autograder.comparison import compare, same
from autograder.exercise import TOLERANCE, Case, Exercise, Judgement, Misconception, Parts
from autograder.hints import hint_for
from autograder.kinds import BESIDES

Item: TypeAlias = tuple[int, str]  # a case, and one part of what it showed

MOST = 3  # more sentences at once help nobody
CONTRADICTION = 3  # what a right part weighs against a mistake that would have made it wrong
LEAST = 0.2  # the part of what is left that a mistake must explain to be named
DIRECT = 4  # what weighs for a mistake that changes just those inputs that were changed


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
        """The parts that are wrong, or those that are right. Races are no evidence; an exception counts once."""
        return {item for i, case in enumerate(self.cases) if not case.timed for item in self._of(i, wrong)}

    def _of(self, i: int, wrong: bool) -> Iterator[Item]:
        parts = [part for part, problem in self.judged[i].problems.items() if bool(problem) is wrong]
        raised = [part for part in parts if isinstance(self.seen[i].get(part), Raised)]
        yield from ((i, part) for part in parts if part not in raised[1:])

    @property
    def unwritten(self) -> bool:
        """Whether the function does nothing yet: there is nothing to recognise."""
        return all(
            _is_nothing(value) for parts in self.seen for name, value in parts.items() if name not in BESIDES
        )


def _is_nothing(value: Any) -> bool:
    stub = isinstance(value, NotTried) or (isinstance(value, Raised) and value.unwritten)
    return value is None or stub or (isinstance(value, Opaque) and value.description == "None")


@dataclass(frozen=True, slots=True)
class Match:
    """How well a misconception fits: the wrong parts it explains; those that it would have made wrong otherwise;
    whether all are wrong in its manner, if with other values; how many right parts it would have made wrong.
    """

    mistake: Misconception
    explained: set[Item]
    otherwise: set[Item]
    akin: bool
    contradicted: int

    def score(self, left: set[Item], settled: set[Item]) -> int:
        """What it explains of ``left``, which must be some of it. What other mistakes explain (``settled``) speaks
        against it as right parts do. Which input was changed is told by name, which nothing else explains.
        """
        found = self.explained & left
        weight = sum(DIRECT if part == "inputs" else 1 for _, part in found)
        against = self.contradicted + len(self.otherwise & settled)
        enough = weight >= LEAST * len(left) or any(part == "inputs" for _, part in found)
        return weight - CONTRADICTION * against if enough else 0


def recognise(evidence: Evidence, lineup: Lineup) -> tuple[Misconception, ...]:
    """The misconceptions that explain the most of what is wrong, best first.

    A misconception explains a wrong part if it gives the same wrong value or raises an exception about the same;
    it must not make wrong what is right. The next one counts by what the ones before it leave unexplained. Where
    no value fits, a mistake that is wrong in just these cases in just this manner is the one, if it is alone.
    """
    wrong, right = evidence.items(wrong=True), evidence.items(wrong=False)
    if not wrong or evidence.unwritten:
        return ()
    matches = list(_matches(evidence, lineup, wrong, right))
    if found := tuple(_best_first(evidence, wrong, [match for match in matches if match.explained])):
        return found
    alone = [match.mistake for match in matches if match.akin and not match.contradicted]
    telling = {part for _, part in wrong} <= {part for _, part in right} and len(wrong) <= len(right)
    return tuple(alone) if len(alone) == 1 and telling else ()


def _matches(evidence: Evidence, lineup: Lineup, wrong: set[Item], right: set[Item]) -> Iterator[Match]:
    """Those that explain anything, the most frequent first, up to one that explains all."""
    groups = _exceptions(evidence, wrong)
    first = {max(wrong)} if groups == [wrong] else set[Item]()  # one exception: all places are explained or none
    for mistake in sorted(lineup.exercise.misconceptions, key=lambda it: -it.seen):
        if not _all_alike(evidence, lineup, mistake, first):
            continue
        shown = lineup.show(mistake, (i for i, _ in wrong))
        explained = _explained(evidence, shown, wrong, groups)
        akin = all(_manner(evidence, shown[i], i, part) for i, part in wrong)
        if explained or akin:
            shown, spoils = lineup.show(mistake, (i for i, _ in right)), shown
            otherwise = {(i, part) for i, part in wrong - explained if _spoilt(evidence, spoils, i, part)}
            yield (match := Match(mistake, explained, otherwise, akin, _contradicted(evidence, shown, right)))
            if explained == wrong and not match.contradicted:
                return


def _manner(evidence: Evidence, shown: Parts, i: int, part: str) -> bool:
    """Whether a part is wrong in the same manner: the same wrong shape, dtype, or wrong values alone; and not in a
    manner of its own, such as a factor.
    """
    wanted, got, other = evidence.expected[i].get(part), evidence.seen[i].get(part), shown.get(part)
    if not (isinstance(wanted, np.ndarray) and isinstance(got, np.ndarray) and isinstance(other, np.ndarray)):
        return same(got, other)
    if got.shape != other.shape or got.dtype != other.dtype or same(wanted, other):
        return False
    return hint_for(wanted, got) in ("", hint_for(wanted, other))


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
    """The wrong parts that are wrong in the same way. Of one exception at many places, all must be; where values
    speak for the mistake too, half.
    """
    alike = {(i, part) for i, part in wrong if _alike(evidence, shown, i, part)}
    least = 0.5 if alike.difference(*groups) else 1.0
    return alike.difference(*(group for group in groups if len(group & alike) < least * len(group)))


def _all_alike(evidence: Evidence, lineup: Lineup, mistake: Misconception, items: set[Item]) -> bool:
    shown = lineup.show(mistake, (i for i, _ in items))
    return all(_alike(evidence, shown, i, part) for i, part in items)


def _alike(evidence: Evidence, shown: Mapping[int, Parts], i: int, part: str) -> bool:
    """Whether it is the same, as precisely as the right value is known: float32 may be wrong as float64."""
    wanted = evidence.expected[i].get(part)
    precision = TOLERANCE.get(wanted.dtype.name, 0.0) if isinstance(wanted, np.ndarray) else 0.0
    tolerance = {name: max(least, precision) for name, least in TOLERANCE.items()}
    return same(evidence.seen[i].get(part), shown[i].get(part), tolerance)


def _contradicted(evidence: Evidence, shown: Mapping[int, Parts], right: set[Item]) -> int:
    """How many right parts the mistake would have made wrong."""
    return sum(_spoilt(evidence, shown, i, part) for i, part in right)


def _spoilt(evidence: Evidence, shown: Mapping[int, Parts], i: int, part: str) -> bool:
    wanted, got = evidence.expected[i].get(part), shown[i].get(part)
    if isinstance(wanted, Raised):  # of an exception that is expected, only the class counts
        return compare(part, wanted, got) is not None
    return not same(wanted, got)


def _best_first(evidence: Evidence, wrong: set[Item], matches: list[Match]) -> Iterator[Misconception]:
    left, settled = set(wrong), set[Item]()
    for _ in range(MOST):
        useful = [match for match in matches if match.score(left, settled) > 0]
        if not useful:
            return
        best = max(useful, key=lambda match: (match.score(left, settled), match.mistake.seen))
        yield best.mistake
        left -= best.explained
        settled |= {(i, part) for i, part in best.explained if not isinstance(evidence.seen[i][part], Raised)}
        matches.remove(best)
