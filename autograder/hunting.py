"""Bug hunts: the student writes an input, and what counts is how many wrong implementations it exposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller, NotTried, Opaque, Raised, describe, plain
from autograder.comparison import Problem, compare
from autograder.exercise import TOLERANCE, Case, Function, Judgement, Misconception, Parts
from autograder.kinds import fresh

MOST_VALUES = 20_000  # in one array
MOST_PRODUCTS = 2_000_000  # of all windows together: the wrong implementations are loops
LARGEST = 1e6
LARGEST_NUMBER = 100

HIDDEN = Problem(
    "on your input this wrong version gives the right result",
    (),
    "What does it take for granted? Change the input so that this is not so.",
)


@dataclass(frozen=True, slots=True)
class BugHunt:
    """Each case is one of ``wrong``, backward functions, by its name; its argument seeds dout.

    ``names`` are those of the forward function's arguments, which the student returns. ``products`` says how
    much work they make.
    """

    names: tuple[str, ...]
    forward: Function
    backward: Function
    wrong: Mapping[str, Misconception]
    products: Callable[..., int]
    parts: tuple[str, ...] = ("exposed",)

    def cases(self, rng: np.random.Generator) -> tuple[Case, ...]:
        """A case for each wrong implementation."""
        return tuple(Case(trait, (int(rng.integers(2**32)),)) for trait in self.wrong)

    def observe(
        self,
        cases: tuple[Case, ...],
        function: Function,
        forward: Function | None,
        call: Caller,
    ) -> tuple[Parts, ...]:
        """Whether each is exposed; where the input is none, what is wrong with it."""
        found = self._as_inputs(call(function))
        problem = self.why_not(found)
        return tuple({"exposed": problem or self._exposed(case, plain(found))} for case in cases)

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """Full credit for an exposed implementation."""
        found = observed["exposed"]
        problem = None if found is True else HIDDEN if found is False else found
        if isinstance(found, Raised | NotTried):
            problem = compare("", (), found)
        return Judgement({"exposed": problem}, {"exposed": float(problem is None)})

    def _as_inputs(self, found: Any) -> Any:
        """A single argument comes alone."""
        alone = len(self.names) == 1 and not isinstance(found, Raised | NotTried | tuple | list)
        return (found,) if alone else found

    def why_not(self, found: Any) -> Problem | Raised | NotTried | None:
        """What is wrong with ``found`` as an input of the forward function."""
        if isinstance(found, Raised | NotTried):
            return found
        wanted = f"({', '.join(self.names)})"
        if type(found) not in (tuple, list) or len(found) != len(self.names):
            return Problem(f"expected a tuple {wanted}, got {describe(plain(found))}")
        for name, value in zip(self.names, plain(found), strict=True):
            if sentence := _unfit(name, value):
                return Problem(sentence)
        return self._does_not_run(plain(found))

    def _does_not_run(self, inputs: Any) -> Problem | None:
        try:
            if self.products(*inputs) > MOST_PRODUCTS:
                return Problem("the input is too large to be tried; a few hundred pixels are enough")
            self.forward(*inputs)
        except Exception as error:  # whatever the reference says of it
            return Problem(f"the right implementation does not take this input: {error}")
        return None

    def _exposed(self, case: Case, inputs: Any) -> bool:
        """Whether the wrong implementation raises, or gives another result than the right one."""
        out, cache = self.forward(*inputs)
        dout = np.random.default_rng(case.arguments[0]).normal(size=out.shape)
        right = self.backward(dout, cache)
        got = Caller()(self.wrong[case.trait].function, fresh(dout), fresh(cache))
        return compare("", right, got if isinstance(got, Raised) else plain(got), TOLERANCE) is not None


def _unfit(name: str, value: Any) -> str:
    """Why a value is no argument, or an empty string."""
    numbers = value if isinstance(value, tuple | list) else (value,)
    if value is None or all(isinstance(n, int | float) and abs(n) <= LARGEST_NUMBER for n in numbers):
        return ""
    if isinstance(value, Opaque) or not isinstance(value, np.ndarray):
        either = f"an array, or a number up to {LARGEST_NUMBER}, or a pair of them"
        return f"{name}: expected {either}; got {describe(value)}"
    if value.size > MOST_VALUES:
        return f"{name} has {value.size} values, which is too large to be tried; a few hundred are enough"
    if value.size == 0 or not np.isfinite(value).all() or np.abs(value).max() > LARGEST:
        return f"{name} must hold finite numbers up to {LARGEST:g}; got {describe(value)} with others"
    return ""
