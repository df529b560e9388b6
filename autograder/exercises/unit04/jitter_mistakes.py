"""Wrong ways to jitter colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit04.augmentation_looks import Rng, as_float64, in_place, no_rng, own_rng, written_back
from nnlib.augmentation import color_jitter

Draw = Callable[[tuple[float, ...], Any, Rng], Any]  # from amounts, images and rng to three factors
Other = Callable[[Any], Any]


def freely(amounts: tuple[float, ...], x: Any, rng: Rng) -> Any:
    """As it should be."""
    return [rng.uniform(1 - a, 1 + a, (len(x), 1, 1, 1)) for a in amounts]


def same_for(*axes: int) -> Draw:
    """Drawn in this shape, 0 for the image's own size along an axis."""

    def draw(amounts: tuple[float, ...], x: Any, rng: Rng) -> Any:
        shape = tuple(x.shape[i] if size == 0 else 1 for i, size in enumerate(axes))
        return [rng.uniform(1 - a, 1 + a, shape) for a in amounts]

    return draw


OTHERS: Mapping[str, Other] = {
    "brightness": lambda x: 0 * x,
    "contrast": lambda x: x.mean(axis=(1, 2, 3), keepdims=True),
    "saturation": lambda x: x.mean(axis=1, keepdims=True),
}


def blending(
    draw: Draw = freely, clip: Other = lambda x: np.clip(x, 0, 1), each: Other = lambda x: x, **other: Other
) -> Function:
    """With other factors, or something else to blend with, or cut off elsewhere."""

    def wrong(images: Any, brightness: float, contrast: float, saturation: float, *, rng: Rng) -> Any:
        kind = images.dtype if images.dtype.kind == "f" else np.float64
        x = images.astype(np.float64)
        with_what = {**OTHERS, **other}
        for f, name in zip(draw((brightness, contrast, saturation), x, rng), with_what, strict=True):
            x = each(f * x + (1 - f) * with_what[name](x))
        return clip(x).astype(kind)

    return wrong


def adding(images: Any, brightness: float, contrast: float, saturation: float, *, rng: Rng) -> Any:
    """The brightness is added."""
    kind = images.dtype if images.dtype.kind == "f" else np.float64
    x = images + rng.uniform(-brightness, brightness, (len(images), 1, 1, 1))
    return np.clip(color_jitter(x, 0, contrast, saturation, rng=rng), 0, 1).astype(kind)


def of_integers(images: Any, *amounts: float, rng: Rng) -> Any:
    """np.zeros_like for the result."""
    out = np.zeros_like(images)
    out[...] = color_jitter(images, *amounts, rng=rng)
    return out


def without(number: int) -> Function:
    """One of the three is left out."""

    def wrong(images: Any, *amounts: float, rng: Rng) -> Any:
        return color_jitter(images, *(0 if i == number else a for i, a in enumerate(amounts)), rng=rng)

    return wrong


MISCONCEPTIONS = (
    Misconception(
        "draws once for the batch",
        blending(same_for(1, 1, 1, 1)),
        "All images have the same factors: they were drawn once for the batch. Draw N of each, one for every image.",
    ),
    Misconception(
        "has one factor for all three",
        blending(lambda amounts, x, rng: [freely(amounts, x, rng)[0]] * 3),
        "Brightness, contrast and saturation share one factor. Draw each for itself, from its own amount.",
    ),
    Misconception(
        "takes the contrast around the batch's mean",
        blending(contrast=lambda x: np.full_like(x, x.mean())),
        "x.mean() is the mean of the whole batch, so an image's brightness depends on its neighbours. Take the mean of each "
        "image: axis=(1, 2, 3), keepdims=True.",
    ),
    Misconception(
        "takes the contrast around each channel's mean",
        blending(contrast=lambda x: x.mean(axis=(2, 3), keepdims=True)),
        "Each channel has a mean of its own here, so the contrast changes the colours as well. It is one mean an image, over "
        "its channels, too.",
    ),
    Misconception(
        "takes grey for black",
        blending(contrast=lambda x: 0 * x + 0.5),
        "The contrast is taken around 0.5. Then a dark image becomes darker and a light one lighter. Take the image's own mean.",
    ),
    Misconception(
        "takes the saturation around the image's mean",
        blending(saturation=lambda x: x.mean(axis=(1, 2, 3), keepdims=True)),
        "That is the contrast once more. For the saturation every pixel has a grey of its own: its mean over the channels.",
    ),
    Misconception(
        "draws for each channel",
        blending(same_for(0, 0, 1, 1)),
        "Each channel has factors of its own, which dyes the images. An image has three factors, and all its channels share "
        "them.",
    ),
    Misconception(
        "draws for each pixel",
        blending(same_for(0, 0, 0, 0)),
        "Each pixel has factors of its own: that is noise. An image has three factors, so they have the shape (N, 1, 1, 1).",
    ),
    Misconception(
        "only goes up",
        blending(lambda amounts, x, rng: [rng.uniform(1, 1 + a, (len(x), 1, 1, 1)) for a in amounts]),
        "No factor is below 1: the images only become brighter. Draw from 1 − amount to 1 + amount.",
    ),
    Misconception(
        "draws normal numbers",
        blending(lambda amounts, x, rng: [rng.normal(1, a, (len(x), 1, 1, 1)) for a in amounts]),
        "Some factors lie outside of 1 − amount to 1 + amount: normal numbers have no bounds. Draw uniform ones.",
    ),
    Misconception(
        "draws from 0 to the amount",
        blending(lambda amounts, x, rng: [rng.uniform(0, a, (len(x), 1, 1, 1)) for a in amounts]),
        "The factors lie near 0, so the images are nearly black. A factor of 1 changes nothing: draw around 1.",
    ),
    Misconception(
        "adds the brightness",
        adding,
        "The brightness was added to all pixels, which lifts black as well. It multiplies: black stays black.",
    ),
    Misconception(
        "forgets the saturation",
        without(2),
        "The saturation never changes. What became of the third step?",
    ),
    Misconception(
        "cuts off after each step",
        blending(each=lambda x: np.clip(x, 0, 1)),
        "You cut off after every step. What is lost in the first one cannot come back in the second. Cut off once, at the end.",
    ),
    Misconception(
        "does not cut off",
        blending(clip=lambda x: x),
        "Some values are below 0 or above 1. Cut them off at the end: np.clip.",
    ),
    Misconception(
        "makes integers",
        of_integers,
        "Integers came in, and integers went out: np.zeros_like of an integer array holds integers only. Convert the images "
        "with as_float first.",
    ),
    in_place(
        written_back(color_jitter),
        "The caller's images were changed. At the next epoch they would be changed again, and their colours drift away. "
        "Work on a copy: x = f * x makes one, x *= f does not.",
    ),
    Misconception(
        "makes float64 of float32",
        as_float64(color_jitter),
        "float32 came in, float64 went out: the factors are float64. Convert them to the images' dtype.",
    ),
    own_rng(color_jitter),
    no_rng(color_jitter),
)
