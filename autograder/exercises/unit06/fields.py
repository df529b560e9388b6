"""receptive_field: how far a value of the last layer sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit06 import shares, wording
from autograder.kinds import Plain
from nnlib.costs import receptive_field

Layers = Sequence[tuple[int, int]]
LENET = [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)]


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Stacks of layers; then what must be refused."""
    a, b, c, d = (int(v) for v in rng.permutation([3, 5, 7, 9, 11])[:4])
    s, t = (int(v) for v in rng.permutation([2, 3, 4])[:2])
    yield Case("no layer", ([],))
    yield Case("one layer", ([(a, 1)],))
    yield Case("two layers, stride 1", ([(b, 1), (b, 1)],))
    yield Case("kernels differ", ([(a, 1), (b, 1), (c, 1), (d, 1)],))
    yield Case("even kernels", ([(a + 1, 1), (b + 1, 1)],))
    yield Case("1×1 kernels", ([(1, 1), (a, 1), (1, 1)],))
    yield Case("a stride in the first layer", ([(a, s), (b, 1)],))
    yield Case("two strides", ([(a, s), (b, t), (c, 1)],))
    yield Case("strides everywhere", ([(a, s), (b, t), (c, s), (d, t)],))
    yield Case("1×1 kernels with strides", ([(1, s), (a, 1), (1, t), (b, 1)],))
    yield Case("a stride in the last layer", ([(a, 1), (b, s)],))
    yield Case("LeNet-5", (LENET[: 3 + 2 * int(rng.integers(2))],))
    yield Case("twenty layers", ([(3, 1)] * 9 + [(a, 2)] + [(3, 1)] * 10,))
    yield Case("a list, unchanged", ([(b, 1), (a, s), (c, 1)],), looks_at=("result", "inputs"))
    yield Case("kernel 0", ([(a, 1), (0, 1)],), raises=ValueError)
    yield Case("stride 0", ([(a, 1), (b, 0), (c, 1)],), raises=ValueError)


def checked(layers: Layers) -> None:
    """The error that is asked for."""
    if any(kernel < 1 or stride < 1 for kernel, stride in layers):
        raise ValueError("a kernel and a stride are at least 1")


def from_the_end(layers: Layers) -> int:
    """From one value back to the pixels: each layer turns r neighbours into (r − 1) · stride + kernel."""
    checked(layers)
    field = 1
    for kernel, stride in layers[::-1]:
        field = (field - 1) * stride + kernel
    return field


def by_sum(layers: Layers) -> int:
    """The formula at once."""
    checked(layers)
    strides = [stride for _, stride in layers]
    return 1 + sum((kernel - 1) * prod(strides[:i]) for i, (kernel, _) in enumerate(layers))


def by_pixels(layers: Layers) -> int:
    """First and last pixel."""
    checked(layers)
    low = high = 0
    for kernel, stride in reversed(layers):
        low, high = low * stride, high * stride + kernel - 1
    return high - low + 1


def walking(step: Function, start: Any = (1, 1), result: Function = lambda field, apart: field) -> Function:
    """A loop of ``step(field, apart, kernel, stride)``, behind the right error."""

    def wrong(layers: Layers) -> object:
        checked(layers)
        field, apart = start
        for kernel, stride in layers:
            field, apart = step(field, apart, kernel, stride)
        return result(field, apart)

    return wrong


def reading(change: Function) -> Function:
    """The right answer for other layers, behind the right error."""

    def wrong(layers: Layers) -> int:
        checked(layers)
        return receptive_field(change(list(layers)))

    return wrong


def asserting(layers: Layers) -> object:
    """Errors by assert."""
    assert all(kernel > 0 and stride > 0 for kernel, stride in layers), "too small"
    return receptive_field(layers)


def unchecked(layers: Layers) -> int:
    """The loop alone."""
    field, apart = 1, 1
    for kernel, stride in layers:
        field, apart = field + (kernel - 1) * apart, apart * stride
    return field


def refusing_none(layers: Layers) -> int:
    """Without a layer there is nothing, it thinks."""
    if not layers:
        raise ValueError("no layers")
    return receptive_field(layers)


def popping(layers: list[tuple[int, int]]) -> int:
    """Takes the list apart."""
    found = receptive_field(layers)
    while layers:
        layers.pop()
    return found


