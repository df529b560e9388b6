"""dropout_forward, dropout_backward and scaled_dropout_forward."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograder.calling import Caller, plain
from autograder.exercise import Case, Exercise, Function, Misconception, Parts
from autograder.exercises.unit02.drawing import RNG, Array, draw, floating
from autograder.exercises.unit02.shares import aspects
from autograder.exercises.unit04 import dropping, wording
from autograder.exercises.unit04.augmentation_looks import UNIT
from autograder.exercises.unit04.dropout_mistakes import INVERTED_MISTAKES, SCALED_MISTAKES
from autograder.kinds import OWN_CACHE, Backward, fresh
from nnlib.dropout import dropout_backward, dropout_forward, scaled_dropout_forward


@dataclass(frozen=True, slots=True)
class BackwardOfDrawn(Backward):
    """A backward function of a forward one that draws. The last argument of a case seeds what is drawn.

    With the student's own cache, dx is judged by what their own out was multiplied by.
    """

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What each case shows; right with the student's own cache is right."""
        return tuple(self._drawn(case, function, forward, call) for case in cases)

    def _drawn(self, case: Case, function: Function, forward: Function | None, call: Caller) -> Parts:
        documented = self.remember(*case.arguments)
        own = self._own_draw(case, forward, call) if forward else None
        if own is not None:
            cache, factor = own
            expected = self._with(factor, case, self.backward, Caller())
            seen = self._with(cache, case, function, call)
            if not any(self.judge(case, expected, seen, {"float64": 1e-9, "float32": 1e-4}).problems.values()):
                return self._with(documented, case, self.backward, Caller())
            other = self._with(documented, case, function, call)
            return {**other, "note": OWN_CACHE} if self._right(case, other) else other
        return self._with(documented, case, function, call)

    def _own_draw(self, case: Case, forward: Function, call: Caller) -> tuple[Any, Array] | None:
        """The student's own cache, and what x was multiplied by; None where their forward function is wrong."""
        *arguments, seed = fresh(case.arguments)
        result = call(partial(forward, rng=np.random.default_rng(seed)), *arguments)
        if type(result) not in (tuple, list) or len(result) != 2:
            return None
        out, (x, p_drop, train) = plain(result[0]), arguments
        if not isinstance(out, np.ndarray) or out.shape != x.shape or out.dtype != floating(x).dtype:
            return None
        factor = (out / floating(x)).astype(out.dtype)
        wanted = 1 / (1 - p_drop) if train else 1.0
        fits = (np.abs(factor - wanted) < 1e-4) | ((factor == 0) & bool(train))
        return (
            (result[1], np.where(factor == 0, 0, wanted).astype(out.dtype))
            if fits.all() and factor.any()
            else None
        )


def remember(x: Array, p_drop: float, train: bool, seed: int) -> Array:
    """The documented cache."""
    return dropout_forward(x, p_drop, train, rng=np.random.default_rng(seed))[1]


def backward_cases(rng: RNG) -> Iterator[Case]:
    """Caches of several rates and shapes, in training and in evaluation."""

    def case(trait: str, *shape: int, p: float = 0.4, train: bool = True, looks_at: tuple[str, ...] = (),
             dtype: str = "float64", awkward: bool = False) -> Case:  # fmt: skip
        x = draw(rng, *(shape or (6, 5)), dtype=dtype)
        dout = draw(rng, *x.shape, dtype=dtype, awkward=awkward)
        return Case(trait, (x, p, train, int(rng.integers(2**32))), dout, looks_at=looks_at)

    yield case("in training")
    yield case("few dropped", p=0.1)
    yield case("many dropped", p=0.8)
    yield case("half dropped", p=0.5)
    yield case("nothing dropped", p=0.0)
    yield case("in evaluation", train=False)
    yield case("one example", 1, 12)
    yield case("a vector", 12)
    yield case("images", 2, 3, 4, 3)
    yield case("many examples", 40, 3)
    yield case("float32", dtype="float32")
    yield case("integers", dtype="int64")
    yield case("read-only arrays", awkward=True)
    yield case("dout and cache unchanged", looks_at=("dx", "inputs"))
    yield case("called twice", looks_at=("dx", "again"))


