"""Small handwritten digits, embedded (source and licence: LICENSE-digits)."""

from pathlib import Path

import numpy as np

from nnlib.arrays import Array

__all__ = ["load_digits"]

INK_LEVELS = 16  # a pixel counts the inked dots of a 4 × 4 block of the scan


def load_digits() -> tuple[Array, Array]:
    """1797 handwritten digits of 8 × 8 pixels: (images (1797, 8, 8) float32 in [0, 1], labels (1797,) int64).

    The test set of the UCI Optical Recognition of Handwritten Digits data. New arrays at every call.
    """
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as stored:
        return stored["images"].astype(np.float32) / INK_LEVELS, stored["labels"].astype(np.int64)
