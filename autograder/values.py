"""Functions that return numbers, or lists of arrays: numbers are compared to a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller
from autograder.exercise import Case, Function, Parts
from autograder.kinds import BESIDES, Plain


@dataclass(frozen=True, slots=True)
class Values(Plain):
    """As Plain, where a number is a float (an array without axes is one, too) and a list is as good as a tuple."""

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What each case shows; ``forward`` is not used."""
        seen = Plain.observe(self, cases, function, forward, call)
        return tuple({n: v if n in BESIDES else as_value(v) for n, v in parts.items()} for parts in seen)


def as_value(value: Any) -> Any:
    """Numbers as float64 without axes, lists as tuples, anything else as it is."""
    if type(value) in (int, float) or isinstance(value, np.floating | np.integer):
        return np.asarray(value, np.float64)
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "fiu":
        return value.astype(np.float64)
    return tuple(map(as_value, value)) if type(value) in (tuple, list) else value
