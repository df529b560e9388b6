"""The registry: every exercise, in the order of the notebooks. Only here does the autograder know nnlib.

``autograder.exercises`` is both this package and, for those who grade, the function that lists the records.
Importing a submodule binds its name in the parent, so the package itself answers the call.
"""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType

from autograder.exercise import Exercise

__all__ = ["exercises"]


@cache
def exercises() -> tuple[Exercise, ...]:
    """All exercises, in the order of the units and of their notebooks."""
    # late: they load the reference
    from autograder.exercises import unit01, unit02, unit03, unit04, unit05, unit06, unit07

    units = (unit01, unit02, unit03, unit04, unit05, unit06, unit07)
    return tuple(exercise for unit in units for exercise in unit.EXERCISES)


class Registry(ModuleType):
    """A package that can be called, for ``autograder.exercises()``."""

    def __call__(self) -> tuple[Exercise, ...]:
        """All exercises."""
        return exercises()


sys.modules[__name__].__class__ = Registry
