"""Wrong ways to stretch a sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit04.augmentation_looks import floats
from nnlib.augmentation import time_stretch


def hann(frame: int, dtype: Any) -> Any:
    """The window whose halves add up to 1."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(frame) / frame)).astype(dtype)


Choice = Callable[[int, int, float], int]  # from k, hop and rate to a sample


def adding(
    source: Choice = lambda k, hop, rate: round(k * hop * rate),
    window: Callable[[int, Any], Any] = hann,
    length: Callable[[int, float], int] = lambda n, rate: round(n / rate),
    plus: bool = True,
    centred: bool = True,
    overlap: int = 2,
    missing: int = 0,
) -> Function:
    """Overlap and add, with something else in one place."""

    def stretch(signal: Any, rate: float, frame: int) -> Any:
        x = floats(signal)
        hop, size = frame // overlap, max(0, length(len(x), rate))
        before = frame // 2 if centred else 0
        count = max(1, -(-size // hop) + 1 - missing)
        ends = [source(k, hop, rate) for k in range(count)]
        padded = np.concatenate([np.zeros(before, x.dtype), x, np.zeros(max(0, ends[-1]) + 2 * frame, x.dtype)])
        out = np.zeros((count + 2) * hop + 2 * frame, x.dtype)
        for k, start in enumerate(ends):
            piece = window(frame, x.dtype) * padded[start : start + frame]
            place = slice(k * hop, k * hop + frame)
            out[place] = out[place] + piece if plus else piece
        return out[before : before + size]

    return stretch


def resampled(signal: Any, rate: float, frame: int) -> Any:
    """As a record that turns faster."""
    x = floats(signal)
    places = np.arange(round(len(x) / rate)) * rate
    return np.interp(places, np.arange(len(x)), x).astype(x.dtype)


def cut_off(signal: Any, rate: float, frame: int) -> Any:
    """The signal from its beginning, or silence behind it."""
    x = floats(signal)
    out = np.zeros(round(len(x) / rate), x.dtype)
    out[: len(x)] = x[: len(out)]
    return out


def whole_frames(signal: Any, rate: float, frame: int) -> Any:
    """Looks for whole frames in the signal."""
    np.lib.stride_tricks.sliding_window_view(signal, frame)
    return time_stretch(signal, rate, frame)


def of_integers(signal: Any, rate: float, frame: int) -> Any:
    """np.zeros_like for the result."""
    return time_stretch(signal, rate, frame).astype(signal.dtype)


def changing(signal: Any, rate: float, frame: int) -> Any:
    """The borders are faded, in the caller's array."""
    out = time_stretch(signal, rate, frame)
    signal[: frame // 2] *= 0.5
    return out


def symmetric(frame: int, dtype: Any) -> Any:
    """np.hanning, which is 0 at both ends."""
    return np.hanning(frame).astype(dtype)


def boxed(frame: int, dtype: Any) -> Any:
    """No window."""
    return np.ones(frame, dtype)


def halves(frame: int, dtype: Any) -> Any:
    """No window, but the mean of two."""
    return np.full(frame, 0.5, dtype)


MISCONCEPTIONS = (
    Misconception(
        "reads faster",
        resampled,
        "The samples were read faster or slower, as a record that turns at another speed: the pitch moves, too. Cut whole "
        "frames out and leave them as they are.",
    ),
    Misconception(
        "cuts the end off",
        cut_off,
        "The length is right, but it is the beginning of the signal at its old speed. The pace at which frames are cut out must "
        "be another than the one at which they are added.",
    ),
    Misconception(
        "exchanges fast and slow",
        lambda signal, rate, frame: time_stretch(signal, 1 / rate, frame),
        "rate = 2 must make the sound half as long, and here it becomes twice as long. Where do you multiply, and where divide?",
    ),
    Misconception(
        "has no window",
        adding(window=boxed),
        "The frames were added without a window, so the result is twice as loud. Multiply each one by the Hann window first.",
    ),
    Misconception(
        "takes the mean of frames",
        adding(window=halves),
        "The loudness is right, but each frame begins and ends with a jump. The window lets one fade out while the next fades in.",
    ),
    Misconception(
        "uses np.hanning",
        adding(window=symmetric),
        "np.hanning ends with 0 as it begins, so two halves do not add up to 1. Divide by `frame` in the cosine, not by "
        "frame − 1.",
    ),
    Misconception(
        "overwrites where frames overlap",
        adding(plus=False),
        "Where frames overlap, the last one wipes out the one before. Write += in place of =.",
    ),
    Misconception(
        "lays frames side by side",
        adding(overlap=1),
        "The frames do not overlap, so the sound fades out between them. The hop is half of a frame.",
    ),
    Misconception(
        "overlaps frames too much",
        adding(overlap=4),
        "Each frame begins a quarter of its length behind the one before, so four of them lie on each sample. The hop is half of a "
        "frame.",
    ),
    Misconception(
        "rounds the step",
        adding(lambda k, hop, rate: k * round(hop * rate)),
        "The step from frame to frame was rounded, and the error grows with each frame. Round the place: round(k * hop * rate).",
    ),
    Misconception(
        "cuts the place off",
        adding(lambda k, hop, rate: int(k * hop * rate)),
        "Places are cut down to whole samples, and not rounded. int(2.9) is 2, round(2.9) is 3.",
    ),
    Misconception(
        "does not begin in the middle of a frame",
        adding(centred=False),
        "The sound fades in at the start, where only one frame lies. Frame 0 is centred at sample 0: put half a frame of zeros "
        "before the signal, and take them off again at the end.",
    ),
    Misconception(
        "stops a frame too early",
        adding(missing=1),
        "The sound fades out at its end, where a frame is missing. The last one lies around the end of the result or behind it: "
        "k runs up to ⌈length / h⌉, and that one counts, too.",
    ),
    Misconception(
        "refuses what is shorter than a frame",
        whole_frames,
        "A sound may be shorter than one frame. Put the zeros around it before anything is cut out, and no case is special.",
    ),
    Misconception(
        "cuts the length off",
        adding(length=lambda n, rate: int(n / rate)),
        "The length was cut down, and not rounded: round(T / rate).",
    ),
    Misconception(
        "rounds the length up",
        adding(length=lambda n, rate: -int(-n // rate)),
        "The length was rounded up, and not to the nearest whole number: round(T / rate).",
    ),
    Misconception(
        "has frames of 32 samples",
        lambda signal, rate, frame: time_stretch(signal, rate, 32),
        "The result is right for frames of 32 samples only. Use the argument.",
    ),
    Misconception(
        "makes integers",
        of_integers,
        "Integers came in, and integers went out: everything behind the point is cut off. Use as_float first.",
    ),
    Misconception(
        "makes float64 of float32",
        lambda signal, rate, frame: time_stretch(signal, rate, frame).astype(np.float64),
        "float32 came in, float64 went out: window and zeros are float64. Give them the signal's dtype.",
    ),
    Misconception(
        "changes its input in place",
        changing,
        "The caller's signal was changed: look for *= on it. Multiply into a new array.",
    ),
)
