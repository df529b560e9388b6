"""conv_output_size: how many windows fit along one axis."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit05 import shares
from autograder.kinds import Plain
from nnlib.convolution import conv_output_size


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Sizes that the stride covers and that it does not; then what must be refused."""
    k, s, p = (int(rng.integers(*r)) for r in ((3, 6), (3, 6), (1, 4)))
    n = int(rng.integers(3, 9))  # the stride moves the window n times
    yield Case("stride 1, no padding", (k + n, k, 1, 0))
    yield Case("stride and padding left out", (k + n, k))
    yield Case("as large as the image", (8 + n, 2 * p + 1, 1, p))
    yield Case("padding 1", (k + n, k, 1, 1))
    yield Case("more padding", (k + n, k, 1, p + 1))
    yield Case("stride 2, all covered", (k + 2 * n, k, 2, 0))
    yield Case("larger stride, all covered", (k + s * n, k, s, 0))
    yield Case("leftover at the end", (k + s * n + s - 1, k, s, 0))
    yield Case("leftover and padding", (k + s * n + s - 1 + 2 * p, k, s, p))
    yield Case("even kernel", (2 * k + n, 2 * k, 1, 0))
    yield Case("1×1 kernel", (k + n, 1, 1, 0))
    yield Case("one pixel", (1, 1, 1, 0))
    yield Case("kernel as large as the image", (k + n, k + n, 1, 0))
    yield Case("fits only with padding", (k, k + p, 1, p))
    yield Case("stride larger than the image", (k + 1, k, k + n, 0))
    for trait, arguments in refused(k, n, p):
        yield Case(trait, arguments, raises=ValueError)


