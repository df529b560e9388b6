"""Learning rates along a cosine: cosine_annealing and warmup_cosine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.decays import rate_of
from autograder.exercises.unit03.momentum import UNIT
from autograder.values import Values
from nnlib.schedules import cosine_annealing, warmup_cosine


def cosine_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Along half a cosine, and past its end."""
    lr, quarter, least = rate_of(rng), int(rng.integers(5, 9)), float(np.round(rng.uniform(0.01, 0.05), 3))
    total = 4 * quarter
    yield Case("at the start", (lr, 0, total, 0.0))
    yield Case("a quarter of the way", (lr, quarter, total, 0.0))
    yield Case("in the middle", (lr, 2 * quarter, total, 0.0))
    yield Case("near the end", (lr, total - 1, total, 0.0))
    yield Case("at the end", (lr, total, total, 0.0))
    yield Case("after the end", (lr, total + quarter, total, 0.0))
    yield Case("a least rate, in the middle", (lr, 2 * quarter, total, least))
    yield Case("a least rate, at the end", (lr, total, total, least))
    yield Case("a least rate, after the end", (lr, 2 * total, total, least))
    yield Case("least left out", (lr, quarter, total))


def wave(
    angle: Any = lambda step, total: math.pi * min(step, total) / total,
    blend: Any = lambda lr, least, c: least + 0.5 * (lr - least) * (1 + c),
) -> Function:
    """A cosine with other parts."""

    def schedule(lr: float, step: int, total: int, least: float = 0.0) -> Any:
        return blend(lr, least, math.cos(angle(step, total)))

    return schedule


def cosine_by_sine(lr: float, step: int, total: int, least: float = 0.0) -> float:
    """cos²(x/2) is (1 + cos x) / 2."""
    if step >= total:
        return least
    return float(least + (lr - least) * np.cos(np.pi * step / total / 2) ** 2)


def cosine_as_mean(lr: float, step: int, total: int, least: float = 0.0) -> float:
    """The middle, and half the height times the cosine."""
    progress = min(1.0, step / total)
    return (lr + least) / 2 + (lr - least) / 2 * math.cos(math.pi * progress)


COSINE = Exercise(
    name="cosine_annealing",
    unit=UNIT,
    signature="cosine_annealing(lr, step, total, least=0.0)",
    reference=cosine_annealing,
    kind=Values(("lr", "step", "total", "least")),
    cases=cosine_cases,
    points=1,
    misconceptions=(
        Misconception(
            "rises again after the end",
            wave(lambda step, total: math.pi * step / total),
            "After the last step your rate rises again, as a cosine does. From there on it stays at least.",
        ),
        Misconception(
            "ignores least",
            wave(blend=lambda lr, least, c: 0.5 * lr * (1 + c)),
            "The rate falls to 0. It must come down to least, and no further.",
        ),
        Misconception(
            "adds least on top",
            wave(blend=lambda lr, least, c: least + 0.5 * lr * (1 + c)),
            "You add least, but the height of the cosine is still lr. It goes from lr down to least: its height is "
            "their difference.",
        ),
        Misconception(
            "cuts off at least",
            wave(blend=lambda lr, least, c: max(least, 0.5 * lr * (1 + c))),
            "You cut the curve off at least. The whole curve is squeezed between lr and least instead.",
        ),
        Misconception(
            "takes a whole wave",
            wave(lambda step, total: 2 * math.pi * min(step, total) / total),
            "Your curve is back at lr at the end: a whole wave. Half a wave goes from the top to the bottom.",
        ),
        Misconception(
            "takes a quarter of a wave",
            wave(
                lambda step, total: math.pi / 2 * min(step, total) / total,
                lambda lr, least, c: least + (lr - least) * c,
            ),
            "This is a quarter of a wave, which ends steeply. Half a wave, moved up and halved, begins and ends level.",
        ),
        Misconception(
            "forgets the half",
            wave(blend=lambda lr, least, c: least + (lr - least) * (1 + c)),
            "At the start you have twice the rate: 1 + cos(0) is 2. Is there a factor missing?",
        ),
        Misconception(
            "takes total - 1 for the end",
            wave(lambda step, total: math.pi * min(step, total - 1) / (total - 1)),
            "Your curve ends one step too early. It reaches least at step = total.",
        ),
        Misconception(
            "counts steps from 1",
            wave(lambda step, total: math.pi * min(step + 1, total) / total),
            "At step 0 the rate is lr itself. Steps count from 0.",
        ),
        Misconception(
            "falls on a straight line",
            lambda lr, step, total, least=0.0: least + (lr - least) * (1 - min(step, total) / total),
            "Your rate falls on a straight line. Where is the cosine?",
        ),
        Misconception(
            "has another default for least",
            lambda lr, step, total, least=0.001: cosine_annealing(lr, step, total, least),
            "Where least is left out, your function uses another value than 0. Look at the signature.",
        ),
    ),
    alternatives=(cosine_by_sine, cosine_as_mean),
    aspects=shares.COSINE,
    reread="section 3, schedules: the boxed cosine, and what happens after its end.",
)


