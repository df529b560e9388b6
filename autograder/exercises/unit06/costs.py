"""conv2d_cost: the parameters and the multiply-adds of a convolution layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit05.geometry import both, exchanged, first
from autograder.exercises.unit06 import shares, wording
from autograder.kinds import Plain
from nnlib.costs import conv2d_cost

NAMES = ("shape", "filters", "kernel", "stride", "padding", "bias")
PARTS = ("parameters", "multiply_adds")


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Layers of all kinds; then what must be refused."""
    c, f, n = (int(v) for v in rng.permutation(np.arange(5, 12))[:3])
    square = (c, n + 9, n + 9)
    yield Case("3×3, padding 1", (square, f, 3, 1, 1))
    yield Case("one channel", ((1, n + 9, n + 9), f, 5, 1, 2))
    yield Case("1×1 kernel", (square, f, 1, 1, 0))
    yield Case("as large as the image", ((c, n, n), f, n, 1, 0))
    yield Case("image not square", ((c, n + 8, n + 2), f, 3, 1, 1))
    yield Case("kernel not square", (square, f, (3, 5), 1, (1, 2)))
    yield Case("no padding", (square, f, 3, 1, 0))
    yield Case("stride 2", ((c, 2 * n + 1, 2 * n + 1), f, 3, 2, 1))
    yield Case("leftover at the end", ((c, 4 * n + 2, 4 * n + 2), f, 3, 4, 0))
    yield Case("stride and padding left out", (square, f, 4))
    yield Case("stride and padding a pair", ((c, 2 * n + 5, 2 * n + 5), f, 3, (2, 1), (0, 1)))
    yield Case("without biases", (square, f, 3, 1, 1, False))
    yield Case("without biases, one channel", ((1, n + 4, n + 4), f, 3, 1, 1, False))
    yield Case("very large", ((6000 + c, 224, 224), 50_000 + f, 7, 1, 3))
    yield Case("a list, unchanged", ([c, n + 9, n + 9], f, 3, 1, 1), looks_at=(*PARTS, "inputs"))
    yield Case("kernel does not fit", ((c, n, n), f, n + 3, 1, 1), raises=ValueError)
    yield Case("kernel does not fit along W", ((c, n + 3, n), f, (3, n + 1), 1, 0), raises=ValueError)


def by_loops(
    shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
) -> tuple[int, int]:
    """Counts the places one by one."""
    places = 1
    for size, k, s, p in zip(shape[1:], both(kernel), both(stride), both(padding), strict=True):
        starts = range(-p, size + p - k + 1, s)
        if not starts:
            raise ValueError("the kernel does not fit")
        places *= len(starts)
    weights = 0
    for _ in range(filters):
        weights += shape[0] * prod(both(kernel))
    return weights + filters * bias, weights * places


def by_arrays(
    shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
) -> tuple[int, int]:
    """With NumPy's integers."""
    size, k, s, p = (np.array(both(v)) for v in (tuple(shape[1:]), kernel, stride, padding))
    out = (size + 2 * p - k) // s + 1
    if out.min() < 1:
        raise ValueError("the kernel does not fit")
    weights = np.int64(shape[0]) * k.prod() * filters
    return int(weights) + (filters if bias else 0), int(weights) * int(out.prod())


@dataclass(frozen=True, slots=True)
class Layer:
    """What the formulas are made of."""

    c: int
    f: int
    kernel: tuple[int, int]
    out: tuple[int, int]
    image: tuple[int, int]
    bias: bool
    weights: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", self.f * self.c * prod(self.kernel))

    @property
    def right(self) -> tuple[int, int]:
        """The right numbers."""
        return self.weights + self.f * self.bias, self.weights * prod(self.out)


def counting(formula: Function) -> Function:
    """``formula`` of a Layer, behind the right errors."""

    def wrong(
        shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
    ) -> object:
        conv2d_cost(shape, filters, kernel, stride, padding, bias)
        return formula(measured(shape, filters, kernel, stride, padding, bias))

    return wrong