MISCONCEPTIONS = (
    Misconception(
        "adds up the kernels",
        walking(lambda r, j, k, s: (r + k * j, j * s), (0, 1)),
        "Neighbouring windows overlap, so a further kernel adds k − 1 of what is there already, not k.",
    ),
    Misconception(
        "counts values, not steps",
        walking(lambda r, j, k, s: (r + k * j, j * s)),
        "Already a single layer gives one too many: a window of k values has its first and its last k − 1 steps apart, and the "
        "first one's pixel is in r already.",
    ),
    Misconception(
        "begins with 0",
        walking(lambda r, j, k, s: (r + (k - 1) * j, j * s), (0, 1)),
        "One less than expected, also without any layer: a pixel sees one pixel, itself. Begin with 1.",
    ),
    Misconception(
        "ignores the strides",
        reading(lambda layers: [(k, 1) for k, _ in layers]),
        "The strides are not used. Behind a stride of 2 neighbours are 2 pixels apart, and a kernel reaches twice as far.",
    ),
    Misconception(
        "counts a layer's own stride",
        walking(lambda r, j, k, s: (r + (k - 1) * j * s, j * s)),
        "A layer's own stride moves its windows apart, but does not make them larger. It counts from the next layer on.",
    ),
    Misconception(
        "takes the stride before alone",
        walking(lambda r, j, k, s: (r + (k - 1) * j, s)),
        "With two strides of 2 neighbours are 4 pixels apart, not 2. All the strides before a layer are multiplied.",
    ),
    Misconception(
        "adds the strides",
        walking(lambda r, j, k, s: (r + (k - 1) * j, j + s - 1)),
        "The strides are added up, but each one works on what the ones before left: they are multiplied.",
    ),
    Misconception(
        "begins with the last layer",
        reading(lambda layers: layers[::-1]),
        "Your steps and your order do not go together: the list begins with the layer that sees the pixels. Multiplying the "
        "field by the stride at each step is right from the last layer to the first, adding from the first to the last.",
    ),
    Misconception(
        "multiplies the kernels",
        walking(lambda r, j, k, s: (r * k, j)),
        "The kernels are multiplied. Two 3-wide layers see 5 pixels, not 9, since their windows overlap.",
    ),
    Misconception(
        "forgets the last layer",
        reading(lambda layers: layers[:-1]),
        "The last layer is missing: does the loop stop one step too early?",
    ),
    Misconception(
        "looks at the first layer only",
        reading(lambda layers: layers[:1]),
        "Only the first layer counts in your answer. Does `return` stand inside the loop?",
    ),
    Misconception(
        "takes kernels to be odd",
        walking(lambda r, j, k, s: (r + 2 * (k // 2) * j, j * s)),
        "Right for odd kernels only: an even kernel does not reach equally far to both sides. It adds k − 1.",
    ),
    Misconception(
        "skips 1×1 kernels",
        walking(lambda r, j, k, s: (r, j) if k == 1 else (r + (k - 1) * j, j * s)),
        "A 1×1 kernel sees nothing new, but its stride still moves the later windows apart.",
    ),
    Misconception(
        "returns the distance, too",
        walking(lambda r, j, k, s: (r + (k - 1) * j, j * s), result=lambda r, j: (r, j)),
        "One int is asked for: the receptive field alone.",
    ),
    Misconception(
        "returns a float",
        walking(lambda r, j, k, s: (r + (k - 1) * j, j * s), result=lambda r, j: float(r)),
        "Pixels are counted, so the result is an int. Where does a float come in?",
    ),
    Misconception(
        "refuses no layer",
        refusing_none,
        "Without any layer a value is a pixel, and sees 1 pixel. That is an answer, not an error.",
    ),
    Misconception(
        "checks nothing",
        unchecked,
        "A kernel or stride below 1 is none: raise a ValueError before you count.",
    ),
    Misconception("stops with assert", asserting, wording.ASSERT),
    Misconception("takes the list apart", popping, wording.IN_PLACE.format("layers"), seen=27),
)

EXERCISE = Exercise(
    name="receptive_field",
    unit=wording.UNIT,
    signature="receptive_field(layers)",
    reference=receptive_field,
    kind=Plain(("layers",)),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(from_the_end, by_sum, by_pixels),
    aspects=shares.FIELD,
    reread="section 3, what a value sees: the box, and the three layers worked by hand.",
)
