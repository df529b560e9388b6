"""The bug hunts: inputs that expose wrong versions of dropout and of batch norm."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.calling import describe
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit02.drawing import Array, floating
from autograder.exercises.unit04 import batchnorm_mistakes, dropout_mistakes
from autograder.exercises.unit04.augmentation_looks import UNIT
from autograder.exposing import Hunt
from autograder.sampling import DEVIATIONS
from nnlib.dropout import dropout_forward
from nnlib.normalization import batchnorm_forward

MOST_VALUES = 20_000
WRONG_DROPOUT = {
    "p for the keep rate": "takes p for the share that is kept",
    "mask the wrong way round": "keeps what it should drop",
    "no scaling": "does not scale",
    "divided by p": "divides by p",
    "scaled in evaluation": "scales in evaluation, too",
    "dropped in evaluation": "drops in evaluation, too",
    "normal numbers": "draws normal numbers",
    "one mask for all rows": "draws one mask for all rows",
    "whole rows": "drops whole rows",
    "tables only": "takes tables for granted",
    "float64 of float32": "returns float64 for float32",
}
WRONG_BATCHNORM = {
    "eps outside the root": "puts eps outside the root",
    "no eps in evaluation": "forgets eps in evaluation",
    "eps in the running variance": "keeps eps in the running variance",
    "eps built in": "has eps built in",
    "momentum built in": "has momentum built in",
    "momentum exchanged": "exchanges the two parts of the running mean",
    "no gamma in evaluation": "forgets gamma and beta in evaluation",
    "beta times gamma": "multiplies beta by gamma",
    "one mean for all": "takes one mean for all values",
    "variance begins at 0": "begins with variance 0",
    "batch in evaluation": "uses the batch in evaluation",
    "two large means": "computes the variance from two large means",
}


def among(mistakes: tuple[Misconception, ...], names: dict[str, str]) -> dict[str, Misconception]:
    """The wrong versions by trait."""
    known = {mistake.name: mistake for mistake in mistakes}
    return {trait: known[name] for trait, name in names.items()}


def not_between(name: str, value: Any, low: float, high: float) -> str:
    """Why a value is no number from low to below high, or an empty string."""
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if number and low <= value < high:
        return ""
    return f"{name}: expected a number from {low} to below {high}, got {describe(value)}"


def no_array(name: str, value: Any) -> str:
    """Why a value is no array of a few finite numbers, or an empty string."""
    if not isinstance(value, np.ndarray) or not value.ndim or not 1 <= value.size <= MOST_VALUES:
        return f"{name}: expected an array of 1 to {MOST_VALUES} numbers, got {describe(value)}"
    return "" if np.isfinite(value).all() else f"{name} must hold finite numbers"


def unfit_dropout(x: Any, p_drop: Any) -> str:
    """Why this is no input for dropout, or an empty string."""
    return no_array("x", x) or not_between("p_drop", p_drop, 0, 1)


def dropped(function: Function, inputs: Any, seed: int) -> Any:
    """What dropout makes of an input, whatever it draws: form, share, factors, masks; and evaluation."""
    x, p = inputs
    out = function(x, p, True, rng=np.random.default_rng(seed))[0]
    evaluated = function(x, p, False, rng=np.random.default_rng(seed))[0]
    solid = x != 0
    factors = (out / np.where(solid, floating(x), 1))[solid]
    kept = factors[factors != 0]
    off = abs(float((factors == 0).mean()) - p) if factors.size else 0.0
    fits = off <= DEVIATIONS * math.sqrt(p * (1 - p) / max(factors.size, 1)) + 1e-12
    rows = (out != 0).reshape(len(out), -1)
    lost_alike = bool((rows == rows[:1]).all()), bool((rows == rows[:, :1]).all())
    extremes = np.array([kept.min(), kept.max()]) if kept.size else np.zeros(2)
    return f"{out.dtype} {out.shape} {fits} {lost_alike}", extremes, evaluated


def unfit_batch(x: Any, gamma: Any, beta: Any, momentum: Any, eps: Any) -> str:
    """Why this is no input for batch norm, or an empty string."""
    for name, value in (("x", x), ("gamma", gamma), ("beta", beta)):
        if problem := no_array(name, value):
            return problem
    if x.ndim != 2 or gamma.shape != x.shape[1:] or beta.shape != x.shape[1:]:
        return f"expected x (N, D), gamma (D,) and beta (D,), got {x.shape}, {gamma.shape} and {beta.shape}"
    if np.abs(x).max() > 1e6:
        return "x: take numbers up to a million, or differences drown in rounding"
    return not_between("momentum", momentum, 0, 1) or not_between("eps", eps, 0, 10)


def trained_and_evaluated(function: Function, inputs: Any, seed: int) -> Any:
    """A training call from an empty state, then an evaluation of the same batch."""
    x, gamma, beta, *settings = inputs
    out, _, state = function(x, gamma, beta, {}, True, *settings)
    kept = tuple(np.array(state[name]) for name in ("mean", "var"))
    evaluated, _, after = function(x, gamma, beta, state, False, *settings)
    return out, *kept, evaluated, *(np.array(after[name]) for name in ("mean", "var"))


def values(
    *shape: int, p: float = 0.2, dtype: str = "float32", number: Any = lambda rng, shape: rng.uniform(1, 2, shape)
) -> Function:
    """A hunt that returns an array of this shape, and p."""
    return lambda: (number(np.random.default_rng(0), shape).astype(dtype), p)


def batch(
    n: int = 5, d: int = 3, shift: float = 1e4, momentum: float = 0.7, eps: float = 0.3, gamma: float | None = None,
    beta: float | None = None,
) -> Function:  # fmt: skip
    """A hunt that returns a batch, its parameters and settings."""

    def hunt() -> Any:
        rng = np.random.default_rng(0)
        x = rng.normal(size=(n, d)) * np.arange(1, d + 1) + shift * np.arange(1, d + 1)
        factors: Array = np.full(d, gamma) if gamma is not None else np.linspace(1.5, 2.5, d)
        added: Array = np.full(d, beta) if beta is not None else np.linspace(-1, 1.2, d)
        return x, factors, added, momentum, eps

    return hunt


DROPOUT = Exercise(
    name="hunt_dropout_bug",
    unit=UNIT,
    signature="hunt_dropout_bug()",
    reference=values(8, 5, 5),
    kind=(
        dropout_hunt := Hunt(
            ("x", "p_drop"),
            dropout_forward,
            among(dropout_mistakes.INVERTED_MISTAKES, WRONG_DROPOUT),
            unfit_dropout,
            dropped,
        )
    ),
    cases=dropout_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "p is one half",
            values(8, 5, 5, p=0.5),
            "With p_drop = 0.5 as much is dropped as is kept, so nobody can mix the two up. Choose another rate.",
        ),
        Misconception(
            "p is 0",
            values(8, 5, 5, p=0.0),
            "With p_drop = 0 nothing is dropped, and many mistakes do nothing. Choose another rate.",
        ),
        Misconception(
            "x is a table",
            values(8, 25),
            "Your x has two axes, so a version that can do nothing else looks right. Take images, or a vector.",
        ),
        Misconception(
            "x is float64",
            values(8, 5, 5, dtype="float64"),
            "Your x is float64, so nobody can change its dtype to that. Try float32.",
        ),
        Misconception(
            "one row",
            values(1, 200),
            "Your x has one row in it, so one mask for all rows is as good as any. Take several examples.",
        ),
        Misconception(
            "one value an example",
            values(200, 1, 1),
            "Each of your examples holds one value, so dropping values and dropping rows is the same.",
        ),
        Misconception(
            "zeros everywhere",
            values(8, 5, 5, number=lambda rng, shape: np.zeros(shape)),
            "All values of x are 0 before anything is dropped. Take numbers that are not 0.",
        ),
        Misconception(
            "returns x alone",
            lambda: values(8, 5, 5)()[0],
            "Two things are asked for: x and p_drop.",
        ),
    ),
    alternatives=(values(6, 2, 4, 7, p=0.15), values(30, 3, 3, p=0.3)),
    reread="the hints of the bug hunt: which inputs cannot tell two versions apart?",
)

BATCHNORM = Exercise(
    name="hunt_batchnorm_bug",
    unit=UNIT,
    signature="hunt_batchnorm_bug()",
    reference=batch(),
    kind=(
        batchnorm_hunt := Hunt(
            ("x", "gamma", "beta", "momentum", "eps"),
            batchnorm_forward,
            among(batchnorm_mistakes.TABLE_MISTAKES, WRONG_BATCHNORM),
            unfit_batch,
            trained_and_evaluated,
        )
    ),
    cases=batchnorm_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "eps has its usual value",
            batch(eps=1e-5),
            "Your eps is the default, so a version with a built-in 1e-5 looks right. Choose a large one.",
        ),
        Misconception(
            "eps is 0",
            batch(eps=0.0),
            "With eps = 0 nobody sees where it stands. Choose it as large as a variance.",
        ),
        Misconception(
            "momentum has its usual value",
            batch(momentum=0.9),
            "Your momentum is the default, so a version that has it built in looks right. Choose another one.",
        ),
        Misconception(
            "momentum is one half",
            batch(momentum=0.5),
            "With momentum = 0.5 both parts of the running mean weigh the same, and nobody can exchange them.",
        ),
        Misconception(
            "momentum is 0",
            batch(momentum=0.0),
            "With momentum = 0 the state holds this batch alone: it does not matter where it began, nor which of the two "
            "evaluation uses.",
        ),
        Misconception(
            "gamma is 1 and beta 0",
            batch(gamma=1.0, beta=0.0),
            "With gamma = 1 and beta = 0 the last line does nothing, and nobody sees if it is missing.",
        ),
        Misconception(
            "beta is 0",
            batch(beta=0.0),
            "With beta = 0 it does not matter whether it is added before or after. Choose other numbers.",
        ),
        Misconception(
            "one feature",
            batch(d=1),
            "With one feature, one mean for everything is right. Take several features that are very different.",
        ),
        Misconception(
            "x is near 0",
            batch(shift=0.1),
            "Your x lies around 0, where E[x²] − E[x]² is as good as anything. Where does it lose its digits?",
        ),
        Misconception(
            "returns x, gamma and beta alone",
            lambda: batch()()[:3],
            "Five things are asked for: x, gamma, beta, momentum and eps.",
        ),
    ),
    alternatives=(batch(n=8, d=2, momentum=0.2, eps=1.0), batch(n=4, d=5, shift=-3e4, momentum=0.6, eps=0.05)),
    reread="the hints of the bug hunt: which settings make two formulas equal?",
)

EXERCISES = (DROPOUT, BATCHNORM)
