"""derivation_steps: the chain x → z1 → h → z2 → y → L and back, with numbers, audited line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograder.auditing import Audit
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02.shares import aspects

UNIT = "02_backpropagation"
NAMES = ("x", "t", "w1", "b1", "w2", "b2")


def sigmoid(z: float) -> float:
    """1 / (1 + exp(−z))."""
    return float(np.exp(-np.logaddexp(0, -z)))


STEPS: Mapping[str, Function] = {  # what a parameter is called is what a line is computed from
    "z1": lambda x, w1, b1: w1 * x + b1,
    "h": lambda z1: max(z1, 0.0),
    "z2": lambda h, w2, b2: w2 * h + b2,
    "y": lambda z2: sigmoid(z2),
    "loss": lambda y, t: (y - t) ** 2 / 2,
    "dy": lambda y, t: y - t,
    "dz2": lambda dy, y: dy * y * (1 - y),
    "dw2": lambda dz2, h: dz2 * h,
    "dh": lambda dz2, w2: dz2 * w2,
    "dz1": lambda dh, z1: dh * (z1 > 0),
    "dw1": lambda dz1, x: dz1 * x,
}


GROUPS = {  # what earns its part together
    "forward": ("z1", "h", "z2", "y", "loss"),
    "back to z2": ("dy", "dz2"),
    "layer 2": ("dw2", "dh"),
    "layer 1": ("dz1", "dw1"),
}


def run(steps: Mapping[str, Function], arguments: tuple[float, ...]) -> dict[str, float]:
    """Line after line."""
    known: dict[str, float] = dict(zip(NAMES, arguments, strict=True))
    for name, step in steps.items():
        count = step.__code__.co_argcount
        known[name] = step(*(known[source] for source in step.__code__.co_varnames[:count]))
    return {name: known[name] for name in steps}


def derivation_steps(x: float, t: float, w1: float, b1: float, w2: float, b2: float) -> dict[str, float]:
    """All lines by name, forward and backward."""
    return run(STEPS, (x, t, w1, b1, w2, b2))


def in_order(x: float, t: float, w1: float, b1: float, w2: float, b2: float) -> dict[str, Any]:
    """Written out, with NumPy's numbers."""
    z1 = np.float64(w1 * x + b1)
    h = z1 if z1 > 0 else 0
    z2 = h * w2 + b2
    y = 1 / (1 + np.exp(-z2))
    found = {"z1": z1, "h": h, "z2": z2, "y": y, "loss": 0.5 * (t - y) ** 2, "dy": y - t}
    found["dz2"] = (y - t) * (y - y**2)
    found["dw2"], found["dh"] = found["dz2"] * h, found["dz2"] * w2
    found["dz1"] = found["dh"] if z1 > 0 else 0
    return {**found, "dw1": found["dz1"] * x}