def warmup_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Up the ramp, down the cosine, and past its end."""
    lr, warmup, least = rate_of(rng), 2 * int(rng.integers(2, 5)), float(np.round(rng.uniform(0.01, 0.05), 3))
    total = 5 * warmup
    yield Case("the first step", (lr, 0, warmup, total, 0.0))
    yield Case("in the middle of the warm-up", (lr, warmup // 2, warmup, total, 0.0))
    yield Case("the last step of the warm-up", (lr, warmup - 1, warmup, total, 0.0))
    yield Case("the first step after it", (lr, warmup, warmup, total, 0.0))
    yield Case("in the middle of the cosine", (lr, 3 * warmup, warmup, total, 0.0))
    yield Case("at the end", (lr, total, warmup, total, 0.0))
    yield Case("after the end", (lr, total + warmup, warmup, total, 0.0))
    yield Case("no warm-up", (lr, 0, 0, total, 0.0))
    yield Case("a least rate, in the warm-up", (lr, warmup // 2, warmup, total, least))
    yield Case("a least rate, in the cosine", (lr, 4 * warmup, warmup, total, least))
    yield Case("least left out", (lr, 2 * warmup, warmup, total))
    yield Case("a warm-up as long as all", (lr, 0, total, total, 0.0), raises=ValueError)
    yield Case("a negative warm-up", (lr, 0, -warmup, total, 0.0), raises=ValueError)


def checked(
    schedule: Function, fits: Callable[[int, int], bool] = lambda warmup, total: 0 <= warmup < total
) -> Function:
    """``schedule``, which refuses a warm-up that does not fit."""

    def careful(lr: float, step: int, warmup: int, total: int, *least: float) -> Any:
        if not fits(warmup, total):
            raise ValueError(f"the warm-up must end before total = {total}, got {warmup}")
        return schedule(lr, step, warmup, total, *least)

    return careful


def warming(
    ramp: Any = lambda lr, step, warmup, least: lr * (step + 1) / warmup,
    fall: Any = lambda lr, step, warmup, total, least: cosine_annealing(lr, step - warmup, total - warmup, least),
    warm: Any = lambda step, warmup: step < warmup,
) -> Function:
    """Warm-up and cosine with other parts."""

    def schedule(lr: float, step: int, warmup: int, total: int, least: float = 0.0) -> Any:
        return ramp(lr, step, warmup, least) if warm(step, warmup) else fall(lr, step, warmup, total, least)

    return checked(schedule)


@checked
def warmup_in_one(lr: float, step: int, warmup: int, total: int, least: float = 0.0) -> float:
    """Its own cosine."""
    if step < warmup:
        return (step + 1) * (lr / warmup)
    progress = min((step - warmup) / (total - warmup), 1)
    return least + (lr - least) * (1 + math.cos(math.pi * progress)) / 2


@checked
def warmup_by_list(lr: float, step: int, warmup: int, total: int, least: float = 0.0) -> Any:
    """The whole curve, and then one value of it."""
    rising = lr * np.arange(1, warmup + 1) / max(warmup, 1)
    falling = least + (lr - least) * (1 + np.cos(np.pi * np.linspace(0, 1, total - warmup + 1))) / 2
    return np.concatenate([rising, falling])[min(step, total)]


def unchecked(lr: float, step: int, warmup: int, total: int, least: float = 0.0) -> float:
    """The right rate where the warm-up fits, and some rate where it does not."""
    if step < warmup:
        return lr * (step + 1) / warmup
    return cosine_annealing(lr, step - warmup, max(total - warmup, 1), least)


WARMUP = Exercise(
    name="warmup_cosine",
    unit=UNIT,
    signature="warmup_cosine(lr, step, warmup, total, least=0.0)",
    reference=warmup_cosine,
    kind=Values(("lr", "step", "warmup", "total", "least")),
    cases=warmup_cases,
    points=2,
    misconceptions=(
        Misconception(
            "begins the warm-up with 0",
            warming(lambda lr, step, warmup, least: lr * step / warmup),
            "At step 0 your rate is 0, so this step does nothing, and lr is never reached in the warm-up. The first of "
            "the warmup steps has lr / warmup already.",
        ),
        Misconception(
            "does not move the cosine",
            warming(fall=lambda lr, step, warmup, total, least: cosine_annealing(lr, step, total, least)),
            "After the warm-up the rate jumps: the cosine must begin there, so count its steps from the end of the "
            "warm-up.",
        ),
        Misconception(
            "lets the cosine end too late",
            warming(fall=lambda lr, step, warmup, total, least: cosine_annealing(lr, step - warmup, total, least)),
            "At step total your rate is not down yet. The cosine has total - warmup steps, not total.",
        ),
        Misconception(
            "warms up from least",
            warming(lambda lr, step, warmup, least: least + (lr - least) * (step + 1) / warmup),
            "least belongs to the cosine. The warm-up rises from 0: lr · (step + 1) / warmup.",
        ),
        Misconception(
            "warms up one step too long",
            warming(warm=lambda step, warmup: step <= warmup),
            "At step warmup you are still in the warm-up, with more than lr. Compare with <, not with <=.",
        ),
        Misconception(
            "ignores least",
            warming(
                fall=lambda lr, step, warmup, total, least: cosine_annealing(lr, step - warmup, total - warmup)
            ),
            "The rate falls to 0. Pass least on to the cosine.",
        ),
        Misconception(
            "rises again after the end",
            warming(
                fall=lambda lr, step, warmup, total, least: (
                    least + 0.5 * (lr - least) * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))
                )
            ),
            "After the last step your rate rises again, as a cosine does. From there on it stays at least.",
        ),
        Misconception(
            "stays at lr",
            warming(fall=lambda lr, step, warmup, total, least: lr),
            "After the warm-up nothing falls. There the cosine begins.",
        ),
        Misconception(
            "multiplies ramp and cosine",
            checked(
                lambda lr, step, warmup, total, least=0.0: cosine_annealing(
                    lr * min((step + 1) / warmup, 1) if warmup else lr, step, total, least
                )
            ),
            "Ramp and cosine work at the same time here. First comes the ramp alone, then the cosine alone.",
        ),
        Misconception(
            "falls on a straight line",
            warming(
                fall=lambda lr, step, warmup, total, least: (
                    least + (lr - least) * max(0.0, 1 - (step - warmup) / (total - warmup))
                )
            ),
            "After the warm-up your rate falls on a straight line. Use the cosine.",
        ),
        Misconception(
            "cannot do without warm-up",
            checked(
                lambda lr, step, warmup, total, least=0.0: (
                    lr * min((step + 1) / warmup, 1)
                    if step < warmup or not warmup
                    else warmup_cosine(lr, step, warmup, total, least)
                )
            ),
            "warmup may be 0: then there is no ramp at all, and nothing may be divided by it.",
        ),
        Misconception(
            "has another default for least",
            lambda lr, step, warmup, total, least=0.001: warmup_cosine(lr, step, warmup, total, least),
            "Where least is left out, your function uses another value than 0. Look at the signature.",
        ),
        Misconception(
            "checks nothing",
            checked(unchecked, lambda warmup, total: True),
            "A warm-up that is negative, or does not end before total, gives a rate as if nothing were wrong. Say so "
            "with a ValueError, before anything is computed.",
        ),
        Misconception(
            "lets the warm-up last until total",
            checked(unchecked, lambda warmup, total: 0 <= warmup <= total),
            "With warmup = total no step is left for the cosine, which would divide by 0. That is an error too: compare "
            "with <, not with <=.",
        ),
        Misconception(
            "lets the warm-up be negative",
            checked(unchecked, lambda warmup, total: warmup < total),
            "A negative warm-up passes your check. It is no number of steps: raise a ValueError as well.",
        ),
    ),
    alternatives=(warmup_in_one, warmup_by_list),
    aspects=shares.WARMUP,
    reread="section 3, schedules: warm-up, and the picture of the four curves.",
)
