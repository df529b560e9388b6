"""early_stopping: when to stop, and which epoch was the best."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02.drawing import RNG
from autograder.exercises.unit02.shares import aspects
from autograder.exercises.unit04.augmentation_looks import UNIT
from autograder.kinds import Plain
from nnlib.early_stopping import early_stopping

# ranks of the losses, the smallest is 1; and the patience
RUNS: dict[str, tuple[tuple[int, ...], int]] = {
    "falls, then rises": ((5, 3, 2, 4, 6, 7, 8), 3),
    "falls to the end": ((6, 5, 4, 3, 2), 3),
    "falls to the end, patience 1": ((6, 5, 4, 3), 1),
    "still waiting at the end": ((6, 5, 2, 3, 4), 4),
    "stops at the last epoch": ((5, 3, 2, 4, 6), 2),
    "patience 1": ((5, 3, 2, 4, 1), 1),
    "never better than the first": ((1, 4, 3, 2, 5), 3),
    "a bump shorter than patience": ((6, 4, 5, 3, 2, 7, 8, 9), 3),
    "a bump one epoch shorter than patience": ((6, 4, 7, 8, 3, 2, 9, 10, 11), 3),
    "rises and falls above the best": ((6, 2, 5, 4, 5, 3, 8), 4),
    "several bumps": ((9, 6, 8, 4, 7, 3, 5, 2, 10), 2),
    "a smaller loss after the stop": ((6, 3, 4, 5, 7, 1, 2), 3),
    "a plateau": ((6, 3, 3, 3, 3, 3), 3),
    "a tie before the stop": ((6, 2, 4, 2, 5, 7, 8), 3),
    "one epoch": ((1,), 2),
    "nan among them": ((6, 4, 3, 0, 5, 7, 8), 3),
    "negative losses": ((9, 7, 8, 6, 10, 11, 12), 3),
    "a long patience": ((9, 5, 8, 6, 7, 8, 9, 10, 11, 4, 12), 8),
    "called twice": ((5, 3, 2, 4, 6, 7, 8), 3),
}


def cases(rng: RNG) -> Iterator[Case]:
    """Runs of these forms, with other losses each time."""
    for trait, (ranks, patience) in RUNS.items():
        steps = np.cumsum(rng.uniform(0.05, 0.3, max(ranks) + 1)) - (8 if trait == "negative losses" else 0)
        losses = [float(np.round(steps[rank], 4)) if rank else math.nan for rank in ranks]
        looks_at = ("stop_epoch", "best_epoch", "again") if trait == "called twice" else ()
        yield Case(trait, (losses, patience), looks_at=looks_at)


ASPECTS = aspects(
    basics=(20, ("falls, then rises", "never better than the first", "negative losses", "a long patience")),
    no_stop=(15, ("falls to the end", "falls to the end, patience 1", "still waiting at the end", "one epoch")),
    when_to_stop=(10, ("stops at the last epoch", "patience 1")),
    bumps=(
        15,
        ("a bump shorter than patience", "a bump one epoch shorter than patience", "several bumps"),
    ),
    above_the_best=(10, ("rises and falls above the best",)),
    after_the_stop=(10, ("a smaller loss after the stop",)),
    ties=(10, ("a plateau", "a tie before the stop")),
    nan_and_purity=(10, ("nan among them", "called twice")),
)


def by_argmin(val_losses: list[float], patience: int) -> Any:
    """Looks back at all epochs after each of them."""
    losses = np.where(np.isnan(val_losses), np.inf, val_losses)
    best = [int(np.argmin(losses[: k + 1])) for k in range(len(losses))]
    late = [k for k, b in enumerate(best) if k - b >= patience]
    stop = late[0] if late else len(losses) - 1
    return stop, best[stop]


def by_counting(val_losses: list[float], patience: int) -> Any:
    """Counts the epochs without a new best."""
    smallest, best, waited, epoch = math.inf, 0, 0, 0
    for epoch, loss in enumerate(val_losses):
        waited += 1
        if loss < smallest:
            smallest, best, waited = loss, epoch, 0
        if waited == patience and epoch:
            break
    return [epoch, best]


def by_while(val_losses: list[float], patience: int) -> Any:
    """A while loop with two conditions."""
    best = epoch = 0
    while epoch + 1 < len(val_losses) and epoch - best < patience:
        epoch += 1
        if val_losses[epoch] < val_losses[best]:
            best = epoch
    return np.int64(epoch), np.int64(best)


def waiting(better: Any = lambda loss, smallest, before: loss < smallest, extra: int = 0) -> Function:
    """Another comparison, or another number of epochs to wait."""

    def function(val_losses: list[float], patience: int) -> Any:
        smallest, before, best, waited = math.inf, math.inf, 0, 0
        for epoch, loss in enumerate(val_losses):
            if better(loss, smallest, before):
                best, waited = epoch, 0
            else:
                waited += 1
            smallest, before = (loss if best == epoch else smallest), loss
            if waited >= patience + extra:
                return epoch, best
        return len(val_losses) - 1, best

    return function


def rises_in_a_row(val_losses: list[float], patience: int) -> Any:
    """The best is right, but any fall starts the count anew."""
    smallest, before, best, waited = math.inf, math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < smallest:
            smallest, best = loss, epoch
        waited = 0 if loss < before else waited + 1
        before = loss
        if waited >= patience:
            return epoch, best
    return len(val_losses) - 1, best


def never_reset(val_losses: list[float], patience: int) -> Any:
    """All bad epochs count together."""
    smallest, best, bad = math.inf, 0, 0
    for epoch, loss in enumerate(val_losses):
        if loss < smallest:
            smallest, best = loss, epoch
        else:
            bad += 1
        if bad >= patience:
            return epoch, best
    return len(val_losses) - 1, best


def changed(change: Any) -> Function:
    """The right answer, changed: ``change(losses, patience, stop, best)``."""
    return lambda losses, patience: change(losses, patience, *early_stopping(losses, patience))


def sorted_in_place(val_losses: list[float], patience: int) -> Any:
    """sort() to find the smallest."""
    found = early_stopping(list(val_losses), patience)
    val_losses.sort()
    return found


def best_so_far_of_nan(val_losses: list[float], patience: int) -> Any:
    """nan counts as a new best, since no comparison with it is true."""
    return waiting(lambda loss, smallest, before: not loss >= smallest)(val_losses, patience)


EXERCISE = Exercise(
    name="early_stopping",
    unit=UNIT,
    signature="early_stopping(val_losses, patience)",
    reference=early_stopping,
    kind=Plain(("val_losses", "patience"), ("stop_epoch", "best_epoch")),
    cases=cases,
    points=3,
    worth={"stop_epoch": 1, "best_epoch": 1},
    misconceptions=(
        Misconception(
            "compares with the epoch before",
            waiting(lambda loss, smallest, before: loss < before),
            "You compare each loss with the one before it. After a bump a loss may fall and still be above the best: "
            "compare with the smallest so far.",
        ),
        Misconception(
            "counts rises in a row",
            rises_in_a_row,
            "Your count begins anew as soon as the loss falls a little. It begins anew only when there is a new best.",
        ),
        Misconception(
            "never begins to count anew",
            never_reset,
            "You count all epochs without a new best together. After a new best the count begins at 0 again.",
        ),
        Misconception(
            "waits one epoch too long",
            waiting(extra=1),
            "You stop one epoch too late. Count on your fingers: best at epoch 3, patience 2, so the stop is after epoch 5.",
        ),
        Misconception(
            "stops one epoch early",
            waiting(extra=-1),
            "You stop one epoch too early. Count on your fingers: best at epoch 3, patience 2, so the stop is after epoch 5.",
        ),
        Misconception(
            "takes an equal loss for better",
            waiting(lambda loss, smallest, before: loss <= smallest),
            "An equal loss is no progress: only a smaller one is a new best.",
        ),
        Misconception(
            "looks behind the stop",
            changed(lambda losses, patience, stop, best: (stop, int(np.nanargmin(losses)))),
            "Your best epoch comes after the stop. When training has stopped, those epochs are never run.",
        ),
        Misconception(
            "takes the stop minus patience",
            changed(lambda losses, patience, stop, best: (stop, stop - patience)),
            "best_epoch is not always patience epochs before the stop: training may also end because the epochs are over.",
        ),
        Misconception(
            "gives the last epoch for the best",
            changed(lambda losses, patience, stop, best: (stop, stop)),
            "You keep the last epoch. What early stopping is worth is that the best one is kept.",
        ),
        Misconception(
            "never stops",
            lambda losses, patience: (len(losses) - 1, int(np.nanargmin(losses))),
            "You find the smallest loss of all epochs, but nothing stops: patience is not used.",
        ),
        Misconception(
            "goes on to the end when nothing stops it, and one further",
            changed(lambda losses, p, stop, best: (stop if stop - best >= p else len(losses), best)),
            "When nothing stops training, the last epoch is len(val_losses) − 1, since epochs are counted from 0.",
        ),
        Misconception(
            "gives None when nothing stops it",
            changed(lambda losses, p, stop, best: (stop if stop - best >= p else None, best)),
            "When the epochs are over before patience is, the stop is the last epoch. Return its number also then.",
        ),
        Misconception(
            "counts epochs from 1",
            changed(lambda losses, patience, stop, best: (stop + 1, best + 1)),
            "Both numbers are too large by one: epochs are counted from 0, as indices are.",
        ),
        Misconception(
            "exchanges the two",
            changed(lambda losses, patience, stop, best: (best, stop)),
            "The two numbers are exchanged: stop_epoch comes first, then best_epoch.",
        ),
        Misconception(
            "looks for the largest",
            lambda losses, patience: early_stopping([-loss for loss in losses], patience),
            "You look for the largest value. These are losses: the smallest is the best.",
        ),
        Misconception(
            "returns the smallest loss",
            changed(lambda losses, patience, stop, best: (stop, losses[best])),
            "The second value is the best loss. Its epoch is asked for.",
        ),
        Misconception(
            "takes nan for the best",
            best_so_far_of_nan,
            "A comparison with nan is never true, so `not loss >= best` takes nan for better. Ask with < instead.",
        ),
        Misconception(
            "sorts the losses in place",
            sorted_in_place,
            "val_losses came in from outside, and afterwards it is in another order. Do not sort or change it.",
        ),
    ),
    alternatives=(by_argmin, by_counting, by_while),
    aspects=ASPECTS,
    reread="section 2, early stopping: the rule, and the table worked by hand.",
)

EXERCISES = (EXERCISE,)
