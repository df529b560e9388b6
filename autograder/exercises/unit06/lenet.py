"""lenet_forward and lenet_backward: LeNet-5, assembled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise
from autograder.exercises.unit02.drawing import draw
from autograder.exercises.unit05 import convolution_gradients
from autograder.exercises.unit06 import lenet_mistakes, shares, wording
from autograder.exercises.unit06.lenet_mistakes import assembled, backwards
from autograder.kinds import Backward, Layer
from nnlib.convolution import im2col
from nnlib.lenet import lenet_backward, lenet_forward, lenet_start
from nnlib.models import lenet

NAMES = ("x", "parameters")
GRADIENTS = tuple(f"d{letter}{number}" for number in range(1, 6) for letter in "wb")


def network(
    rng: np.random.Generator,
    n: int = 3,
    classes: int = 10,
    *,
    biases: bool = False,
    scale: float = 1.0,
    dtype: str = "float64",
    awkward: bool = False,
) -> tuple[Any, ...]:
    """Images with ink here and there, and parameters as training begins with them: biases 0."""
    x = rng.uniform(0, scale, (n, 1, 28, 28)) * (rng.random((n, 1, 28, 28)) < 0.7)
    kind = "float64" if dtype.startswith("int") else dtype
    parameters = [p.astype(kind) for p in lenet_start(classes, rng=rng, dtype=np.float64)]
    if biases:
        parameters[1::2] = [draw(rng, len(b), dtype=kind) for b in parameters[1::2]]
    x = (9 * x if dtype.startswith("int") else x).astype(dtype)
    for array in (x, *parameters):
        array.flags.writeable = not awkward
    return x, parameters


def settings(rng: np.random.Generator) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What both functions are tried on, by trait."""
    yield "three images", network(rng)
    yield "biases not 0", network(rng, biases=True)
    yield "one image", network(rng, 1)
    yield "four classes", network(rng, classes=4)
    yield "float32", network(rng, dtype="float32")
    yield "integers", network(rng, dtype="int64")
    yield "read-only arrays", network(rng, awkward=True)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Images and parameters of all kinds; then purity."""
    for trait, arguments in settings(rng):
        yield Case(trait, arguments)
    x, parameters = network(rng, 2, biases=True)
    yield Case("an empty image", (0 * x, parameters))
    yield Case("large values", network(rng, scale=50.0))
    yield Case("inputs unchanged", network(rng), looks_at=("out", "inputs"))


def remember(*arguments: Any) -> Any:
    """The documented cache."""
    return lenet_forward(*arguments)[1]


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """The same, and dlogits; then purity."""

    def case(trait: str, arguments: tuple[Any, ...], *looks_at: str) -> Case:
        x, parameters = arguments
        shape = (len(x), len(parameters[-1]))
        dlogits = draw(rng, *shape, dtype=parameters[0].dtype.name, awkward=not x.flags.writeable)
        return Case(trait, arguments, dlogits, looks_at=looks_at)

    for trait, arguments in settings(rng):
        yield case(trait, arguments)
    x, parameters = network(rng, 2)
    yield case("z is exactly 0", (0 * x, parameters))
    yield case("an even grey image", (0 * x + 0.5, parameters))
    yield case("dout and cache unchanged", network(rng, 2), *GRADIENTS, "inputs")
    yield case("called twice", network(rng, 2), *GRADIENTS, "again")


def as_model(x: Any, parameters: Any) -> Any:
    """Of nnlib's layers."""
    model = lenet(len(parameters[-1]))
    given = iter(parameters)
    params = [{name: next(given) for name in shapes} for shapes in model.parameter_shapes((1, 28, 28))]
    out, cache, _ = model.forward(x, params, [{} for _ in params], train=False)
    return out, cache


def by_columns(x: Any, w: Any, b: Any, stride: int = 1, padding: int = 0) -> Any:
    """A convolution as one product."""
    rows = im2col(x, w.shape[2:], stride, padding) @ w.reshape(len(w), -1).T + b
    side = x.shape[2] + 2 * padding - w.shape[2] + 1
    return rows.reshape(len(x), side, side, len(w)).transpose(0, 3, 1, 2)


FORWARD = Exercise(
    name="lenet_forward",
    unit=wording.UNIT,
    signature="lenet_forward(x, parameters)",
    reference=lenet_forward,
    kind=Layer(NAMES, cached=0),
    cases=forward_cases,
    points=3,
    misconceptions=lenet_mistakes.FORWARD,
    alternatives=(as_model, assembled(conv=by_columns, pool_first=True)),
    aspects=shares.LENET,
    reread="section 4, LeNet-5: the table of its layers.",
)

BACKWARD = Exercise(
    name="lenet_backward",
    unit=wording.UNIT,
    signature="lenet_backward(dlogits, cache)",
    reference=lenet_backward,
    kind=Backward(NAMES, GRADIENTS, lenet_forward, lenet_backward, remember),
    cases=backward_cases,
    points=3,
    misconceptions=lenet_mistakes.BACKWARD,
    alternatives=(backwards(conv=convolution_gradients.by_columns), backwards(relu=lambda d, z: d * (z > 0))),
    aspects=shares.LENET_GRADIENT,
    reread="section 4, LeNet-5: the same eleven steps, the last one first.",
    partner="lenet_forward",
)
