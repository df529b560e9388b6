"""Calls a function as a student's function must be called: on copies, noticing what it changed and raised."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import GraderError, StudentError, StudentTimeout

OURS = Path(__file__).parent
LIBRARIES = (str(OURS), str(OURS.parent / "nnlib"), sys.prefix, sys.base_prefix)
MAX_TIMEOUTS = 2


class TimeoutBudget(Exception):  # noqa: N818 - not an error: a reason to stop trying
    """The function ran out of time so often that it is not tried any more."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One call: its result or its error, and the names of the arguments that it changed in place."""

    value: Any = None
    error: Exception | None = None
    changed: tuple[str, ...] = ()

    @property
    def traceback(self) -> str:
        """The student's own lines on the way to the error."""
        return "" if self.error is None else own_lines(self.error)


def fresh(value: Any) -> Any:
    """A deep copy of data; a read-only array stays read-only."""
    if isinstance(value, np.ndarray):
        copy = value.copy(order="K")
        copy.flags.writeable = value.flags.writeable
        return copy
    if isinstance(value, tuple):
        return tuple(fresh(item) for item in value)
    return [fresh(item) for item in value] if isinstance(value, list) else value


def same(a: Any, b: Any) -> bool:
    """Whether two pieces of data are identical; what is no data (a handle, say) cannot be looked into."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, int | float | str | type(None)) and isinstance(b, int | float | str | type(None)):
        return a == b
    return True


def observe(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], names: tuple[str, ...] = ()
) -> Observation:
    """Call ``function`` on copies of ``args``. Raises GraderError alone."""
    given = fresh(args)
    try:
        value = function(*given, **dict(kwargs))
    except GraderError:
        raise
    except Exception as error:
        return Observation(error=error)
    labels = (*names, *map(str, range(len(names), len(args))))
    changed = tuple(name for name, a, b in zip(labels, given, args, strict=False) if not same(a, b))
    return Observation(value, changed=changed)


@dataclass(slots=True)
class Patient:
    """Wraps a function; after a few timeouts it is not called any more (raises TimeoutBudget)."""

    function: Callable[..., Any]
    timeouts: int = 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        if self.timeouts >= MAX_TIMEOUTS:
            raise TimeoutBudget("not tried: your function did not return within the time limit before")
        try:
            return self.function(*args, **kwargs)
        except StudentTimeout:
            self.timeouts += 1
            raise


def own_lines(error: Exception) -> str:
    """The frames of a traceback that lie in the student's own code, as text."""
    if isinstance(error, StudentError):
        return error.student_traceback
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(LIBRARIES)]
    lines = [f"{_place(f)}:  {f.line}" for f in frames[-6:] if f.line]
    return "\n".join([*lines, f"{type(error).__name__}: {str(error)[:1000]}"])


def _place(frame: traceback.FrameSummary) -> str:
    name = "your cell" if "ipykernel" in frame.filename else Path(frame.filename).name
    return f"{name}, line {frame.lineno}, in {frame.name}"
