"""The share of images that a classifier reads rightly on digits held out: measured rightly, and in wrong ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from autograder.competing import Array
from autograder.exercise import Function, Misconception

Pair: TypeAlias = tuple[Array, Array]
Split: TypeAlias = Callable[[Array, Array], Pair]
Scale: TypeAlias = Callable[[Array, Array], Pair]
Share: TypeAlias = Callable[[list[Array], int], float]


# which images are learned from, which are asked about: masks of both ---------------------------------------


def by_digits(new: Array, groups: Array) -> Pair:
    """All images of a digit on one side."""
    return ~new, new


def but_copies(new: Array, groups: Array) -> Pair:
    """Of each digit held out only the first image is."""
    first = np.zeros(len(groups), bool)
    first[np.unique(groups, return_index=True)[1]] = True
    return ~(new & first), new & first


def by_rows(new: Array, groups: Array) -> Pair:
    """As many as that, from the end."""
    last = np.arange(len(new)) >= len(new) - new.sum()
    return ~last, last


def without_a_split(new: Array, groups: Array) -> Pair:
    """What is held out is learned from as well."""
    return np.ones(len(new), bool), new


def known_ones(new: Array, groups: Array) -> Pair:
    """Asks about the images that were learned from."""
    return ~new, ~new


# features on one scale -------------------------------------------------------------------------------------


def standardised(x: Array, of: Array) -> Array:
    """With the mean and the deviation of each feature of others; a constant feature becomes 0."""
    deviation = of.std(axis=0)
    scaled: Array = (x - of.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    return scaled


def by_known(known: Array, asked: Array) -> Pair:
    """With the numbers of what is learned from."""
    return standardised(known, known), standardised(asked, known)


def by_all(known: Array, asked: Array) -> Pair:
    """With the numbers of all."""
    both = np.concatenate([known, asked])
    return standardised(known, both), standardised(asked, both)


def by_each(known: Array, asked: Array) -> Pair:
    """Each part with its own."""
    return standardised(known, known), standardised(asked, asked)


def by_one_number(known: Array, asked: Array) -> Pair:
    """One mean and one deviation for all features."""
    mean, deviation = known.mean(), known.std() or 1.0
    return (known - mean) / deviation, (asked - mean) / deviation


def unguarded(known: Array, asked: Array) -> Pair:
    """Divides by the deviation even where it is 0."""
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (known - mean) / deviation, (asked - mean) / deviation


# from batches to one number --------------------------------------------------------------------------------


def of_images(hits: list[Array], batch_size: int) -> float:
    """The share of all images."""
    return float(np.concatenate(hits).mean())


def of_batches(hits: list[Array], batch_size: int) -> float:
    """The mean of the batches' shares."""
    return float(np.mean([batch.mean() for batch in hits]))


def of_full_batches(hits: list[Array], batch_size: int) -> float:
    """Drops the short last batch."""
    full = [batch for batch in hits if len(batch) == batch_size]
    return of_images(full, batch_size) if full else 0.0


def as_if_full(hits: list[Array], batch_size: int) -> float:
    """Counts every batch as a full one."""
    return float(sum(batch.sum() for batch in hits) / (len(hits) * batch_size))


def measuring(
    *, split: Split = by_digits, scale: Scale = by_known, share: Share = of_images, named: bool = True
) -> Function:
    """A function that measures; ``named``: it answers with labels, not with numbers of centres."""

    def validated_accuracy(x: Array, labels: Array, groups: Array, held_out: Array, batch_size: int) -> float:
        learn, ask = split(np.isin(groups, held_out), groups)
        known, asked = scale(x[learn], x[ask])
        classes = np.unique(labels[learn])
        centres = np.stack([known[labels[learn] == c].mean(axis=0) for c in classes])
        nearest = ((asked[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        right = (classes[nearest] if named else nearest) == labels[ask]
        return share([right[i : i + batch_size] for i in range(0, len(right), batch_size)], batch_size)

    return validated_accuracy


WRONG = {
    mistake.name: mistake
    for mistake in (
        Misconception(
            "copies learned from",
            measuring(split=but_copies),
            "Other images of a digit held out are learned from.",
        ),
        Misconception("the last rows held out", measuring(split=by_rows), "The last rows are held out, whosoever they are."),
        Misconception("no split", measuring(split=without_a_split), "What is held out is learned from as well."),
        Misconception("asked about known images", measuring(split=known_ones), "The wrong images are asked about."),
        Misconception("statistics of all images", measuring(scale=by_all), "Mean and deviation know the images held out."),
        Misconception("each part its own statistics", measuring(scale=by_each), "The two parts are on two scales."),
        Misconception(
            "one deviation for all features", measuring(scale=by_one_number), "Each feature has a scale of its own."
        ),
        Misconception("divided by 0", measuring(scale=unguarded), "A constant feature has the deviation 0."),
        Misconception("the mean of batches", measuring(share=of_batches), "A short batch counts as much as a full one."),
        Misconception("short batch dropped", measuring(share=of_full_batches), "The last images are not counted."),
        Misconception("short batch counted as full", measuring(share=as_if_full), "It divides by too many images."),
        Misconception("numbers of centres for labels", measuring(named=False), "The first centre need not be that of 0."),
    )
}  # fmt: skip
