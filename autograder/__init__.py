"""Checks of exercises, the boundary between trusted and untrusted code, the grading of a class.

What a notebook needs is here: `check` a function, `predict` and `reveal`. The rest is for graders: `grade` draws
inputs from a generator of one's own, `exercises` lists what can be checked. Everything loads when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.checking import check as check
    from autograder.checking import grade as grade
    from autograder.exercise import Case as Case
    from autograder.exercise import Exercise as Exercise
    from autograder.exercise import Misconception as Misconception
    from autograder.exercises import exercises as exercises
    from autograder.predictions import predict as predict
    from autograder.predictions import reveal as reveal
    from autograder.report import Report as Report

_HOMES = {
    "check": "checking",
    "grade": "checking",
    "exercises": "exercises",
    "Exercise": "exercise",
    "Case": "exercise",
    "Misconception": "exercise",
    "Report": "report",
    "predict": "predictions",
    "reveal": "predictions",
}

__all__ = ["Case", "Exercise", "Misconception", "Report", "check", "exercises", "grade", "predict", "reveal"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'autograder' has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # `exercises` is also a submodule: the function is what the package gives
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
