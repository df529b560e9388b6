"""What a wrong array looks like beside the right one: a table of rules, of which the first that holds speaks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Rule: TypeAlias = tuple[Callable[[Array, Array], Any], str]


def hint_for(expected: Array, got: Array) -> str:
    """The sentence of the first rule that holds, or an empty string."""
    got = got.astype(np.int8) if got.dtype == np.bool_ else got  # booleans cannot be subtracted
    rules = SAME_SHAPE if expected.shape == got.shape else OTHER_SHAPE
    with np.errstate(all="ignore"):
        if expected.dtype == got.dtype and _close(expected, got):
            return ""  # so near that it would look like any of the rules
        for rule, sentence in rules:
            if (found := rule(expected, got)) is not None and found is not False:
                return sentence.format(found)
    return ""


def _close(a: Array, b: Array) -> bool:
    least = 1e-4 if np.float32 in (a.dtype, b.dtype) else 1e-8
    return a.shape == b.shape and bool((np.abs(a - b) <= least * (1 + np.abs(a))).all())


def _all_nan(expected: Array, got: Array) -> bool:
    return bool(np.isnan(got).any() and not np.isnan(expected).any())


def _infinite(expected: Array, got: Array) -> bool:
    return bool(np.isinf(got).any() and not np.isinf(expected).any())


def _zeros(expected: Array, got: Array) -> bool:
    return bool(expected.any() and not got.any())


def _truncated(expected: Array, got: Array) -> bool:
    return got.dtype.kind in "iu" and _close(np.trunc(expected), got)


def _rounded(expected: Array, got: Array) -> bool:
    return bool(not _close(expected, got) and np.all(got == np.trunc(got)) and np.all(np.abs(expected - got) < 1))


def _dtype(expected: Array, got: Array) -> str | None:
    return f"{expected.dtype}" if expected.dtype != got.dtype and _close(expected, got) else None


def _sign(expected: Array, got: Array) -> bool:
    return _close(expected, -got)


def _factor(expected: Array, got: Array) -> str | None:
    """The one number that all values are off by, as text."""
    a, b = expected.ravel().astype(float), got.ravel().astype(float)
    largest = int(np.abs(a).argmax()) if a.size else 0
    if a.size < 2 or not a[largest] or not b[largest]:
        return None
    ratio = b[largest] / a[largest]
    if not np.isfinite(ratio) or not _close(a * ratio, b):
        return None
    return f"{ratio:.4g} times too large" if abs(ratio) > 1 else f"{1 / ratio:.4g} times too small"


def _offset(expected: Array, got: Array) -> str | None:
    difference = got.ravel().astype(float) - expected.ravel()
    if difference.size < 2 or not _close(difference, np.full_like(difference, difference[0])):
        return None
    return f"{abs(difference[0]):.4g} too {'large' if difference[0] > 0 else 'small'}"


def _transposed(expected: Array, got: Array) -> bool:
    """Some order of the axes makes it right."""
    if not 2 <= got.ndim <= 4:
        return False
    orders = (order for order in permutations(range(got.ndim)) if order != tuple(range(got.ndim)))
    return any(_close(expected, got.transpose(order)) for order in orders)


def _flipped(expected: Array, got: Array) -> bool:
    return got.ndim >= 2 and any(_close(expected, np.flip(got, axes)) for axes in (-1, -2, (-2, -1)))


def _shifted(expected: Array, got: Array) -> str | None:
    for axis in range(max(0, got.ndim - 2), got.ndim):
        if got.shape[axis] < 3:
            continue
        inner = [np.take(a, range(*r), axis) for a, r in ((expected, (0, got.shape[axis] - 1)),)]
        later = np.take(got, range(1, got.shape[axis]), axis)
        if _close(inner[0], later):
            return f"axis {axis}"
        if _close(
            np.take(expected, range(1, got.shape[axis]), axis), np.take(got, range(got.shape[axis] - 1), axis)
        ):
            return f"axis {axis}"
    return None


def _reordered(expected: Array, got: Array) -> bool:
    return got.size > 3 and _close(np.sort(expected, axis=None), np.sort(got, axis=None))


def _first_is_right(expected: Array, got: Array) -> bool:
    if got.ndim < 2 or len(got) < 2 or not _close(expected[0], got[0]):
        return False
    return not any(_close(*both) for both in zip(expected[1:], got[1:], strict=True))


SAME_SHAPE: tuple[Rule, ...] = (
    (_all_nan, "There is nan in it: look for 0/0, or an array made with np.empty that is not filled."),
    (_infinite, "There is inf in it: look for a division by 0."),
    (_dtype, "The values are right. Make the array in the right dtype, {}: np.zeros(shape) alone gives float64."),
    (_zeros, "All of it is 0: is the result ever written to?"),
    (
        _truncated,
        "The digits behind the point are cut off: np.zeros_like of an integer array holds integers only.",
    ),
    (_sign, "Only the sign is wrong."),
    (_factor, "Every value is {}. Is there a division or a sum too many, or one missing?"),
    (_offset, "Every value is {}."),
    (_transposed, "The values are right, but two axes are exchanged."),
    (_flipped, "The values are right, but turned round along an axis."),
    (_shifted, "It is shifted by one along {}."),
    (_reordered, "The values are right, but in another order."),
    (_rounded, "It is rounded to whole numbers: something is cast to int."),
    (_first_is_right, "The first along axis 0 is right, the others are not: does a loop stop too early?"),
)


def _same_values(expected: Array, got: Array) -> bool:
    return got.size == expected.size and _close(expected.ravel(), got.ravel())


def _axes_swapped(expected: Array, got: Array) -> bool:
    return got.ndim > 1 and _transposed(expected, got)


def _off_by_one(expected: Array, got: Array) -> bool:
    return got.ndim == expected.ndim and all(
        abs(a - b) <= 1 for a, b in zip(got.shape, expected.shape, strict=True)
    )


def _empty(expected: Array, got: Array) -> bool:
    return got.size == 0 and expected.size > 0


OTHER_SHAPE: tuple[Rule, ...] = (
    (_empty, "It is empty. A slice such as [p:-p] is empty when p is 0."),
    (_axes_swapped, "The values are right, but the axes are in another order."),
    (_same_values, "The values are right, only the shape is not: reshape, or leave out keepdims."),
    (_off_by_one, "It is one off: look at the + 1 in the output size, and at // in place of /."),
)
