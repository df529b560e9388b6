"""What is looked at in a classifier: how well it reads digits that were held out, what it needs, how it behaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.competing import Array, Examples, Look, Trained, Trial
from autograder.exercises.unit07.sheets import Sheets, graded
from autograder.parameters import zeroed
from autograder.sampling import Finding, Stopped, found
from nnlib.intervals import accuracy_interval

SECONDS, PARAMETERS = 20.0, 10_000  # the budget
NOTHING, FULL = 60.0, 92.0  # per cent right: no points up to here, all points from there on
FEW_SECONDS = 5.0  # for a few images
UNUSED = "not counted, since all images get the same label"


def main(trial: Trial) -> Sheets:
    """The task that counts."""
    return Sheets(trial.seed, graded(), SECONDS)


def few(trial: Trial, count: int = 200, **settings: Any) -> Sheets:
    """A small one."""
    return Sheets(trial.seed, graded(), FEW_SECONDS, count, **settings)


def right(got: Array, labels: Array) -> float:
    """Per cent of the answers that are right."""
    return 100 * float(np.mean(got == labels))


def reads(trial: Trial) -> Finding | None:
    """The accuracy on held-out images, along the published scale."""
    data, trained = main(trial).draw(), trial.trained(main(trial))
    got = trial.answers(trained, data.new_images)
    count, hits = len(got), int(np.sum(got == data.new_labels))
    low, high = (100 * bound for bound in accuracy_interval(hits, count))
    per_cent, over = 100 * hits / count, trained.count > PARAMETERS or trained.seconds > SECONDS
    trial.measured |= {
        "accuracy": per_cent, "low": low, "high": high, "images": float(count), "parameters": float(trained.count),
        "cpu_seconds": round(trained.seconds, 2), "over_budget": float(over),
    }  # fmt: skip
    trial.note = (
        f"{per_cent:.1f} % of {count} images are read rightly (95 % interval: {low:.1f} to {high:.1f} %), with "
        f"{trained.count:,} parameters and {trained.seconds:.1f} CPU seconds."
    )
    if per_cent >= FULL:
        return None
    credit = max(0.0, (per_cent - NOTHING) / (FULL - NOTHING))
    told = f"{per_cent:.1f} % of {count} held-out images; points begin at {NOTHING:g} %, all are for {FULL:g} %"
    return found(sign(trial, trained, data, got), told, credit=credit)


def sign(trial: Trial, trained: Trained, data: Examples, got: Array, well: float = NOTHING) -> str:
    """What an accuracy that is too low is a sign of; ``well``: above it other images or labels would be right."""
    per_cent = right(got, data.new_labels)
    if len(np.unique(got)) == 1:
        return "always the same"
    if any(right(got + step, data.new_labels) > max(well, per_cent) for step in (-1, 1)):
        return "off by one"
    for name, images in other_forms(data).items():
        if right(trial.answers(trained, images), data.new_labels) > max(well, per_cent + 10):
            return f"right on images {name}"
    if right(trial.answers(trained, data.images), data.labels) > per_cent + 15:
        return "knows its own images only"
    chance = 100 / len(np.unique(data.labels))
    return "guesses" if per_cent < 1.4 * chance else "has learned little"


def other_forms(data: Examples) -> dict[str, Array]:
    """The held-out images as a training may have seen them."""
    mean, deviation = data.images.mean(), data.images.std()
    forms = {
        "transposed": data.new_images.swapaxes(1, 2),
        "standardised": (data.new_images - mean) / deviation,
    }
    return {name: images for name, images in forms.items() if images.shape == data.new_images.shape}


def useful(look: Look) -> Look:
    """For what says nothing of a classifier that has one answer for all: it is looked at only elsewhere."""

    def guarded(trial: Trial) -> Finding | None:
        data = main(trial).draw()
        if len(np.unique(trial.answers(trial.trained(main(trial)), data.new_images))) == 1:
            return found("always the same", UNUSED)
        return look(trial)

    return guarded


def within(name: str, most: float, unit: str, value: Callable[[Trained], float]) -> Look:
    """A budget: all credit within it, and none from twice as much on."""

    def look(trial: Trial) -> Finding | None:
        used = value(trial.trained(main(trial)))
        if used <= most:
            return None
        told = (
            f"{used:,.4g} {unit}, of {most:,.4g} in the budget; what is above costs a share, all at twice as much"
        )
        return found(f"{name}: {'far ' if used > 2 * most else ''}over", told, credit=max(0.0, 2 - used / most))

    return useful(look)


def alone(trial: Trial) -> Finding | None:
    """The same answers for an image, whether it comes alone, with others, or again."""
    data, trained = main(trial).draw(), trial.trained(main(trial))
    images = data.new_images[:60]
    together = trial.answers(trained, images)
    if not np.array_equal(together, trial.answers(trained, images)):
        return found("random answers", "the same images a second time get other labels: something is drawn")
    single = [trial.answers(trained, images[i : i + 1])[0] for i in range(20)]
    differ = int(np.sum(together[:20] != single))
    if differ <= 1:  # sums in another order may tip a label
        return None
    return found(
        "not alone", f"{differ} of 20 images get another label alone than within a batch of {len(images)}"
    )


def in_any_order(trial: Trial) -> Finding | None:
    """Images in another order get their labels in that order."""
    data, trained = main(trial).draw(), trial.trained(main(trial))
    order = np.random.default_rng(trial.seed).permutation(len(data.new_images))
    got = trial.answers(trained, data.new_images)
    differ = int(np.sum(trial.answers(trained, data.new_images[order]) != got[order]))
    if differ <= len(got) // 100:
        return None
    return found("another order", f"{differ} of {len(got)} images get another label when the batch is shuffled")


def its_parameters(trial: Trial) -> Finding | None:
    """An older classifier goes on to work when another is trained, and none works without its parameters."""
    first, second = few(trial, 100), few(trial, 100, naming=1)
    images = first.draw().new_images[:100]
    older = trial.trained(first)
    before = trial.answers(older, images)
    trial.once(second)
    after = trial.answers(older, images)
    if np.mean(before != after) > 0.05:
        return found("another's answers", "after another training, the old parameters give other answers")
    try:
        empty = trial.answers(older, images, zeroed(older.parameters))
    except Stopped:
        return None
    if np.mean(empty == before) > 0.9:
        return found("no parameters", "with all parameters set to 0 the answers are the same: are they used?")
    return None


def unchanged(trial: Trial) -> Finding | None:
    """Neither function changes an array that came in."""
    data, trained = main(trial).draw(), trial.trained(main(trial))
    trial.answers(trained, data.new_images)
    names = [*trained.changed, *sorted(trial.spoilt)]
    return found("inputs changed", f"{' and '.join(names)} came in from outside, and changed") if names else None


def repeatable(trial: Trial) -> Finding | None:
    """The same rng, the same classifier."""
    task = few(trial, 100)
    images = task.draw().new_images
    one, other = trial.trained(task), trial.once(task)
    differ = np.mean(trial.answers(one, images) != trial.answers(other, images))
    if differ <= 0.01:
        return None
    return found(
        "not repeatable", f"trained again with the same rng, {100 * differ:.0f} % of the answers are others"
    )


def never_seen(data: Examples, got: Array, full: float) -> list[int]:
    """The few classes that no image gets, where it reads the others well enough."""
    classes = set(data.labels.tolist())
    never = sorted(classes - set(got.tolist()))
    others = ~np.isin(data.new_labels, never)
    few = 3 * len(never) <= len(classes)
    return never if few and right(got[others], data.new_labels[others]) >= full else []


def learns(full: float, nothing: float, **settings: Any) -> Look:
    """A classifier for a small task."""

    def look(trial: Trial) -> Finding | None:
        task = few(trial, **settings)
        data, trained = task.draw(), trial.trained(task)
        got = trial.answers(trained, data.new_images)
        per_cent = right(got, data.new_labels)
        if never := never_seen(data, got, full):
            return found("classes never seen", f"no image gets the label {', '.join(map(str, never))}")
        if per_cent >= full:
            return None
        told = f"{per_cent:.1f} % of {len(got)} held-out images, after {len(data.images)}; wanted: {full:g} %"
        credit = max(0.0, (per_cent - nothing) / (full - nothing))
        return found(sign(trial, trained, data, got, full), told, credit=credit)

    return look


LOOKS: dict[str, Look] = {
    "held-out images": reads,
    "CPU seconds": within("CPU seconds", SECONDS, "CPU seconds", lambda it: it.seconds),
    "parameters": within("parameters", PARAMETERS, "parameters", lambda it: it.count),
    "one image alone": useful(alone),
    "another order": useful(in_any_order),
    "its parameters alone": useful(its_parameters),
    "inputs unchanged": useful(unchanged),
    "read-only arrays": learns(60, 30, locked=True),
    "the same rng, the same classifier": useful(repeatable),
    "images sorted by class": learns(60, 30, ordered=True),
    "four classes": learns(80, 40, classes=4),
    "sheets of 20×12": learns(50, 25, sheet=(20, 12)),
}
