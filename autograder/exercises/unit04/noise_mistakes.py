"""Wrong ways to add noise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit04.augmentation_looks import (
    Rng,
    as_float64,
    floats,
    in_place,
    no_rng,
    own_rng,
    written_back,
)
from nnlib.augmentation import add_noise


def of_deviation(deviation: Callable[[Any, float], float]) -> Function:
    """Normal noise of another standard deviation."""

    def wrong(signal: Any, snr_db: float, *, rng: Rng) -> Any:
        x = floats(signal)
        return x + (deviation(x.astype(np.float64), snr_db) * rng.standard_normal(len(x))).astype(x.dtype)

    return wrong


def power(x: Any) -> float:
    """The mean square."""
    return float(np.mean(x**2))


def of_form(draw: Callable[[Rng, int], Any]) -> Function:
    """Noise of the right power and another form."""

    def wrong(signal: Any, snr_db: float, *, rng: Rng) -> Any:
        x = floats(signal)
        deviation = math.sqrt(power(x.astype(np.float64)) / 10 ** (snr_db / 10))
        return x + (deviation * draw(rng, len(x))).astype(x.dtype)

    return wrong


def alone(signal: Any, snr_db: float, *, rng: Rng) -> Any:
    """Only the noise."""
    return add_noise(signal, snr_db, rng=rng) - signal


def cut(signal: Any, snr_db: float, *, rng: Rng) -> Any:
    """Back to integers."""
    return add_noise(signal, snr_db, rng=rng).astype(signal.dtype)


def divided(signal: Any, snr_db: float, *, rng: Rng) -> Any:
    """Divides by the signal's power."""
    x = floats(signal)
    scaled = x / np.sqrt(np.mean(x.astype(np.float64) ** 2))
    root = np.sqrt(np.mean(x.astype(np.float64) ** 2)).astype(x.dtype)
    return root * add_noise(scaled.astype(x.dtype), snr_db, rng=rng)


MISCONCEPTIONS = (
    Misconception(
        "divides decibels by 20",
        of_deviation(lambda x, db: math.sqrt(power(x) / 10 ** (db / 20))),
        "20 belongs to ratios of amplitudes. SNR is a ratio of powers here: 10 dB are a factor of 10 in the power.",
    ),
    Misconception(
        "takes the power for the standard deviation",
        of_deviation(lambda x, db: power(x) / 10 ** (db / 10)),
        "That is the power of the noise, not its standard deviation: a power is a mean square. A root is missing.",
    ),
    Misconception(
        "measures around the mean",
        of_deviation(lambda x, db: float(x.std()) / 10 ** (db / 20)),
        "np.std and np.var take the mean off first. Power is the mean of the squares themselves: np.mean(signal ** 2).",
    ),
    Misconception(
        "takes the largest value for the level",
        of_deviation(lambda x, db: float(np.abs(x).max()) / 10 ** (db / 20)),
        "The level was read from the largest sample. Power is the mean of all squares.",
    ),
    Misconception(
        "adds up the squares",
        of_deviation(lambda x, db: math.sqrt(float((x**2).sum()) / 10 ** (db / 10))),
        "The squares were added up, so long signals get much noise. Power is their mean.",
    ),
    Misconception(
        "has the sign exchanged",
        of_deviation(lambda x, db: math.sqrt(power(x) * 10 ** (db / 10))),
        "The larger snr_db, the louder is your noise. It must be the other way round: snr_db says how far the noise lies below "
        "the signal.",
    ),
    Misconception(
        "takes the decibels for the noise's level",
        of_deviation(lambda x, db: 10 ** (-db / 20)),
        "The noise has the same level for every signal. It must follow the signal's power.",
    ),
    Misconception(
        "has e in place of 10",
        of_deviation(lambda x, db: math.sqrt(power(x) / math.exp(db / 10))),
        "Decibels count powers of ten, not of e: 10 ** (snr_db / 10).",
    ),
    Misconception(
        "draws uniform noise",
        of_form(lambda rng, n: rng.uniform(-math.sqrt(3), math.sqrt(3), n)),
        "The power is right, but the noise is uniform. Normal numbers are asked for: rng.standard_normal.",
    ),
    Misconception(
        "draws positive noise",
        of_form(lambda rng, n: np.abs(rng.standard_normal(n))),
        "All the noise is positive, so it moves the signal as a whole. Draw numbers of mean 0.",
    ),
    Misconception(
        "draws one number",
        of_form(lambda rng, n: np.full(n, rng.standard_normal())),
        "The same number was added to all samples: that is a shift and no noise. Draw one for each sample.",
    ),
    Misconception(
        "draws smooth noise",
        of_form(lambda rng, n: np.repeat(rng.standard_normal(n // 2 + 1), 2)[:n]),
        "Neighbouring samples get the same number. Draw one for each sample.",
    ),
    Misconception(
        "returns the noise alone",
        alone,
        "This is the noise without the signal. Return their sum.",
    ),
    Misconception(
        "divides by the signal's power",
        divided,
        "A silent signal has a power of 0, and something is divided by it: the result is nan. Write the noise's power as a "
        "product.",
    ),
    Misconception(
        "makes integers",
        cut,
        "Integers came in, and integers went out: everything behind the point is cut off. Use as_float first.",
    ),
    in_place(
        written_back(add_noise),
        "The caller's signal was changed: signal += … does that. At the next epoch more noise would come on top. Write a new sum.",
    ),
    Misconception(
        "makes float64 of float32",
        as_float64(add_noise),
        "float32 came in, float64 went out: the noise is float64. Convert it to the signal's dtype before you add it.",
    ),
    own_rng(add_noise),
    no_rng(add_noise),
)
