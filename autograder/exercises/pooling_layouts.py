"""Where people put the windows of a pooling, and the sentences that help them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from autograder.exercises.pooling_loops import Layout, Pair, fitting, right

Planned: TypeAlias = Callable[[Pair, Pair, Pair], Layout]

LEFTOVER = "A leftover that the stride does not cover is no error: floor the number of windows with `//`."
STRIDE = (
    "Window (i, j) begins at row i·SH and column j·SW: move by the stride, which need not be the window's size."
)
TWO = "The windows are always 2 apart: take the stride from the arguments, so that other strides work too."
MIXED = (
    "Size and stride are mixed up: the size says how large a window is, the stride how far to move to the next."
)
AXES = "Height is used where width belongs: rows go with H, KH and SH, columns with W, KW and SW."
COUNT = "Count rows of windows from H and columns from W: the image need not be square."
TILES = "H // KH counts windows only where they tile the image. In general it is (H - KH) // SH + 1."
NONE = "A stride of None means the window's size: it is not 1, and not another fixed number."
IN_PLACE = "An array that was passed in is changed. Work on a copy, or write into a new array."
INTEGERS = "An array made like an array of integers cuts values to whole numbers: make it with a float dtype."


def stride_ignored(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The windows' size taken for the step; as many windows as there should be."""
    return kernel, kernel, fitting(image, kernel, step)


def stride_ignored_throughout(image: Pair, kernel: Pair, _step: Pair) -> Layout:
    """The windows' size taken for the step, and for counting the windows."""
    return right(image, kernel, kernel)


def stride_not_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Counted with the stride, then moved by one."""
    return kernel, (1, 1), fitting(image, kernel, step)


def stride_two(image: Pair, kernel: Pair, _step: Pair) -> Layout:
    """The stride 2 of the examples."""
    return right(image, kernel, (2, 2))


def stride_two_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows as there should be, 2 apart."""
    return kernel, (2, 2), fitting(image, kernel, step)


def mixed_up(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Size and stride, one for the other."""
    return right(image, step, kernel)


def mixed_up_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Counted well, then size and stride one for the other."""
    return step, kernel, fitting(image, kernel, step)


def swapped_window(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """KW along H and KH along W."""
    return right(image, kernel[::-1], step)


def square_window(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """KH along both axes."""
    return right(image, (kernel[0], kernel[0]), step)


def square_window_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """KH along both axes, as many windows as there should be."""
    return (kernel[0], kernel[0]), step, fitting(image, kernel, step)


def one_stride(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride along H along both axes."""
    return right(image, kernel, (step[0], step[0]))


def one_stride_in_position(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride along H along both axes, as many windows as there should be."""
    return kernel, (step[0], step[0]), fitting(image, kernel, step)


def swapped_stride(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """The stride along W along H, and the other way round; as many windows as there should be."""
    return kernel, step[::-1], fitting(image, kernel, step)


def square_image(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows along W as along H."""
    rows, _ = fitting(image, kernel, step)
    return kernel, step, (rows, rows)


def swapped_count(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows along H as fit along W, and the other way round."""
    return kernel, step, fitting(image, kernel, step)[::-1]


def tiles(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows as if they tiled the image: H // KH."""
    return kernel, step, (image[0] // kernel[0], image[1] // kernel[1])


def by_stride(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """As many windows as there are steps: H // S."""
    return kernel, step, (image[0] // step[0], image[1] // step[1])


def rounded_up(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """One more window, cut short, for the leftover."""
    rows, columns = ((n - k + s - 1) // s + 1 for n, k, s in zip(image, kernel, step, strict=True))
    return kernel, step, (rows, columns)


def one_missing(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """Without the + 1."""
    rows, columns = fitting(image, kernel, step)
    return kernel, step, (rows - 1, columns - 1)


def refused(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """An error where the stride leaves something over."""
    if any((n - k) % s for n, k, s in zip(image, kernel, step, strict=True)):
        raise ValueError("the windows do not cover the image")
    return right(image, kernel, step)


def true_division(image: Pair, kernel: Pair, step: Pair) -> Layout:
    """A float for a number of windows."""
    rows, columns = ((n - k) / s + 1 for n, k, s in zip(image, kernel, step, strict=True))
    return kernel, step, (rows, columns)  # type: ignore[return-value]


# name, layout, sentence, how many of 119 people
LAYOUTS: tuple[tuple[str, Planned, str, int], ...] = (
    ("refuses a leftover", refused, LEFTOVER, 7),
    ("takes the height for the width", square_image, COUNT, 5),
    ("exchanges rows and columns", swapped_count, COUNT, 0),
    ("turns the window by 90°", swapped_window, AXES, 5),
    ("takes the window to be square", square_window, "The window is taken as KH × KH: its width is KW.", 5),
    ("uses the stride along H only", one_stride, AXES, 5),
    ("exchanges the strides", swapped_stride, AXES, 0),
    ("always counts and moves by 2", stride_two, TWO, 5),
    ("always moves by 2", stride_two_in_position, TWO, 5),
    ("moves by the size", stride_ignored, STRIDE, 7),
    ("ignores the stride", stride_ignored_throughout, STRIDE, 0),
    ("moves by 1", stride_not_in_position, STRIDE, 0),
    ("mixes up size and stride", mixed_up, MIXED, 2),
    ("mixes up size and stride in the slices", mixed_up_in_position, MIXED, 2),
    ("counts tiles", tiles, TILES, 0),
    ("counts steps", by_stride, "H // SH counts one window too many: the last one must still fit.", 0),
    ("rounds up", rounded_up, "Round the number of windows down: an incomplete window is left out.", 0),
    (
        "forgets the last window",
        one_missing,
        "The + 1 is missing: (H - KH) // SH + 1 windows fit along H.",
        0,
    ),
    (
        "divides counts with /",
        true_division,
        "`/` gives a float, which counts and indices cannot be: use `//`.",
        21,
    ),
)
