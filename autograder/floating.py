"""NumPy's warnings about numbers that no float can hold: heard during a call, in place of being shown.

They are part of what a call does: a result can be right although exp overflowed on the way. A function that knows
what it is doing says so with ``np.errstate``, and is not heard.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

ENCOUNTERED = r"(overflow|divide by zero|invalid value) encountered in "


@contextmanager
def hearing() -> Iterator[list[str]]:
    """A list that holds, once it is over, each such warning once, sorted. No other warning is shown or heard."""
    heard: list[str] = []
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("ignore")
        warnings.filterwarnings("default", ENCOUNTERED, RuntimeWarning)
        try:
            yield heard
        finally:
            heard += sorted({str(it.message) for it in caught})
