"""time_stretch: frames cut out at one pace and added up at another; so the length changes, and the pitch does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise
from autograder.exercises.unit04 import augmentation_shares as shares
from autograder.exercises.unit04.augmentation_looks import UNIT, Rng, floats, frozen
from autograder.exercises.unit04.stretching_mistakes import MISCONCEPTIONS, adding, hann
from autograder.kinds import Plain
from nnlib.augmentation import time_stretch


def cases(rng: Rng) -> Iterator[Case]:
    """Several rates, frames and signals; rates at which nothing lies half-way between two samples."""

    def noise(length: int) -> Any:
        return rng.normal(size=length)

    def tone(length: int, period: float) -> Any:
        return np.sin(2 * np.pi * np.arange(length) / period + rng.uniform(0, 1))

    m = int(rng.integers(1, 9))
    yield Case("rate 1", (noise(190 + 10 * m), 1.0, 32))
    yield Case("twice as fast", (noise(320 + 10 * m), 2.0, 32))
    yield Case("half as fast", (noise(200 + 10 * m), 0.5, 32))
    yield Case("a little faster", (noise(260 + 13 * m), 1.3, 32))
    yield Case("a little slower", (noise(210 + 7 * m), 0.7, 32))
    yield Case("length rounded up", (noise(230), 1.3, 32))
    yield Case("length rounded down", (noise(229), 1.3, 32))
    yield Case("a tone", (tone(400 + 10 * m, 4.0), 0.5, 32))
    yield Case("a constant", (np.full(195 + 13 * m, rng.uniform(1, 2)), 1.3, 32))
    yield Case("another frame", (noise(320 + 10 * m), 1.25, 64))
    yield Case("shorter than a frame", (noise(20 + m), 0.5, 64))
    yield Case("float32", (noise(156 + 13 * m).astype(np.float32), 1.3, 32))
    yield Case("integers", (rng.integers(-9, 9, 156 + 13 * m), 1.3, 32))
    yield Case("read-only arrays", (frozen(noise(161 + 7 * m)), 0.7, 32))
    yield Case("inputs unchanged", (noise(156 + 13 * m), 1.3, 32), looks_at=("result", "inputs"))


def sample_by_sample(signal: Any, rate: float, frame: int) -> Any:
    """Each sample of the result is a sum of two."""
    x, hop = floats(signal), frame // 2
    out = np.zeros(round(len(x) / rate), x.dtype)
    window = hann(frame, x.dtype)
    for n in range(len(out)):
        for k in (n // hop, n // hop + 1):
            inside = n - k * hop + hop
            place = round(k * hop * rate) + inside - hop
            if inside < frame and 0 <= place < len(x):
                out[n] += window[inside] * x[place]
    return out


def by_table(signal: Any, rate: float, frame: int) -> Any:
    """All frames at once, even and odd ones apart."""
    x, hop = floats(signal), frame // 2
    length = round(len(x) / rate)
    count = -(-length // hop) + 2 + (-(-length // hop)) % 2
    starts = np.rint(np.arange(count) * hop * rate).astype(int)
    padded = np.concatenate([np.zeros(hop, x.dtype), x, np.zeros(starts[-1] + 2 * frame, x.dtype)])
    frames = padded[starts[:, None] + np.arange(frame)] * hann(frame, x.dtype)
    even, odd = frames[::2].ravel(), frames[1::2].ravel()
    out = np.zeros(max(len(even), len(odd) + hop) + frame, x.dtype)
    out[: len(even)] += even
    out[hop : hop + len(odd)] += odd
    return out[hop : hop + length]


EXERCISE = Exercise(
    name="time_stretch",
    unit=UNIT,
    signature="time_stretch(signal, rate, frame)",
    reference=time_stretch,
    kind=Plain(("signal", "rate", "frame")),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(adding(), sample_by_sample, by_table),
    aspects=shares.STRETCHES,
    reread="augmenting sound: the picture of the frames, the example with eight samples, and the hints.",
)
