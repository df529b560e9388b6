"""Wrong ways to move images."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from nnlib.augmentation import translate


def leaving(images: Any, down: int, right: int) -> Any:
    """The old pixels stay at the border."""
    moved = translate(images, down, right)
    inside = translate(np.ones_like(images), down, right) > 0
    return np.where(inside, moved, images)


def repeating(images: Any, down: int, right: int) -> Any:
    """The outer pixels are repeated."""
    h, w = images.shape[2:]
    rows, columns = np.clip(np.arange(h) - down, 0, h - 1), np.clip(np.arange(w) - right, 0, w - 1)
    return images[:, :, rows][:, :, :, columns]


def forward_only(images: Any, down: int, right: int) -> Any:
    """Slices that fit for numbers from 0 on."""
    out = np.zeros_like(images)
    h, w = images.shape[2:]
    out[:, :, down:, right:] = images[:, :, : h - down, : w - right]
    return out


def with_minus(images: Any, down: int, right: int) -> Any:
    """:-0 is empty."""
    out = np.zeros_like(images)
    rows = (slice(down, None), slice(None, -down)) if down >= 0 else (slice(None, down), slice(-down, None))
    columns = (
        (slice(right, None), slice(None, -right)) if right >= 0 else (slice(None, right), slice(-right, None))
    )
    out[:, :, rows[0], columns[0]] = images[:, :, rows[1], columns[1]]
    return out


def overlapping(images: Any, down: int, right: int) -> Any:
    """Where everything leaves the image, slices count from the other end."""
    out = np.zeros_like(images)
    h, w = images.shape[2:]

    def piece(size: int, k: int) -> tuple[slice, slice]:
        return slice(max(k, 0), size + min(k, 0)), slice(max(-k, 0), size - max(k, 0))

    (a, b), (c, d) = piece(h, down), piece(w, right)
    part = images[:, :, b, d]
    out[:, :, a, c] = part if part.shape == out[:, :, a, c].shape else images[:, :, a, c]
    return out


def square(images: Any, down: int, right: int) -> Any:
    """H in place of W."""
    h, w = images.shape[2:]
    out = np.zeros_like(images)
    for i in range(h):
        for j in range(h):
            if 0 <= i - down < h and 0 <= j - right < h:
                out[:, :, i, j] = images[:, :, i - down, j - right]
    return out


def written_back(images: Any, down: int, right: int) -> Any:
    """The caller's array is moved."""
    images[...] = translate(images, down, right)
    return images


def other_axes(images: Any, down: int, right: int) -> Any:
    """Channels and rows."""
    return np.moveaxis(translate(np.moveaxis(images, 1, 3), down, right), 3, 1)


def moved(places: Function) -> Function:
    """By other numbers."""
    return lambda images, down, right: translate(images, *places(down, right))


MISCONCEPTIONS = (
    Misconception(
        "rolls around",
        lambda images, down, right: np.roll(images, (down, right), axis=(2, 3)),
        "What leaves the image on one side comes in on the other: np.roll does that. Where nothing comes from, zeros are asked "
        "for.",
    ),
    Misconception(
        "exchanges down and right",
        moved(lambda down, right: (right, down)),
        "Down moves to the right and right moves down. Rows are axis 2, columns are axis 3.",
    ),
    Misconception(
        "moves the other way",
        moved(lambda down, right: (-down, -right)),
        "The images move up where they should move down. The new pixel in row i comes from row i − down: from above it.",
    ),
    Misconception(
        "moves left in place of right",
        moved(lambda down, right: (down, -right)),
        "Up and down are right, but left and right are exchanged: check the sign along the columns.",
    ),
    Misconception(
        "forgets the columns",
        moved(lambda down, right: (down, 0)),
        "The images move up and down only. What became of `right`?",
    ),
    Misconception(
        "forgets the rows",
        moved(lambda down, right: (0, right)),
        "The images move left and right only. What became of `down`?",
    ),
    Misconception(
        "leaves old pixels at the border",
        leaving,
        "At the border the old pixels still shine through. Begin with zeros, not with a copy of the images.",
    ),
    Misconception(
        "repeats the outer pixels",
        repeating,
        "The outer pixels are repeated where nothing comes from. Zeros are asked for.",
    ),
    Misconception(
        "moves down and right only",
        forward_only,
        "It works for numbers from 0 on. A negative number means up or left: then the slices begin at the other end.",
    ),
    Misconception(
        "slices with :-0",
        with_minus,
        "x[:-k] is empty for k = 0, since -0 is 0. Write where the slice ends: x[: H - k].",
    ),
    Misconception(
        "leaves what should be out of sight",
        overlapping,
        "Moved by more than its width, nothing of an image is left. Here something is: limit the shift to the image's size "
        "first.",
    ),
    Misconception(
        "assumes square images",
        square,
        "Height and width are not always equal. Read both from the shape, and use W with the columns.",
    ),
    Misconception(
        "moves along rows and channels",
        other_axes,
        "The axes are (N, C, H, W): H and W are the last two. Here other axes were moved.",
    ),
    Misconception(
        "makes float64 of float32",
        lambda images, down, right: translate(images, down, right).astype(np.float64),
        "float32 came in, float64 went out: np.zeros makes float64. Give it the dtype, or use np.zeros_like.",
    ),
    Misconception(
        "changes its input in place",
        written_back,
        "The caller's images were moved. Make a new array of zeros and copy the pixels into it.",
    ),
)
