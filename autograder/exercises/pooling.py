"""The exercises on pooling: max, average and global average pooling, forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function
from autograder.exercises import pooling_alternatives as other_ways
from autograder.exercises import pooling_backward, pooling_forward
from autograder.exercises import pooling_global as over_all
from autograder.kinds import Backward, Layer
from nnlib import pooling

UNIT = "05_convolution"
ARGUMENTS = ("x", "size", "stride")
Array = np.ndarray[Any, Any]

# trait, x's shape, what is passed after x: each differs from the first in one way, as far as that is possible.
LAYOUTS: tuple[tuple[str, tuple[int, ...], tuple[Any, ...]], ...] = (
    ("square, no overlap", (2, 3, 4, 4), (2, 2)),
    ("default stride", (2, 2, 6, 6), (3,)),
    ("non-square image", (2, 2, 4, 8), (2, 2)),
    ("an image taller than wide", (2, 2, 8, 4), (2, 2)),
    ("non-square window", (2, 2, 6, 6), ((3, 2),)),
    ("window as large as the image", (2, 2, 3, 4), ((3, 4), None)),
    ("stride smaller than the window", (2, 2, 7, 7), (3, 2)),
    ("stride 1", (2, 2, 5, 5), (2, 1)),
    ("stride larger than the window", (2, 2, 8, 8), (2, 3)),
    ("stride as a pair", (2, 2, 6, 6), (2, (2, 4))),
    ("a leftover the stride leaves", (2, 2, 7, 7), (2, 2)),
    ("batch of one", (1, 3, 4, 4), (2, 2)),
    ("one channel", (2, 1, 4, 4), (2, 2)),
)


SHAPES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("square image", (2, 3, 4, 4)),
    ("non-square image", (2, 3, 3, 5)),
    ("an image taller than wide", (2, 3, 5, 2)),
    ("one pixel", (2, 3, 1, 1)),
    ("batch of one", (1, 3, 4, 4)),
    ("one channel", (2, 1, 4, 4)),
    ("as many channels as images", (3, 3, 4, 4)),
)

# What a case may look at besides the values: a trait, and the parts that are judged.
Looks = tuple[tuple[str, tuple[str, ...]], ...]
FORWARD_LOOKS: Looks = (("input left as it is", ("inputs",)), ("cache as documented", ("cache",)))
BACKWARD_LOOKS: Looks = (("dout and cache left as they are", ("inputs",)), ("called twice", ("again",)))


def _frozen(x: Array) -> Array:
    x.flags.writeable = False
    return x


def _whole_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Integers of which no two are equal, of both signs."""
    size = int(np.prod(shape))
    return rng.permutation(size).reshape(shape) - size // 2


def _values(rng: np.random.Generator) -> list[tuple[str, Array]]:
    """Images that differ from ordinary ones in one way."""
    shape = (2, 3, 4, 4)
    return [
        ("negative values", -10_000 * rng.uniform(0.5, 1.0, shape)),
        ("tied maxima", rng.permuted(np.tile([0.0, 0, 1, 1], 24)).reshape(shape)),
        ("float32", rng.standard_normal(shape).astype(np.float32)),
        ("integers", _whole_numbers(rng, shape)),
        ("read-only input", _frozen(rng.standard_normal(shape))),
    ]


def pooling_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Inputs for pooling: by layout, then by values, then what is looked at besides the values."""
    for trait, shape, rest in LAYOUTS:
        yield Case(trait, (rng.standard_normal(shape), *rest))
    for trait, x in _values(rng):
        yield Case(trait, (x, 2, 2))
    for trait, looks_at in FORWARD_LOOKS:
        yield Case(trait, (rng.standard_normal((2, 3, 4, 4)), 2, None), looks_at=looks_at)


def global_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Inputs for global average pooling: by shape, then by values, then what is looked at besides."""
    for trait, shape in SHAPES:
        yield Case(trait, (rng.standard_normal(shape),))
    for trait, x in _values(rng):
        if trait != "tied maxima":
            yield Case(trait, (x,))
    for trait, looks_at in FORWARD_LOOKS:
        yield Case(trait, (rng.standard_normal((2, 3, 4, 4)),), looks_at=looks_at)


