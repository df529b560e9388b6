"""random_crop: each image becomes one of the windows of its frame, all of them as likely."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
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
from autograder.exercises.unit04.crop_mistakes import MISCONCEPTIONS
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import random_crop

Place = tuple[int, int]


def cases(rng: Rng) -> Iterator[Case]:
    """Batches of several forms, each for one property."""

    def case(trait: str, images: Any, padding: int) -> Case:
        return Case(trait, (images, padding, int(rng.integers(2**32))))

    yield case("a window of the frame", pixels(rng, 10, 2, 5, 5), 2)
    yield case("no padding", pixels(rng, 3, 2, 4, 4), 0)
    yield case("zeros around", pixels(rng, 12, 1, 4, 4), 3)
    yield case("not square", pixels(rng, 12, 2, 3, 7), 2)
    yield case("one image", pixels(rng, 1, 3, 5, 5), 2)
    yield case("one channel", pixels(rng, 6, 1, 5, 5), 1)
    yield case("images in their places", pixels(rng, 14, 2, 4, 5), 1)
    yield case("each image by itself", pixels(rng, 30, 1, 4, 4), 2)
    yield case("rows and columns apart", pixels(rng, 40, 1, 4, 4), 2)
    yield case("first and last window", pixels(rng, 250, 1, 4, 4), 2)
    yield case("every window as likely", pixels(rng, 900, 1, 3, 3), 1)
    yield case("the same rng, the same result", pixels(rng, 12, 1, 4, 4), 2)
    yield case("another rng, another result", pixels(rng, 12, 1, 4, 4), 2)
    yield case("float32", pixels(rng, 6, 2, 4, 4).astype(np.float32), 1)
    yield case("integers", whole(rng, 6, 2, 4, 4), 1)
    yield case("read-only arrays", frozen(pixels(rng, 6, 2, 4, 4)), 1)
    yield case("inputs unchanged", pixels(rng, 12, 2, 4, 4), 1)


def framed(images: Any, padding: int, **mode: Any) -> Any:
    """The images with a frame, by default of zeros."""
    return np.pad(images, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), **mode)


def windows(images: Any, padding: int, **mode: Any) -> Any:
    """All windows, (N, 2P + 1, 2P + 1, C, H, W)."""
    shape = images.shape[2:]
    return np.moveaxis(
        np.lib.stride_tricks.sliding_window_view(framed(images, padding, **mode), shape, axis=(2, 3)), 1, 3
    )


def places(images: Any, padding: int, out: Any, **mode: Any) -> list[Place | None]:
    """Which window each of ``out`` is, (top, left), or None."""
    fits = np.isclose(windows(images, padding, **mode), out[:, None, None], atol=1e-6).all(axis=(3, 4, 5))
    found = [np.argwhere(one) for one in fits]
    return [(int(one[0, 0]), int(one[0, 1])) if len(one) else None for one in found]


def fates(sampler: Sampler, out: Any) -> list[Any]:
    """The window of each image, or in words what else it became."""
    images, padding = sampler.given
    found = places(images, padding, out)
    if None not in found:
        return list(found)
    n = found.index(None)  # one explanation will do: each takes a while to find
    told = strange(images, padding, n, out[n : n + 1])
    return [place or told for place in found]


def strange(images: Any, padding: int, n: int, now: Any) -> str:
    """What an image is that is no window of its frame."""
    own = images[n : n + 1]
    modes = {"edge": "with its outer pixels repeated", "wrap": "that goes on at the other side"}
    for mode, told in modes.items():
        if places(own, padding, now, mode=mode)[0]:
            return f"is a window of a frame {told}, and not of zeros"
    if padding and padding < min(images.shape[2:]) and places(own, padding, now, mode="reflect")[0]:
        return "is a window of a frame that mirrors the image, and not of zeros"
    if any(places(images[k : k + 1], padding, now)[0] for k in range(len(images))):
        return "is a window of another image of the batch, so its label is wrong"
    if all(places(own[:, c : c + 1], padding, now[:, c : c + 1])[0] for c in range(own.shape[1])):
        return "has windows in other places for its channels"
    return "is no window of its frame"


def apart(sampler: Sampler, fates: list[Any]) -> Finding | None:
    """top and left are not always equal."""
    if any(top != left for top, left in fates):
        return None
    return found(
        "top = left",
        f"for all {len(fates)} images the first row and the first column are equal: two draws are needed",
    )


def ends(sampler: Sampler, fates: list[Any]) -> Finding | None:
    """The first and the last window come, along both axes."""
    most = 2 * sampler.given[1]
    got = [(min(p[axis] for p in fates), max(p[axis] for p in fates)) for axis in (0, 1)]
    if got == [(0, most)] * 2:
        return None
    told = [f"{name} from {low} to {high}" for name, (low, high) in zip(("rows", "columns"), got, strict=True)]
    return found(
        f"{got}", f"windows begin at {' and '.join(told)}, expected 0 to {most} for both (of {len(fates)} images)"
    )


def likely(sampler: Sampler, fates: list[Any]) -> Finding | None:
    """The window in the middle comes as often as it should."""
    padding = sampler.given[1]
    chance = 1 / (2 * padding + 1) ** 2
    mean = sum(place == (padding, padding) for place in fates) / len(fates)
    return within("share of windows in the middle", mean, chance, math.sqrt(chance * (1 - chance) / len(fates)))


def if_known(wrong: Callable[[Sampler, list[Any]], Finding | None]) -> Look:
    """Where all are windows, ``wrong``."""
    return became(fates, lambda sampler, found: known(sampler, found) or wrong(sampler, found))


LOOKS: dict[str, Look] = {
    **dict.fromkeys(
        ("a window of the frame", "no padding", "zeros around", "not square", "one image", "one channel"),
        became(fates, known),
    ),
    "images in their places": became(fates, known),
    "each image by itself": became(fates, alike),
    "rows and columns apart": if_known(apart),
    "first and last window": if_known(ends),
    "every window as likely": if_known(likely),
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "float32": typed("float32", became(fates, known)),
    "integers": became(fates, known),
    "read-only arrays": became(fates, known),
    "inputs unchanged": unchanged,
}


def one_by_one(images: Any, padding: int, *, rng: Rng) -> Any:
    """A loop, with a frame made by hand."""
    n, c, h, w = images.shape
    out = np.zeros_like(images)
    for k in range(n):
        around = np.zeros((c, h + 2 * padding, w + 2 * padding), images.dtype)
        around[:, padding : padding + h, padding : padding + w] = images[k]
        top, left = rng.integers(0, 2 * padding + 1), rng.integers(0, 2 * padding + 1)
        out[k] = around[:, top : top + h, left : left + w]
    return out


def by_views(images: Any, padding: int, *, rng: Rng) -> Any:
    """One of all windows each."""
    n = len(images)
    top, left = rng.integers(2 * padding + 1, size=(2, n))
    return windows(images, padding)[np.arange(n), top, left]


def by_choice(images: Any, padding: int, *, rng: Rng) -> Any:
    """One number for a window, divided with remainder."""
    side = 2 * padding + 1
    numbers = rng.choice(side * side, size=len(images))
    around = framed(images, padding)
    h, w = images.shape[2:]
    cut = [a[:, k // side : k // side + h, k % side : k % side + w] for a, k in zip(around, numbers, strict=True)]
    return np.array(cut)


EXERCISE = Exercise(
    name="random_crop",
    unit=UNIT,
    signature="random_crop(images, padding, *, rng)",
    reference=random_crop,
    kind=Sampling(("images", "padding"), LOOKS, an_array("an array (N, C, H, W)")),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(one_by_one, by_views, by_choice),
    aspects=shares.CROPS,
    reread="augmenting images: the picture of the frame and its windows, and the hints.",
)