def backwards(x: float, t: float, w1: float, b1: float, w2: float, b2: float) -> dict[str, Any]:
    """Arrays without axes, more lines than asked for, in another order."""
    z1 = np.asarray(x) * w1 + b1
    h = np.maximum(0, z1)
    y = np.asarray((np.tanh((w2 * h + b2) / 2) + 1) / 2)
    delta = (y - t) * y * (1 - y)
    step = np.where(z1 > 0, 1.0, 0.0)
    return {
        **{
            "dw1": delta * w2 * step * x,
            "dz1": delta * w2 * step,
            "dh": delta * w2,
            "dw2": delta * h,
            "dz2": delta,
        },
        **{"dy": y - t, "loss": (y - t) ** 2 / 2, "y": y, "z2": w2 * h + b2, "h": h, "z1": z1, "db2": delta},
    }


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Random points: ReLU on, off, and exactly at its kink; the output on either side of the target."""

    def point(trait: str, z1: float, z2: float, t: float, x: float | None = None, b1: float | None = None) -> Case:
        x = round(some(0.5, 2) if x is None else x, 3)
        b1 = round(some(0.1, 0.9) if b1 is None else b1, 3)
        w1, w2 = round((z1 - b1) / x, 3), round(float(rng.choice([-1, 1])) * some(0.5, 1.5), 3)
        return Case(trait, (x, round(t, 3), w1, b1, w2, z2 - w2 * max(w1 * x + b1, 0.0)))

    def some(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    yield point("ReLU is on", some(0.4, 2), some(-1, 1), some(0.1, 0.3))
    yield point("ReLU is on, a negative x", some(0.4, 2), some(-1, 1), some(0.1, 0.3), x=-some(0.5, 2))
    yield point("ReLU is on, the target is 1", some(0.4, 2), some(-1, 0), 1.0)
    yield point("ReLU is on, z2 is large", some(0.4, 2), some(3, 5), some(0.1, 0.3))
    yield point("the output is exactly right", some(0.4, 2), 0.0, 0.5)
    yield point("ReLU is off", -some(0.4, 2), some(-1, 1), some(0.7, 0.9))
    yield point("ReLU is off, a negative x", -some(0.4, 2), some(-1, 1), some(0.1, 0.2), x=-some(0.5, 2))
    yield point("ReLU is off, the target is 0", -some(0.4, 2), some(0, 1), 0.0)
    yield point("ReLU is off, z2 is very negative", -some(0.4, 2), -some(3, 5), some(0.6, 0.9))
    yield point("z1 is exactly 0", 0.0, some(0.5, 1), 0.0, x=2.0, b1=0.5)


def line(**changes: Function) -> Function:
    """The derivation with other lines."""

    def wrong(x: float, t: float, w1: float, b1: float, w2: float, b2: float) -> dict[str, float]:
        return run({**STEPS, **changes}, (x, t, w1, b1, w2, b2))

    return wrong


def without(*names: str) -> Function:
    """Some lines are missing."""
    return lambda *arguments: {k: v for k, v in derivation_steps(*arguments).items() if k not in names}


MISCONCEPTIONS = (
    Misconception(
        "forgets the bias",
        line(z1=lambda x, w1: w1 * x, z2=lambda h, w2: w2 * h),
        "The bias is missing: z = w · input + b.",
    ),
    Misconception(
        "leaves out ReLU",
        line(h=lambda z1: z1),
        "h is z1 itself here. h = max(z1, 0): below 0 the ReLU gives 0.",
    ),
    Misconception(
        "takes a sigmoid for the hidden unit",
        line(h=lambda z1: sigmoid(z1)),
        "In this chain the hidden unit has a ReLU; only the output has a sigmoid.",
    ),
    Misconception(
        "leaves out the sigmoid",
        line(y=lambda z2: z2),
        "y is z2 itself here. The output goes through a sigmoid: y = 1 / (1 + e^(−z2)).",
    ),
    Misconception(
        "has the sign of the exponent wrong",
        line(y=lambda z2: sigmoid(-z2)),
        "This is 1 / (1 + e^(+z)), which falls where the sigmoid rises. Mind the minus sign.",
    ),
    Misconception(
        "forgets the half",
        line(loss=lambda y, t: (y - t) ** 2),
        "The loss is ½ (y − t)²: the half is missing.",
    ),
    Misconception(
        "doubles dy",
        line(dy=lambda y, t: 2 * (y - t)),
        "The derivative of ½ (y − t)² is y − t: the 2 of the square and the half cancel.",
    ),
    Misconception(
        "has dy's sign wrong",
        line(dy=lambda y, t: t - y),
        "dy is y − t. If y is above the target, then raising y raises the loss, so the sign is plus.",
    ),
    Misconception(
        "forgets the derivative of the sigmoid",
        line(dz2=lambda dy: dy),
        "From y back to z2 you pass the sigmoid, and its derivative is a factor: y (1 − y). (Without it this would be "
        "cross-entropy, but the loss here is the squared error.)",
    ),
    Misconception(
        "applies the sigmoid to y again",
        line(dz2=lambda dy, y: dy * sigmoid(y) * (1 - sigmoid(y))),
        "y is already σ(z2). Its derivative is y (1 − y), without applying the sigmoid once more.",
    ),
    Misconception(
        "multiplies dw2 by the weight",
        line(dw2=lambda dz2, w2: dz2 * w2),
        "dw2 asks how z2 changes with w2. In z2 = w2 h + b2 the factor beside w2 is h.",
    ),
    Misconception(
        "uses z1 for dw2",
        line(dw2=lambda dz2, z1: dz2 * z1),
        "w2 is multiplied by h, which has been through the ReLU, not by z1.",
    ),
    Misconception(
        "multiplies dh by h",
        line(dh=lambda dz2, h: dz2 * h),
        "dh asks how z2 changes with h. In z2 = w2 h + b2 the factor beside h is w2.",
    ),
    Misconception(
        "uses w1 for dh",
        line(dh=lambda dz2, w1: dz2 * w1),
        "Between h and z2 stands w2. w1 comes later on the way back.",
    ),
    Misconception(
        "forgets the derivative of ReLU",
        line(dz1=lambda dh: dh),
        "From h back to z1 you pass the ReLU: where it was off, nothing passes. Its derivative is 1 for z1 > 0, else 0.",
    ),
    Misconception(
        "takes 1 for ReLU's derivative at 0",
        line(dz1=lambda dh, z1: dh * (z1 >= 0)),
        "At exactly 0 the derivative of ReLU is taken to be 0 in this course: z1 > 0, not z1 >= 0.",
        seen=23,
    ),
    Misconception(
        "takes ReLU for its own derivative",
        line(dz1=lambda dh, z1: dh * max(z1, 0.0)),
        "The derivative of ReLU is its slope, 1 or 0, not its value.",
    ),
    Misconception(
        "uses z2 for ReLU's derivative",
        line(dz1=lambda dh, z2: dh * (z2 > 0)),
        "The ReLU sits between z1 and h, so its slope is decided by the sign of z1.",
    ),
    Misconception(
        "multiplies dw1 by the weight",
        line(dw1=lambda dz1, w1: dz1 * w1),
        "dw1 asks how z1 changes with w1. In z1 = w1 x + b1 the factor beside w1 is x.",
    ),
    Misconception(
        "multiplies dw1 by h",
        line(dw1=lambda dz1, h: dz1 * h),
        "w1 is multiplied by x, the input of its own layer. h is what comes out of that layer.",
    ),
    Misconception(
        "goes forward only",
        without("dy", "dz2", "dw2", "dh", "dz1", "dw1"),
        "The lines of the way back are missing: dy, dz2, dw2, dh, dz1 and dw1.",
    ),
)

EXERCISE = Exercise(
    name="derivation_steps",
    unit=UNIT,
    signature="derivation_steps(x, t, w1, b1, w2, b2)",
    reference=derivation_steps,
    kind=Audit(NAMES, STEPS, GROUPS),
    cases=cases,
    points=5,
    misconceptions=MISCONCEPTIONS,
    alternatives=(in_order, backwards),
    aspects=aspects(
        ReLU_on=(
            36,
            (
                *(
                    "ReLU is on",
                    "ReLU is on, a negative x",
                    "ReLU is on, the target is 1",
                    "ReLU is on, z2 is large",
                ),
                "the output is exactly right",
            ),
        ),
        ReLU_off=(
            32,
            (
                *("ReLU is off", "ReLU is off, a negative x", "ReLU is off, the target is 0"),
                "ReLU is off, z2 is very negative",
            ),
        ),
        at_the_kink=(32, ("z1 is exactly 0",)),
    ),
    reread="section 4, the chain rule with numbers: the table of lines, and the example worked by hand.",
)
