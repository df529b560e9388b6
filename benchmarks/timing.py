"""Fair times: every library in a process of its own, in rounds, each alone on the machine while it runs.

In one process PyTorch's idle threads spin and slow down whoever comes next, OpenBLAS's likewise. So each side has
its own process, only one of them works at a time, and all wait alike before they begin until the others sleep.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

Work = Callable[[], Any]
Prepare = Callable[[str, str], Mapping[str, Work]]  # (side, workload) -> what to time, by name

SETTLING = 0.05  # seconds; OpenBLAS's threads spin for about 20 ms after a product
CALLS = 7


def medians(
    prepare: Prepare, workload: str, processes: Mapping[str, ProcessPoolExecutor], rounds: int
) -> dict[str, dict[str, float]]:
    """Median seconds of a workload, by side and by name, over rounds in which each side has its turn."""
    times: dict[str, dict[str, list[float]]] = {side: {} for side in processes}
    for _ in range(rounds):
        for side, process in processes.items():
            for name, seconds in process.submit(turn, prepare, side, workload).result().items():
                times[side].setdefault(name, []).extend(seconds)
    return {
        side: {name: statistics.median(values) for name, values in by_name.items()}
        for side, by_name in times.items()
    }


def turn(prepare: Prepare, side: str, workload: str) -> dict[str, list[float]]:
    """Seconds of CALLS calls each; a first call, which finds caches cold, does not count."""
    works = prepare(side, workload)
    time.sleep(SETTLING)
    return {name: [_seconds(work) for _ in range(CALLS + 1)][1:] for name, work in works.items()}


def own_process() -> ProcessPoolExecutor:
    """A process that starts afresh and stays."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


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
    return 2 * size**3 / statistics.median([_seconds(lambda: a @ b) for _ in range(9)])


def geometric_mean(values: list[float]) -> float:
    """The mean for ratios."""
    return float(np.exp(np.mean(np.log(values))))


def _seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
