"""residual_forward and residual_backward: two 3×3 convolutions and a shortcut around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise
from autograder.exercises.unit02.drawing import Array, draw, floating
from autograder.exercises.unit05 import convolution, convolution_gradients
from autograder.exercises.unit06 import residual_gradient_mistakes, residual_mistakes, shares, wording
from autograder.exercises.unit06.residual_mistakes import with_parts
from autograder.kinds import Backward, Layer
from nnlib.residual import residual_backward, residual_forward

NAMES = ("x", "w1", "b1", "w2", "b2", "ws", "bs", "stride")
GRADIENTS = ("dx", "dw1", "db1", "dw2", "db2", "dws", "dbs")
ARRAYS = 5  # without a projection


def block(
    rng: np.random.Generator,
    n: int = 2,
    c: int = 2,
    f: int = 3,
    image: tuple[int, int] = (4, 4),
    stride: int | None = 1,
    *,
    projection: bool = True,
    **look: Any,
) -> tuple[Any, ...]:
    """The arguments of a block; a stride of None is left out."""
    shapes = [(n, c, *image), (f, c, 3, 3), (f,), (f, f, 3, 3), (f,), (f, c, 1, 1), (f,)]
    arrays: list[Any] = [draw(rng, *shape, **look) for shape in shapes]
    if not projection:
        arrays[ARRAYS:] = [None, None]
    if stride is None:
        return tuple(arrays if projection else arrays[:ARRAYS])
    return (*arrays, stride)


def identity(rng: np.random.Generator, c: int = 3, **more: Any) -> tuple[Any, ...]:
    """A block whose shortcut is x itself."""
    return block(rng, c=c, f=c, projection=False, **more)


def of_zeros(arguments: tuple[Any, ...], *places: int) -> tuple[Any, ...]:
    """The arguments with 0 in some of them."""
    return tuple(value * 0 if i in places else value for i, value in enumerate(arguments))


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Blocks of all kinds; then purity, and what cannot be added."""
    yield Case("projection", block(rng))
    yield Case("projection, as many channels", block(rng, c=3))
    yield Case("identity shortcut", identity(rng))
    yield Case("a body that gives 0", of_zeros(identity(rng), 1, 2, 3, 4))
    yield Case("stride left out", identity(rng, stride=None))
    yield Case("projection, stride 2", block(rng, image=(6, 6), stride=2))
    yield Case("stride 2, odd size", block(rng, image=(7, 5), stride=2))
    yield Case("image not square", block(rng, image=(3, 6)))
    yield Case("one image", block(rng, n=1))
    yield Case("one channel", identity(rng, c=1))
    yield Case("many images", block(rng, n=9))
    yield Case("float32", block(rng, dtype="float32"))
    yield Case("integers", block(rng, dtype="int64"))
    yield Case("read-only arrays", block(rng, awkward=True))
    yield Case("inputs unchanged", identity(rng), looks_at=("out", "inputs"))
    yield Case("cannot be added", block(rng, c=2, f=3, projection=False), raises=ValueError)
    yield Case("NumPy would stretch it", block(rng, c=1, f=3, projection=False), raises=ValueError)


def remember(*arguments: Any) -> Any:
    """The documented cache."""
    return residual_forward(*arguments)[1]


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """The same blocks, kinks, and purity."""

    def case(trait: str, arguments: tuple[Any, ...], *looks_at: str) -> Case:
        x = arguments[0]
        dtype = "float32" if x.dtype == np.float32 else "float64"
        shape = residual_forward(*arguments)[0].shape
        dout = draw(rng, *shape, dtype=dtype, awkward=not x.flags.writeable)
        return Case(trait, arguments, dout, looks_at=looks_at)

    yield case("projection", block(rng))
    yield case("projection, as many channels", block(rng, c=3))
    yield case("identity shortcut", identity(rng))
    yield case("identity, one channel", identity(rng, c=1))
    yield case("projection, stride 2", block(rng, image=(6, 6), stride=2))
    yield case("stride 2, odd size", block(rng, image=(7, 5), stride=2))
    yield case("image not square", block(rng, image=(3, 6)))
    yield case("one image", block(rng, n=1))
    yield case("many images", block(rng, n=9))
    yield case("the sum is exactly 0", of_zeros(block(rng), 3, 4, 5, 6))
    yield case("z1 is exactly 0", of_zeros(block(rng), 1, 2))
    yield case("float32", block(rng, dtype="float32"))
    yield case("integers", block(rng, dtype="int64"))
    yield case("read-only arrays", block(rng, awkward=True))
    yield case("dout and cache unchanged", block(rng), *GRADIENTS, "inputs")
    yield case("called twice", block(rng), *GRADIENTS, "again")


def naive_backward(dout: Array, cache: Any) -> tuple[Any, ...]:
    """Loops, masks by multiplication."""
    first, z1, second, projection, z2 = cache
    dz2 = dout * (z2 > 0)
    da1, dw2, db2 = convolution_gradients.loops(dz2, second)
    dx, dw1, db1 = convolution_gradients.loops(da1 * (z1 > 0), first)
    if projection is None:
        return (dx + dz2).astype(dx.dtype), dw1, db1, dw2, db2, None, None
    dshortcut, dws, dbs = convolution_gradients.loops(dz2, projection)
    return dx + dshortcut, dw1, db1, dw2, db2, dws, dbs


def shortcut_first(dout: Array, cache: Any) -> list[Any]:
    """The shortcut's way before the body's, and a list."""
    first, z1, second, projection, z2 = cache
    dz2 = np.where(z2 <= 0, 0, dout).astype(dout.dtype)
    dx, dws, dbs = convolution_gradients.by_einsum(dz2, projection) if projection else (dz2, None, None)
    da1, dw2, db2 = convolution_gradients.by_einsum(dz2, second)
    through, dw1, db1 = convolution_gradients.by_columns(np.where(z1 > 0, da1, 0), first)
    kind = floating(first[0]).dtype
    return [(dx + through).astype(kind), dw1, db1, dw2, db2, dws, dbs]


FORWARD = Exercise(
    name="residual_forward",
    unit=wording.UNIT,
    signature="residual_forward(x, w1, b1, w2, b2, ws=None, bs=None, stride=1)",
    reference=residual_forward,
    kind=Layer(NAMES, cached=5),
    cases=forward_cases,
    points=3,
    misconceptions=residual_mistakes.MISCONCEPTIONS,
    alternatives=(
        with_parts(conv=lambda *a: convolution.loops(*a)[0]),
        with_parts(conv=lambda *a: convolution.by_einsum(*a)[0], relu=lambda z: z * (z > 0)),
    ),
    aspects=shares.RESIDUAL,
    reread="section 8, ResNet: the picture of the block and the example worked by hand.",
)

BACKWARD = Exercise(
    name="residual_backward",
    unit=wording.UNIT,
    signature="residual_backward(dout, cache)",
    reference=residual_backward,
    kind=Backward(NAMES, GRADIENTS, residual_forward, residual_backward, remember),
    cases=backward_cases,
    points=5,
    misconceptions=residual_gradient_mistakes.MISCONCEPTIONS,
    alternatives=(naive_backward, shortcut_first),
    aspects=shares.RESIDUAL_GRADIENT,
    worth={"dx": 6},
    reread="section 8, ResNet: two ways forward are two ways back, and their gradients add up.",
    partner="residual_forward",
)
