"""Functions that draw at random: no two right ones give the same, so what is judged is what all must have.

Each trait has a look of its own, which draws as often as it needs and says what is wrong, if anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from autograder.calling import Caller, NotTried, Opaque, Raised, describe, plain
from autograder.comparison import Problem, compare
from autograder.exercise import Case, Function, Judgement, Parts
from autograder.kinds import fresh

Arguments: TypeAlias = tuple[Any, ...]
MOST_ITEMS = 1000  # of what a function gives one after another
DEVIATIONS = 5.0  # a right function misses a bound once in a million draws


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with what was drawn. ``name`` says it without the numbers of this draw; ``credit``: how much
    is earned all the same.
    """

    name: str
    problem: Problem = field(compare=False)
    credit: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws with a function: ``sampler(seed)`` calls it with the case's arguments and the rng of that seed.

    ``arguments`` are what the last call got, as they were after it.
    """

    function: Function
    given: Arguments
    call: Caller
    read: Callable[[Any], Any]
    arguments: list[Any] = field(default_factory=list)

    def __call__(self, seed: int, *other: Any) -> Any:
        """What the function gives, as data. Raises Stopped where it is none."""
        self.arguments[:] = fresh(other or self.given)
        rng = np.random.default_rng(seed)
        result = self.call(lambda *given: self.read(partial(self.function, rng=rng)(*given)), *self.arguments)
        if isinstance(result, Raised | NotTried | Opaque):
            raise Stopped(result)
        return result


class Stopped(Exception):
    """A draw failed; ``result`` says how."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result


Look: TypeAlias = Callable[[Sampler, int], Finding | None]


@dataclass(frozen=True, slots=True)
class Sampling:
    """``NAME(…, *, rng)``. A case's last argument seeds its draws; the others, ``names``, are the function's.

    ``looks`` says by trait what is looked at; ``read`` makes data of a result, or an Opaque.
    """

    names: tuple[str, ...]
    looks: Mapping[str, Look]
    read: Callable[[Any], Any] = plain
    parts: tuple[str, ...] = ("drawn",)

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """True where all is well, else what was found."""
        return tuple({"drawn": self._look(case, function, call)} for case in cases)

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """Full credit where nothing was found."""
        found = observed["drawn"]
        if found is True:
            return Judgement({"drawn": None}, {"drawn": 1.0})
        if isinstance(found, Finding):
            return Judgement({"drawn": found.problem}, {"drawn": found.credit})
        return Judgement({"drawn": compare("the result", (), found)}, {"drawn": 0.0})

    def _look(self, case: Case, function: Function, call: Caller) -> Any:
        *given, seed = case.arguments
        sampler = Sampler(function, tuple(given), call, self.read)
        try:
            with np.errstate(all="ignore"):  # what was drawn may be anything
                return self.looks[case.trait](sampler, seed) or True
        except Stopped as stopped:
            return stopped.result


def found(name: str, summary: str, *details: str, hint: str = "", credit: float = 0.0) -> Finding:
    """A finding in a few words."""
    return Finding(name, Problem(summary, details, hint), credit)


def one_after_another(wanted: str) -> Callable[[Any], Any]:
    """Reads what a generator (or a list) gives; ``wanted`` describes it."""

    def read(result: Any) -> Any:
        if not isinstance(result, Iterable) or isinstance(result, np.ndarray | str | bytes | dict):
            return Opaque(describe(plain(result)), wanted=wanted)
        return [plain(item) for item in islice(result, MOST_ITEMS)]

    return read


def within(name: str, value: float, expected: float, deviation: float) -> Finding | None:
    """A finding where a statistic is further from its expected value than chance explains.

    ``deviation`` is the statistic's standard deviation for a right function.
    """
    bound = DEVIATIONS * deviation
    if abs(value - expected) <= bound:
        return None
    low, high = expected - bound, expected + bound
    direction = "small" if value < expected else "large"
    return found(f"{name} too {direction}", f"{name}: expected {low:.4g} to {high:.4g}, got {value:.4g}")
