"""Wrong ways to mirror images."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit04.augmentation_looks import (
    Rng,
    as_float64,
    in_place,
    no_rng,
    own_rng,
    written_back,
)
from nnlib.augmentation import flip_horizontal


def turning(turn: Function) -> Function:
    """``turn`` in place of the mirror."""

    def wrong(images: Any, p: float, *, rng: Rng) -> Any:
        chosen = rng.random(len(images)) < p
        return np.where(chosen[:, None, None, None], turn(images), images)

    return wrong


def for_all(images: Any, p: float, *, rng: Rng) -> Any:
    """One draw for the batch."""
    return images[..., ::-1] if rng.random() < p else images


def channels_apart(images: Any, p: float, *, rng: Rng) -> Any:
    """A draw for each channel."""
    return np.where(rng.random(images.shape[:2])[:, :, None, None] < p, images[..., ::-1], images)


def chosen_in_front(images: Any, p: float, *, rng: Rng) -> Any:
    """First the mirrored ones, then the others."""
    chosen = rng.random(len(images)) < p
    return np.concatenate([images[chosen][..., ::-1], images[~chosen]])


def both_kinds(images: Any, p: float, *, rng: Rng) -> Any:
    """The batch grows."""
    chosen = rng.random(len(images)) < p
    return np.concatenate([images, images[chosen][..., ::-1]])


MISCONCEPTIONS = (
    Misconception(
        "draws once for the batch",
        for_all,
        "Either the whole batch is mirrored or none of it: one number was drawn for all. Draw N numbers, one for each image.",
    ),
    Misconception(
        "turns upside down",
        turning(lambda x: x[:, :, ::-1]),
        "The images stand on their heads: the rows were reversed. The axes are (N, C, H, W); left and right is the last one.",
    ),
    Misconception(
        "turns by half a turn",
        turning(lambda x: x[:, :, ::-1, ::-1]),
        "Rows and columns were both reversed, which is half a turn. A mirror reverses the columns only.",
    ),
    Misconception(
        "reverses the order of the images",
        turning(lambda x: x[::-1]),
        "The order of the images was reversed, not their columns: [::-1] alone acts on the first axis. Their labels fit no "
        "longer.",
    ),
    Misconception(
        "reverses the channels",
        turning(lambda x: x[:, ::-1]),
        "The channels were reversed: red became blue, and nothing was mirrored. Columns are the last axis.",
    ),
    Misconception(
        "takes p for the probability to keep",
        lambda images, p, *, rng: flip_horizontal(images, 1 - p, rng=rng),
        "Too many images are mirrored for a small p, too few for a large one. p is the probability of being mirrored: compare "
        "the other way round.",
    ),
    Misconception(
        "mirrors every second image, whatever p is",
        lambda images, p, *, rng: flip_horizontal(images, 0.5, rng=rng),
        "About half of the images are mirrored, whatever p says. Compare the numbers with p.",
    ),
    Misconception(
        "mirrors all",
        lambda images, p, *, rng: images[..., ::-1].copy(),
        "All images are mirrored. Then the network never sees the originals. Draw for each image whether it is.",
    ),
    Misconception(
        "draws for each channel",
        channels_apart,
        "Some channels of an image are mirrored and others are not, so its colours no longer lie on each other. One draw an image.",
    ),
    Misconception(
        "puts the mirrored images first",
        chosen_in_front,
        "The images have changed places, but their labels have not. Each must stay where it was: write the mirrored ones back "
        "to their own places.",
    ),
    Misconception(
        "adds the mirrored images",
        both_kinds,
        "The batch has grown. N images come in and N go out, or labels are missing for the new ones.",
    ),
    in_place(
        written_back(flip_horizontal),
        "The images of the caller were mirrored. At the next epoch they would be mirrored again. Work on a copy.",
    ),
    Misconception(
        "makes float64 of float32",
        as_float64(flip_horizontal),
        "float32 came in, float64 went out: np.zeros makes float64. Begin with images.copy(), or give the dtype.",
    ),
    own_rng(flip_horizontal),
    no_rng(flip_horizontal),
)
