"""train_lenet: LeNet-5, trained by a loop of one's own, graded by accuracy on digits that were held out.

`train_lenet(x, labels, *, rng)` returns the ten parameters, and the network is run here: held-out images and their
labels never leave the trusted side. Each data set is turned or mirrored in a way of its own, has its classes renamed
and a little noise, so digits and weights that are known from elsewhere are of little use.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises.held_out import OF_SPLITS, Array, Parameters, Split, Training, seeds
from autograder.exercises.unit06 import shares, wording
from autograder.exercises.unit06.training_mistakes import MISCONCEPTIONS, loop, train_lenet
from autograder.sampling import Finding, Look, Sampler, Sampling, found
from nnlib.data import load_digits
from nnlib.lenet import lenet_forward

TINY = 0.05  # no filter that He's variance has drawn is as small
READ = 400  # new digits, at most
WANTED = "(w1, b1, w2, b2, w3, b3, w4, b4, w5, b5)"


@cache
def digits() -> tuple[Array, Array]:
    """All digits as images (N, 1, 28, 28): 8×8 pixels made 24×24, smoothly, and a border of 2."""
    images, labels = load_digits()
    at = (np.arange(24) + 0.5) / 3 - 0.5
    low = np.clip(np.floor(at).astype(int), 0, 6)
    share = np.clip(at - low, 0, 1)
    mix = np.zeros((24, 8))
    mix[np.arange(24), low], mix[np.arange(24), low + 1] = 1 - share, share
    return np.pad(mix @ images @ mix.T, ((0, 0), (2, 2), (2, 2)))[:, None], labels


def split(seed: int, count: int, *, classes: int = 10, dtype: str = "float32") -> Split:
    """``count`` digits to learn from, and others, all turned and mirrored alike."""
    rng = np.random.default_rng([OF_SPLITS, seed])
    images, labels = digits()
    chosen = rng.permutation(np.flatnonzero(labels < classes))[: count + READ]
    turned = np.rot90(images[chosen], int(rng.integers(4)), axes=(2, 3))
    turned = turned[..., ::-1] if rng.integers(2) else turned
    x = (turned + rng.normal(0, 0.02, turned.shape)).astype(dtype)
    y = rng.permutation(classes)[labels[chosen]]
    return Split(x[:count], y[:count], x[count:], y[count:])


def misfit(parameters: Parameters, data: Split) -> Finding | None:
    """Why the parameters are no LeNet-5, or None."""
    shapes: tuple[tuple[int, ...], ...] = (
        *((6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 16, 5, 5), (120,)),
        *((120, 84), (84,), (84, data.classes), (data.classes,)),
    )
    for name, wanted, got in zip(WANTED[1:-1].split(", "), shapes, parameters, strict=True):
        if wanted != got.shape:
            return found("shapes", f"expected {name} {wanted}, got {got.shape}")
    return None


def logits(parameters: Parameters, x: Array) -> Array:
    """The network, in float32."""
    return lenet_forward(x.astype(np.float32), [p.astype(np.float32) for p in parameters])[0]


def sign(parameters: Parameters) -> str:
    """First filters that have not grown."""
    return "tiny filters" if np.abs(parameters[0]).max() < TINY else ""


TRAINING = Training(WANTED, split, misfit, logits, few=24, nothing=73.0, full=93.0, sign=sign)


def filters_differ(sampler: Sampler, seed: int) -> Finding | None:
    """No two filters of a layer do the same."""
    w1, _, w2, *_ = TRAINING.trained_on_few(sampler, seed)
    for name, w in (("w1", w1), ("w2", w2)):
        count = len(np.unique(w.reshape(len(w), -1), axis=0))
        if count < len(w):
            told = f"of {len(w)} filters in {name} only {count} are different: they began alike, and stay alike"
            return found("filters alike", told)
    return None


LOOKS: dict[str, Look] = {
    "shapes": TRAINING.fits,
    "new digits": TRAINING.reads(600),
    "few digits": TRAINING.reads(151, 45, 20),
    "digits sorted by class": TRAINING.reads(200, 60, 35, ordered=True),
    "four classes": TRAINING.reads(150, 60, 35, classes=4),
    "float64": TRAINING.reads(100, 35, 15, dtype="float64"),
    "filters differ": filters_differ,
    "inputs unchanged": TRAINING.unchanged,
    "the same rng, the same network": TRAINING.repeatable,
    "another rng, another network": TRAINING.another,
}


EXERCISE = Exercise(
    name="train_lenet",
    unit=wording.UNIT,
    signature="train_lenet(x, labels, *, rng)",
    reference=train_lenet,
    kind=Sampling((), LOOKS, TRAINING.read),
    cases=seeds(LOOKS),
    points=6,
    misconceptions=MISCONCEPTIONS,
    alternatives=(
        loop(optimizer="momentum", lr=0.03, epochs=6),
        loop(size=16, lr=3e-3),
    ),
    aspects=shares.TRAINING,
    reread="section 4, LeNet-5: the plan of the loop, and the scale of the points.",
)
