"""What the functions of this package ask of their arguments."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib.arrays import Array, as_float, check_shape

__all__ = ["as_batch", "as_signal", "as_words", "check_probability", "check_whole", "one_per_image"]


def as_batch(images: Array) -> Array:
    """The images in a float dtype, if their shape is (N, C, H, W); else ValueError."""
    images = as_float("images", images)
    axes = {"N": None, "C": None, "H": None, "W": None}
    check_shape("images", images, axes, "a single grey image (H, W) needs two more axes, image[None, None]")
    return images


def as_signal(signal: Array) -> Array:
    """The samples in a float dtype, if their shape is (T,) with T > 0; else ValueError."""
    signal = as_float("signal", signal)
    check_shape("signal", signal, {"T": None}, "one channel of sound, a row of samples")
    if not len(signal):
        raise ValueError("signal must have shape (T,) with T > 0, got (0,): there is no sound in it")
    return signal


def as_words(words: Sequence[str]) -> list[str]:
    """A new list of the words. TypeError where it is one text, or holds something else than texts."""
    if isinstance(words, str):
        raise TypeError("words must be a list of words, got one str: split it first, text.split()")
    for i, word in enumerate(words):
        if not isinstance(word, str):
            raise TypeError(f"words must be a list of str, got {type(word).__name__} at place {i}")
    return list(words)


def check_probability(name: str, p: float) -> float:
    """p, if it lies in [0, 1]; else ValueError."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {p}: it is a probability")
    return p


def check_whole(name: str, value: Any, least: int | None = None) -> int:
    """value as an int, if it is one, and at least `least`; else TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def one_per_image(name: str, values: Any, count: int) -> Array:
    """One number for each of `count` images, as (N,) float64; a single number is for all of them."""
    numbers = np.asarray(values, np.float64)
    if numbers.shape not in ((), (count,)):
        raise ValueError(
            f"{name} must be one number, or have shape (N,) with N = {count}, one for each image; "
            f"got {numbers.shape}"
        )
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite, got {values}")
    return np.broadcast_to(numbers, (count,))
