"""Learning rates that decay: step_decay and exponential_decay."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from autograder.exercise import Case, Exercise, Misconception
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.momentum import UNIT
from autograder.values import Values
from nnlib.schedules import exponential_decay, step_decay


def rate_of(rng: np.random.Generator) -> float:
    """A learning rate with few digits."""
    return float(np.round(rng.uniform(0.1, 0.9), 3))


def step_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Before, at and after the drops."""
    lr, every, factor = rate_of(rng), int(rng.integers(5, 12)), float(np.round(rng.uniform(0.3, 0.7), 2))
    yield Case("at the start", (lr, 0, every, 0.5))
    yield Case("just before the first drop", (lr, every - 1, every, 0.5))
    yield Case("at the first drop", (lr, every, every, 0.5))
    yield Case("between two drops", (lr, 2 * every + every // 2, every, 0.5))
    yield Case("after several drops", (lr, 4 * every, every, 0.5))
    yield Case("a drop at every step", (lr, 3, 1, 0.5))
    yield Case("another factor", (lr, 2 * every, every, factor))
    yield Case("factor left out", (lr, 2 * every, every))


def by_loop(lr: float, step: int, every: int, factor: float = 0.1) -> float:
    """Multiplies at each drop."""
    for t in range(1, step + 1):
        lr = lr * factor if t % every == 0 else lr
    return lr


STEP = Exercise(
    name="step_decay",
    unit=UNIT,
    signature="step_decay(lr, step, every, factor=0.1)",
    reference=step_decay,
    kind=Values(("lr", "step", "every", "factor")),
    cases=step_cases,
    points=1,
    misconceptions=(
        Misconception(
            "divides with /",
            lambda lr, step, every, factor=0.1: lr * factor ** (step / every),
            "Your rate falls a little at each step. It stays the same for a while and then drops: count whole stretches "
            "with //.",
        ),
        Misconception(
            "drops one step too early",
            lambda lr, step, every, factor=0.1: lr * factor ** ((step + 1) // every),
            "The first drop comes one step too early. Steps count from 0, so the first stretch is 0 … every - 1.",
        ),
        Misconception(
            "drops one step too late",
            lambda lr, step, every, factor=0.1: lr * factor ** (max(step - 1, 0) // every),
            "The first drop comes one step too late: at step = every the rate has dropped already.",
        ),
        Misconception(
            "rounds to the nearest",
            lambda lr, step, every, factor=0.1: lr * factor ** round(step / every),
            "round() drops half a stretch too early. Only whole stretches count: //.",
        ),
        Misconception(
            "drops only once",
            lambda lr, step, every, factor=0.1: lr * factor if step >= every else lr,
            "The rate drops after each stretch, not only after the first one.",
        ),
        Misconception(
            "multiplies by the number of drops",
            lambda lr, step, every, factor=0.1: lr * factor * (step // every) if step >= every else lr,
            "Two drops are factor times factor, not two times factor: use a power.",
        ),
        Misconception(
            "has factor 0.1 built in",
            lambda lr, step, every, factor=0.1: lr * 0.1 ** (step // every),
            "The result is the same whatever factor is. Use the argument.",
        ),
        Misconception(
            "has another default for factor",
            lambda lr, step, every, factor=0.5: lr * factor ** (step // every),
            "Where factor is left out, your function uses another value than 0.1. Look at the signature.",
        ),
        Misconception(
            "divides by the factor",
            lambda lr, step, every, factor=0.1: lr / factor ** (step // every),
            "Your rate grows. It is multiplied by factor at each drop.",
        ),
        Misconception(
            "forgets lr",
            lambda lr, step, every, factor=0.1: factor ** (step // every),
            "This is by how much the rate has dropped. Multiply lr by it.",
        ),
    ),
    alternatives=(by_loop, lambda lr, step, every, factor=0.1: lr * math.pow(factor, math.floor(step / every))),
    aspects=shares.STEP_DECAY,
    reread="section 3, schedules: the table of the four, and the values by hand.",
)


def exponential_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Slow and fast, early and late."""
    lr, rate, step = rate_of(rng), float(np.round(rng.uniform(0.02, 0.06), 3)), int(rng.integers(8, 15))
    yield Case("at the start", (lr, 0, rate))
    yield Case("the first step", (lr, 1, rate))
    yield Case("later", (lr, step, rate))
    yield Case("much later", (lr, 20 * step, rate))
    yield Case("slow", (lr, step, rate / 100))
    yield Case("fast", (lr, step, 10 * rate))
    yield Case("rate 0", (lr, step, 0.0))
    yield Case("rate 1", (lr, 2, 1.0))


EXPONENTIAL = Exercise(
    name="exponential_decay",
    unit=UNIT,
    signature="exponential_decay(lr, step, rate)",
    reference=exponential_decay,
    kind=Values(("lr", "step", "rate")),
    cases=exponential_cases,
    points=1,
    misconceptions=(
        Misconception(
            "forgets the minus sign",
            lambda lr, step, rate: lr * math.exp(rate * step),
            "Your rate grows. There is a minus in the exponent.",
        ),
        Misconception(
            "takes off rate per cent a step",
            lambda lr, step, rate: lr * (1 - rate) ** step,
            "(1 - rate) ** step is close for small rates, but not the same: the rule is exp(-rate · step).",
        ),
        Misconception(
            "decays like 1 / t",
            lambda lr, step, rate: lr / (1 + rate * step),
            "This is another schedule, lr / (1 + rate · step). It falls more and more slowly.",
        ),
        Misconception(
            "counts steps from 1",
            lambda lr, step, rate: lr * math.exp(-rate * (step + 1)),
            "At step 0 the rate is lr itself. Steps count from 0.",
        ),
        Misconception(
            "takes step 0 for step 1",
            lambda lr, step, rate: lr * math.exp(-rate * max(step, 1)),
            "At step 0 nothing has decayed yet: the rate is lr itself.",
        ),
        Misconception(
            "raises the rate to the step",
            lambda lr, step, rate: lr * rate**step,
            "You raise the rate itself to a power. The base is e; the rate stands in the exponent, with a minus and times "
            "the step.",
        ),
        Misconception(
            "divides the step by the rate",
            lambda lr, step, rate: lr * math.exp(-step / rate),
            "rate multiplies the step. With rate 0 nothing decays at all.",
        ),
        Misconception(
            "takes 2 as the base",
            lambda lr, step, rate: lr * 2 ** (-rate * step),
            "You halve; the base is e. Use math.exp or np.exp.",
        ),
        Misconception(
            "cannot do with rate 0",
            lambda lr, step, rate: lr * math.exp(-1 / (1 / rate) * step),
            "rate may be 0: then nothing decays. Do not divide by it.",
        ),
        Misconception(
            "stops after 100 steps",
            lambda lr, step, rate: lr * math.exp(-rate * min(step, 100)),
            "After a while your rate stays where it is. The rule has no last step.",
        ),
        Misconception(
            "stops at a thousandth",
            lambda lr, step, rate: max(lr * math.exp(-rate * step), lr * 1e-3),
            "Your rate stops falling. The rule has no lower end.",
        ),
    ),
    alternatives=(
        lambda lr, step, rate: float(lr * np.exp(-rate) ** step),
        lambda lr, step, rate: math.exp(math.log(lr) - rate * step),
    ),
    aspects=shares.EXPONENTIAL,
    reread="section 3, schedules: the table of the four, and the values by hand.",
)