def refused(k: int, n: int, p: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What cannot be, and must raise ValueError."""
    yield "kernel larger than the image", (k, k + 1, 1, 0)
    yield "kernel larger than image and padding", (k, k + 2 * p + 1, 1, p)
    yield "size 0", (0, 1, 1, 2)
    yield "kernel 0", (k + n, 0, 1, 0)
    yield "stride 0", (k + n, k, 0, 0)
    yield "negative stride", (k + n, k, -1, 0)
    yield "negative padding", (k + n, k, 1, -1)


def by_counting(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Move the window, and count."""
    if size <= 0 or kernel <= 0 or stride <= 0 or padding < 0:
        raise ValueError("sizes must be positive, padding must not be negative")
    if kernel > size + 2 * padding:
        raise ValueError(f"no window of {kernel} in {size} + 2·{padding}")
    count, start = 0, -padding
    while start + kernel <= size + padding:
        count, start = count + 1, start + stride
    return count


def by_range(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """The number of places where a window may begin."""
    if min(size, kernel, stride) < 1 or padding < 0:
        raise ValueError("not a size")
    starts = range(0, size + 2 * padding - kernel + 1, stride)
    if not starts:
        raise ValueError("the kernel does not fit")
    return len(starts)


def by_floor(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """The floor of the quotient, rather than //."""
    if not (size > 0 and kernel > 0 and stride > 0 and padding >= 0 and kernel <= size + 2 * padding):
        raise ValueError("does not fit")
    return math.floor((size - kernel + 2 * padding) / stride + 1)


def refusing(formula: Function) -> Function:
    """A wrong ``formula`` behind the right errors."""

    def wrong(size: int, kernel: int, stride: int = 1, padding: int = 0) -> object:
        conv_output_size(size, kernel, stride, padding)
        return formula(size, kernel, stride, padding)

    return wrong


def allowing(allowed: Function) -> Function:
    """The right formula with only those errors that ``allowed`` leaves over."""

    def wrong(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
        if not allowed(size, kernel, stride, padding):
            conv_output_size(size, kernel, stride, padding)
        return (size + 2 * padding - kernel) // stride + 1

    return wrong


def asserting(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Errors by assert."""
    assert min(size, kernel, stride) > 0 <= padding, "a size must be positive"
    assert kernel <= size + 2 * padding, "the kernel does not fit"
    return (size + 2 * padding - kernel) // stride + 1


def refusing_leftover(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Takes the formula to be exact."""
    if stride > 0 and (size + 2 * padding - kernel) % stride:
        raise ValueError("the output size is not a whole number")
    return conv_output_size(size, kernel, stride, padding)


MISCONCEPTIONS = (
    Misconception(
        "divides with /",
        refusing(lambda n, k, s, p: (n + 2 * p - k) / s + 1),
        "The result is a float, and with a leftover not even a whole number. Divide with //, which rounds down: "
        "a size counts windows, and half a window does not count.",
        seen=21,
    ),
    Misconception(
        "refuses a leftover",
        refusing_leftover,
        "It is allowed that the stride does not cover the end of the image: what is left over is simply not used. "
        "Leave the test out; // rounds down by itself.",
        seen=7,
    ),
    Misconception(
        "forgets the + 1",
        refusing(lambda n, k, s, p: (n + 2 * p - k) // s),
        "This counts how often the window moves. It also stands somewhere before its first move: add 1.",
    ),
    Misconception(
        "rounds up",
        refusing(lambda n, k, s, p: -(-(n + 2 * p - k) // s) + 1),
        "With a leftover you count one window more than fits: the last one would hang over the end. Round down.",
    ),
    Misconception(
        "rounds to the nearest",
        refusing(lambda n, k, s, p: round((n + 2 * p - k) / s) + 1),
        "round() rounds up from one half on, and then counts a window that does not fit. Round down with //.",
    ),
    Misconception(
        "pads one side only",
        refusing(lambda n, k, s, p: max(n + p - k, 0) // s + 1),
        "Padding is added at both ends, so the image grows by 2 · padding.",
    ),
    Misconception(
        "ignores the stride",
        refusing(lambda n, k, s, p: n + 2 * p - k + 1),
        "The result is right for stride 1 only: divide by the stride before you add 1.",
    ),
    Misconception(
        "ignores the padding",
        refusing(lambda n, k, s, p: max(n - k, 0) // s + 1),
        "The padding is not used: the window slides over size + 2 · padding pixels.",
    ),
    Misconception(
        "adds 1 before dividing",
        refusing(lambda n, k, s, p: (n + 2 * p - k + 1) // s),
        "The order matters: first divide by the stride, then add 1 for the window at the start.",
    ),
    Misconception(
        "divides size by stride",
        refusing(lambda n, k, s, p: n // s),
        "size // stride is only right for some paddings. The kernel's size has to be in the formula.",
    ),
    Misconception(
        "stops with assert",
        asserting,
        "assert raises an AssertionError, and Python can be told to skip it. Use: if …: raise ValueError(…).",
    ),
    Misconception(
        "checks nothing",
        allowing(lambda n, k, s, p: True),
        "Sizes that cannot be must raise a ValueError, or a wrong number travels on and fails somewhere else. "
        "Test for them before the formula.",
    ),
    Misconception(
        "does not check that the kernel fits",
        allowing(lambda n, k, s, p: min(n, k, s) > 0 <= p),
        "A kernel larger than size + 2 · padding fits nowhere: raise a ValueError.",
    ),
    Misconception(
        "forgets the padding in its check",
        lambda n, k, s=1, p=0: conv_output_size(n, k, s, p) if p < 0 or k <= n else conv_output_size(n, k, s),
        "The kernel must fit into size + 2 · padding, not into size: with padding, a larger kernel is fine.",
    ),
    Misconception(
        "lets negative padding pass",
        allowing(lambda n, k, s, p: p < 0 < min(n, k, s)),
        "Negative padding would cut pixels off. It is not meant: raise a ValueError.",
    ),
    Misconception(
        "lets kernel 0 pass",
        allowing(lambda n, k, s, p: k == 0 and n > 0 and s > 0 <= p),
        "A kernel must have at least one pixel: raise a ValueError if kernel < 1.",
    ),
    Misconception(
        "checks the stride for 0 only",
        allowing(lambda n, k, s, p: s < 0 and min(n, k) > 0 <= p),
        "A negative stride is no size either: raise a ValueError if stride < 1.",
    ),
    Misconception(
        "lets size 0 pass",
        allowing(lambda n, k, s, p: n == 0 and min(k, s) > 0 <= p),
        "An image without pixels has nothing to look at, whatever the padding: raise a ValueError if size < 1.",
    ),
)

EXERCISE = Exercise(
    name="conv_output_size",
    unit="05_convolution",
    signature="conv_output_size(size, kernel, stride=1, padding=0)",
    reference=conv_output_size,
    kind=Plain(("size", "kernel", "stride", "padding")),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_counting, by_range, by_floor),
    aspects=shares.SIZE,
    reread="section 2, how many windows fit: the formula and its table of examples.",
)
