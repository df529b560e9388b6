"""train: the whole loop, graded by accuracy on digits that were held out.

`train(x, labels, *, rng)` returns the parameters of a network, and the network is run here: held-out images and their
labels never leave the trusted side. Each data set has its pixels in an order of its own, its classes renamed and a
little noise, so digits that are known from elsewhere are of no use.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.held_out import OF_SPLITS, Array, Parameters, Split, Training, seeds
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.momentum import UNIT
from autograder.exercises.unit03.training_mistakes import MISCONCEPTIONS, loop, train
from autograder.sampling import Finding, Look, Sampler, Sampling, found
from nnlib.data import load_digits


@cache
def digits() -> tuple[Array, Array]:
    """All digits, (N, 8, 8)."""
    return load_digits()


def split(seed: int, count: int, *, crop: int = 0, classes: int = 10, dtype: str = "float64") -> Split:
    """``count`` digits to learn from, and all others; without ``crop`` rows and columns at each side."""
    rng = np.random.default_rng([OF_SPLITS, seed])
    images, labels = digits()
    chosen = rng.permutation(np.flatnonzero(labels < classes))
    images = images[chosen, crop : 8 - crop, crop : 8 - crop].reshape(len(chosen), -1)
    x = images[:, rng.permutation(images.shape[1])] + rng.normal(0, 0.02, images.shape)
    y = rng.permutation(classes)[labels[chosen]]
    x = x.astype(dtype)
    return Split(x[:count], y[:count], x[count:], y[count:])


def misfit(parameters: Parameters, data: Split) -> Finding | None:
    """Why the parameters are no network, or None."""
    w1, b1, w2, b2 = parameters
    features, shapes = data.x.shape[1], [p.shape for p in parameters]
    fit = (
        w1.ndim == w2.ndim == 2
        and w1.shape[0] == features
        and b1.shape == (w1.shape[1],) == (w2.shape[0],)
        and b2.shape == (w2.shape[1],)
        and w2.shape[1] >= data.classes
    )
    if fit:
        return None
    told = f"w1 {shapes[0]}, b1 {shapes[1]}, w2 {shapes[2]}, b2 {shapes[3]}"
    expected = f"w1 ({features}, H), b1 (H,), w2 (H, {data.classes}), b2 ({data.classes},)"
    return found("shapes", f"expected {expected}, got {told}")


def logits(parameters: Parameters, x: Array) -> Array:
    """The network, whatever its numbers are."""
    w1, b1, w2, b2 = (p.astype(np.float64) for p in parameters)
    with np.errstate(all="ignore"):
        scores: Array = np.maximum(x.astype(np.float64) @ w1 + b1, 0) @ w2 + b2
    return scores


TRAINING = Training("(w1, b1, w2, b2)", split, misfit, logits, few=120, nothing=75.0, full=95.0)


def units_differ(sampler: Sampler, seed: int) -> Finding | None:
    """No two hidden units do the same."""
    w1 = TRAINING.trained_on_few(sampler, seed)[0]
    count = len(np.unique(w1, axis=1).T)
    if count == w1.shape[1]:
        return None
    return found(
        "units alike",
        f"of {w1.shape[1]} hidden units only {count} are different: they began alike, and stay alike",
    )


LOOKS: dict[str, Look] = {
    "shapes": TRAINING.fits,
    "new digits": TRAINING.reads(1200),
    "few digits": TRAINING.reads(211, 80, 40),
    "digits sorted by class": TRAINING.reads(500, 88, 65, ordered=True),
    "smaller images": TRAINING.reads(500, 88, 65, crop=1),
    "four classes": TRAINING.reads(250, 92, 70, classes=4),
    "float32": TRAINING.reads(250, 80, 50, dtype="float32"),
    "hidden units differ": units_differ,
    "inputs unchanged": TRAINING.unchanged,
    "the same rng, the same network": TRAINING.repeatable,
    "another rng, another network": TRAINING.another,
}


EXERCISE = Exercise(
    name="train",
    unit=UNIT,
    signature="train(x, labels, *, rng)",
    reference=train,
    kind=Sampling((), LOOKS, TRAINING.read),
    cases=seeds(LOOKS),
    points=5,
    misconceptions=MISCONCEPTIONS,
    alternatives=(
        loop(optimizer="momentum", lr=0.1, epochs=20, size=32),
        loop(optimizer="sgd", lr=0.5, epochs=30, size=32),
    ),
    aspects=shares.TRAINING,
    reread="section 8, everything together: the plan of the loop, and the scale of the points.",
)
