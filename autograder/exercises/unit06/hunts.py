"""The bug hunts: inputs that expose wrong gradients of a residual block and of an inception module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.calling import describe
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit06 import inception_mistakes, residual_gradient_mistakes, wording
from autograder.exercises.unit06.residual import NAMES
from autograder.exposing import Hunt
from autograder.kinds import fresh
from nnlib.inception import inception_backward, inception_forward
from nnlib.residual import residual_backward, residual_forward

MOST_VALUES, LARGEST, MOST_PRODUCTS = 20_000, 1e6, 5_000_000
MOST_BRANCHES = 8

WRONG_RESIDUAL = {
    "the shortcut forgotten": "forgets the way through the shortcut",
    "the body forgotten": "forgets the way through the body",
    "the mean of both": "takes the mean of the two ways",
    "the last ReLU forgotten": "goes past the last ReLU",
    "the shortcut past the last ReLU": "leads the shortcut past the last ReLU",
    "the middle ReLU forgotten": "forgets the ReLU in the middle",
    "a ReLU on the shortcut": "puts a ReLU on the shortcut",
    "slope 1 at 0": "has slope 1 at 0",
    "every shortcut is x": "takes every shortcut for x itself",
    "divided by N": "divides by N",
    "gradients of integers": "makes gradients of integers",
}
WRONG_INCEPTION = {
    "equal parts of dout": "cuts dout into equal parts",
    "the first channels for all": "gives every branch the first channels",
    "the last dx alone": "keeps the last branch's dx",
    "the first dx alone": "keeps the first branch's dx",
    "a mean of all dx": "takes the mean over the branches",
    "every ReLU forgotten": "goes past every ReLU",
    "ReLUs between forgotten": "goes past the ReLU between convolutions",
    "last ReLUs forgotten": "goes past the last ReLU of a branch",
    "convolutions in reverse": "returns a branch's gradients in reverse",
    "branches in reverse": "returns the branches in reverse",
    "slope 1 at 0": "has slope 1 at 0",
    "divided by N": "divides by N",
}


def among(mistakes: tuple[Misconception, ...], names: dict[str, str]) -> dict[str, Misconception]:
    """The wrong versions by trait."""
    known = {mistake.name: mistake for mistake in mistakes}
    return {trait: known[name] for trait, name in names.items()}


def unfit_array(name: str, value: Any) -> str:
    """Why a value is no array to be tried, or an empty string."""
    if not isinstance(value, np.ndarray):
        return f"{name}: expected an array, got {describe(value)}"
    if not 0 < value.size <= MOST_VALUES:
        return (
            f"{name} has {value.size} values; from 1 to {MOST_VALUES:,} can be tried, and a few hundred are enough"
        )
    if not np.isfinite(value).all() or np.abs(value).max() > LARGEST:
        return f"{name} must hold finite numbers up to {LARGEST:g}"
    return ""


def unfit_block(*block: Any) -> str:
    """Why these are no arguments of a residual block, or an empty string."""
    for name, value in zip(NAMES[:-1], block, strict=False):
        if value is None and name in ("ws", "bs"):
            continue
        if sentence := unfit_array(name, value):
            return sentence
    x, stride = block[0], block[-1]
    if type(stride) is not int or not 1 <= stride <= 10:
        return f"stride: expected an int from 1 to 10, got {describe(stride)}"
    return too_much(x, (block[1], block[3]))


def unfit_module(x: Any, branches: Any) -> str:
    """Why these are no arguments of an inception module, or an empty string."""
    if sentence := unfit_array("x", x):
        return sentence
    if type(branches) not in (list, tuple) or not 0 < len(branches) <= MOST_BRANCHES:
        return f"branches: expected a list of 1 to {MOST_BRANCHES} branches, got {describe(branches)}"
    weights = []
    for i, branch in enumerate(branches):
        if type(branch) not in (list, tuple) or not 0 < len(branch) <= MOST_BRANCHES:
            return f"branches[{i}]: expected a list of pairs (w, b), got {describe(branch)}"
        for j, pair in enumerate(branch):
            if type(pair) not in (list, tuple) or len(pair) != 2:
                return f"branches[{i}][{j}]: expected a pair (w, b), got {describe(pair)}"
            for letter, value in zip("wb", pair, strict=True):
                if sentence := unfit_array(f"branches[{i}][{j}], {letter}", value):
                    return sentence
            weights.append(pair[0])
    return too_much(x, weights)


def too_much(x: Any, weights: Sequence[Any]) -> str:
    """Whether it takes too long."""
    pixels = int(np.prod(x.shape[2:])) * len(x)
    if sum(w.size for w in weights) * pixels > MOST_PRODUCTS:
        return "the input is too large to be tried; a few images of a few pixels are enough"
    return ""


def gradients(forward: Function, backward: Function, inputs: Any, seed: int) -> Any:
    """What a version of backward makes of an input, for a dout of this seed."""
    out, cache = forward(*inputs)
    dout = np.random.default_rng(seed).normal(size=out.shape)
    return backward(dout, fresh(cache))


def whole(rng: np.random.Generator, *shape: int) -> Any:
    """Whole numbers from −2 to 2."""
    return rng.integers(-2, 3, shape)


def normal(rng: np.random.Generator, *shape: int) -> Any:
    """Floats, of which none is exactly 0."""
    return rng.normal(size=shape)


def half_zero(rng: np.random.Generator, *shape: int) -> Any:
    """Floats, but of small whole values: sums are exactly 0 here and there."""
    return rng.integers(-2, 3, shape).astype(float)


def block(
    draw: Function = whole,
    *,
    n: int = 2,
    c: int = 2,
    f: int = 3,
    image: tuple[int, int] = (5, 4),
    stride: int = 2,
    projection: bool = True,
    change: Function = lambda arrays: arrays,
) -> Function:
    """A hunt that returns a residual block of these sizes."""

    def hunt() -> Any:
        rng = np.random.default_rng(0)
        shapes = [(n, c, *image), (f, c, 3, 3), (f,), (f, f, 3, 3), (f,), (f, c, 1, 1), (f,)]
        arrays = change([draw(rng, *shape) for shape in shapes])
        return (*(arrays if projection else [*arrays[:5], None, None]), stride)

    return hunt


def at(place: int, change: Function) -> Function:
    """One of the arrays changed."""
    return lambda arrays: [change(a) if i == place else a for i, a in enumerate(arrays)]


def open_everywhere(arrays: list[Any]) -> list[Any]:
    """Biases so large that every z is positive."""
    return [a + 10_000 if a.ndim == 1 and i != 6 else np.abs(a) if a.ndim > 1 else a for i, a in enumerate(arrays)]


def closed_everywhere(arrays: list[Any]) -> list[Any]:
    """A bias that makes every sum negative."""
    return [a - 10_000 if i == 6 else a for i, a in enumerate(arrays)]


def module(
    draw: Function = whole,
    *,
    n: int = 2,
    c: int = 2,
    image: tuple[int, int] = (4, 3),
    plan: Sequence[Sequence[tuple[int, int]]] = (((2, 1),), ((2, 1), (3, 3))),
    shift: float = 0,
    positive: bool = False,
) -> Function:
    """A hunt that returns an inception module for a plan, (filters, kernel) of each convolution of each branch."""

    def hunt() -> Any:
        rng = np.random.default_rng(0)
        x = draw(rng, n, c, *image)
        branches = []
        for branch in plan:
            inputs = [c, *(filters for filters, _ in branch)]
            shapes = [(f, into, k, k) for into, (f, k) in zip(inputs, branch, strict=False)]
            branches.append([(draw(rng, *shape), draw(rng, shape[0]) + shift) for shape in shapes])
        if positive:
            x, branches = np.abs(x), [[(np.abs(w), b) for w, b in branch] for branch in branches]
        return x, branches

    return hunt


RESIDUAL = Exercise(
    name="hunt_residual_bug",
    unit=wording.UNIT,
    signature="hunt_residual_bug()",
    reference=block(),
    kind=(
        residual_hunt := Hunt(
            NAMES,
            residual_backward,
            among(residual_gradient_mistakes.MISCONCEPTIONS, WRONG_RESIDUAL),
            unfit_block,
            lambda backward, inputs, seed: gradients(residual_forward, backward, inputs, seed),
        )
    ),
    cases=residual_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "no number is exactly 0",
            block(normal),
            "In random floats no sum is exactly 0, and nothing is an integer. Take small whole numbers, of an integer "
            "dtype.",
        ),
        Misconception(
            "whole numbers, but floats",
            block(half_zero),
            "Your numbers are whole, but their dtype is float. Somebody who makes gradients in the dtype of the arrays is "
            "exposed by integers alone.",
        ),
        Misconception(
            "the shortcut is x itself",
            block(projection=False, c=3, stride=1),
            "Without a projection nobody can forget it. Give ws and bs.",
        ),
        Misconception(
            "one image",
            block(n=1),
            "There is one image, so nobody can go wrong by dividing by N. Take two or more.",
        ),
        Misconception(
            "no pixel is negative",
            block(change=at(0, lambda x: np.abs(x) + 1)),
            "None of your pixels is negative, so a ReLU on the shortcut changes nothing. Let x have both signs.",
        ),
        Misconception(
            "every z is positive",
            block(change=open_everywhere),
            "Every z of yours is positive, so no ReLU does anything, and nobody can forget one.",
        ),
        Misconception(
            "every sum is negative",
            block(change=closed_everywhere),
            "Every sum of yours is negative, so the last ReLU lets nothing back, and all gradients are 0 for everybody.",
        ),
        Misconception(
            "the projection is 0",
            block(change=at(5, lambda ws: ws * 0)),
            "Your ws is 0, so nothing comes back to x through the shortcut, and nobody can forget it.",
        ),
        Misconception(
            "the body is 0",
            block(change=at(3, lambda w2: w2 * 0)),
            "Your w2 is 0, so nothing comes back through the body.",
        ),
        Misconception(
            "returns x and w1 alone",
            lambda: block()()[:2],
            "Eight things are asked for: x, w1, b1, w2, b2, ws, bs and stride.",
        ),
    ),
    alternatives=(block(n=3, c=3, f=2, image=(6, 5), stride=1), block(n=4, c=1, f=4, image=(3, 4), stride=2)),
    reread="the hints of the bug hunt: what does a lazy programmer take for granted?",
)

INCEPTION = Exercise(
    name="hunt_inception_bug",
    unit=wording.UNIT,
    signature="hunt_inception_bug()",
    reference=module(),
    kind=(
        inception_hunt := Hunt(
            ("x", "branches"),
            inception_backward,
            among(inception_mistakes.BACKWARD, WRONG_INCEPTION),
            unfit_module,
            lambda backward, inputs, seed: gradients(inception_forward, backward, inputs, seed),
        )
    ),
    cases=inception_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "all branches are as wide",
            module(plan=(((3, 1),), ((2, 1), (3, 3)))),
            "All your branches have as many channels, so dout can be cut into equal parts. Make them unequal.",
        ),
        Misconception(
            "one branch",
            module(plan=(((2, 1), (3, 3)),)),
            "With one branch nothing has to be cut or added up. Take two or more.",
        ),
        Misconception(
            "one convolution a branch",
            module(plan=(((2, 1),), ((3, 3),))),
            "Each branch has one convolution, so there is no ReLU between two, and no order to exchange. Let one branch be "
            "longer.",
        ),
        Misconception(
            "one image",
            module(n=1),
            "There is one image, so nobody can go wrong by dividing by N. Take two or more.",
        ),
        Misconception(
            "no number is exactly 0",
            module(normal),
            "In random floats no z is exactly 0, so nobody sees what ReLU's slope is there. Take small whole numbers.",
        ),
        Misconception(
            "every z is positive",
            module(shift=10_000, positive=True),
            "Every z of yours is positive, so no ReLU does anything, and nobody can forget one.",
        ),
        Misconception(
            "every z is negative",
            module(shift=-10_000),
            "Every z of yours is negative, so nothing comes back through any ReLU, and all gradients are 0 for everybody.",
        ),
        Misconception(
            "returns x alone",
            lambda: module()()[0],
            "Two things are asked for: x and branches. End with: return x, branches.",
        ),
    ),
    alternatives=(
        module(n=3, plan=(((1, 3),), ((2, 1), (2, 3), (4, 1)), ((3, 1),))),
        module(n=4, c=3, image=(3, 5), plan=(((3, 1), (4, 3)), ((2, 1),))),
    ),
    reread="the hint of the bug hunt: when do two branches look alike?",
)

EXERCISES = (RESIDUAL, INCEPTION)
