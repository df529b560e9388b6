"""relative_error: how far two gradients are apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted, number
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, draw
from autograder.exercises.unit02.shares import DTYPE, aspects
from autograder.kinds import Plain
from nnlib.gradients import relative_error

UNIT = "02_backpropagation"


def error_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Two arrays that are close, far, zero; dtypes; purity."""

    def pair(*shape: int, apart: float = 0.1, **look: Any) -> tuple[Array, Array]:
        a = draw(rng, *shape, **look)
        b = (a + apart * draw(rng, *shape)).astype(a.dtype)
        b.flags.writeable = a.flags.writeable
        return a, b

    a, zero = draw(rng, 3), np.zeros(3)
    yield Case("close", pair(5))
    yield Case("a matrix", pair(3, 4))
    yield Case("three axes", pair(2, 3, 2))
    yield Case("one number", pair(1))
    yield Case("far apart", pair(4, apart=3.0))
    yield Case("one much larger", (a, 20 * a + 1))
    yield Case("opposite", (a, -a))
    yield Case("both zero", (zero, zero.copy()))
    yield Case("one of them zero", (zero, draw(rng, 3)))
    yield Case("very small numbers", tuple(1e-12 * v for v in pair(4)))
    yield Case("very large numbers", tuple(1e12 * v for v in pair(4)))
    yield Case("an element that is zero", (np.append(a, 0.0), np.append(1.1 * a, 0.3)))
    yield Case("float32", pair(5, dtype="float32"))
    yield Case("integers", (draw(rng, 4, dtype="int64"), draw(rng, 4, dtype="int64")))
    yield Case("read-only arrays", pair(4, awkward=True))
    yield Case("inputs unchanged", pair(4), looks_at=("result", "inputs"))
    yield Case("shapes that only broadcast", (draw(rng, 4), draw(rng, 4, 1)), raises=ValueError)


def size(a: Any) -> float:
    """The root of the sum of squares."""
    return float(np.sqrt((np.asarray(a, np.float64) ** 2).sum()))


def same_shape(a: Array, b: Array) -> None:
    """A ValueError for others."""
    if a.shape != b.shape:
        raise ValueError("shapes differ")


def by_roots(a: Array, b: Array) -> float:
    """Written out."""
    same_shape(a, b)
    total = size(a) + size(b)
    return 0.0 if total == 0 else size(np.asarray(a, float) - b) / total


def by_norms(a: Array, b: Array) -> Any:
    """NumPy's norm."""
    same_shape(a, b)
    a, b = (np.asarray(v, np.float64).ravel() for v in (a, b))
    total = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / total if total > 0 else 0


def measured(measure: Callable[[Array, Array], Any]) -> Function:
    """Another measure, with the right answers for zeros and for shapes."""

    def wrong(a: Array, b: Array) -> Any:
        same_shape(a, b)
        return measure(np.asarray(a, np.float64), np.asarray(b, np.float64)) if a.any() or b.any() else 0.0

    return wrong


def without_check(a: Array, b: Array) -> Any:
    """Shapes broadcast."""
    total = size(a) + size(b)
    return size(np.asarray(a, float) - b) / total if total else 0.0


def subtracting(a: Array, b: Array) -> float:
    """a -= b."""
    result = relative_error(a, b)
    a -= b.astype(a.dtype)
    return result


