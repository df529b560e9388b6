"""Wrong ways to crop at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit04.augmentation_looks import Rng, as_float64, in_place, no_rng, own_rng, written_back
from nnlib.augmentation import random_crop

Draw = Callable[[int, int, Rng], Any]  # from N, padding and rng to (top, left) of each image


def freely(n: int, padding: int, rng: Rng) -> Any:
    """As it should be."""
    return rng.integers(0, 2 * padding + 1, (n, 2))


def cutting(draw: Draw = freely, mode: Any = "constant") -> Function:
    """Windows at these places of a frame of this kind."""

    def wrong(images: Any, padding: int, *, rng: Rng) -> Any:
        h, w = images.shape[2:]
        around = np.pad(images, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), mode=mode)
        found = zip(around, draw(len(images), padding, rng), strict=True)
        return np.array([a[:, top : top + h, left : left + w] for a, (top, left) in found])

    return wrong


def all_axes(images: Any, padding: int, *, rng: Rng) -> Any:
    """np.pad with one number."""
    h, w = images.shape[2:]
    around = np.pad(images, padding)
    found = zip(around, freely(len(images), padding, rng), strict=False)
    return np.array([a[:, top : top + h, left : left + w] for a, (top, left) in found])


def exchanged(images: Any, padding: int, *, rng: Rng) -> Any:
    """W rows and H columns."""
    h, w = images.shape[2:]
    around = np.pad(images, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    found = zip(around, freely(len(images), padding, rng), strict=True)
    return np.array([a[:, top : top + w, left : left + h] for a, (top, left) in found])


def square(images: Any, padding: int, *, rng: Rng) -> Any:
    """H rows and H columns."""
    h = images.shape[2]
    around = np.pad(images, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))
    found = zip(around, freely(len(images), padding, rng), strict=True)
    return np.array([a[:, top : top + h, left : left + h] for a, (top, left) in found])


def smaller(images: Any, padding: int, *, rng: Rng) -> Any:
    """No frame: the windows are smaller."""
    h, w = (size - padding for size in images.shape[2:])
    tops = rng.integers(0, padding + 1, (len(images), 2))
    return np.array([a[:, top : top + h, left : left + w] for a, (top, left) in zip(images, tops, strict=True)])


def only_framed(images: Any, padding: int, *, rng: Rng) -> Any:
    """The frame stays."""
    return np.pad(images, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2))


def channels_apart(images: Any, padding: int, *, rng: Rng) -> Any:
    """A window for each channel."""
    n, c, h, w = images.shape
    return random_crop(images.reshape(n * c, 1, h, w), padding, rng=rng).reshape(images.shape)


def sorted_places(images: Any, padding: int, *, rng: Rng) -> Any:
    """The windows are right, but of images in another order."""
    return random_crop(images[rng.permutation(len(images))], padding, rng=rng)


def built_in(images: Any, padding: int, *, rng: Rng) -> Any:
    """A padding of 2."""
    return random_crop(images, 2, rng=rng)


def rounded(n: int, padding: int, rng: Rng) -> Any:
    """The first and the last are half as likely."""
    return np.round(rng.uniform(0, 2 * padding, (n, 2))).astype(int)


MISCONCEPTIONS = (
    Misconception(
        "has one window for the batch",
        cutting(lambda n, p, rng: np.tile(freely(1, p, rng), (n, 1))),
        "All images of the batch are shifted alike: top and left were drawn once. Draw them for each image.",
    ),
    Misconception(
        "has one number for rows and columns",
        cutting(lambda n, p, rng: np.repeat(freely(n, p, rng)[:, :1], 2, axis=1)),
        "The images move along the diagonal only, since top and left are the same number. Draw two.",
    ),
    Misconception(
        "never draws the last window",
        cutting(lambda n, p, rng: rng.integers(0, max(2 * p, 1), (n, 2))),
        "The last window never comes: rng.integers(0, k) stops before k. How many places are there from 0 to 2P?",
    ),
    Misconception(
        "goes half of the way",
        cutting(lambda n, p, rng: rng.integers(0, p + 1, (n, 2))),
        "The windows begin between 0 and P, so images move down and right only. The frame is P wide on both sides: there is "
        "room up to 2P.",
    ),
    Misconception(
        "rounds a uniform number",
        cutting(rounded),
        "Rounding gives the first and the last place half of the chance of the others, so the middle is too frequent. Draw "
        "whole numbers: rng.integers.",
    ),
    Misconception(
        "repeats the outer pixels",
        cutting(mode="edge"),
        "The frame repeats the image's outer pixels. That is used, too, but zeros are asked for here.",
    ),
    Misconception(
        "goes on at the other side",
        cutting(mode="wrap"),
        "What leaves the image on one side comes in on the other, as np.roll does it. The frame must be of zeros.",
    ),
    Misconception(
        "pads all four axes",
        all_axes,
        "np.pad(images, padding) puts a frame around the batch and the channels as well, so the first image is one of zeros. "
        "Give a pair for each axis: (0, 0) for N and C.",
    ),
    Misconception(
        "exchanges height and width",
        exchanged,
        "A window has H rows and W columns. Here it has W rows and H columns, which nobody sees where images are square.",
    ),
    Misconception(
        "assumes square images",
        square,
        "Height and width are not always equal. A window has H rows and W columns: read both from the shape.",
    ),
    Misconception(
        "cuts a smaller window",
        smaller,
        "The images became smaller. Put the frame around them first: then a window of the old size has room to move.",
    ),
    Misconception(
        "leaves the frame on",
        only_framed,
        "The frame is there, but nothing was cut out. Draw top and left, and take H rows and W columns from there.",
    ),
    Misconception(
        "draws for each channel",
        channels_apart,
        "The channels of an image are shifted apart, so its colours no longer lie on each other. One window an image.",
    ),
    Misconception(
        "mixes the images",
        sorted_places,
        "The images have changed places, but their labels have not. Image n of the result must come from image n.",
    ),
    Misconception(
        "has a padding of 2 built in",
        built_in,
        "The result is right for padding = 2 only. Use the argument.",
    ),
    in_place(
        written_back(random_crop),
        "The caller's images were overwritten. At the next epoch they would be shifted again, and their borders are lost. "
        "Work on a copy.",
    ),
    Misconception(
        "makes float64 of float32",
        as_float64(random_crop),
        "float32 came in, float64 went out: np.zeros makes float64. Give it the dtype, or use np.zeros_like.",
    ),
    own_rng(random_crop),
    no_rng(random_crop),
)
