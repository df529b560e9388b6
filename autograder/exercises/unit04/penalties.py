"""l2_penalty and l1_penalty: what large weights cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted, as_number, tupled
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02.drawing import RNG, Array, draw, floating
from autograder.exercises.unit02.shares import aspects
from autograder.exercises.unit04 import wording
from autograder.exercises.unit04.augmentation_looks import UNIT
from autograder.kinds import Plain
from nnlib.regularization import l1_penalty, l2_penalty

NAMES, PARTS = ("weights", "lam"), ("penalty", "grads")
TWO = ((3, 2), (2, 4))


def as_precise(result: Any, weights: list[Array], lam: float) -> Any:
    """The penalty is as precise as the weights are; a tuple of gradients is as good as a list."""
    if type(result) not in (tuple, list) or not result:
        return result
    return (as_number(result[0], np.result_type(*map(floating, weights))), *map(tupled, result[1:]))


KIND = Adapted(Plain(NAMES, PARTS), as_precise)


def cases(rng: RNG) -> Iterator[Case]:
    """Lists of weights, and a strength lam of their own."""

    def arrays(*shapes: tuple[int, ...], **look: Any) -> list[Array]:
        return [draw(rng, *shape, **look) for shape in shapes]

    def lam() -> float:
        return float(np.round(rng.uniform(0.05, 0.45), 3))

    zeros = arrays(*TWO)
    zeros[0][0], zeros[1][:, 1] = 0, 0
    scale = np.float64(1e-3)
    yield Case("two layers", (arrays(*TWO), lam()))
    yield Case("one layer", (arrays((4, 3)), lam()))
    yield Case("one weight", ([np.abs(draw(rng, 1, 1))], lam()))
    yield Case("five layers", (arrays((4, 3), (3, 5), (5, 2), (2, 2), (2, 1)), lam()))
    yield Case("filters among them", (arrays((2, 3, 2, 2), (3, 2)), lam()))
    yield Case("zeros among them", (zeros, lam()))
    yield Case("small weights", ([scale * w for w in arrays(*TWO)], lam()))
    yield Case("large weights", ([1e3 * w for w in arrays(*TWO)], lam()))
    yield Case("lam is 0", (arrays(*TWO), 0.0))
    yield Case("lam above 1", (arrays(*TWO), 1 + lam()))
    yield Case("float32", (arrays(*TWO, dtype="float32"), lam()))
    yield Case("integers", (arrays(*TWO, dtype="int64"), lam()))
    yield Case("read-only arrays", (arrays(*TWO, awkward=True), lam()))
    yield Case("inputs unchanged", (arrays(*TWO), lam()), looks_at=(*PARTS, "inputs"))
    yield Case("called twice", (arrays(*TWO), lam()), looks_at=(*PARTS, "again"))


ASPECTS = aspects(
    values=(20, ("two layers", "one layer", "one weight", "small weights", "large weights")),
    several_layers=(16, ("five layers", "filters among them")),
    zeros=(18, ("zeros among them",)),
    lam=(18, ("lam is 0", "lam above 1")),
    dtype=(18, ("float32", "integers")),
    nothing_changed=(10, ("read-only arrays", "inputs unchanged", "called twice")),
)


def made(penalty: Callable[[list[Array], float], Any], slope: Callable[[Array, float], Any]) -> Function:
    """A penalty function out of the number and one array's gradient."""

    def function(weights: list[Array], lam: float) -> Any:
        arrays = [floating(w) for w in weights]
        return penalty(arrays, lam), [np.asarray(slope(w, lam)).astype(w.dtype) for w in arrays]

    return function


def summed(term: Callable[[Array], Any]) -> Callable[[list[Array], float], Any]:
    """lam times the sum of a term over all weights."""
    return lambda arrays, lam: lam * sum(float(np.sum(term(w.astype(np.float64)))) for w in arrays)