EXERCISE = Exercise(
    name="relative_error",
    unit=UNIT,
    signature="relative_error(a, b)",
    reference=relative_error,
    kind=Adapted(Plain(("a", "b")), number),
    cases=error_cases,
    points=2,
    misconceptions=(
        Misconception(
            "does not divide",
            measured(lambda a, b: size(a - b)),
            "This is the difference itself, and it is small for small numbers and large for large ones. Divide by how "
            "large a and b are.",
        ),
        Misconception(
            "divides by a alone",
            measured(lambda a, b: size(a - b) / size(a) if a.any() else np.inf),
            "The measure must treat a and b alike: divide by the sum of both norms.",
        ),
        Misconception(
            "divides by the larger",
            measured(lambda a, b: size(a - b) / max(size(a), size(b))),
            "You divide by the larger norm. The formula has the sum of both.",
        ),
        Misconception(
            "takes the norm of the sum",
            measured(lambda a, b: size(a - b) / size(a + b) if (a + b).any() else np.inf),
            "‖a + b‖ is not ‖a‖ + ‖b‖: opposite vectors cancel. Take the norms first, then add.",
        ),
        Misconception(
            "does not take the root",
            measured(lambda a, b: ((a - b) ** 2).sum() / ((a**2).sum() + (b**2).sum())),
            "These are squares: a norm is the root of the sum of squares.",
        ),
        Misconception(
            "does not take absolute values",
            measured(lambda a, b: (a - b).sum() / (np.abs(a).sum() + np.abs(b).sum())),
            "Differences of both signs cancel in a plain sum, and wrong gradients look right. Square them first.",
        ),
        Misconception(
            "takes the worst element",
            measured(lambda a, b: np.nanmax(np.abs(a - b) / (np.abs(a) + np.abs(b)))),
            "This compares element by element, and one that is nearly zero in both then spoils the measure. Compare the "
            "whole arrays by their norms.",
        ),
        Misconception(
            "gives nan for zeros",
            lambda a, b: relative_error(a, b) if size(a) + size(b) else np.nan,
            "If both are zero, they are equal, and the error is 0; but 0 / 0 is nan. Ask for this case first.",
        ),
        Misconception(
            "adds a small number below",
            measured(lambda a, b: size(a - b) / (size(a) + size(b) + 1e-8)),
            "The small number that you add below is not small beside gradients of 1e-12. Ask for zero instead.",
        ),
        Misconception(
            "takes the norm of a matrix",
            measured(
                lambda a, b: (
                    np.linalg.norm(a - b, 2) / (np.linalg.norm(a, 2) + np.linalg.norm(b, 2))
                    if a.ndim == 2
                    else relative_error(a, b)
                )
            ),
            "np.linalg.norm(a, 2) of a matrix is another norm (its largest singular value). Leave out the 2, or flatten "
            "the array first.",
        ),
        Misconception(
            "lets shapes broadcast",
            without_check,
            "A gradient of shape (4, 1) is not one of shape (4,): NumPy broadcasts the difference to (4, 4). Raise a "
            "ValueError where the shapes differ.",
        ),
        Misconception("changes a in place", subtracting, wording.IN_PLACE.format("a"), seen=27),
        Misconception(
            "adds up norms of rows",
            measured(
                lambda a, b: (
                    relative_error(a, b)
                    if a.ndim < 2
                    else np.array([relative_error(*p) for p in zip(a, b, strict=False)])
                )
            ),
            "One number is asked for, of the whole arrays: leave out axis.",
            seen=4,
        ),
        Misconception(
            "counts differences with //",
            lambda a, b: (
                relative_error(a, b) if a.dtype.kind == "f" else float(size(a - b) // (size(a) + size(b)))
            ),
            "// rounds down, and the result is 0 or 1. Divide with /.",
            seen=21,
        ),
        Misconception(
            "leaves out the last element",
            measured(lambda a, b: relative_error(a.ravel()[:-1], b.ravel()[:-1])),
            "The last element does not count in your sums: does a loop stop too early?",
        ),
    ),
    alternatives=(by_roots, by_norms),
    aspects=aspects(
        basics=(30, ("close", "one number", "far apart", "one much larger", "opposite")),
        any_shape=(15, ("a matrix", "three axes")),
        zeros=(15, ("both zero", "one of them zero", "an element that is zero")),
        scale=(10, ("very small numbers", "very large numbers")),
        shapes_checked=(10, ("shapes that only broadcast",)),
        dtype=(10, DTYPE),
        nothing_changed=(10, ("read-only arrays", "inputs unchanged")),
    ),
    reread="section 2, how close is close: the formula, and what it is for two zeros.",
)
