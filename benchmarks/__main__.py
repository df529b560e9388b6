"""Runs every benchmark and prints its table."""

from __future__ import annotations

from benchmarks import grading

if __name__ == "__main__":
    grading.main()
