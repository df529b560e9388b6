"""col2im, which adds the rows of im2col's matrix up at the places they came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit05 import columns as im2col_exercise
from autograder.exercises.unit05 import settings, shares, wording
from autograder.exercises.unit05.geometry import (
    Array,
    both,
    covered,
    cut,
    exchanged,
    first,
    fit,
    floating,
    only_ints,
    places,
    refuse_leftover,
)
from autograder.kinds import Plain
from nnlib.convolution import col2im, im2col

NAMES = ("columns", "x_shape", "kernel", "stride", "padding")


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Matrices as im2col makes them, in each setting."""
    base = settings.CONVOLUTION[0]
    extra = [("inputs unchanged", ("result", "inputs")), ("called twice", ("result", "again"))]
    for s in settings.each(settings.CONVOLUTION, base, extra):
        s = replace(s, padding=0) if s.defaults else s
        oh, ow = settings.output_shape(s)
        matrix = settings.draw(rng, s, s.n * oh * ow, s.c * both(s.kernel)[0] * both(s.kernel)[1])
        shape = (s.n, s.c, *s.image)
        yield Case(s.trait, (matrix, shape, *im2col_exercise.arguments(s)), looks_at=s.looks_at)


def spread(
    columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any, steps: Any = None
) -> Iterator[tuple[Array, Array]]:
    """The padded image, and pairs of a place in it and the window that belongs there."""
    (n, c, h, w), (kh, kw), (ph, pw), (columns,) = shape, both(kernel), both(padding), floating(columns)
    image = np.zeros((n, c, h + 2 * ph, w + 2 * pw), columns.dtype)
    oh = fit(image.shape[2], kh, both(stride)[0])
    windows = columns.reshape(n, oh, -1, c, kh, kw)
    yield image, image
    for i, j, rows, places_ in places(image.shape, kernel, stride, steps):
        yield image[:, :, rows, places_], windows[:, i, j]


