"""Calls of a student's function: whatever it does, a call comes back with data or with what went wrong."""

from __future__ import annotations

import linecache
import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from autograder.errors import GraderError, StudentError, StudentTimeout
from autograder.floating import hearing

MAX_VALUES = 10_000_000  # an array of more values is not looked into
MAX_DEPTH = 4
MAX_TIMEOUTS = 2
MAX_FRAMES = 4

NO_NUMBERS = {
    "O": "objects (dtype object: lists of unequal length, or None among numbers?)",
    "c": "complex numbers",
    "U": "texts",
    "S": "bytes",
    "M": "dates",
    "m": "durations",
    "V": "records",
}

OURS = (str(Path(__file__).parent), str(Path(__file__).parents[1] / "nnlib"))
OTHERS = (*OURS, sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), "<frozen", "<__array")


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception in place of a result; ``lines`` are the student's own on the way to it."""

    kind: str
    message: str
    lines: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def unwritten(self) -> bool:
        """Whether it is what a released cell raises."""
        return self.kind == "NotImplementedError"

    @property
    def said(self) -> str:
        """Its kind and message: "ValueError: no"."""
        return f"{self.kind}: {self.message}" if self.message else self.kind


@dataclass(frozen=True, slots=True)
class NotTried:
    """A call that was not made, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A result that is no data we compare: it is only described. ``wanted`` where its form as a whole is wrong."""

    description: str
    wanted: str = ""


class Caller:
    """Calls functions. Counts time-outs, and gives up after a few: each costs the whole time limit.

    Whoever interrupts a check in a notebook learns which call was running, and no other is made.
    ``warned``: what NumPy said of the last call's numbers, as "overflow encountered in exp".
    """

    def __init__(self) -> None:
        self._timeouts = 0
        self.warned: tuple[str, ...] = ()

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result as data of the base types, or Raised, or NotTried. A GraderError passes through."""
        if self._timeouts >= MAX_TIMEOUTS:
            return NotTried("not tried: an earlier call did not return")
        try:
            return self._heard(function, *arguments)
        except GraderError:
            raise
        except StudentTimeout as error:
            self._timeouts += 1
            return raised(error)
        except KeyboardInterrupt as error:
            self._timeouts = MAX_TIMEOUTS
            return Raised("KeyboardInterrupt", "you interrupted it; is there an endless loop?", own_lines(error))
        except (Exception, SystemExit) as error:
            return raised(error)

    def _heard(self, function: Callable[..., Any], *arguments: Any) -> Any:
        heard: list[str] = []
        try:
            with hearing() as heard:
                return function(*arguments)
        finally:
            self.warned = tuple(heard)


def raised(error: BaseException) -> Raised:
    """An exception as data."""
    bases = tuple(kind.__name__ for kind in type(error).__mro__)
    return Raised(_label(type(error).__name__), _label(_message(error), 400), own_lines(error), bases)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a student's own class of exception
        return ""


def _label(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[:most] + "…"


def own_lines(error: BaseException) -> tuple[str, ...]:
    """The student's own lines of a traceback: neither ours nor a library's."""
    if isinstance(error, StudentError):
        return tuple(error.student_traceback.splitlines()[:-1][-2 * MAX_FRAMES :])
    frames = [f for f in _frames(error.__traceback__) if not os.path.abspath(f.filename).startswith(OTHERS)]
    return tuple(f"{_place(f)}:  {_code(f)}" for f in frames[-MAX_FRAMES:])


def _frames(trace: TracebackType | None) -> list[traceback.FrameSummary]:
    return list(traceback.extract_tb(trace, limit=-50))  # of endless recursion, the end


def _code(frame: traceback.FrameSummary) -> str:
    return (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()[:200]


def _place(frame: traceback.FrameSummary) -> str:
    return f"{_cell(frame.filename)}, line {frame.lineno}, in {frame.name}"


def _cell(filename: str) -> str:
    """A notebook's cell as Jupyter calls it, ``In[3]``; a file by its name."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    formatted = getattr(getattr(shell, "compile", None), "format_code_name", lambda name: None)(filename)
    if formatted:
        return " ".join(formatted).replace("Cell ", "")
    return "your cell" if re.search(r"ipykernel_\d+[\\/]\d+\.py$", filename) else Path(filename).name


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` as data of the base types: arrays and containers copied, anything else Opaque."""
    if isinstance(value, Raised | NotTried | Opaque) or value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.generic):
        return _array(np.asarray(value))[()] if value.dtype.kind in "fiub" else Opaque(_type(value))
    if isinstance(value, np.ndarray):
        return _array(value)
    if type(value) in (tuple, list) and depth < MAX_DEPTH and len(value) < 1000:
        return type(value)(plain(item, depth + 1) for item in value)
    return Opaque(describe(value))


def _array(value: np.ndarray[Any, Any]) -> Any:
    array = np.ndarray.view(value, np.ndarray)  # a subclass might answer for itself
    if array.dtype.kind not in "fiub":
        return Opaque(f"an array {array.shape} of {NO_NUMBERS.get(array.dtype.kind, array.dtype)}")
    if array.size > MAX_VALUES:
        return Opaque(f"an array {array.shape}, too large to look into")
    return array.copy()


def _type(value: Any) -> str:
    name = type(value).__name__[:60]
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def describe(value: Any) -> str:
    """What a value is, in a few words: "an array (2, 3) of float64", "a tuple of 2", "None"."""
    if isinstance(value, Opaque):
        return value.description
    if value is None or type(value) in (bool, int, float):
        return _label(repr(value), 60) if not isinstance(value, int) or abs(value) < 10**60 else "a huge int"
    if isinstance(value, np.ndarray):
        return f"an array {value.shape} of {value.dtype}"
    if isinstance(value, np.generic):
        return f"{value!s} ({value.dtype})"
    if type(value) in (tuple, list):
        return f"{_type(value)} of {len(value)}"
    return _type(value)
