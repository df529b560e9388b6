"""add_noise: normal noise whose power lies a given number of decibels below the signal's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise
from autograder.exercises.unit04 import augmentation_shares as shares
from autograder.exercises.unit04.augmentation_looks import (
    UNIT,
    Rng,
    an_array,
    another,
    drawn,
    floats,
    frozen,
    repeatable,
    shaped,
    typed,
    unchanged,
)
from autograder.exercises.unit04.noise_mistakes import MISCONCEPTIONS
from autograder.sampling import Finding, Look, Sampler, Sampling, found, within
from nnlib.augmentation import add_noise

T = 4000


def tone(rng: Rng, size: float = 1.0, offset: float = 0.0) -> Any:
    """Two sines of an amplitude of about ``size``."""
    t = np.arange(T) / T
    one, two = rng.uniform(20, 90, 2)
    return size * (np.sin(2 * np.pi * one * t) + 0.5 * np.sin(2 * np.pi * two * t + 1)) + offset


def cases(rng: Rng) -> Iterator[Case]:
    """Signals of several levels and forms."""

    def case(trait: str, signal: Any, snr_db: float) -> Case:
        return Case(trait, (signal, snr_db, int(rng.integers(2**32))))

    yield case("10 decibels", tone(rng, 2.0), 10.0)
    yield case("0 decibels", tone(rng, 2.0), 0.0)
    yield case("minus 6 decibels", tone(rng, 2.0), -6.0)
    yield case("a loud signal", tone(rng, 50.0), 12.0)
    yield case("a quiet signal", tone(rng, 0.01), 12.0)
    yield case("a signal with an offset", tone(rng, 0.5, 2.0), 8.0)
    yield case("silence", np.zeros(100 + int(rng.integers(50))), 10.0)
    yield case("mean 0", tone(rng), 3.0)
    yield case("normal, not uniform", tone(rng), 3.0)
    yield case("each sample by itself", tone(rng), 3.0)
    yield case("the same rng, the same result", tone(rng), 10.0)
    yield case("another rng, another result", tone(rng), 10.0)
    yield case("float32", tone(rng).astype(np.float32), 10.0)
    yield case("integers", np.round(tone(rng, 8.0)).astype(np.int64), 10.0)
    yield case("read-only arrays", frozen(tone(rng)), 10.0)
    yield case("inputs unchanged", tone(rng), 10.0)


def noise(sampler: Sampler, seed: int) -> Any:
    """What came to the signal, or a Finding."""
    out = drawn(sampler, seed)
    return shaped(sampler, out) or out.astype(np.float64) - sampler.given[0]


def heard(wrong: Callable[[Sampler, Any], Finding | None]) -> Look:
    """Looks at the noise alone."""

    def look(sampler: Sampler, seed: int) -> Finding | None:
        part = noise(sampler, seed)
        if isinstance(part, Finding):
            return part
        if not np.isfinite(part).all():
            return found("not finite", "some samples are nan or inf")
        return wrong(sampler, part)

    return look


def level(sampler: Sampler, part: Any) -> Finding | None:
    """The power is what the decibels say; 2 P² / T is the variance of a mean of squares."""
    signal, snr_db = sampler.given
    power = float(np.mean(signal.astype(np.float64) ** 2))
    wanted, got = power / 10 ** (snr_db / 10), float(np.mean(part**2))
    if abs(got - wanted) <= 5 * wanted * math.sqrt(2 / len(part)):
        return None
    decibels = 10 * math.log10(power / got) if got > 0 else math.inf
    rounded = f"{decibels:.0f}" if abs(decibels) < 200 else "none"
    return found(
        f"level {rounded}",
        f"expected {snr_db:g} dB, got {decibels:.3g} dB: the noise has a power of {got:.3g}, and not {wanted:.3g}",
    )


def centred(sampler: Sampler, part: Any) -> Finding | None:
    """The mean is 0, to what chance allows."""
    return within("mean of the noise", float(part.mean()), 0.0, float(part.std()) / math.sqrt(len(part)))


def normal(sampler: Sampler, part: Any) -> Finding | None:
    """68.3 % of normal numbers are within one standard deviation."""
    chance = math.erf(1 / math.sqrt(2))
    inside = float((np.abs(part - part.mean()) < part.std()).mean()) if part.std() else 0.0
    problem = within(
        "share within one standard deviation", inside, chance, math.sqrt(chance * (1 - chance) / len(part))
    )
    return problem and replace(problem, name=f"share {round(20 * inside)}")


def independent(sampler: Sampler, part: Any) -> Finding | None:
    """Neighbours have nothing to do with each other."""
    x = part - part.mean()
    square = float((x**2).sum())
    together = float((x[1:] * x[:-1]).sum()) / square if square > 1e-20 else 1.0
    return within("correlation of neighbouring samples", together, 0.0, 1 / math.sqrt(len(x)))


def silent(sampler: Sampler, seed: int) -> Finding | None:
    """Nothing comes to nothing."""
    part = noise(sampler, seed)
    if isinstance(part, Finding):
        return part
    if np.isfinite(part).all() and not part.any():
        return None
    told = "nan or inf" if not np.isfinite(part).all() else f"noise of up to {np.abs(part).max():.3g}"
    return found(
        f"silence: {told[:5]}", f"a silent signal has no power, so its noise has none, but there is {told}"
    )


LOOKS: dict[str, Look] = {
    **dict.fromkeys(("10 decibels", "0 decibels", "minus 6 decibels"), heard(level)),
    **dict.fromkeys(("a loud signal", "a quiet signal", "a signal with an offset"), heard(level)),
    "silence": silent,
    "mean 0": heard(centred),
    "normal, not uniform": heard(normal),
    "each sample by itself": heard(independent),
    "the same rng, the same result": repeatable,
    "another rng, another result": another,
    "float32": typed("float32", heard(level)),
    "integers": typed("float64", heard(level)),
    "read-only arrays": heard(level),
    "inputs unchanged": unchanged,
}


def by_scale(signal: Any, snr_db: float, *, rng: Rng) -> Any:
    """rng.normal of that standard deviation."""
    x = floats(signal)
    deviation = np.linalg.norm(x) / math.sqrt(len(x)) * 10 ** (-snr_db / 20)
    return (x + rng.normal(0, deviation, x.shape)).astype(x.dtype)


def measured(signal: Any, snr_db: float, *, rng: Rng) -> Any:
    """The noise drawn is measured, and scaled to just that ratio."""
    x = floats(signal)
    part = rng.standard_normal(len(x))
    scale = math.sqrt(float(np.mean(x.astype(float) ** 2)) / 10 ** (snr_db / 10) / np.mean(part**2))
    return x + (scale * part).astype(x.dtype)


EXERCISE = Exercise(
    name="add_noise",
    unit=UNIT,
    signature="add_noise(signal, snr_db, *, rng)",
    reference=add_noise,
    kind=Sampling(("signal", "snr_db"), LOOKS, an_array("an array (T,)")),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_scale, measured),
    aspects=shares.NOISES,
    reread="augmenting sound: the box with the noise's power, and the example with four samples.",
)
