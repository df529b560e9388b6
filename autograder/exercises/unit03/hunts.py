"""The bug hunts: inputs that expose wrong versions of Adam, and wrong ways to draw mini-batches."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from autograder.calling import describe
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit03 import adam_mistakes, batch_mistakes
from autograder.exercises.unit03.momentum import UNIT
from autograder.exposing import Hunt
from nnlib.batches import minibatches
from nnlib.optimizers import adam_update

MOST_VALUES, MOST_STEPS, MOST_EXAMPLES = 1000, 50, 500
WRONG_ADAM = {
    "steps not counted": "does not count the steps",
    "no correction": "corrects nothing",
    "corrected averages kept": "keeps the corrected averages",
    "eps inside the root": "puts eps inside the root",
    "eps next to an uncorrected root": "folds the corrections into lr, but not eps",
    "eps built in": "has eps 1e-8 built in",
    "betas built in": "has the betas built in",
    "betas exchanged": "exchanges the betas",
    "one beta for both": "has one beta for both",
    "eps forgotten": "forgets eps",
    "gradient in place of m": "steps with the gradient in place of m",
}
WRONG_BATCHES = {
    "short batch dropped": "drops the short last batch",
    "last batch filled up": "fills the last batch up",
    "batches about equal": "makes all batches about equal",
    "no shuffle": "does not shuffle",
    "x and y apart": "shuffles x and y apart",
    "with replacement": "draws with replacement",
    "whole batches shuffled": "shuffles whole batches",
    "size and number exchanged": "takes batch_size for the number of batches",
    "images made flat": "makes images flat",
    "float64 of float32": "makes float64 of float32",
}


def among(mistakes: tuple[Misconception, ...], names: dict[str, str]) -> dict[str, Misconception]:
    """The wrong versions by trait."""
    known = {mistake.name: mistake for mistake in mistakes}
    return {trait: known[name] for trait, name in names.items()}


def is_number(value: Any) -> bool:
    """Whether it is a real number, of Python's or of NumPy's."""
    kinds = (int, float, np.integer, np.floating)
    return isinstance(value, kinds) and not isinstance(value, bool) and bool(np.isfinite(value))


def unfit_path(w: Any, gradients: Any, lr: Any, beta1: Any, beta2: Any, eps: Any) -> str:
    """Why these are no steps of Adam, or an empty string."""
    for name, value in (("w", w), ("gradients", gradients)):
        if not isinstance(value, np.ndarray) or not value.ndim:
            return f"{name}: expected an array, got {describe(value)}"
        if value.size > MOST_VALUES * MOST_STEPS or not np.isfinite(value).all():
            return f"{name}: expected at most a few hundred finite numbers, got {describe(value)}"
    if gradients.ndim != w.ndim + 1 or gradients.shape[1:] != w.shape or not 1 <= len(gradients) <= MOST_STEPS:
        return f"gradients: expected shape (steps, *w.shape) with 1 to {MOST_STEPS} steps, got {gradients.shape} for w {w.shape}"
    if np.abs(w).max(initial=0) > 1e3:
        return "w: take numbers up to 1000, or small differences drown in rounding"
    for name, value, low, high in (
        ("lr", lr, 0, 10),
        ("beta1", beta1, 0, 1),
        ("beta2", beta2, 0, 1),
        ("eps", eps, 0, 1),
    ):
        if not is_number(value) or not low <= value < high:
            return f"{name}: expected a number from {low} to below {high}, got {describe(value)}"
    return ""


def walked(update: Function, inputs: Any, seed: int) -> Any:
    """The weights after each step."""
    w, gradients, *settings = inputs
    state: Any = {}
    path = []
    for dw in gradients:
        w, state = update(w, dw, state, *settings)
        path.append(w)
    return np.array(path)


def unfit_batches(x: Any, y: Any, batch_size: Any) -> str:
    """Why these cannot be cut into batches, or an empty string."""
    for name, value in (("x", x), ("y", y)):
        if not isinstance(value, np.ndarray) or not value.ndim:
            return f"{name}: expected an array, got {describe(value)}"
        if value.size > 50 * MOST_EXAMPLES or len(value) > MOST_EXAMPLES or not len(value):
            return f"{name}: expected 1 to {MOST_EXAMPLES} examples, got {describe(value)}"
    if len(x) != len(y):
        return f"x and y must have as many examples, got {len(x)} and {len(y)}"
    if not is_number(batch_size) or batch_size < 1 or batch_size != int(batch_size):
        return f"batch_size: expected an int from 1 on, got {describe(batch_size)}"
    return ""


def cut(draw: Function, inputs: Any, seed: int) -> Any:
    """What an epoch is, whatever its order: sizes, shapes, dtypes, all pairs sorted; and over some epochs, whether
    the order is new and the neighbours are others.
    """
    x, y, batch_size = inputs
    epochs = [list(draw(x, y, batch_size, rng=np.random.default_rng([seed, k]))) for k in range(6)]
    batches = epochs[0]
    rows = [tuple(np.append(np.ravel(a), np.ravel(b))) for xs, ys in batches for a, b in zip(xs, ys, strict=True)]
    forms = sorted({f"{xs.shape[1:]} {xs.dtype} {ys.shape[1:]} {ys.dtype}" for xs, ys in batches})
    orders = [tuple(tuple(np.ravel(row)) for xs, _ in epoch for row in xs) for epoch in epochs]
    given = tuple(tuple(np.ravel(row)) for row in x)
    follow = [set(pairwise(order)) for order in orders]
    together = set.intersection(*follow) & set(pairwise(given))
    return (
        tuple(len(xs) for xs, _ in batches),
        np.array(sorted(rows)),
        "; ".join(forms),
        str(all(order == given for order in orders)),
        str(bool(together)),
    )


def path_of(*shape: int, lr: float = 0.1, beta1: float = 0.7, beta2: float = 0.9, eps: float = 1e-2) -> Function:
    """A hunt that returns a random path of (steps, …)."""

    def hunt() -> Any:
        gradients = np.random.default_rng(0).normal(size=shape)
        return np.ones(shape[1:]), gradients, lr, beta1, beta2, eps

    return hunt


def steady() -> Any:
    """The same gradient at each step."""
    w, gradients, *settings = path_of(6, 4)()
    return w, np.repeat(gradients[:1], 6, axis=0), *settings


def still() -> Any:
    """No gradient at all."""
    w, gradients, *settings = path_of(6, 4)()
    return w, 0 * gradients, *settings


def images(n: int, batch_size: Any, *, dtype: str = "float32", rest: tuple[int, ...] = (2, 2)) -> Function:
    """A hunt that returns n small images, no two alike, and their numbers."""

    def hunt() -> Any:
        x = np.arange(n * int(np.prod(rest)), dtype=dtype).reshape(n, *rest)
        return x, np.arange(n), batch_size

    return hunt


def one_label() -> Any:
    """Everything belongs to one class."""
    x, y, batch_size = images(21, 4)()
    return x, 0 * y, batch_size


def one_image() -> Any:
    """All images are alike."""
    x, y, batch_size = images(21, 4)()
    return 0 * x + 1, y, batch_size


ADAM = Exercise(
    name="hunt_adam_bug",
    unit=UNIT,
    signature="hunt_adam_bug()",
    reference=path_of(6, 4),
    kind=(
        adam_hunt := Hunt(
            ("w", "gradients", "lr", "beta1", "beta2", "eps"),
            adam_update,
            among(adam_mistakes.MISCONCEPTIONS, WRONG_ADAM),
            unfit_path,
            walked,
        )
    ),
    cases=adam_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "one step",
            path_of(1, 4),
            "At the first step most versions agree: the correction makes the first averages the gradient itself, whatever "
            "the betas are. Take several steps.",
        ),
        Misconception(
            "the same gradient at each step",
            steady,
            "An average of equal numbers is that number, however it is weighed. Let the gradient change from step to step.",
        ),
        Misconception(
            "eps is tiny",
            path_of(6, 4, eps=1e-8),
            "With eps = 1e-8 nobody sees where eps stands. Choose it as large as the gradients are, or nearly.",
        ),
        Misconception(
            "the betas are the usual ones",
            path_of(6, 4, beta1=0.9, beta2=0.999),
            "With the default betas a version that has them built in looks right. Choose others.",
        ),
        Misconception(
            "both betas are equal",
            path_of(6, 4, beta1=0.9, beta2=0.9),
            "With equal betas nobody can exchange them. Choose two different ones.",
        ),
        Misconception(
            "no gradient at all",
            still,
            "All gradients are 0, so no version moves at all. Take gradients of both signs.",
        ),
        Misconception(
            "returns w and gradients alone",
            lambda: path_of(6, 4)()[:2],
            "Six things are asked for: w, gradients, lr, beta1, beta2 and eps.",
        ),
    ),
    alternatives=(
        path_of(3, 2, lr=1.0, beta1=0.3, beta2=0.5, eps=0.5),
        path_of(20, 3, 2, lr=0.5, beta1=0.95, beta2=0.6, eps=0.1),
    ),
    reread="the hints of the bug hunt: on which inputs do two rules agree?",
)

BATCHES = Exercise(
    name="hunt_batch_bug",
    unit=UNIT,
    signature="hunt_batch_bug()",
    reference=images(21, 4),
    kind=(
        batch_hunt := Hunt(
            ("x", "y", "batch_size"),
            minibatches,
            among(batch_mistakes.MISCONCEPTIONS, WRONG_BATCHES),
            unfit_batches,
            cut,
        )
    ),
    cases=batch_hunt.cases,
    points=2,
    misconceptions=(
        Misconception(
            "the batches cover everything",
            images(24, 4),
            "Your batch size divides N, so nothing is left over for a short last batch, and nobody can lose or fill it.",
        ),
        Misconception(
            "the last batch is nearly full",
            images(23, 4),
            "Only one example is missing in your last batch. Somebody who makes all batches about equal gets the same. "
            "Let it be much shorter.",
        ),
        Misconception(
            "one batch takes all",
            images(21, 40),
            "There is only one batch, and it is not full. Take several batches, with a short one at the end.",
        ),
        Misconception(
            "one example a batch",
            images(21, 1),
            "In batches of one there are no neighbours, and no batch is short. Take several examples a batch.",
        ),
        Misconception(
            "all labels are equal",
            one_label,
            "All examples have the same y, so nobody sees whose it is. Give each example a y of its own.",
        ),
        Misconception(
            "all examples are equal",
            one_image,
            "All examples have the same x, so no order differs from another. Give each example numbers of its own.",
        ),
        Misconception(
            "as many batches as examples in one",
            images(15, 4),
            "There are as many batches as examples in a batch, so nobody can take one number for the other.",
        ),
        Misconception(
            "the examples are rows",
            images(21, 4, rest=(4,)),
            "Your examples are flat already. Give each a shape of two axes or more, as images have it.",
        ),
        Misconception(
            "x is float64",
            images(21, 4, dtype="float64"),
            "Your x is float64, so nobody can change its dtype to that. Try float32.",
        ),
        Misconception(
            "returns x and y alone",
            lambda: images(21, 4)()[:2],
            "Three things are asked for: x, y and batch_size.",
        ),
    ),
    alternatives=(images(50, 7, rest=(3, 1)), images(31, 6, rest=(1, 2, 2))),
    reread="the hint of the bug hunt: what does a lazy programmer take for granted?",
)

EXERCISES = (ADAM, BATCHES)
