"""An audit of a derivation, line by line: each line must follow from the student's own lines above it.

So one mistake is one wrong line, and it is named with both values, although all numbers after it differ too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.adapting import as_number
from autograder.calling import Caller, NotTried, Opaque, Raised, describe, plain
from autograder.comparison import Problem, compare, told_apart
from autograder.exercise import TOLERANCE, Case, Function, Judgement, Parts
from autograder.kinds import fresh

FOLLOWS = ()  # what is seen of a line that follows from those above


@dataclass(frozen=True, slots=True)
class Audit:
    """A function that returns a dict of numbers, one for each of ``steps``.

    A step computes its number from arguments and earlier numbers, whose names are those of its parameters.
    Each of ``groups`` earns its part where all of its lines are right.
    """

    names: tuple[str, ...]
    steps: Mapping[str, Callable[..., Any]]
    groups: Mapping[str, tuple[str, ...]]

    @property
    def parts(self) -> tuple[str, ...]:
        """The groups of lines, by name."""
        return tuple(self.groups)

    def observe(
        self,
        cases: tuple[Case, ...],
        function: Function,
        forward: Function | None,  # noqa: ARG002 - kinds share one signature
        call: Caller,
    ) -> tuple[Parts, ...]:
        """Of each line, whether it follows, or else what it should be, what it is, and from what."""
        return tuple(self._audit(case, call(function, *fresh(case.arguments))) for case in cases)

    def _audit(self, case: Case, result: Any) -> Parts:
        if isinstance(result, Raised | NotTried):
            return dict.fromkeys(self.steps, result)
        if not isinstance(result, dict):
            wanted = f"a dict with the keys {', '.join(self.steps)}"
            return dict.fromkeys(self.steps, Opaque(describe(plain(result)), wanted))
        known: dict[str, Any] = dict(zip(self.names, case.arguments, strict=True))
        seen: dict[str, Any] = {}
        for name, step in self.steps.items():
            used = {source: known[source] for source in inspect.signature(step).parameters}
            value = np.asarray(step(**used), np.float64)
            got = as_number(plain(result.get(name)))
            follows = compare(name, value, got, TOLERANCE) is None
            seen[name] = FOLLOWS if follows else (float(value), got, tuple(used.items()))
            known[name] = float(got if isinstance(got, np.ndarray) and got.ndim == 0 else value)
        return seen

    def judge(
        self,
        case: Case,  # noqa: ARG002
        expected: Parts,  # noqa: ARG002
        observed: Parts,
        tolerance: Mapping[str, float],
    ) -> Judgement:
        """The first wrong line by name, with what it was computed from; the others after it."""
        problems: dict[str, Problem | None] = {}
        for name in self.steps:
            first = not any(problems.values())
            problems[name] = _problem(name, observed.get(name), tolerance, first=first)
        right = {name for name, problem in problems.items() if problem is None}
        return Judgement(problems, {group: float(right.issuperset(lines)) for group, lines in self.groups.items()})


def _problem(name: str, seen: Any, tolerance: Mapping[str, float], *, first: bool) -> Problem | None:
    if not isinstance(seen, tuple):
        return compare(name, np.zeros(()), seen, tolerance)
    if seen == FOLLOWS:
        return None
    wanted, got, used = seen
    if not isinstance(got, np.ndarray) or got.ndim:
        return Problem(f"{name}: expected one number, got {describe(got)}")
    sources = ", ".join(f"{source} = {value:.6g}" for source, value in used)
    values = f"{name}: {told_apart(wanted, float(got))}"
    which = "the first wrong line is" if first else "wrong as well:"
    return Problem(f"{which} {name}", (values, f"computed from your own {sources}"))
