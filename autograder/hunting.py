"""Hunts for bugs in backward functions: what the student writes are the arguments of the forward function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.calling import Opaque, describe, plain
from autograder.exercise import Function, Misconception
from autograder.exposing import HIDDEN as HIDDEN
from autograder.exposing import Hunt

MOST_VALUES = 20_000  # in one array
MOST_PRODUCTS = 2_000_000  # of all windows together: the wrong implementations are loops
LARGEST = 1e6
LARGEST_NUMBER = 100


def BugHunt(
    names: tuple[str, ...],
    forward: Function,
    backward: Function,
    wrong: Mapping[str, Misconception],
    products: Callable[..., int],
) -> Hunt:
    """A hunt in ``backward``, of which ``wrong`` are versions, on a cache of ``forward`` and a dout that is drawn.

    ``names`` are those of the forward function's arguments, which the student returns. ``products`` says how
    much work they make.
    """

    def unfit(*inputs: Any) -> str:
        sentences = (_unfit(name, value) for name, value in zip(names, inputs, strict=True))
        return next(filter(None, sentences), "") or _too_large(products, inputs)

    def outcome(version: Function, inputs: Any, seed: int) -> Any:
        out, cache = forward(*inputs)
        dout = np.random.default_rng(seed).normal(size=out.shape)
        return plain(version(dout, cache))

    return Hunt(names, backward, wrong, unfit, outcome)


def _too_large(products: Callable[..., int], inputs: tuple[Any, ...]) -> str:
    """Why an input makes too much work, or an empty string."""
    try:
        much = products(*inputs) > MOST_PRODUCTS
    except Exception:  # of numbers that are no sizes; the right version says what is wrong with them
        much = False
    return "the input is too large to be tried; a few hundred pixels are enough" if much else ""


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