def common(right: Function, term: Callable[[Array], Any], slope: Callable[[Array, float], Any]) -> Any:
    """What goes wrong with any penalty."""

    def first_only(weights: list[Array], lam: float) -> Any:
        return right(weights, lam)[0], right(weights[:1], lam)[1]

    def skips_last(weights: list[Array], lam: float) -> Any:
        kept = weights[:-1] if len(weights) > 2 else weights
        return right(kept, lam)[0], right(weights, lam)[1]

    def in_place(weights: list[Array], lam: float) -> Any:
        found = right([w.copy() for w in weights], lam)
        for w in weights:
            w *= w.dtype.type(2)
        return found

    def matrices_only(weights: list[Array], lam: float) -> Any:
        for w in weights:
            _rows, _columns = w.shape
        return right(weights, lam)

    def with_dtype(kept: Callable[[Array, Array], Array]) -> Function:
        def function(weights: list[Array], lam: float) -> Any:
            penalty, grads = right(weights, lam)
            return penalty, [kept(g, w) for g, w in zip(grads, weights, strict=True)]

        return function

    def mean(arrays: list[Array], lam: float) -> Any:
        return summed(term)(arrays, lam) / sum(w.size for w in arrays)

    def unwrapped(weights: list[Array], lam: float) -> Any:
        penalty, grads = right(weights, lam)
        return penalty, grads if len(grads) > 1 else grads[0]

    return (
        Misconception(
            "forgets lam in the gradient",
            made(summed(term), lambda w, lam: slope(w, 1.0)),
            "The gradients do not depend on lam. The penalty is multiplied by lam, so its gradient is, too.",
        ),
        Misconception(
            "forgets lam in the penalty",
            made(lambda arrays, lam: summed(term)(arrays, 1.0), slope),
            "The penalty does not depend on lam. Multiply the sum by it.",
        ),
        Misconception(
            "has the sign wrong",
            made(summed(term), lambda w, lam: -slope(w, lam)),
            "The sign of the gradients is wrong. A step goes against the gradient, and it should make the weights "
            "smaller: what sign must the gradient of a positive weight have?",
        ),
        Misconception(
            "takes the mean",
            made(mean, slope),
            "The penalty is a mean over the weights. The formula has a sum: Σ.",
        ),
        Misconception(
            "returns the first gradient alone",
            first_only,
            "There must be one gradient for each array in weights. Yours stops after the first: is return inside the "
            "loop?",
            seen=4,
        ),
        Misconception(
            "skips the last layer",
            skips_last,
            "With more than two layers the penalty is too small: some arrays are not counted. Go through the whole list.",
            seen=4,
        ),
        Misconception(
            "takes matrices for granted",
            matrices_only,
            "An array may have any number of axes, as filters have four. Do not unpack its shape, and sum over all of it.",
        ),
        Misconception(
            "gives no gradients for lam 0",
            lambda weights, lam: right(weights, lam) if lam else (0.0, []),
            "For lam = 0 your list of gradients is empty. There is one array for each array of weights, also if it holds "
            "zeros only.",
        ),
        Misconception(
            "unwraps a single gradient",
            unwrapped,
            "With one layer you return its gradient alone. It is a list also then, with one array in it.",
        ),
        Misconception(
            "returns a list of penalties",
            lambda weights, lam: ([lam * np.sum(term(floating(w))) for w in weights], right(weights, lam)[1]),
            "The penalty is one number for all layers together. Add up what the layers give.",
        ),
        Misconception(
            "returns the penalty alone",
            lambda weights, lam: right(weights, lam)[0],
            "Two things are asked for: the penalty and the list of gradients. End with: return penalty, grads.",
        ),
        Misconception(
            "returns float64 for float32",
            with_dtype(lambda g, w: g.astype(np.float64)),
            "float32 weights came in, and float64 gradients went out. Multiply by a Python float, not by an array of "
            "float64.",
        ),
        Misconception("makes gradients of integers", with_dtype(lambda g, w: g.astype(w.dtype)), wording.INTEGERS, seen=30),
        Misconception("changes the weights in place", in_place, wording.IN_PLACE.format("w"), seen=27),
    )  # fmt: skip


def l2_by_dots(weights: list[Array], lam: float) -> Any:
    """Each array as a vector times itself."""
    vectors = [floating(w).ravel() for w in weights]
    return sum(lam * np.dot(v, v) for v in vectors), tuple(2 * lam * floating(w) for w in weights)


def l2_by_loops(weights: list[Array], lam: float) -> Any:
    """Weight by weight."""
    penalty, grads = 0.0, []
    for w in map(floating, weights):
        grad = np.zeros_like(w)
        for place in np.ndindex(w.shape):
            penalty += lam * float(w[place]) ** 2
            grad[place] = lam * w[place] + lam * w[place]
        grads.append(grad)
    return penalty, grads


def l1_by_where(weights: list[Array], lam: float) -> Any:
    """Three kinds of weights."""
    arrays = [floating(w) for w in weights]
    grads = [np.where(w > 0, lam, np.where(w < 0, -lam, 0)).astype(w.dtype) for w in arrays]
    return lam * sum(np.where(w > 0, w, -w).sum(dtype=np.float64) for w in arrays), grads


