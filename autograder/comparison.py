"""What differs between an expected and a returned value: type, shape, dtype, or the first value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.calling import NotTried, Opaque, Raised, describe
from autograder.exercise import TOLERANCE
from autograder.hints import hint_for

Array: TypeAlias = NDArray[Any]


TOPICS = {  # what exceptions of NumPy and Python are about, whatever their class; the first that fits
    "memory": r"Unable to allocate",
    "casting": r"Cannot cast",
    "read-only": r"read-only",
    "None": r"NoneType",
    "pairs": r"tuple|sequence|inhomogeneous",
    "floats": r"float",
    "one number": r"size-1 arrays|0-dimensional",
    "shapes": r"broadcast|out of bounds|shape|mismatch|reshape|dimension",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one part of a result: a line, more lines, and perhaps what it looks like."""

    summary: str
    details: tuple[str, ...] = ()
    hint: str = ""


def compare(name: str, expected: Any, got: Any, tolerance: Mapping[str, float] = TOLERANCE) -> Problem | None:
    """The first problem of ``got`` as a value of ``expected``, or None. ``name`` is what the value is called.

    Numbers and arrays must agree in shape, in dtype (an int is an int, float32 is float32) and in value, to the
    tolerance of the expected dtype times the largest value expected.
    """
    if isinstance(expected, Raised):
        return _compare_raised(expected, got)
    if isinstance(got, Raised):
        return Problem(f"it raised {got.said}", got.lines)
    if isinstance(got, NotTried):
        return Problem(got.reason)
    if isinstance(got, Opaque) and got.wanted:
        return Problem(f"expected {got.wanted}, got {got.description}")
    if isinstance(expected, tuple):
        return _compare_tuple(name, expected, got, tolerance)
    if isinstance(expected, np.ndarray):
        return _compare_array(name, expected, got, tolerance)
    return _compare_number(name, expected, got)


def same(expected: Any, got: Any, tolerance: Mapping[str, float] = TOLERANCE) -> bool:
    """Whether two values are the same, or wrong in the same way: nan is nan, and exceptions are about the same."""
    if type(expected) is not type(got):
        return False
    if isinstance(expected, Raised):
        return _about(expected) == _about(got) != "TypeError"
    if isinstance(expected, tuple | list):
        return len(expected) == len(got) and all(
            same(*pair, tolerance) for pair in zip(expected, got, strict=True)
        )
    if isinstance(expected, np.ndarray):
        alike = expected.shape == got.shape and expected.dtype == got.dtype
        return alike and not _wrong(expected, got, tolerance, equal_nan=True).any()
    return bool(expected == got or (expected != expected and got != got))


def _about(raised: Raised) -> str:
    """What an exception is about, or else its kind. A TypeError may be about anything."""
    found = (topic for topic, words in TOPICS.items() if re.search(words, raised.message))
    return next(found, raised.kind)


def _compare_raised(expected: Raised, got: Any) -> Problem | None:
    if not isinstance(got, Raised):
        returned = got.reason if isinstance(got, NotTried) else f"it returned {describe(got)}"
        return Problem(f"expected a {expected.kind}, but {returned}")
    if expected.kind in got.bases or got.kind == expected.kind:
        return None
    return Problem(f"expected a {expected.kind}, but it raised {got.said}", got.lines)


def _compare_tuple(
    name: str, expected: tuple[Any, ...], got: Any, tolerance: Mapping[str, float]
) -> Problem | None:
    if type(got) not in (tuple, list) or len(got) != len(expected):
        return Problem(f"{name}: expected a tuple of {len(expected)}, got {describe(got)}")
    for index, (wanted, item) in enumerate(zip(expected, got, strict=True)):
        if problem := compare(f"{name}[{index}]", wanted, item, tolerance):
            return problem
    return None


def _compare_number(name: str, expected: Any, got: Any) -> Problem | None:
    """Where an int (or None, or a text) is expected."""
    if isinstance(got, np.integer):
        got = int(got)
    if type(got) is type(expected) and got == expected:
        return None
    if isinstance(got, Opaque | tuple | list | np.ndarray) or type(got) is type(expected) or got is None:
        return Problem(f"{name}: expected {expected!r}, got {describe(got)}")
    hint = (
        "A size counts windows, so it must be an int: divide with // in place of /."
        if _same(expected, got)
        else ""
    )
    return Problem(f"{name}: expected {expected!r} ({type(expected).__name__}), got {describe(got)}", (), hint)


def _same(expected: Any, got: Any) -> bool:
    return isinstance(got, float | np.floating) and int(expected) == np.floor(got)


def _compare_array(name: str, expected: Array, got: Any, tolerance: Mapping[str, float]) -> Problem | None:
    if isinstance(got, np.generic):
        got = np.asarray(got)
    if not isinstance(got, np.ndarray):
        return Problem(
            f"{name}: expected {describe(expected)}, got {describe(got)}", (), _not_an_array(expected, got)
        )
    if got.shape != expected.shape:
        found = hint_for(expected, got)
        return Problem(f"{name}: expected shape {expected.shape}, got {got.shape}", (), found)
    if (wrong := _wrong(expected, got, tolerance)).any():
        return _values(name, expected, got, wrong)
    if got.dtype != expected.dtype:
        return Problem(f"{name}: expected dtype {expected.dtype}, got {got.dtype}", (), hint_for(expected, got))
    return None


def _not_an_array(expected: Array, got: Any) -> str:
    hints: dict[type, str] = {
        list: "A list is no array: np.array(…) makes one." if expected.ndim else "One number is expected.",
        type(None): "Is there a `return` at the end?",
        tuple: "Is it one value too many?",
    }
    return hints.get(type(got), "")


def _wrong(
    expected: Array, got: Array, tolerance: Mapping[str, float], *, equal_nan: bool = False
) -> NDArray[np.bool_]:
    """Which values differ by more than the tolerance."""
    least = max(tolerance.get(a.dtype.name, 0.0) for a in (expected, got))
    a, b = expected.astype(np.float64), got.astype(np.float64)
    with np.errstate(all="ignore"):
        largest = float(np.abs(a).max(initial=1.0, where=np.isfinite(a)))  # beside inf, nothing would be far
        near = np.abs(a - b) <= least * largest
        return ~(near | (a == b) | (equal_nan & np.isnan(a) & np.isnan(b)))


def told_apart(expected: Any, got: Any) -> str:
    """Two numbers, with as many digits as it takes to see that they differ."""
    for digits in (6, 9, 12, 17):
        wanted, found = f"{expected:.{digits}g}", f"{got:.{digits}g}"
        if wanted != found:
            break
    return f"expected {wanted}, got {found}"


def _values(name: str, expected: Array, got: Array, wrong: NDArray[np.bool_]) -> Problem:
    index = tuple(int(i) for i in np.argwhere(wrong)[0]) if wrong.ndim else ()
    place = f"{name}[{', '.join(map(str, index))}]" if index else name
    count = int(wrong.sum())
    values = f"{place}: {told_apart(expected[index], got[index])}"
    many = f"{count} of {wrong.size} values differ" if wrong.size > 1 else ""
    return Problem(f"{name} has wrong values", tuple(filter(None, (values, many))), hint_for(expected, got))
