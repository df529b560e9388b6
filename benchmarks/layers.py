"""nnlib's layers beside PyTorch's, and beside a plain strided im2col: ``python -m benchmarks.layers``.

Every library runs in a process of its own, one at a time, in alternating rounds, after the same pause: see
`benchmarks.timing`. Ratios are of medians; below 1 nnlib is faster.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec

from rich.console import Console
from rich.table import Table

from benchmarks.sides import CONVOLUTIONS, IM2COL, NNLIB, OTHERS, SIDES, TORCH, TORCH_LAST, prepare
from benchmarks.timing import geometric_mean, medians, own_process, product_peak, scratch

WAYS = ("forward", "backward")


def memory(name: str) -> dict[str, float]:
    """nnlib's scratch bytes of a workload, by way."""
    return {way: scratch(work) for way, work in prepare(NNLIB, name).items()}


def main() -> None:
    wanted = sys.argv[1:]
    names = [n for n in (*CONVOLUTIONS, *OTHERS) if not wanted or any(w in n for w in wanted)]
    processes = {side: own_process() for side in SIDES}
    peak = processes[NNLIB].submit(product_peak).result()
    print(f"peak {peak / 1e9:.0f}")
    for name in names:
        found = medians(prepare, name, processes, 5)
        mem = memory(name)
        x = CONVOLUTIONS[name].x if name in CONVOLUTIONS else (64, 64, 32, 32)
        import math

        nb = 4 * math.prod(x)
        line = f"{name:30}"
        for way in WAYS:
            o = found[NNLIB][way]
            t, l = found[TORCH][way], found[TORCH_LAST][way]
            line += f" | {1e3 * o:7.2f} T{1e3 * t:7.2f} L{1e3 * l:7.2f} {o / t:5.2f} {o / min(t, l):5.2f}"
            line += f" {o / found[IM2COL][way]:5.2f}" if found[IM2COL] else "      "
            line += f" {mem[way] / nb:4.1f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