def loops(columns: Array, x_shape: tuple[int, ...], kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
    """Add window after window."""
    pairs = spread(columns, x_shape, kernel, stride, padding)
    image, _ = next(pairs)
    for place, window in pairs:
        place += window
    return cut(image, padding)


def by_scatter(columns: Array, x_shape: tuple[int, ...], kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
    """im2col of the pixels' numbers says where each value belongs."""
    numbers = 1.0 + np.arange(np.prod(x_shape)).reshape(x_shape)  # 0 is the padding
    owner = im2col(numbers, kernel, stride, padding).ravel().astype(int)
    (values,) = floating(columns)
    sums = np.bincount(owner, values.ravel(), int(np.prod(x_shape)) + 1)
    return sums[1:].reshape(x_shape).astype(values.dtype)


def by_kernel_places(
    columns: Array, x_shape: tuple[int, ...], kernel: Any, stride: Any = 1, padding: Any = 0
) -> Array:
    """A loop over the places inside the kernel: all windows at once."""
    (n, c, h, w), (kh, kw), (sh, sw), (ph, pw) = x_shape, both(kernel), both(stride), both(padding)
    oh, ow = fit(h + 2 * ph, kh, sh), fit(w + 2 * pw, kw, sw)
    windows = floating(columns)[0].reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 1, 2, 4, 5)
    image = np.zeros((n, c, h + 2 * ph, w + 2 * pw), windows.dtype)
    for k, m in np.ndindex(kh, kw):
        image[:, :, k : k + sh * oh : sh, m : m + sw * ow : sw] += windows[..., k, m]
    return image[:, :, ph : ph + h, pw : pw + w]


def flaw(change: Function) -> Function:
    """``change`` with the defaults that col2im has."""

    def wrong(columns: Array, x_shape: tuple[int, ...], kernel: Any, stride: Any = 1, padding: Any = 0) -> Any:
        return change(columns, x_shape, kernel, stride, padding)

    return wrong


def with_padding(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """The sums with their padding still on."""
    (n, c, h, w), (ph, pw) = shape, both(padding)
    return col2im(columns, (n, c, h + 2 * ph, w + 2 * pw), kernel, stride)


def unpadded_by_minus(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """p:-p is empty for p = 0."""
    (ph, pw), image = both(padding), with_padding(columns, shape, kernel, stride, padding)
    return image[:, :, ph:-ph, pw:-pw]


def overwriting(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """= in place of +=."""
    pairs = spread(columns, shape, kernel, stride, padding)
    image, _ = next(pairs)
    for place, window in pairs:
        place[...] = window
    return cut(image, padding)


def averaging(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Divides by how many windows a pixel is in."""
    total = col2im(columns, shape, kernel, stride, padding)
    counts = col2im(np.ones_like(columns), shape, kernel, stride, padding)
    return (total / np.maximum(counts, 1)).astype(total.dtype)


def unmoved(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Windows one pixel after another, whatever the stride."""
    pairs = spread(columns, shape, kernel, stride, padding, steps=1)
    image, _ = next(pairs)
    for place, window in pairs:
        place += window
    return cut(image, padding)


def side_by_side(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Windows moved by their own size; those that leave the image cannot be added."""
    pairs = spread(columns, shape, kernel, stride, padding, steps=kernel)
    image, _ = next(pairs)
    for place, window in pairs:
        place += window
    return cut(image, padding)


def reordered(*axes: int) -> Function:
    """Reads rows and columns in another order: ``axes`` of (n, oh, ow, c, kh, kw) as they are taken to be."""

    def wrong(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any = 1, padding: Any = 0) -> Array:
        (n, c, h, w), (kh, kw), (ph, pw) = shape, both(kernel), both(padding)
        oh = fit(h + 2 * ph, kh, both(stride)[0])
        sizes = np.array((n, oh, fit(w + 2 * pw, kw, both(stride)[1]), c, kh, kw))
        windows = columns.reshape(sizes[list(axes)]).transpose(np.argsort(axes))
        return col2im(windows.reshape(columns.shape), shape, kernel, stride, padding)

    return wrong


def too_small(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Only as large as the windows reach."""
    (h, w), (ph, pw) = shape[2:], both(padding)
    reach = covered((h + 2 * ph, w + 2 * pw), kernel, stride)
    return with_padding(columns, shape, kernel, stride, padding)[
        :, :, ph : min(reach[0], ph + h), pw : min(reach[1], pw + w)
    ]


def integers(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Sums in the integers' own dtype."""
    return col2im(columns, shape, kernel, stride, padding).astype(columns.dtype)


def square(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """W taken to be H."""
    n, c, h, _ = shape
    return col2im(columns, (n, c, h, h), kernel, stride, padding)


def ints_only(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Arithmetic that fails with pairs."""
    only_ints(kernel, stride, padding)
    return col2im(columns, shape, kernel, stride, padding)


def refusing(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """An error where the stride leaves something over."""
    refuse_leftover(shape, kernel, stride, padding)
    return col2im(columns, shape, kernel, stride, padding)


def in_place(columns: Array, shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any) -> Array:
    """Clears what it has added."""
    result = col2im(columns, shape, kernel, stride, padding)
    columns[...] = 0
    return result


MISCONCEPTIONS = (
    Misconception("overwrites overlapping windows", flaw(overwriting), wording.OVERWRITES, seen=25),
    Misconception("unpads with p:-p", flaw(unpadded_by_minus), wording.UNPAD.replace("dx", "image"), seen=47),
    Misconception(
        "leaves the padding on",
        flaw(with_padding),
        "The result still has its padding. Cut it off: image[:, :, ph : ph + H, pw : pw + W].",
    ),
    Misconception(
        "averages overlapping windows",
        flaw(averaging),
        "Where windows overlap, the values are added up, not averaged: col2im is the adjoint of im2col, not its inverse.",
    ),
    Misconception(
        "moves windows by one pixel, whatever the stride",
        flaw(unmoved),
        "The stride is not used: window (i, j) belongs at i * sh, j * sw.",
        seen=7,
    ),
    Misconception(
        "lays windows side by side",
        flaw(side_by_side),
        "Windows are moved by their own size. They move by the stride: window (i, j) begins at i * sh, j * sw.",
        seen=2,
    ),
    Misconception(
        "takes images to take turns",
        reordered(1, 2, 0, 3, 4, 5),
        "The rows are read in order (oh, ow, n). They are in order (n, oh, ow): reshape(N, OH, OW, C, KH, KW).",
    ),
    Misconception(
        "takes the channels to be last in a row",
        reordered(0, 1, 2, 4, 5, 3),
        "A row is read in order (kh, kw, c). It is in order (c, kh, kw): reshape(N, OH, OW, C, KH, KW).",
    ),
    Misconception(
        "takes the windows to be transposed",
        reordered(0, 1, 2, 3, 5, 4),
        "A row is read in order (c, kw, kh). It is in order (c, kh, kw): reshape(N, OH, OW, C, KH, KW).",
    ),
    Misconception(
        "takes windows to go column by column",
        reordered(0, 2, 1, 3, 4, 5),
        "The rows are read in order (n, ow, oh). They are in order (n, oh, ow): reshape(N, OH, OW, C, KH, KW).",
    ),
    Misconception(
        "makes the image too small",
        flaw(too_small),
        "The image must have x_shape, also where the stride leaves something over: pixels in no window are 0.",
    ),
    Misconception("takes the image to be square", flaw(square), wording.SQUARE, seen=5),
    Misconception("takes no pairs", flaw(ints_only), wording.PAIRS + " The kernel may be a pair as well."),
    Misconception(
        "exchanges the kernel's height and width",
        flaw(lambda c, x, k, s, p: col2im(c, x, exchanged(k), s, p)),
        "kernel: " + wording.EXCHANGED,
        seen=5,
    ),
    Misconception(
        "uses the stride along H for both axes",
        flaw(lambda c, x, k, s, p: col2im(c, x, k, first(s), p)),
        wording.FIRST_OF_PAIR.format("stride"),
        seen=5,
    ),
    Misconception(
        "uses the padding along H for both axes",
        flaw(lambda c, x, k, s, p: col2im(c, x, k, s, first(p))),
        wording.FIRST_OF_PAIR.format("padding"),
        seen=5,
    ),
    Misconception("refuses a leftover", flaw(refusing), wording.LEFTOVER, seen=7),
    Misconception("returns float64 for float32", flaw(lambda *a: col2im(*a).astype(np.float64)), wording.FLOAT64),
    Misconception("keeps integers", flaw(integers), wording.INTEGERS, seen=30),
    Misconception(
        "changes columns in place",
        flaw(in_place),
        "The matrix that came in was changed, and the caller still needs it. Work on a copy: columns.copy().",
        seen=27,
    ),
)

EXERCISE = Exercise(
    name="col2im",
    unit="05_convolution",
    signature="col2im(columns, x_shape, kernel, stride=1, padding=0)",
    reference=col2im,
    kind=Plain(NAMES),
    cases=cases,
    points=4,
    misconceptions=MISCONCEPTIONS,
    alternatives=(loops, by_scatter, by_kernel_places),
    aspects=shares.COLUMNS,
    reread="exercise 6, col2im: where each window goes, and what overlapping windows do.",
)