BACKWARD_ASPECTS = aspects(
    training=(30, ("in training", "few dropped", "many dropped", "half dropped", "many examples")),
    factor_1=(15, ("nothing dropped", "in evaluation")),
    shapes=(15, ("one example", "a vector", "images")),
    dtype=(10, ("float32",)),
    integers=(10, ("integers",)),
    nothing_changed=(20, ("read-only arrays", "dout and cache unchanged", "called twice")),
)


def by_places(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
    """Sets the dropped values of a copy to 0."""
    if not train:
        return floating(x).copy(), np.ones(x.shape, floating(x).dtype)
    factor = np.full(x.shape, 1 / (1 - p_drop), floating(x).dtype)
    factor[rng.uniform(size=x.shape) < p_drop] = 0
    return floating(x) * factor, factor


def by_binomial(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
    """Tosses a coin for each value."""
    x = floating(x)
    keep = rng.binomial(1, 1 - p_drop, x.shape) if train else np.ones(x.shape)
    scale = 1 - p_drop if train else 1
    return [(x * keep / scale).astype(x.dtype), (keep / scale).astype(x.dtype)]


def scaled_by_where(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
    """np.where, and floats drawn in float32."""
    x = floating(x)
    if not train:
        return x * x.dtype.type(1 - p_drop), np.full_like(x, 1 - p_drop)
    keep = rng.random(x.shape, dtype=np.float32) > p_drop
    return np.where(keep, x, 0).astype(x.dtype), keep.astype(x.dtype)


def scaled_by_choice(x: Array, p_drop: float, train: bool, *, rng: RNG) -> Any:
    """Chooses 0 or 1."""
    x = floating(x)
    factor = rng.choice([0.0, 1.0], x.shape, p=[p_drop, 1 - p_drop]) if train else np.full(x.shape, 1 - p_drop)
    return x * factor.astype(x.dtype), factor.astype(x.dtype)


def backward_by_where(dout: Array, cache: Array) -> Array:
    """Only where something was kept."""
    return np.where(cache != 0, floating(dout) * cache, 0).astype(cache.dtype)


def backward_by_loop(dout: Array, cache: Array) -> Array:
    """Value by value."""
    dx = np.zeros(dout.shape, cache.dtype)
    for place in np.ndindex(dout.shape):
        dx[place] = dout[place] * cache[place]
    return dx


def gradient(change: Callable[[Array, Array], Any]) -> Function:
    """A backward function, in the cache's dtype."""
    return lambda dout, cache: np.asarray(change(floating(dout), cache)).astype(cache.dtype)


def dout_in_place(dout: Array, cache: Array) -> Array:
    """dout *= cache."""
    if dout.dtype.kind != "f":
        return dropout_backward(dout, cache)
    dout *= cache
    return dout.copy()


def cache_in_place(dout: Array, cache: Array) -> Array:
    """cache *= dout."""
    cache *= floating(dout)
    return cache.copy()


def tables_only(dout: Array, cache: Array) -> Array:
    """Rows and columns."""
    rows, columns = dout.shape
    return dropout_backward(dout, cache).reshape(rows, columns)


BACKWARD_MISTAKES = (
    Misconception(
        "lets everything through",
        gradient(lambda dout, cache: dout),
        "You return dout as it is. A value that was dropped had no influence on the loss: what is its gradient?",
    ),
    Misconception(
        "masks without the factor",
        gradient(lambda dout, cache: dout * (cache != 0)),
        "Dropped values get 0, which is right. But kept ones were multiplied by something on the way forward, and the "
        "gradient is multiplied by the same.",
        seen=12,
    ),
    Misconception(
        "multiplies by the factor twice",
        gradient(lambda dout, cache: dout * cache * cache),
        "The factor comes in twice. The cache has it already: it is not only a mask.",
    ),
    Misconception(
        "divides by the cache",
        gradient(lambda dout, cache: dout / cache),
        "You divide by what x was multiplied by, and dividing by 0 gives inf. The derivative of c · x is c.",
    ),
    Misconception(
        "divides where it can",
        gradient(lambda dout, cache: np.divide(dout, cache, out=np.zeros_like(cache), where=cache != 0)),
        "You divide kept values by their factor. The derivative of c · x with respect to x is c, so multiply.",
    ),
    Misconception(
        "lets the dropped ones through",
        gradient(lambda dout, cache: dout * (cache == 0)),
        "It is the wrong way round: the gradient passes where a value was dropped, and nowhere else.",
    ),
    Misconception(
        "is ReLU's",
        gradient(lambda dout, cache: cache * np.maximum(dout, 0)),
        "Negative gradients became 0. Only the cache decides here, not the sign of dout.",
    ),
    Misconception(
        "scales what was dropped and what was not",
        gradient(lambda dout, cache: dout * cache.max()),
        "All of dout is multiplied by one factor. Where a value was dropped, nothing may come through.",
    ),
    Misconception(
        "builds in the factor of one half",
        gradient(lambda dout, cache: dout * (cache != 0) * (2 if (cache == 0).any() else 1)),
        "You multiply by 2, which fits p_drop = 0.5 only. The cache holds the right factor.",
    ),
    Misconception(
        "returns nothing where nothing was dropped",
        lambda dout, cache: dropout_backward(dout, cache) if (cache != 1).any() else None,
        "Where nothing was dropped you return None. The gradient is dout then.",
    ),
    Misconception(
        "divides by N",
        gradient(lambda dout, cache: dout * cache / len(dout)),
        wording.DIVIDES_BY_N.format("dx"),
    ),
    Misconception("returns a tuple", lambda dout, cache: (dropout_backward(dout, cache), None), wording.TUPLE),
    Misconception(
        "sums over the batch",
        lambda dout, cache: dropout_backward(dout, cache).sum(axis=0),
        "dx must have the shape of x. Nothing is shared between examples here, so nothing is summed.",
        seen=8,
    ),
    Misconception(
        "takes tables for granted",
        tables_only,
        "x may have any number of axes: do not unpack its shape.",
        seen=2,
    ),
    Misconception(
        "returns float64 for float32",
        lambda dout, cache: dropout_backward(dout, cache).astype(np.float64),
        "float32 came in, float64 went out. dx has the dtype of x, and so has the cache.",
    ),
    Misconception(
        "makes gradients of integers",
        lambda dout, cache: dropout_backward(dout, cache).astype(dout.dtype),
        wording.INTEGERS,
        seen=30,
    ),
    Misconception("changes dout in place", dout_in_place, wording.IN_PLACE.format("dout"), seen=27),
    Misconception("changes the cache in place", cache_in_place, wording.IN_PLACE.format("cache"), seen=27),
)

INVERTED = Exercise(
    name="dropout_forward",
    unit=UNIT,
    signature="dropout_forward(x, p_drop, train, *, rng)",
    reference=dropout_forward,
    kind=dropping.kind(dropping.INVERTED),
    cases=dropping.cases,
    points=3,
    misconceptions=INVERTED_MISTAKES,
    alternatives=(by_places, by_binomial),
    aspects=dropping.ASPECTS,
    reread="section 4, inverted dropout: the box, and the example with four values.",
)

BACKWARD = Exercise(
    name="dropout_backward",
    unit=UNIT,
    signature="dropout_backward(dout, cache)",
    reference=dropout_backward,
    kind=BackwardOfDrawn(dropping.NAMES, ("dx",), dropout_forward, dropout_backward, remember),
    cases=backward_cases,
    points=1,
    misconceptions=BACKWARD_MISTAKES,
    alternatives=(backward_by_where, backward_by_loop),
    aspects=BACKWARD_ASPECTS,
    reread="section 4, the gradient of dropout.",
    partner="dropout_forward",
)

SCALED = Exercise(
    name="scaled_dropout_forward",
    unit=UNIT,
    signature="scaled_dropout_forward(x, p_drop, train, *, rng)",
    reference=scaled_dropout_forward,
    kind=dropping.kind(dropping.SCALED),
    cases=dropping.cases,
    points=2,
    misconceptions=SCALED_MISTAKES,
    alternatives=(scaled_by_where, scaled_by_choice),
    aspects=dropping.ASPECTS,
    reread="section 4, the lecture's form: the table that compares both.",
)

EXERCISES = (INVERTED, BACKWARD, SCALED)
