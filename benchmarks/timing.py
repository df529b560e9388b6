"""Times in turns: what several functions take when each runs once a round, so that all share a machine's moods."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Work = Callable[[], Any]


def medians(functions: Mapping[str, Work], rounds: int = 9) -> dict[str, float]:
    """The median time of each, in seconds; a first call of each, which finds caches cold, does not count."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for number in range(rounds + 1):
        for name, work in functions.items():
            start = time.perf_counter()
            work()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def scratch(work: Work) -> int:
    """Bytes that a call takes at most beside what it returns."""
    tracemalloc.start()
    try:
        result = work()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del result
    return peak - kept


def product_peak(dtype: type = np.float32, size: int = 1536) -> float:
    """Floating-point operations a second of one large matrix product: the limit of what NumPy can do here."""
    a, b = (np.random.default_rng(0).standard_normal((size, size)).astype(dtype) for _ in range(2))
    return 2 * size**3 / medians({"product": lambda: a @ b})["product"]


def geometric_mean(values: list[float]) -> float:
    """The mean for ratios."""
    return float(np.exp(np.mean(np.log(values))))
