"""The records that an exercise is made of: what to write, on what to try it, and how people get it wrong.

One record checks a student's function in the notebook, grades it on other inputs, and tests itself: its reference
and alternatives must pass, its misconceptions must be rejected and recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from autograder.calling import Caller
    from autograder.comparison import Problem

Function: TypeAlias = Callable[..., Any]
Parts: TypeAlias = Mapping[str, Any]  # what one case showed of a function, by name: "out", "dx", "inputs", …

# relative to the largest value expected: sums in another order differ by less, and FFTs too
TOLERANCE: Mapping[str, float] = MappingProxyType({"float64": 1e-9, "float32": 1e-4, "float16": 1e-2})


@dataclass(frozen=True, slots=True)
class Case:
    """One input, there for one trait that tells right from wrong.

    ``arguments`` are the function's (of a backward function: its forward's, and ``dout`` comes on top).
    ``raises``: the exception that is expected. ``looks_at``: the parts that are judged, where they are not the
    returned values: "inputs" (must stay unchanged), "cache", "again" (a second call), "warnings" (NumPy's, of what
    no float can hold: there must be none). ``timed``: a race.
    """

    trait: str
    arguments: tuple[Any, ...]
    dout: Any = None
    raises: type[Exception] | None = None
    looks_at: tuple[str, ...] = ()
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Misconception:
    """A wrong implementation as people write it, and the sentence that helps them.

    ``seen``: how many of 119 people made it, where that was counted.
    """

    name: str
    function: Function
    sentence: str
    seen: int = 0


class Kind(Protocol):
    """How functions of one kind are called and judged."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a case's arguments."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the values that a function of this kind returns."""

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What ``function`` shows on each case."""

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """Compare what a case showed with what the reference shows."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with each part of a case (None: nothing), and what each returned value earns, 0 to 1."""

    problems: Mapping[str, Problem | None]
    earned: Mapping[str, float]

    @property
    def credit(self) -> float:
        """The credit for the case, 0 to 1."""
        return sum(self.earned.values()) / len(self.earned)


@dataclass(frozen=True, slots=True)
class Aspect:
    """Something that a function must do: it earns its percentage where all cases of its traits are right."""

    name: str
    percent: float
    traits: frozenset[str]


@dataclass(frozen=True, slots=True)
class Exercise:
    """One function to write. ``cases`` draws the inputs from a generator, other values each time.

    ``aspects`` divide the points among the traits of the cases; without any, each case counts the same.
    ``worth``: what each returned value counts, where they do not count the same.
    ``partner``: the name of the forward function, of a backward one. ``reread``: what to read again after a
    failure. ``alternatives``: right implementations that are written differently.
    """

    name: str
    unit: str
    signature: str
    reference: Function
    kind: Kind
    cases: Callable[[np.random.Generator], Iterable[Case]]
    points: float
    misconceptions: tuple[Misconception, ...]
    alternatives: tuple[Function, ...]
    reread: str
    bonus: bool = False
    partner: str | None = None
    tolerance: Mapping[str, float] = field(default_factory=lambda: TOLERANCE)
    aspects: tuple[Aspect, ...] = ()
    worth: Mapping[str, float] = field(default_factory=dict)

    @property
    def max_points(self) -> float:
        """What the exercise is worth."""
        return self.points
