"""Where small values count as much as large ones: each is judged by its own size, to its last digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller
from autograder.comparison import Problem, compare, same, told_apart
from autograder.exercise import Case, Function, Judgement, Kind, Parts
from autograder.kinds import Around

DIGITS = "digits"
HINT = "The largest values are right. Which step rounds the small ones away, or makes 0 or inf of them?"


@dataclass(frozen=True, slots=True)
class Precise(Around):
    """``kind``, and where a case looks at "digits", the first part is judged value by value, relative to itself.

    ``reference`` says how large each value is.
    """

    kind: Kind
    reference: Function

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What ``kind`` shows, and the digits of its first part."""
        seen = self.kind.observe(cases, function, forward, call)
        return tuple(self._one(*pair) for pair in zip(cases, seen, strict=True))

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """As ``kind`` judges; the first part earns nothing where its digits are wrong."""
        name, digits = self.parts[0], expected.get(DIGITS)
        found = self.kind.judge(case, _without_digits(expected), _without_digits(observed), tolerance)
        if digits is None:
            return found
        problem = found.problems[name]
        if problem is None and not same(digits, observed.get(DIGITS), tolerance):
            problem = _problem(name, expected, observed) or compare(name, digits, observed.get(DIGITS), tolerance)
        earned = {**found.earned, name: float(problem is None and found.earned[name])}
        return Judgement({**found.problems, DIGITS: problem}, earned)

    def _one(self, case: Case, seen: Parts) -> Parts:
        if DIGITS not in case.looks_at:
            return seen
        name = self.parts[0]
        right = self.kind.observe((case,), self.reference, None, Caller())[0][name]
        return {**seen, DIGITS: scaled(seen[name], right)}


def scaled(got: Any, right: np.ndarray[Any, Any]) -> Any:
    """Each value times that power of two which brings the right one between ½ and 1. What is no array stays."""
    if not isinstance(got, np.ndarray) or got.shape != right.shape:
        return got
    _, exponents = np.frexp(right)
    with np.errstate(all="ignore"):
        values = np.ldexp(got.astype(np.float64), -exponents)
    return values.astype(got.dtype) if got.dtype.kind == "f" else values


def _without_digits(parts: Parts) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if name != DIGITS}


def _problem(name: str, expected: Parts, observed: Parts) -> Problem | None:
    """The first value whose digits are wrong."""
    wanted, got = (np.asarray(parts[DIGITS], np.float64) for parts in (expected, observed))
    with np.errstate(all="ignore"):
        far = np.argwhere(~(np.abs(wanted - got) <= 1e-9 * np.abs(wanted)))
    if not len(far):
        return None
    index = tuple(int(i) for i in far[0])
    values = told_apart(expected[name][index], observed[name][index])
    place = f"{name}[{', '.join(map(str, index))}]"
    return Problem(f"{name} loses the digits of small values", (f"{place}: {values}",), HINT)
