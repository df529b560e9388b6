"""Hunts for bugs in any function: the student writes an input, and each wrong version that it exposes counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller, NotTried, Raised, describe, plain
from autograder.comparison import Problem, compare
from autograder.exercise import TOLERANCE, Case, Function, Judgement, Misconception, Parts
from autograder.kinds import fresh

HIDDEN = Problem(
    "on your input this wrong version gives the right result",
    (),
    "What does it take for granted? Change the input so that this is not so.",
)


@dataclass(frozen=True, slots=True)
class Hunt:
    """Each case is one of ``wrong``, by its name; its argument is a seed for what is drawn.

    ``names`` are those of what the student returns; ``unfit(*inputs)`` says why that is no input, or "".
    ``outcome(function, inputs, seed)`` is what a version makes of it, as data.
    """

    names: tuple[str, ...]
    right: Function
    wrong: Mapping[str, Misconception]
    unfit: Callable[..., str]
    outcome: Callable[[Function, Any, int], Any]
    parts: tuple[str, ...] = ("exposed",)

    def cases(self, rng: np.random.Generator) -> tuple[Case, ...]:
        """A case for each wrong version."""
        return tuple(Case(trait, (int(rng.integers(2**32)),)) for trait in self.wrong)

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """Whether each is exposed; where the input is none, what is wrong with it."""
        found = self._as_inputs(call(function))
        problem = self._why_not(found)
        return tuple({"exposed": problem or self._exposed(case, plain(found))} for case in cases)

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """Full credit for an exposed version."""
        found = observed["exposed"]
        problem = None if found is True else HIDDEN if found is False else found
        if isinstance(found, Raised | NotTried):
            problem = compare("", (), found)
        return Judgement({"exposed": problem}, {"exposed": float(problem is None)})

    def _as_inputs(self, found: Any) -> Any:
        """A single argument may come alone."""
        alone = len(self.names) == 1 and not isinstance(found, Raised | NotTried | tuple | list)
        return (found,) if alone else found

    def _why_not(self, found: Any) -> Problem | Raised | NotTried | None:
        if isinstance(found, Raised | NotTried):
            return found
        if type(found) not in (tuple, list) or len(found) != len(self.names):
            return Problem(f"expected a tuple ({', '.join(self.names)}), got {describe(plain(found))}")
        inputs = plain(found)
        sentence = self.unfit(*inputs) or self._unusable(self._run(self.right, inputs, 0))
        return Problem(sentence) if sentence else None

    def _unusable(self, result: Any) -> str:
        """Why nothing can be compared with what the right version makes of an input, or an empty string."""
        if isinstance(result, Raised):
            return f"the right version does not take this input: {result.said}"
        parts = result if isinstance(result, tuple) else (result,)
        if all(np.isfinite(part).all() for part in parts if isinstance(part, np.ndarray)):
            return ""
        return "on this input even the right version gives values that are no finite numbers (nan or inf)"

    def _exposed(self, case: Case, inputs: Any) -> bool:
        """Whether the wrong version raises, or makes something else of it than the right one."""
        right, got = (
            self._run(f, inputs, case.arguments[0]) for f in (self.right, self.wrong[case.trait].function)
        )
        return compare("", right, got, TOLERANCE) is not None

    def _run(self, function: Function, inputs: Any, seed: int) -> Any:
        return Caller()(self.outcome, function, tuple(map(fresh, inputs)), seed)