@dataclass(frozen=True, slots=True)
class WithGradient:
    """The cases of a forward function, each with a dout for its backward function."""

    cases: Callable[[np.random.Generator], Iterable[Case]]
    forward: Function

    def __call__(self, rng: np.random.Generator) -> Iterator[Case]:
        """Draw them; the parts looked at are those of a backward function."""
        looks: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = dict(
            zip((looks_at for _, looks_at in FORWARD_LOOKS), BACKWARD_LOOKS, strict=True)
        )
        for case in self.cases(rng):
            out = self.forward(*case.arguments)[0]
            trait, looks_at = looks.get(case.looks_at, (case.trait, ()))
            dout = rng.standard_normal(out.shape).astype(out.dtype)
            yield replace(case, trait=trait, looks_at=looks_at, dout=dout)


def _as_passed(x: Array, size: Any, stride: Any = None) -> tuple[Any, ...]:
    """The documented cache."""
    return x, size, stride


def _backward(names: tuple[str, ...], name: str, remember: Function) -> Backward:
    """How a backward function is called: with the cache of its forward function."""
    backward = getattr(pooling, f"{name}_backward")
    return Backward(names, ("dx",), getattr(pooling, f"{name}_forward"), backward, remember)


MAX, AVERAGE, GLOBAL = "max_pool2d", "avg_pool2d", "global_avg_pool"

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="max_pool2d_forward",
        unit=UNIT,
        signature="max_pool2d_forward(x, size, stride=None) -> (out, (x, size, stride))",
        reference=pooling.max_pool2d_forward,
        kind=Layer(ARGUMENTS, 3),
        cases=pooling_cases,
        points=3,
        misconceptions=pooling_forward.MAX_MISTAKES,
        alternatives=(other_ways.max_by_view, other_ways.max_by_scalars),
        reread="section 8, Pooling",
    ),
    Exercise(
        name="max_pool2d_backward",
        unit=UNIT,
        signature="max_pool2d_backward(dout, (x, size, stride)) -> dx",
        reference=pooling.max_pool2d_backward,
        kind=_backward(ARGUMENTS, MAX, _as_passed),
        cases=WithGradient(pooling_cases, pooling.max_pool2d_forward),
        points=4,
        misconceptions=pooling_backward.MAX_MISTAKES,
        alternatives=(other_ways.max_backward_by_scalars, other_ways.max_backward_by_bincount),
        reread="section 8, The gradient of max pooling",
        partner="max_pool2d_forward",
    ),
    Exercise(
        name="avg_pool2d_forward",
        unit=UNIT,
        signature="avg_pool2d_forward(x, size, stride=None) -> (out, (x, size, stride))",
        reference=pooling.avg_pool2d_forward,
        kind=Layer(ARGUMENTS, 3),
        cases=pooling_cases,
        points=2,
        misconceptions=pooling_forward.AVERAGE_MISTAKES,
        alternatives=(other_ways.avg_by_view, other_ways.avg_by_einsum, other_ways.avg_by_running_sums),
        reread="section 8, Average pooling",
    ),
    Exercise(
        name="avg_pool2d_backward",
        unit=UNIT,
        signature="avg_pool2d_backward(dout, (x, size, stride)) -> dx",
        reference=pooling.avg_pool2d_backward,
        kind=_backward(ARGUMENTS, AVERAGE, _as_passed),
        cases=WithGradient(pooling_cases, pooling.avg_pool2d_forward),
        points=3,
        misconceptions=pooling_backward.AVERAGE_MISTAKES,
        alternatives=(other_ways.avg_backward_by_add_at, other_ways.avg_backward_by_matrices),
        reread="section 8, Average pooling",
        partner="avg_pool2d_forward",
    ),
    Exercise(
        name="global_avg_pool_forward",
        unit=UNIT,
        signature="global_avg_pool_forward(x) -> (out, x.shape)",
        reference=pooling.global_avg_pool_forward,
        kind=Layer(("x",), 4),
        cases=global_cases,
        points=1,
        misconceptions=over_all.FORWARD,
        alternatives=(over_all.mean_by_loops, over_all.mean_by_reshape),
        reread="section 8, Global average pooling",
    ),
    Exercise(
        name="global_avg_pool_backward",
        unit=UNIT,
        signature="global_avg_pool_backward(dout, (N, C, H, W)) -> dx",
        reference=pooling.global_avg_pool_backward,
        kind=_backward(("x",), GLOBAL, np.shape),
        cases=WithGradient(global_cases, pooling.global_avg_pool_forward),
        points=2,
        misconceptions=over_all.BACKWARD,
        alternatives=(over_all.spread_by_loops, over_all.spread_by_repeat, over_all.spread_by_einsum),
        reread="section 8, Global average pooling",
        partner="global_avg_pool_forward",
    ),
)
