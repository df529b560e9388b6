"""nnlib's layers beside PyTorch's and a plain strided im2col: ``python -m benchmarks.layers [--write FILE]``.

Each side runs in a process of its own, one at a time, in alternating rounds, after the same pause
(`benchmarks.timing` says why), with its images in memory as it likes them (`benchmarks.sides`). ``--write`` puts
the tables between the marks of a document, and leaves the rest of it alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from math import prod
from pathlib import Path

from benchmarks.documents import write
from benchmarks.sides import CONVOLUTIONS, IM2COL, NNLIB, OTHERS, SHAPE, SIDES, TORCH, TORCH_LAST, prepare
from benchmarks.timing import geometric_mean, medians, own_process, product_peak, scratch

WAYS = ("forward", "backward")
ROUNDS = 7
PEERS = ((TORCH,), (TORCH, TORCH_LAST))  # nnlib beside the default, and beside the better of the two
HEADINGS = ("", "ms", "/ PyTorch", "/ its best layout", "/ im2col", "of peak", "scratch / input")
GROUPS = {
    "convolutions": tuple(CONVOLUTIONS),
    "pools and batch norm": tuple(name for name in OTHERS if name != "ReLU"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of a workload: median seconds by side and way, nnlib's scratch bytes by way."""

    seconds: dict[str, dict[str, float]]
    scratch: dict[str, int]

    def ratio(self, way: str, *sides: str) -> float | None:
        """nnlib's time over the best of these sides'; None where none was measured."""
        times = [self.seconds[side][way] for side in sides if self.seconds.get(side)]
        return self.seconds[NNLIB][way] / min(times) if times else None

    def whole(self, side: str) -> float:
        """Seconds of a side, forward and backward."""
        return sum(self.seconds[side].values())


def measure() -> tuple[float, dict[str, Found]]:
    """Floating-point operations a second of a large product, and what was found by workload."""
    with ExitStack() as stack:
        sides = SIDES if find_spec("torch") else (NNLIB, IM2COL)
        processes = {side: stack.enter_context(own_process()) for side in sides}
        names = (*CONVOLUTIONS, *OTHERS)
        peaks, seconds = [], {}
        for name in names:
            peaks.append(processes[NNLIB].submit(product_peak).result())
            seconds[name] = medians(prepare, name, processes, ROUNDS)
    return statistics.median(peaks), {
        name: Found(seconds[name], {way: scratch(work) for way, work in prepare(NNLIB, name).items()})
        for name in names
    }


def tables(peak: float, found: dict[str, Found]) -> Iterator[str]:
    """The lines of the report, in Markdown."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch") if find_spec(name))
    yield (
        f"{os.cpu_count()} processors, {libraries}; float32; a large matrix product: {peak / 1e9:.0f} GFLOP/s. "
        f"Medians over {ROUNDS} rounds, each side in a process of its own, alone. Below 1, nnlib is faster."
    )
    for way in WAYS:
        yield from ("", f"| {way}" + " | ".join(HEADINGS) + " |", "|---" + "|---:" * (len(HEADINGS) - 1) + "|")
        yield from (
            f"| {name} | " + " | ".join(_cells(name, item, way, peak)) + " |" for name, item in found.items()
        )
    yield from ("", "| geometric mean | / PyTorch | / its best layout |", "|---|---:|---:|")
    for group, names in GROUPS.items():
        for label, ways in ({way: (way,) for way in WAYS} | {"both": WAYS}).items():
            means = (_mean([found[name].ratio(way, *sides) for name in names for way in ways]) for sides in PEERS)
            yield f"| {group}, {label} | " + " | ".join(means) + " |"
    slowest = max(found[name].whole(NNLIB) / found[name].whole(IM2COL) for name in CONVOLUTIONS)
    yield from (
        "",
        f"Forward and backward together, a convolution takes at most {slowest:.2f} of the time of im2col.",
    )


def _cells(name: str, found: Found, way: str, peak: float) -> Iterator[str]:
    work, ours = CONVOLUTIONS.get(name), found.seconds[NNLIB][way]
    yield f"{1e3 * ours:.1f}"
    for sides in (*PEERS, (IM2COL,)):
        ratio = found.ratio(way, *sides)
        yield "" if ratio is None else f"{ratio:.2f}"
    products = 1 if way == "forward" or (work and work.first) else 2
    yield f"{products * work.operations / ours / peak:.0%}" if work else ""
    yield f"{found.scratch[way] / (4 * prod(work.x if work else SHAPE)):.1f}"


def _mean(ratios: Sequence[float | None]) -> str:
    known = [ratio for ratio in ratios if ratio is not None]
    return f"{geometric_mean(known):.2f}" if known else ""


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print, or write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.layers", description="nnlib's layers beside peers")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the tables between the marks of this document"
    )
    document = parser.parse_args(arguments).write
    lines = list(tables(*measure()))
    print("\n".join(lines))
    if document:
        write(document, "layers", lines)


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
