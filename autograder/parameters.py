"""The parameters of a classifier as data: how many there are, and what of them is kept.

Whoever limits a number must say what counts: here every number of every array, every other number, every character
of text, and one for what is neither: None, True, False, an empty container or text. Each number is kept with the
precision of float32. So nothing is free, and one cannot hold several.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from autograder.calling import describe, plain

DEEPEST = 20
CONTAINERS = (tuple, list, dict)
WANTED = "arrays and numbers in tuples, lists and dicts"


class NoParameters(ValueError):
    """A value is no container of arrays; the message says what is in it."""


def count(parameters: Any) -> int:
    """How many numbers there are; each character of a text or a key counts as one. Raises NoParameters."""
    sizes: list[int] = []

    def add(leaf: Any) -> Any:
        sizes.append(_size(leaf))
        return leaf

    _each(parameters, add)
    return sum(sizes)


def stored(parameters: Any) -> Any:
    """A copy, each number rounded to float32; dtypes and containers stay. Raises NoParameters."""
    return _each(parameters, _rounded)


def zeroed(parameters: Any) -> Any:
    """A copy in which every float is 0. Raises NoParameters."""
    return _each(parameters, lambda leaf: leaf * 0 if _is_float(leaf) else leaf)


def _each(value: Any, function: Callable[[Any], Any], depth: int = 0) -> Any:
    """The containers anew, with what ``function`` makes of each leaf; keys and what is empty are leaves, too."""
    if depth > DEEPEST:
        raise NoParameters(f"expected {WANTED}, got containers nested more than {DEEPEST} deep")
    if type(value) in (tuple, list) and value:
        return type(value)(_each(item, function, depth + 1) for item in value)
    if type(value) is dict and value:
        return {function(_leaf(key)): _each(item, function, depth + 1) for key, item in value.items()}
    return function(_leaf(value))


def _leaf(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if type(value) is np.ndarray and value.dtype.kind in "fiub" and value.dtype.itemsize <= 8 and value.size:
        return value
    if value is None or type(value) in (bool, int, float, str) or (type(value) in CONTAINERS and not value):
        return value
    found = "an empty array" if type(value) is np.ndarray and not value.size else describe(plain(value))
    raise NoParameters(f"expected {WANTED}, got {found} among them")


def _size(leaf: Any) -> int:
    if isinstance(leaf, np.ndarray):
        return leaf.size
    return max(1, len(leaf)) if isinstance(leaf, str) else 1


def _is_float(leaf: Any) -> bool:
    return type(leaf) is float or (isinstance(leaf, np.ndarray) and leaf.dtype.kind == "f")


def _rounded(leaf: Any) -> Any:
    with np.errstate(all="ignore"):  # what float32 cannot hold is held badly, as it would be in a file
        if isinstance(leaf, np.ndarray):
            return leaf.astype(np.float32).astype(leaf.dtype)
        return _number(leaf) if type(leaf) in (int, float) else copy(leaf)


def _number(leaf: float) -> float:
    kept = float(np.float32(leaf)) if abs(leaf) < 1e38 else float("inf")
    return kept if type(leaf) is float or not np.isfinite(kept) else int(kept)
