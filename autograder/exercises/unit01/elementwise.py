"""Mistakes that people make in any elementwise function, for a right forward or backward one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit01 import wording
from autograder.exercises.unit01.settings import Array, backward_cases
from autograder.kinds import Backward

UNIT = "01_activations"


def floating(array: Array) -> Array:
    """Floats as they are, integers as float64."""
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def forward(change: Function, keep: Function = lambda z, a, *more: (z, *more) if more else z) -> Function:
    """A forward function whose a is ``change(z, …)``, and whose cache is ``keep(z, a, …)``: z unless told."""

    def wrong(z: Array, *more: Any) -> tuple[Any, Any]:
        a = change(z, *more)
        return a, keep(z, a, *more)

    return wrong


def keeping_a(change: Function) -> Function:
    """A forward function whose cache is a."""
    return forward(change, lambda z, a: a)


def backward(change: Function) -> Function:
    """A backward function whose dz is ``change(dout, kept)``, in the dtype of what was kept."""

    def wrong(dout: Array, cache: Any) -> Any:
        kept = floating(cache[0] if isinstance(cache, tuple) else cache)
        rest = cache[1:] if isinstance(cache, tuple) else ()
        return np.asarray(change(dout, kept, *rest)).astype(kept.dtype)

    return wrong


def both_branches(condition: Function, yes: Function, no: Function) -> Function:
    """np.where of two formulas, each of which overflows where the other is taken."""
    return lambda z: np.where(condition(floating(z)), yes(floating(z)), no(floating(z)))


def sigmoid_of_both_branches(z: Array) -> Array:
    """Right everywhere, and an overflow in each half."""
    return np.asarray(both_branches(
        lambda z: z >= 0, lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(z) / (1 + np.exp(z))
    )(z))  # fmt: skip


def silenced(change: Function) -> Function:
    """With NumPy's warnings switched off."""

    def wrong(z: Array) -> Any:
        with np.errstate(all="ignore"):
            return change(z)

    return wrong


def loops_over_two_axes(right: Function) -> Function:
    """Rows and columns, number by number."""

    def wrong(array: Array, *rest: Any) -> Any:
        rows, columns = array.shape
        assert rows * columns == array.size
        return right(array, *rest)

    return wrong


def one_number(right: Function) -> Function:
    """if z > 0."""

    def wrong(z: Array, *rest: Any) -> Any:
        bool(z > 0)
        return right(z, *rest)

    return wrong


def forward_mistakes(right: Function, keeps: str = "z") -> tuple[Misconception, ...]:
    """Wrong forward functions made of the right one."""

    def out(z: Array, *more: Any) -> Array:
        return np.asarray(right(z, *more)[0])

    def changed(change: Function) -> Function:
        return lambda z, *more: (change(z, *more), right(z, *more)[1])

    def in_place(z: Array, *more: Any) -> Any:
        a, cache = right(z.copy(), *more)
        z[...] = np.where(z == 0, 1, z) * 2
        return a, cache

    def first_only(z: Array, *more: Any) -> Array:
        a = np.zeros_like(out(z, *more))
        a[:1] = out(z, *more)[:1]
        return a

    other = "a" if keeps == "z" else "z"

    def other_cache(z: Array, *more: Any) -> tuple[Any, Any]:
        kept = out(z, *more) if keeps == "z" else z
        return out(z, *more), (kept, *more) if more else kept

    return (
        Misconception(
            "returns float64 for float32", changed(lambda *a: out(*a).astype(np.float64)), wording.FLOAT64
        ),
        Misconception(
            "keeps integers", changed(lambda z, *m: out(z, *m).astype(z.dtype)), wording.INTEGERS, seen=30
        ),
        Misconception("changes z in place", in_place, wording.IN_PLACE.format("z"), seen=27),
        Misconception("returns the result without the cache", out, wording.ONLY_OUT),
        Misconception("decides with if", one_number(right), wording.ONE_NUMBER),
        Misconception("loops over two axes", loops_over_two_axes(right), wording.TWO_AXES),
        Misconception("does the first example only", changed(first_only), wording.FIRST_EXAMPLE),
        Misconception(f"keeps {other} in the cache", other_cache, wording.CACHE.format(keeps)),
    )


def backward_mistakes(right: Function, slope: Function) -> tuple[Misconception, ...]:
    """Wrong backward functions made of the right one and of ``slope(kept, …)``."""

    def kept_of(cache: Any) -> Array:
        return np.asarray(cache[0] if isinstance(cache, tuple) else cache)

    def dout_in_place(dout: Array, cache: Any) -> Any:
        dz = right(dout.copy(), cache)
        dout[...] = dz
        return dz

    def cache_in_place(dout: Array, cache: Any) -> Any:
        dz = right(dout, cache)
        kept_of(cache)[...] = 1 - kept_of(cache) / 2
        return dz

    return (
        Misconception("forgets dout", backward(lambda dout, *kept: slope(*kept)), wording.FORGETS_DOUT),
        Misconception("adds dout and the slope", backward(lambda dout, *kept: dout + slope(*kept)), wording.ADDS),
        Misconception(
            "multiplies matrices", backward(lambda dout, *kept: dout @ np.asarray(slope(*kept))), wording.MATRIX
        ),
        Misconception("divides by N", lambda d, c: right(d / d.dtype.type(len(d)), c), wording.DIVIDES_BY_N),
        Misconception("sums over the batch", lambda d, c: right(d, c).sum(axis=0), wording.SUMS, seen=8),
        Misconception("returns a tuple", lambda d, c: (right(d, c), None), wording.TUPLE),
        Misconception("returns float64 for float32", lambda d, c: right(d, c).astype(np.float64), wording.FLOAT64),
        Misconception("loops over two axes", loops_over_two_axes(right), wording.TWO_AXES),
        Misconception("drops axes of length 1", lambda d, c: np.squeeze(right(d, c)), wording.SQUEEZES),
        Misconception(
            "makes a table of dz", lambda d, c: (dz := right(d, c)).reshape(len(dz), -1), wording.MAKES_A_TABLE
        ),
        Misconception("changes dout in place", dout_in_place, wording.DOUT_IN_PLACE, seen=27),
        Misconception("changes the cache in place", cache_in_place, wording.CACHE_IN_PLACE, seen=27),
    )


def gradient(
    right_forward: Function,
    right: Function,
    *,
    names: tuple[str, ...] = ("z",),
    cases: Callable[[np.random.Generator], Iterable[Case]] = backward_cases,
    **record: Any,
) -> Exercise:
    """The exercise of a backward function ``right``, and its partner; ``record`` holds what differs."""
    kind = Backward(names, ("dz",), right_forward, right, lambda *given: right_forward(*given)[1])
    name = right.__name__
    return Exercise(
        name=name,
        unit=UNIT,
        signature=f"{name}(dout, cache)",
        reference=right,
        kind=kind,
        cases=cases,
        partner=right_forward.__name__,
        **record,
    )


def of_integers(right: Function) -> Misconception:
    """For a cache that may hold integers."""

    def wrong(dout: Array, cache: Any) -> Any:
        kept = cache[0] if isinstance(cache, tuple) else cache
        return right(dout, cache).astype(kept.dtype)

    return Misconception("makes gradients of integers", wrong, wording.GRADIENT_OF_INTEGERS, seen=30)
