"""color_jitter: brightness, contrast and saturation of each image, whose factors are found again in the result."""

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
    an_array,
    another,
    drawn,
    frozen,
    pixels,
    repeatable,
    shaped,
    typed,
    unchanged,
)
from autograder.exercises.unit04.jitter_mistakes import MISCONCEPTIONS
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import color_jitter

NAMES = ("brightness", "contrast", "saturation")
Factors = Any  # (N, 3): brightness, contrast and saturation of each image


def cases(rng: Rng) -> Iterator[Case]:
    """Each change alone, all together, and what is drawn."""

    def case(trait: str, images: Any, *amounts: float) -> Case:
        return Case(trait, (images, *amounts, int(rng.integers(2**32))))

    def grey(n: int, c: int = 3, h: int = 4, w: int = 4) -> Any:
        return pixels(rng, n, c, h, w, 0.2, 0.45)  # nothing is cut off

    a, b, c = (float(amount) for amount in rng.permutation([0.1, 0.2, 0.3]))
    yield case("nothing", grey(4), 0.0, 0.0, 0.0)
    yield case("brightness alone", grey(12), 0.3, 0.0, 0.0)
    yield case("contrast alone", grey(12), 0.0, 0.3, 0.0)
    yield case("saturation alone", grey(12), 0.0, 0.0, 0.3)
    yield case("all three", grey(12), a, b, c)
    yield case("one image", grey(1), 0.1, 0.3, 0.1)
    yield case("one channel", grey(8, 1), 0.2, 0.2, 0.2)
    yield case("not square", grey(8, 3, 3, 6), 0.2, 0.3, 0.1)
    yield case("each image by itself", grey(15), 0.3, 0.3, 0.3)
    yield case("three factors", grey(15), 0.3, 0.3, 0.3)
    yield case("factors around 1", grey(120, 3, 3, 3), 0.2, 0.2, 0.2)
    yield case("cut off at 0 and 1", pixels(rng, 12, 3, 5, 5, 0.0, 1.0), 0.5, 0.5, 0.5)
    yield case("the same rng, the same result", grey(6), 0.3, 0.3, 0.3)
    yield case("another rng, another result", grey(6), 0.3, 0.3, 0.3)
    yield case("float32", grey(8).astype(np.float32), 0.2, 0.2, 0.2)
    yield case("integers", rng.permutation(np.arange(12 * 48) % 2).reshape(12, 3, 4, 4), 0.0, 0.3, 0.0)
    yield case("read-only arrays", frozen(grey(6)), 0.2, 0.2, 0.2)
    yield case("inputs unchanged", grey(6), 0.2, 0.2, 0.2)


def factors(image: Any, now: Any) -> Any:
    """The three factors that made ``now`` of ``image``, or None. Pixels that were cut off say nothing."""
    x, out = image.astype(np.float64), now.astype(np.float64)
    grey = np.broadcast_to(x.mean(axis=0), x.shape)
    table = np.stack([x.ravel(), grey.ravel(), np.ones(x.size)], axis=1)
    inside = (out.ravel() > 0) & (out.ravel() < 1)
    if inside.sum() < 6:
        return None
    (own, other, one), *_ = np.linalg.lstsq(table[inside], out.ravel()[inside], rcond=None)
    if np.abs(np.clip(table @ [own, other, one], 0, 1) - out.ravel()).max() > 1e-5 or own + other <= 0:
        return None
    both, mean = own + other, x.mean()
    brightness = one / mean + both
    return np.array([brightness, both / brightness, own / both if len(x) > 1 else 1.0])


