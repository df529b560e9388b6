"""What all tests share: where the project is, and what a machine must have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Where several processes test (`-n 2`), an exercise's tests share one: its mistakes are looked at once a seed."""
    from xdist.scheduler import LoadScopeScheduling

    import autograder

    names = {exercise.name for exercise in autograder.exercises()}

    class ByExercise(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if not nodeid.startswith("tests/autograder/test_exercises.py"):
                return nodeid
            return next((part for part in re.split(r"[][-]", nodeid) if part in names), nodeid)

    return ByExercise(config, log)
