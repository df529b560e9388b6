"""The bug hunt: data that exposes wrong ways to measure a classifier."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.calling import describe
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit07.intervals import UNIT
from autograder.exercises.unit07.measuring import WRONG, measuring, standardised
from autograder.exposing import Hunt

MOST_IMAGES, MOST_VALUES, LARGEST = 500, 20_000, 1e6
SEED = 71  # one of many for which the numbers of right answers differ wherever the measurements do


def are_numbers(value: Any) -> bool:
    """Whether it is a list of whole numbers, or an array of them."""
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.size > 0 and value.dtype.kind in "iu"
    whole = isinstance(value, list | tuple) and all(isinstance(it, int | np.integer) for it in value)
    return whole and len(value) > 0


def unfit(x: Any, labels: Any, groups: Any, held_out: Any, batch_size: Any) -> str:
    """Why nothing can be measured on these, or an empty string."""
    if not isinstance(x, np.ndarray) or x.ndim != 2 or x.dtype.kind not in "fiu":
        return f"x: expected an array (N, D) of numbers, got {describe(x)}"
    if not 2 <= len(x) <= MOST_IMAGES or not 0 < x.size <= MOST_VALUES:
        return f"x: expected 2 to {MOST_IMAGES} images of a few features, got {describe(x)}"
    if not np.isfinite(x).all() or np.abs(x).max() > LARGEST:
        return f"x must hold finite numbers up to {LARGEST:g}"
    for name, value in (("labels", labels), ("groups", groups)):
        if not isinstance(value, np.ndarray) or value.shape != (len(x),) or value.dtype.kind not in "iu":
            return f"{name}: expected an array ({len(x)},) of whole numbers, as x has {len(x)} images, got {describe(value)}"
    if not are_numbers(held_out):
        return f"held_out: expected a list of some of the numbers in groups, got {describe(held_out)}"
    if np.isin(groups, held_out).all() or not np.isin(groups, held_out).any():
        return "held_out: some digits must be held out, and some must be left to learn from"
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
        return f"batch_size: expected an int from 1 on, got {describe(batch_size)}"
    return ""


def measured(version: Function, inputs: Any, seed: int) -> Any:
    """The accuracy that a version measures."""
    x, labels, groups, held_out, batch_size = inputs
    return version(x.astype(float), labels, groups, np.ravel(held_out), int(batch_size))


def drawn(
    seed: int = SEED,
    *,
    each: int = 4,
    batch_size: int = 9,
    held_out: tuple[int, ...] = (0, 2, 3, 8, 11, 20, 27),
    classes: tuple[int, ...] = (1, 4, 6, 8),
) -> Any:
    """Images of 30 digits whose features have scales of their own; the last one is constant, and one image is odd."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(30), each)
    kinds = groups % len(classes)
    telling = kinds[:, None] + rng.normal(size=(len(groups), 2))
    noise = 30 * rng.normal(size=(len(groups), 1))
    x = np.concatenate([telling, noise, np.full((len(groups), 1), 4.0)], axis=1)
    x[np.flatnonzero(np.isin(groups, held_out))[0], 1] += 40
    return x, np.array(classes)[kinds], groups, list(held_out), batch_size


def returning(seed: int = SEED, **settings: Any) -> Function:
    """A hunt that returns them."""
    return lambda: drawn(seed, **settings)


def of_features(columns: slice) -> Function:
    """A hunt that returns them with a part of the features."""

    def hunt() -> Any:
        x, *rest = drawn()
        return x[:, columns], *rest

    return hunt


def on_one_scale() -> Any:
    """On both sides each feature has the mean 0 and the deviation 1."""
    x, labels, groups, held_out, batch_size = drawn()
    new = np.isin(groups, held_out)
    scaled = x[:, :-1].copy()
    for part in (new, ~new):
        scaled[part] = standardised(scaled[part], scaled[part])
    return scaled, labels, groups, held_out, batch_size


def far_apart() -> Any:
    """Nobody could take a class for another."""
    x, labels, *rest = drawn()
    return labels[:, None] * np.array([1.0, 10.0, 100.0]), labels, *rest


EXERCISE = Exercise(
    name="hunt_measuring_bug",
    unit=UNIT,
    signature="hunt_measuring_bug()",
    reference=returning(),
    kind=(hunt := Hunt(("x", "labels", "groups", "held_out", "batch_size"), measuring(), WRONG, unfit, measured)),
    cases=hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "the batches are all full",
            returning(batch_size=7),
            "Your batch size divides the number of images held out, so no batch is short, and nobody can drop it or weigh it "
            "wrongly.",
        ),
        Misconception(
            "one batch takes all",
            returning(batch_size=30),
            "All images held out fit into one batch, so a mean over batches is right. Take several, with a short one at the end.",
        ),
        Misconception(
            "one image of each digit",
            returning(each=1, batch_size=3),
            "There is one image of each digit, so no digit can be on both sides. Give each digit several, with one number in groups.",
        ),
        Misconception(
            "the digits held out come last",
            returning(held_out=(23, 24, 25, 26, 27, 28, 29)),
            "The digits held out stand in the last rows, where somebody who looks at no digit takes them from. Mix them.",
        ),
        Misconception(
            "labels are 0, 1, 2",
            returning(classes=(0, 1, 2)),
            "Your labels are 0, 1, 2 and so on, so the number of a centre is its label. Leave a number out.",
        ),
        Misconception(
            "every feature varies",
            of_features(slice(3)),
            "No feature is the same in all images, so no deviation is 0. The corner pixels of digits are always black.",
        ),
        Misconception(
            "a single feature",
            of_features(slice(1, 2)),
            "With one feature nobody can mix the features up. Take several, each with a scale of its own.",
        ),
        Misconception(
            "features are on one scale",
            on_one_scale,
            "Your features are about equally large, and spread alike on both sides, so it does not matter whose mean and whose "
            "deviation are taken. Give each a scale of its own, and let one image held out lie far away from the others.",
        ),
        Misconception(
            "all is read rightly",
            far_apart,
            "Every image is read rightly, so most ways to measure give 100 %. Let the classes overlap.",
        ),
        Misconception(
            "returns x and labels alone",
            lambda: drawn()[:2],
            "Five things are asked for: x, labels, groups, held_out and batch_size.",
        ),
    ),
    alternatives=(returning(16), returning(27)),
    reread="the hints of the bug hunt: what does a lazy programmer take for granted?",
)