def judged(wrong: Callable[[Sampler, Factors], Finding | None]) -> Look:
    """Finds all factors; then ``wrong``."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        out = drawn(sampler, seed)
        if problem := shaped(sampler, out):
            return problem
        if (out < 0).any() or (out > 1).any():
            return found(
                "out of range", f"values from {out.min():.3g} to {out.max():.3g}: a colour lies between 0 and 1"
            )
        all_of_them = [factors(*pair) for pair in zip(sampler.given[0], out, strict=True)]
        if any(one is None for one in all_of_them):
            return found(
                "no factors",
                "no three factors make this image of what came in",
                hint=f"Three times: f · x + (1 − f) · other, for {', '.join(NAMES)}.",
            )
        return wrong(sampler, np.array(all_of_them))

    return look


def in_range(sampler: Sampler, factors: Factors) -> Finding | None:
    """Each factor lies between 1 − amount and 1 + amount."""
    for name, amount, got in zip(NAMES, sampler.given[1:], factors.T, strict=True):
        if np.abs(got - 1).max() > amount + 1e-4:
            worst = got[np.abs(got - 1).argmax()]
            return found(
                f"{name} {amount > 0}",
                f"a factor of {worst:.3g} for the {name}, expected {1 - amount:.3g} to {1 + amount:.3g}",
            )
    return None


def moving(sampler: Sampler, factors: Factors) -> Finding | None:
    """Within range, and drawn for each image where there is an amount."""
    if problem := in_range(sampler, factors):
        return problem
    for name, amount, got in zip(NAMES, sampler.given[1:], factors.T, strict=True):
        if amount and np.ptp(got) < 1e-4:
            return found(
                f"{name} fixed", f"all {len(got)} images have the same factor for the {name}, {got[0]:.3g}"
            )
    return None


def apart(sampler: Sampler, factors: Factors) -> Finding | None:
    """No two of the three are the same number."""
    for i, j in ((0, 1), (0, 2), (1, 2)):
        if np.abs(factors[:, i] - factors[:, j]).max() < 1e-4:
            return found(f"{i} = {j}", f"{NAMES[i]} and {NAMES[j]} have the same factor: each is drawn for itself")
    return None


def around(sampler: Sampler, factors: Factors) -> Finding | None:
    """Uniform: the mean is 1, the variance a third of the amount's square."""
    for name, amount, got in zip(NAMES, sampler.given[1:], factors.T, strict=True):
        n = len(got)
        deviation = amount / math.sqrt(3)
        fourth = amount**4 * (1 / 5 - 1 / 9)
        problem = within(f"mean factor of the {name}", float(got.mean()), 1.0, deviation / math.sqrt(n))
        problem = problem or within(
            f"variance of the {name}'s factors",
            float(np.mean((got - 1) ** 2)),
            amount**2 / 3,
            math.sqrt(fourth / n),
        )
        if problem:
            return problem
    return None


def fractions(sampler: Sampler, seed: int) -> Finding | None:
    """From black and white come greys."""
    out = drawn(sampler, seed)
    if out.dtype != np.float64:
        return found(f"dtype {out.dtype}", f"expected dtype float64, got {out.dtype}")
    if (out != np.round(out)).any():
        return None
    return found("whole", "all values are 0 or 1: what is behind the point was cut off")


LOOKS: dict[str, Look] = {
    **dict.fromkeys(("nothing", "one image", "one channel", "not square"), judged(in_range)),
    **dict.fromkeys(("brightness alone", "contrast alone", "saturation alone", "all three"), judged(in_range)),
    "each image by itself": judged(moving),
    "three factors": judged(apart),
    "factors around 1": judged(around),
    "cut off at 0 and 1": judged(in_range),
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "float32": typed("float32", judged(in_range)),
    "integers": fractions,
    "read-only arrays": judged(in_range),
    "inputs unchanged": unchanged,
}


def one_by_one(images: Any, brightness: float, contrast: float, saturation: float, *, rng: Rng) -> Any:
    """A loop over the images."""
    out = np.zeros(images.shape, images.dtype if images.dtype.kind == "f" else np.float64)
    for k, image in enumerate(images):
        b, c, s = (1 + a * (2 * rng.random() - 1) for a in (brightness, contrast, saturation))
        x = b * image
        x = x.mean() + c * (x - x.mean())
        grey = x.mean(axis=0)
        out[k] = np.clip(grey + s * (x - grey), 0, 1)
    return out


def other_order(images: Any, brightness: float, contrast: float, saturation: float, *, rng: Rng) -> Any:
    """Before anything is cut off, the order does not matter."""
    x = images if images.dtype.kind == "f" else images.astype(np.float64)
    shape = (len(x), 1, 1, 1)
    b, c, s = (rng.uniform(1 - a, 1 + a, shape).astype(x.dtype) for a in (brightness, contrast, saturation))
    x = s * x + (1 - s) * x.mean(axis=1, keepdims=True)
    x = c * x + (1 - c) * x.mean(axis=(1, 2, 3), keepdims=True)
    return np.minimum(np.maximum(b * x, 0), 1)


EXERCISE = Exercise(
    name="color_jitter",
    unit=UNIT,
    signature="color_jitter(images, brightness, contrast, saturation, *, rng)",
    reference=color_jitter,
    kind=Sampling(("images", *NAMES), LOOKS, an_array("an array (N, C, H, W)")),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(one_by_one, other_order),
    aspects=shares.JITTERS,
    reread="augmenting images: the box with the three steps, and the example with one pixel.",
)