def measured(shape: Any, filters: int, kernel: Any, stride: Any, padding: Any, bias: bool) -> Layer:
    """The sizes, without any check."""
    c, h, w = shape
    sizes = zip((h, w), both(kernel), both(stride), both(padding), strict=True)
    oh, ow = ((size + 2 * p - k) // s + 1 for size, k, s, p in sizes)
    return Layer(c, filters, both(kernel), (oh, ow), (h, w), bias)


def asking(change: Function) -> Function:
    """The right function, asked for another geometry."""

    def wrong(shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True) -> Any:
        conv2d_cost(shape, filters, kernel, stride, padding, bias)
        k, s, p = change(kernel, stride, padding)
        return conv2d_cost(shape, filters, k, s, p, bias)

    return wrong


def unchecked(
    shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
) -> tuple[int, int]:
    """The formulas alone."""
    return measured(shape, filters, kernel, stride, padding, bias).right


def ints_only(
    shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
) -> object:
    """Arithmetic that fails with pairs."""
    kernel + stride + padding
    return conv2d_cost(shape, filters, kernel, stride, padding, bias)


def refusing(
    shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
) -> object:
    """Takes the formula to be exact."""
    for size, k, s, p in zip(shape[1:], both(kernel), both(stride), both(padding), strict=True):
        if (size + 2 * p - k) % s:
            raise ValueError("the output size is not a whole number")
    return conv2d_cost(shape, filters, kernel, stride, padding, bias)


def rounding_up(
    shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True
) -> tuple[int, int]:
    """A last place that hangs over the end."""
    parameters, _ = conv2d_cost(shape, filters, kernel, stride, padding, bias)
    sizes = zip(shape[1:], both(kernel), both(stride), both(padding), strict=True)
    places = prod(-(-(size + 2 * p - k) // s) + 1 for size, k, s, p in sizes)
    return parameters, filters * shape[0] * prod(both(kernel)) * places


def popping(shape: Any, filters: int, kernel: Any, stride: Any = 1, padding: Any = 0, bias: bool = True) -> object:
    """Takes the list apart."""
    found = conv2d_cost(shape, filters, kernel, stride, padding, bias)
    if isinstance(shape, list):
        shape.pop(0)
    return found


def wrapped(number: int) -> int:
    """As a 32-bit integer."""
    return (number + 2**31) % 2**32 - 2**31


MISCONCEPTIONS = (
    Misconception(
        "forgets the biases",
        counting(lambda a: (a.weights, a.right[1])),
        "The parameters are the weights alone. Unless bias=False, each filter has a bias as well.",
    ),
    Misconception(
        "counts biases always",
        counting(lambda a: (a.weights + a.f, a.right[1])),
        "With bias=False the layer has no biases, but you count them all the same.",
    ),
    Misconception(
        "counts a bias for each kernel",
        counting(lambda a: (a.weights + a.f * a.c * a.bias, a.right[1])),
        "A filter has a kernel for each channel, but one bias for all of them together.",
    ),
    Misconception(
        "counts one bias a layer",
        counting(lambda a: (a.weights + a.bias, a.right[1])),
        "A layer has not one bias but one for each of its filters.",
    ),
    Misconception(
        "forgets the channels",
        counting(lambda a: (a.weights // a.c + a.f * a.bias, a.right[1] // a.c)),
        "A filter looks at all channels: it has a kernel for each of them.",
    ),
    Misconception(
        "forgets the filters in the multiply-adds",
        counting(lambda a: (a.right[0], a.right[1] // a.f)),
        "Your multiply-adds are those of one filter. Every filter goes to every place.",
    ),
    Misconception(
        "takes every pixel for a place",
        counting(lambda a: (a.right[0], a.weights * prod(a.image))),
        "You multiply by the pixels of the input. What counts is how many places the window has: stride and padding "
        "decide that.",
    ),
    Misconception(
        "counts the adding of biases",
        counting(lambda a: (a.right[0], a.right[0] * prod(a.out))),
        "A bias is added but not multiplied, so it is no multiply-add. Take the weights times the places.",
    ),
    Misconception(
        "counts multiplications and additions apart",
        counting(lambda a: (a.right[0], 2 * a.right[1])),
        "Twice as many: one multiplication with its addition counts as one multiply-add here.",
    ),
    Misconception(
        "multiplies the parameters by the places",
        counting(lambda a: (a.right[0] * prod(a.out), a.right[1])),
        "The same weights are used at every place. Sharing them is the point: the size of the image plays no part in "
        "the parameters.",
    ),
    Misconception(
        "assumes square kernels",
        counting(lambda a: (a.f * (a.c * a.kernel[0] ** 2 + a.bias), a.f * a.c * a.kernel[0] ** 2 * prod(a.out))),
        "KW is taken to be KH. A kernel that is a pair has two sizes.",
    ),
    Misconception(
        "assumes square images",
        counting(lambda a: (a.right[0], a.weights * a.out[0] ** 2)),
        "OW is taken to be OH. Compute both, from H and from W.",
    ),
    Misconception(
        "ignores the stride",
        asking(lambda k, s, p: (k, 1, p)),
        "The stride is not used. With a larger stride there are fewer places, and fewer multiply-adds.",
    ),
    Misconception(
        "ignores the padding",
        asking(lambda k, s, p: (k, s, 0)),
        "The padding is not used. With zeros around the image, the window has more places.",
    ),
    Misconception(
        "uses the first number of a pair for both axes",
        asking(lambda k, s, p: (k, first(s), first(p))),
        "Of a pair only the first number is used. The second one belongs to W.",
    ),
    Misconception(
        "exchanges the two numbers of a pair",
        asking(lambda k, s, p: (k, exchanged(s), exchanged(p))),
        "The two numbers of a pair are exchanged: the first is for H, the second for W.",
    ),
    Misconception(
        "rounds the output size up",
        rounding_up,
        "Where the stride leaves something over, you count one place too many. Round the output size down.",
    ),
    Misconception(
        "refuses a leftover",
        refusing,
        "The stride need not cover the whole image. What is left over is simply not used; let such layers pass.",
    ),
    Misconception(
        "takes no pairs",
        ints_only,
        "Kernel, stride and padding may be pairs. Take both numbers out at the start, with pair(…).",
    ),
    Misconception(
        "returns floats",
        counting(lambda a: tuple(map(float, a.right))),
        "Parameters and multiply-adds are counted, so both are int. Where does a float come in? Divide with //.",
    ),
    Misconception(
        "counts in 32 bits",
        counting(lambda a: tuple(map(wrapped, a.right))),
        "The numbers are too large for 32-bit integers, and start again from below. Python's own int has no limit.",
    ),
    Misconception(
        "exchanges the two results",
        counting(lambda a: a.right[::-1]),
        "The two results are exchanged: first the parameters, then the multiply-adds.",
    ),
    Misconception(
        "returns the parameters alone",
        counting(lambda a: a.right[0]),
        "Two numbers are asked for: return parameters, multiply_adds.",
    ),
    Misconception(
        "counts where nothing fits",
        unchecked,
        "A kernel larger than the padded image fits nowhere: raise a ValueError. conv_output_size does it, if you call "
        "it.",
    ),
    Misconception("takes the list apart", popping, wording.IN_PLACE.format("shape"), seen=27),
)

EXERCISE = Exercise(
    name="conv2d_cost",
    unit=wording.UNIT,
    signature="conv2d_cost(shape, filters, kernel, stride=1, padding=0, bias=True)",
    reference=conv2d_cost,
    kind=Plain(NAMES, PARTS),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_loops, by_arrays),
    aspects=shares.COST,
    reread="section 2, what a layer costs: the two boxed formulas and LeNet's first layer worked by hand.",
)
