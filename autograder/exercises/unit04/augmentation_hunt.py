"""The bug hunt: images that expose wrong ways to crop at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.calling import describe
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit04 import crop_mistakes
from autograder.exercises.unit04.augmentation_looks import UNIT
from autograder.exercises.unit04.crops import windows
from autograder.exposing import Hunt
from nnlib.augmentation import random_crop

MOST_VALUES, MOST_PADDING = 3000, 4
DRAWS = 120  # windows that are looked at, at least
WRONG = {
    "one window for all": "has one window for the batch",
    "one number for both axes": "has one number for rows and columns",
    "last window never drawn": "never draws the last window",
    "outer pixels repeated": "repeats the outer pixels",
    "on at the other side": "goes on at the other side",
    "height and width exchanged": "exchanges height and width",
    "each channel apart": "draws for each channel",
    "images mixed": "mixes the images",
    "padding built in": "has a padding of 2 built in",
    "frame left on": "leaves the frame on",
    "float64 of float32": "makes float64 of float32",
}


def unfit(images: Any, padding: Any) -> str:
    """Why these cannot be cropped, or an empty string."""
    if not isinstance(images, np.ndarray) or images.ndim != 4 or not images.size:
        return f"images: expected an array (N, C, H, W), got {describe(images)}"
    if images.size > MOST_VALUES or not np.isfinite(images).all():
        return f"images: expected at most {MOST_VALUES} finite numbers, got {describe(images)}"
    if isinstance(padding, bool) or not isinstance(padding, int | np.integer) or not 0 <= padding <= MOST_PADDING:
        return f"padding: expected a whole number from 0 to {MOST_PADDING}, got {describe(padding)}"
    return ""


def seen(crop: Function, inputs: Any, seed: int) -> Any:
    """What many draws have in common, whichever windows they are."""
    images, padding = inputs
    calls = max(12, -(-DRAWS // len(images)))
    outs = [np.asarray(crop(images, padding, rng=np.random.default_rng([seed, k]))) for k in range(calls)]
    form = f"{outs[0].shape} {outs[0].dtype}"
    if outs[0].shape != images.shape:
        return (form,)
    every = windows(images, padding)
    fits: Any = np.array(
        [(every == out[:, None, None]).all(axis=(3, 4, 5)) for out in outs]
    )  # calls, N, top, left
    sure = fits[fits.sum(axis=(2, 3)) == 1]  # windows that can be told from all others
    reach = [int(np.argwhere(sure)[:, axis].max()) for axis in (1, 2)] if len(sure) else []
    diagonal = np.einsum("cnii->cn", fits) > 0
    return (
        form,
        f"{fits.any(axis=(2, 3)).all()} {fits.all(axis=1).any(axis=(1, 2)).all()} {diagonal.all()} {reach}",
    )


def batch(
    n: int = 6,
    c: int = 2,
    h: int = 4,
    w: int = 6,
    *,
    padding: Any = 3,
    dtype: str = "float32",
    border: bool = True,
) -> Function:
    """A hunt that returns random images, with values in their outer pixels or without."""

    def hunt() -> Any:
        images = np.random.default_rng(0).uniform(0.1, 1, (n, c, h, w)).astype(dtype)
        if not border:
            images[:, :, [0, -1]] = images[:, :, :, [0, -1]] = 0
        return images, padding

    return hunt


def repeated() -> Any:
    """One image, several times."""
    images, padding = batch(1)()
    return np.repeat(images, 6, axis=0), padding


def black() -> Any:
    """Nothing to be seen."""
    images, padding = batch()()
    return 0 * images, padding


EXERCISE = Exercise(
    name="hunt_crop_bug",
    unit=UNIT,
    signature="hunt_crop_bug()",
    reference=batch(),
    kind=(
        hunt := Hunt(
            ("images", "padding"),
            random_crop,
            {
                trait: next(mistake for mistake in crop_mistakes.MISCONCEPTIONS if mistake.name == name)
                for trait, name in WRONG.items()
            },
            unfit,
            seen,
        )
    ),
    cases=hunt.cases,
    points=2,
    misconceptions=(
        Misconception(
            "one image",
            batch(1),
            "There is one image, so nobody sees whether all images of a batch share a window. Take several.",
        ),
        Misconception(
            "square images",
            batch(h=5, w=5),
            "Your images are as high as they are wide, so nobody can exchange the two. Make them unequal.",
        ),
        Misconception(
            "one channel",
            batch(c=1),
            "With one channel nobody can tear the channels apart. Take two or more.",
        ),
        Misconception(
            "all images are alike",
            repeated,
            "Your images are all the same, so nobody sees when they change places. Give each image values of its own.",
        ),
        Misconception(
            "no padding",
            batch(padding=0),
            "Without padding there is only one window, and nothing to draw. Choose a larger one.",
        ),
        Misconception(
            "a padding of 2",
            batch(padding=2),
            "Somebody has a padding of 2 built in, and with your padding looks right. Choose another.",
        ),
        Misconception(
            "float64",
            batch(dtype="float64"),
            "Your images are float64, so nobody sees when float32 is lost. Which dtype do images of digits have?",
        ),
        Misconception(
            "the outer pixels are 0",
            batch(border=False),
            "The outer pixels of your images are 0, as in digits. Then repeating them looks like a frame of zeros. Give them "
            "values.",
        ),
        Misconception(
            "all black",
            black,
            "All pixels are 0, so all windows look alike. Give each pixel a value of its own.",
        ),
        Misconception(
            "returns the images alone",
            lambda: batch()()[0],
            "Two things are asked for. End with: return images, padding.",
        ),
    ),
    alternatives=(
        batch(9, 3, 5, 3, padding=1),
        batch(4, 2, 3, 8, padding=4),
    ),
    reread="the hints of the bug hunt: what do the digits have in common that hides mistakes?",
)