def l1_by_norm(weights: list[Array], lam: float) -> Any:
    """The sum of lengths; lam times the difference of two masks."""
    arrays = [floating(w) for w in weights]
    grads = tuple(lam * ((w > 0).astype(w.dtype) - (w < 0)).astype(w.dtype) for w in arrays)
    return lam * np.sum([np.linalg.norm(w.ravel(), 1) for w in arrays]), grads


def _square(w: Array) -> Any:
    return w**2


def _two(w: Array, lam: float) -> Any:
    return 2 * lam * w


def _sign(w: Array, lam: float) -> Any:
    return lam * np.sign(w)


L2 = Exercise(
    name="l2_penalty",
    unit=UNIT,
    signature="l2_penalty(weights, lam)",
    reference=l2_penalty,
    kind=KIND,
    cases=cases,
    points=2,
    misconceptions=(
        Misconception(
            "has half the gradient",
            made(summed(_square), lambda w, lam: lam * w),
            "The gradients are half of what they should be. This course has no ½ in front of the penalty: what is the "
            "derivative of w²?",
            seen=4,
        ),
        Misconception(
            "has half the penalty",
            made(summed(lambda w: w**2 / 2), _two),
            "The penalty is half of what it should be. Some books put a ½ in front; this course does not: λ Σ w².",
        ),
        Misconception(
            "takes the root of the sum",
            made(lambda arrays, lam: lam * np.sqrt(sum((w.astype(np.float64) ** 2).sum() for w in arrays)), _two),
            "You took the length of all weights. The penalty is the sum of the squares, without a root.",
        ),
        Misconception(
            "squares lam too",
            made(lambda arrays, lam: lam * summed(_square)(arrays, lam), _two),
            "lam is squared in the penalty. Only the weights are.",
        ),
        Misconception(
            "squares the sum",
            made(lambda arrays, lam: lam * sum(float(w.sum()) ** 2 for w in arrays), _two),
            "You add the weights up and then square. Square each weight first: positive and negative ones must not cancel.",
        ),
        Misconception(
            "is the L1 penalty",
            l1_penalty,
            "These are absolute values and signs: that is L1. L2 squares.",
        ),
        *common(l2_penalty, _square, _two),
    ),
    alternatives=(l2_by_dots, l2_by_loops),
    aspects=ASPECTS,
    reread="section 3, L2: the box, and the example with three weights.",
)

L1 = Exercise(
    name="l1_penalty",
    unit=UNIT,
    signature="l1_penalty(weights, lam)",
    reference=l1_penalty,
    kind=KIND,
    cases=cases,
    points=2,
    misconceptions=(
        Misconception(
            "forgets the absolute value",
            made(summed(lambda w: w), _sign),
            "Positive and negative weights cancel in your sum. Each counts with its size: np.abs.",
        ),
        Misconception(
            "has slope lam for every weight",
            made(summed(np.abs), lambda w, lam: np.full_like(w, lam)),
            "All your gradients are +lam. Where a weight is negative, |w| falls when w grows.",
        ),
        Misconception(
            "has slope lam at 0",
            made(summed(np.abs), lambda w, lam: lam * np.where(w >= 0, 1, -1)),
            "At w = 0 the absolute value has no slope, and this course takes 0. Which NumPy function gives −1, 0 and 1?",
        ),
        Misconception(
            "has slope minus lam at 0",
            made(summed(np.abs), lambda w, lam: lam * np.where(w > 0, 1, -1)),
            "At w = 0 you take the slope −lam. The corner of |w| has no slope of its own, and this course takes 0 there.",
        ),
        Misconception(
            "divides by the absolute value",
            made(summed(np.abs), lambda w, lam: lam * w / np.abs(w)),
            "w / |w| is the sign, but for w = 0 it is 0 / 0, which is nan.",
        ),
        Misconception(
            "multiplies by the weights",
            made(summed(np.abs), lambda w, lam: lam * w),
            "Your gradient grows with the weight, as that of a square does. |w| has the same slope everywhere on one side.",
        ),
        Misconception(
            "has the absolute value for a gradient",
            made(summed(np.abs), lambda w, lam: lam * np.abs(w)),
            "You return lam · |w| as the gradient. That is the penalty of each weight; its slope is asked for.",
        ),
        Misconception(
            "is the L2 penalty",
            l2_penalty,
            "These are squares: that is L2. L1 adds absolute values.",
        ),
        *common(l1_penalty, np.abs, _sign),
    ),
    alternatives=(l1_by_where, l1_by_norm),
    aspects=ASPECTS,
    reread="section 3, L1: the box, and the example with three weights.",
)

EXERCISES = (L2, L1)
