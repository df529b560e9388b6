"""flip_horizontal: each image mirrored or not, by a draw of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise
from autograder.exercises.unit04 import augmentation_shares as shares
from autograder.exercises.unit04.augmentation_looks import (
    UNIT,
    Rng,
    alike,
    an_array,
    another,
    became,
    frozen,
    known,
    pixels,
    repeatable,
    typed,
    unchanged,
    whole,
)
from autograder.exercises.unit04.flip_mistakes import MISCONCEPTIONS
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import flip_horizontal

KEPT, MIRRORED = 0, 1


def cases(rng: Rng) -> Iterator[Case]:
    """Batches of several forms, each for one property."""

    def case(trait: str, images: Any, p: float) -> Case:
        return Case(trait, (images, p, int(rng.integers(2**32))))

    p = float(rng.uniform(0.2, 0.35))
    yield case("probability 1", pixels(rng, 3, 2, 4, 4), 1.0)
    yield case("probability 0", pixels(rng, 3, 2, 4, 4), 0.0)
    yield case("not square", pixels(rng, 3, 2, 3, 5), 1.0)
    yield case("one image", pixels(rng, 1, 3, 4, 4), 1.0)
    yield case("one channel", pixels(rng, 4, 1, 4, 4), 1.0)
    yield case("each image by itself", pixels(rng, 40, 2, 3, 3), 0.5)
    yield case("images in their places", pixels(rng, 12, 2, 3, 4), 0.6)
    yield case("share of mirrored images", pixels(rng, 800, 1, 2, 3), p)
    yield case("the same rng, the same result", pixels(rng, 20, 1, 3, 3), 0.5)
    yield case("another rng, another result", pixels(rng, 20, 1, 3, 3), 0.5)
    yield case("float32", pixels(rng, 6, 2, 4, 3).astype(np.float32), 0.5)
    yield case("integers", whole(rng, 6, 2, 4, 3), 0.5)
    yield case("read-only arrays", frozen(pixels(rng, 6, 2, 3, 3)), 0.5)
    yield case("inputs unchanged", pixels(rng, 12, 2, 3, 3), 0.6)


def fates(sampler: Sampler, out: Any) -> list[Any]:
    """Of each image, whether it was kept or mirrored, or in words what else it became."""
    images = sampler.given[0]
    kept, mirrored = (np.isclose(out, x, atol=1e-6).all(axis=(1, 2, 3)) for x in (images, images[..., ::-1]))
    fates: list[Any] = [KEPT if k else MIRRORED if m else None for k, m in zip(kept, mirrored, strict=True)]
    if None not in fates:
        return fates
    n = fates.index(None)  # one explanation will do
    told = strange(images[n], out[n], images)
    return [told if fate is None else fate for fate in fates]


def strange(image: Any, now: Any, images: Any) -> str:
    """What an image became that it should not."""
    both = np.concatenate([images, images[..., ::-1]])
    others = {
        "is turned upside down": image[:, ::-1],
        "is turned by 180°": image[:, ::-1, ::-1],
        "has its channels exchanged": image[::-1],
    }
    if np.isclose(both, now, atol=1e-6).all(axis=(1, 2, 3)).any():
        return "is another image of the batch, so its label is wrong"
    return next(
        (name for name, other in others.items() if np.allclose(now, other)),
        "is neither the image nor its mirror image",
    )


def all_are(wanted: int) -> Look:
    """All images became ``wanted``."""

    def wrong(sampler: Sampler, fates: list[Any]) -> Finding | None:
        other = sum(fate != wanted for fate in fates)
        told = ("kept", "mirrored")[wanted]
        return known(sampler, fates) or (
            found(
                f"not {told}",
                f"with p = {sampler.given[1]:g} all images must be {told}, but {other} of {len(fates)} are not",
            )
            if other
            else None
        )

    return became(fates, wrong)


def share(sampler: Sampler, fates: list[Any]) -> Finding | None:
    """As many are mirrored as p says."""
    p = sampler.given[1]
    mean = float(np.mean([fate == MIRRORED for fate in fates]))
    problem = within("share of mirrored images", mean, p, math.sqrt(p * (1 - p) / len(fates)))
    return problem and replace(problem, name=f"share: {round(4 * mean)}")  # tells 1 − p from ½


LOOKS: dict[str, Look] = {
    **dict.fromkeys(("probability 1", "not square", "one image", "one channel"), all_are(MIRRORED)),
    "probability 0": all_are(KEPT),
    "each image by itself": became(fates, alike),
    "images in their places": became(fates, known),
    "share of mirrored images": became(fates, share),
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "float32": typed("float32", became(fates, known)),
    "integers": became(fates, known),
    "read-only arrays": became(fates, known),
    "inputs unchanged": unchanged,
}


def one_by_one(images: Any, p: float, *, rng: Rng) -> Any:
    """A loop over the images."""
    return np.stack([image[:, :, ::-1] if rng.random() < p else image for image in images])


def by_index(images: Any, p: float, *, rng: Rng) -> Any:
    """A copy, some images of which are written anew."""
    out = images.copy()
    chosen = rng.random(len(images)) < p
    out[chosen] = np.flip(images[chosen], axis=3)
    return out


def by_binomial(images: Any, p: float, *, rng: Rng) -> Any:
    """Weights of 0 and 1."""
    m = rng.binomial(1, p, (len(images), 1, 1, 1)).astype(images.dtype)
    return m * images[:, :, :, ::-1] + (1 - m) * images


EXERCISE = Exercise(
    name="flip_horizontal",
    unit=UNIT,
    signature="flip_horizontal(images, p, *, rng)",
    reference=flip_horizontal,
    kind=Sampling(("images", "p"), LOOKS, an_array("an array (N, C, H, W)")),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(one_by_one, by_index, by_binomial),
    aspects=shares.FLIPS,
    reread="augmenting images: the example with two images of 1 × 3 pixels, and the hints.",
)
