"""translate: all images moved by whole pixels, zeros where nothing comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted
from autograder.exercise import Case, Exercise
from autograder.exercises.unit04 import augmentation_shares as shares
from autograder.exercises.unit04.augmentation_looks import UNIT, Rng, frozen, pixels, whole
from autograder.exercises.unit04.shift_mistakes import MISCONCEPTIONS
from autograder.kinds import Plain
from nnlib.augmentation import translate


def cases(rng: Rng) -> Iterator[Case]:
    """Each direction; then what is special."""
    one, two = (int(k) for k in rng.permutation([1, 2]))
    yield Case("down", (pixels(rng, 2, 1, 5, 5), one, 0))
    yield Case("up", (pixels(rng, 2, 1, 5, 5), -two, 0))
    yield Case("right", (pixels(rng, 2, 1, 5, 5), 0, two))
    yield Case("left", (pixels(rng, 2, 1, 5, 5), 0, -one))
    yield Case("both ways", (pixels(rng, 2, 3, 6, 6), one, -two))
    yield Case("not at all", (pixels(rng, 2, 2, 4, 4), 0, 0))
    yield Case("not square", (pixels(rng, 2, 2, 3, 7), two, one))
    yield Case("one image", (pixels(rng, 1, 2, 5, 5), -one, -two))
    yield Case("out of sight", (pixels(rng, 2, 2, 4, 4), 1, -6))
    yield Case("float32", (pixels(rng, 2, 2, 5, 4).astype(np.float32), 2, 1))
    yield Case("integers", (whole(rng, 2, 2, 5, 4), 2, 1))
    yield Case("read-only arrays", (frozen(pixels(rng, 2, 2, 5, 5)), 2, 1))
    yield Case("inputs unchanged", (pixels(rng, 2, 2, 5, 5), 2, 1), looks_at=("result", "inputs"))


def integers_may_stay(result: Any, images: Any, *_rest: Any) -> Any:
    """Moved integers are as good as the same numbers in float64."""
    if isinstance(result, np.ndarray) and result.dtype == np.int64 and images.dtype == np.int64:
        return result.astype(np.float64)
    return result


def by_loops(images: Any, down: int, right: int) -> Any:
    """The formula, pixel by pixel."""
    out = np.zeros_like(images)
    _, _, h, w = images.shape
    for i in range(h):
        for j in range(w):
            if 0 <= i - down < h and 0 <= j - right < w:
                out[:, :, i, j] = images[:, :, i - down, j - right]
    return out


def by_rolling(images: Any, down: int, right: int) -> Any:
    """What comes in at the other side is wiped out."""
    out = np.roll(images, (down, right), axis=(2, 3))
    rows = np.arange(images.shape[2]) - down
    columns = np.arange(images.shape[3]) - right
    inside = [(at >= 0) & (at < size) for at, size in zip((rows, columns), images.shape[2:], strict=True)]
    return out * np.outer(*inside).astype(images.dtype)


def by_padding(images: Any, down: int, right: int) -> Any:
    """A large frame, and the window that is seen through it."""
    h, w = images.shape[2:]
    p, q = abs(down), abs(right)
    framed = np.pad(images, ((0, 0), (0, 0), (p, p), (q, q)))
    return framed[:, :, p - down : p - down + h, q - right : q - right + w]


def by_matrices(images: Any, down: int, right: int) -> Any:
    """Shifting is a product with shifted identities."""
    h, w = images.shape[2:]
    return np.eye(h, k=-down, dtype=images.dtype) @ images @ np.eye(w, k=right, dtype=images.dtype)


EXERCISE = Exercise(
    name="translate",
    unit=UNIT,
    signature="translate(images, down, right)",
    reference=translate,
    kind=Adapted(Plain(("images", "down", "right")), integers_may_stay),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_loops, by_rolling, by_padding, by_matrices),
    aspects=shares.SHIFTS,
    reread="augmenting images: the example with the image of 2 × 3 pixels, and the hints.",
)
