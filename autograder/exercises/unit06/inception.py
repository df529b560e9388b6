"""inception_forward and inception_backward: branches side by side, concatenated along the channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.adapting import Adapted, tupled
from autograder.exercise import Case, Exercise
from autograder.exercises.unit02.drawing import Array, draw
from autograder.exercises.unit05 import convolution, convolution_gradients
from autograder.exercises.unit06 import inception_mistakes, shares, wording
from autograder.exercises.unit06.inception_mistakes import module
from autograder.kinds import Backward, Layer
from nnlib.inception import inception_backward, inception_forward

NAMES = ("x", "branches")
GRADIENTS = ("dx", "dbranches")
Plan = Sequence[Sequence[tuple[int, int]]]  # of each branch, (filters, kernel) of its convolutions
TWO = (((2, 1),), ((4, 3),))
LONGER = (((2, 1),), ((3, 1), (4, 3)))
LONGEST = (((2, 3),), ((3, 1), (2, 3), (4, 1)))


def network(
    rng: np.random.Generator,
    plan: Plan = TWO,
    n: int = 2,
    c: int = 3,
    image: tuple[int, int] = (4, 4),
    **look: Any,
) -> tuple[Any, ...]:
    """(x, branches) for a plan."""
    branches = []
    for branch in plan:
        inputs = [c, *(filters for filters, _ in branch)]
        shapes = [(f, into, k, k) for into, (f, k) in zip(inputs, branch, strict=False)]
        branches.append([(draw(rng, *shape, **look), draw(rng, shape[0], **look)) for shape in shapes])
    return draw(rng, n, c, *image, **look), branches


def settings(rng: np.random.Generator) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The modules that both functions are tried on, by trait."""
    yield "two branches", network(rng)
    yield "three branches", network(rng, (*TWO, ((3, 1),)))
    yield "four branches", network(rng, (*TWO, ((1, 3),), ((3, 1),)))
    yield "one branch", network(rng, (((4, 3),),))
    yield "equal widths", network(rng, (((3, 1),), ((3, 3),)))
    yield "two convolutions in a branch", network(rng, LONGER)
    yield "three convolutions in a branch", network(rng, LONGEST)
    yield "5×5 kernels", network(rng, (((2, 1),), ((3, 5),)), image=(5, 5))
    yield "image not square", network(rng, image=(3, 6))
    yield "one image", network(rng, n=1)
    yield "smaller than the kernel", network(rng, (((2, 5),), ((3, 3),)), image=(2, 2))
    yield "float32", network(rng, dtype="float32")
    yield "integers", network(rng, dtype="int64")
    yield "read-only arrays", network(rng, awkward=True)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Modules of all kinds; then purity."""
    for trait, arguments in settings(rng):
        yield Case(trait, arguments)
    yield Case("1×1 kernels", network(rng, (((2, 1),), ((3, 1),))))
    yield Case("one channel", network(rng, c=1))
    yield Case("inputs unchanged", network(rng), looks_at=("out", "inputs"))


def remember(*arguments: Any) -> Any:
    """The documented cache."""
    return inception_forward(*arguments)[1]


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """The same modules, a kink, and purity."""

    def case(trait: str, arguments: tuple[Any, ...], *looks_at: str) -> Case:
        x = arguments[0]
        dtype = "float32" if x.dtype == np.float32 else "float64"
        shape = inception_forward(*arguments)[0].shape
        dout = draw(rng, *shape, dtype=dtype, awkward=not x.flags.writeable)
        return Case(trait, arguments, dout, looks_at=looks_at)

    for trait, arguments in settings(rng):
        yield case(trait, arguments)
    x, branches = network(rng, LONGER)
    yield case("z is exactly 0", (x, [[(0 * w, 0 * b) for w, b in branches[0]], branches[1]]))
    yield case("dout and cache unchanged", network(rng), *GRADIENTS, "inputs")
    yield case("called twice", network(rng), *GRADIENTS, "again")


def by_index(dout: Array, cache: Any) -> Any:
    """Counts channels as it goes; lists."""
    start, dxs, dbranches = 0, [], []
    for steps in cache:
        width = steps[-1][1].shape[1]
        da, gradients = dout[:, start : start + width], list[Any]()
        start += width
        for conv, z in steps[::-1]:
            da, dw, db = convolution_gradients.loops(np.where(z > 0, da, 0).astype(da.dtype), conv)
            gradients.insert(0, [dw, db])
        dxs.append(da)
        dbranches.append(gradients)
    return sum(dxs[1:], start=dxs[0]), dbranches


def by_split(dout: Array, cache: Any) -> Any:
    """np.split at the sums of the widths; the last branch first."""
    ends = np.cumsum([steps[-1][1].shape[1] for steps in cache])
    parts = np.split(dout, ends[:-1], axis=1)
    dxs, dbranches = [], []
    for part, steps in list(zip(parts, cache, strict=True))[::-1]:
        da, gradients = part, []
        for conv, z in steps[::-1]:
            da, dw, db = convolution_gradients.by_einsum(da * (z > 0), conv)
            gradients.append((dw, db))
        dxs.append(da)
        dbranches.append(tuple(gradients[::-1]))
    return np.sum(dxs, axis=0, dtype=dxs[0].dtype), tuple(dbranches[::-1])


FORWARD = Exercise(
    name="inception_forward",
    unit=wording.UNIT,
    signature="inception_forward(x, branches)",
    reference=inception_forward,
    kind=Layer(NAMES, cached=0),
    cases=forward_cases,
    points=3,
    misconceptions=inception_mistakes.FORWARD,
    alternatives=(
        module(conv=lambda *a: convolution.loops(*a)[0]),
        module(conv=lambda *a: convolution.by_einsum(*a)[0], relu=lambda z: z * (z > 0)),
    ),
    aspects=shares.INCEPTION,
    reread="section 7, GoogLeNet: the picture of the module and the example worked by hand.",
)

BACKWARD = Exercise(
    name="inception_backward",
    unit=wording.UNIT,
    signature="inception_backward(dout, cache)",
    reference=inception_backward,
    kind=Adapted(Backward(NAMES, GRADIENTS, inception_forward, inception_backward, remember), tupled),
    cases=backward_cases,
    points=4,
    misconceptions=inception_mistakes.BACKWARD,
    alternatives=(by_index, by_split),
    aspects=shares.INCEPTION_GRADIENT,
    reread="section 7, GoogLeNet: each branch gets its own channels of dout, and x gets something from all branches.",
    partner="inception_forward",
)
