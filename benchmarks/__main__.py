"""Runs every benchmark and prints its table."""

from __future__ import annotations

from benchmarks import grading, layers, steps

if __name__ == "__main__":
    layers.main()
    steps.main()
    grading.main()
