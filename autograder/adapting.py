"""Results in the form that they are compared in: single numbers as arrays, lists as tuples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller
from autograder.exercise import Case, Function, Judgement, Kind, Parts
from autograder.kinds import Around


@dataclass(frozen=True, slots=True)
class Adapted(Around):
    """Another kind, whose functions' results are first put into form by ``adapt(result, *arguments)``."""

    kind: Kind
    adapt: Callable[..., Any]

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What each case shows."""

        def adapted(*arguments: Any) -> Any:
            return self.adapt(function(*arguments), *arguments)

        return self.kind.observe(cases, adapted, forward, call)

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """As the other kind does."""
        return self.kind.judge(case, expected, observed, tolerance)


def as_number(value: Any, dtype: Any = np.float64) -> Any:
    """A single number as an array of ``dtype``, whichever of Python's and NumPy's types it has; else itself."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number | np.ndarray):
        return value
    if isinstance(value, np.ndarray) and (value.ndim or value.dtype.kind not in "fiu"):
        return value
    return np.asarray(value, dtype)


def number(result: Any, *arguments: Any) -> Any:
    """For a function that returns one number, as precise as its inputs are."""
    return as_number(result, precision(arguments))


def number_first(result: Any, *arguments: Any) -> Any:
    """For a function that returns (number, array, …)."""
    if type(result) not in (tuple, list) or not result:
        return result
    return (as_number(result[0], precision(arguments)), *result[1:])


def tupled(result: Any, *_arguments: Any) -> Any:
    """Lists as tuples, all the way down."""
    return tuple(tupled(item) for item in result) if type(result) in (tuple, list) else result


def precision(arguments: tuple[Any, ...]) -> Any:
    """float32 where an input is float32, else float64."""
    kinds = {a.dtype for a in arguments if isinstance(a, np.ndarray)}
    return np.float32 if np.dtype(np.float32) in kinds else np.float64
