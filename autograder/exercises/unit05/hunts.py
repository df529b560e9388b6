"""The bug hunts: inputs that expose wrong gradients of max pooling and of the convolution layer."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit05 import convolution, convolution_gradient_mistakes, max_pooling_mistakes, pooling
from autograder.exercises.unit05.geometry import both
from autograder.hunting import BugHunt
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.pooling import max_pool2d_backward, max_pool2d_forward

WRONG_POOLING = {
    "overlapping windows": "overwrites overlapping windows",
    "equal values: all get dout": "gives all tied maxima the whole gradient",
    "equal values: the last gets dout": "gives the last of tied maxima the gradient",
    "stride not size": "lays windows side by side",
    "stride not 1": "moves windows by one pixel, whatever the stride",
    "leftover": "makes dx too small",
    "image not square": "assumes square images",
    "window not square": "assumes square windows",
    "stride not equal": "uses the stride along H for both axes",
}
WRONG_CONVOLUTION = {
    "padding 0 along an axis": "unpads dx with p:-p",
    "overlapping windows": "overwrites overlapping windows",
    "stride": "ignores the stride",
    "leftover": "makes dx too small",
    "padding not 1": "has padding 1 built in",
    "padding not equal": "uses the padding along H for both axes",
    "stride not equal": "uses the stride along H for both axes",
    "outputs not square": "assumes square images",
    "several images": "keeps the last image's dw",
    "several images, and a mean": "divides dw by N",
}


def among(mistakes: tuple[Misconception, ...], names: dict[str, str]) -> dict[str, Misconception]:
    """The wrong implementations by trait."""
    known = {mistake.name: mistake for mistake in mistakes}
    return {trait: known[name] for trait, name in names.items()}


def pool_products(x: Any, size: Any, stride: Any) -> int:
    """Windows times their sizes."""
    steps = both(size if stride is None else stride)
    return int(x.size * prod(both(size)) // max(1, prod(steps)))


def conv_products(x: Any, w: Any, b: Any, stride: Any, padding: Any) -> int:
    """Windows times their sizes, for all filters."""
    (ph, pw), (h, width) = both(padding), x.shape[2:]
    return int(len(x) * (h + 2 * abs(ph)) * (width + 2 * abs(pw)) * w.size // max(1, prod(both(stride))))


def ties(*shape: int) -> Any:
    """Few different numbers."""
    return np.random.default_rng(0).integers(0, 3, shape).astype(float)


def normal(*shape: int) -> Any:
    """No two equal."""
    return np.random.default_rng(0).normal(size=shape)


def layer(x: tuple[int, ...], w: tuple[int, ...], stride: Any, padding: Any) -> Function:
    """A hunt that returns a random layer of these shapes."""
    return lambda: (normal(*x), normal(*w), normal(w[0]), stride, padding)


POOL = Exercise(
    name="hunt_pool_bug",
    unit="05_convolution",
    signature="hunt_pool_bug()",
    reference=lambda: (ties(2, 3, 8, 7), (3, 2), (2, 1)),
    kind=(
        pool_hunt := BugHunt(
            pooling.NAMES,
            pooling.remembering(max_pool2d_forward, pooling.remember),
            max_pool2d_backward,
            among(max_pooling_mistakes.BACKWARD, WRONG_POOLING),
            pool_products,
        )
    ),
    cases=pool_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "a friendly input",
            lambda: (normal(2, 3, 6, 6), 2, 2),
            "Square, side by side, no two values equal: that is the input on which nearly everything is right. Change "
            "one of these at a time and see what is exposed.",
        ),
        Misconception(
            "no two values are equal",
            lambda: (normal(2, 3, 8, 7), (3, 2), (2, 1)),
            "In random floats no two values are equal, so nobody sees who gets dout in a tie. Take few different "
            "numbers, such as integers from 0 to 2.",
        ),
        Misconception(
            "windows lie side by side",
            lambda: (ties(2, 3, 8, 9), (3, 2), (3, 2)),
            "Your windows do not overlap. With a stride smaller than the window, pixels belong to several windows.",
        ),
        Misconception(
            "nothing is left over",
            lambda: (ties(2, 3, 7, 8), (3, 2), (2, 1)),
            "The windows cover your image exactly. Choose a size at which a row or column is left over.",
        ),
        Misconception(
            "windows are square",
            lambda: (ties(2, 3, 8, 7), 2, (3, 1)),
            "Your windows are square, so nobody can exchange their height and width. Give size as a pair.",
        ),
        Misconception(
            "both strides are equal",
            lambda: (ties(2, 3, 8, 6), (3, 4), 2),
            "Your strides along H and W are equal, so nobody can exchange them. Give stride as a pair.",
        ),
        Misconception(
            "as many windows along H as along W",
            lambda: (ties(2, 3, 8, 4), (3, 2), (2, 1)),
            "There are as many windows along H as along W. Choose sizes so that OH and OW differ.",
        ),
        Misconception(
            "the stride is 1",
            lambda: (ties(2, 3, 8, 7), (3, 2), 1),
            "With a stride of 1, nobody has to multiply by the stride. Choose another along at least one axis.",
        ),
        Misconception(
            "returns x alone",
            lambda: ties(2, 3, 8, 7),
            "Three things are asked for: x, size and stride. End with: return x, size, stride.",
        ),
    ),
    alternatives=(
        lambda: (ties(1, 2, 7, 9), (2, 4), (3, 2)),
        lambda: (ties(3, 2, 12, 9), (4, 3), (3, 1)),
    ),
    reread="the hint of the bug hunt: which inputs are friendly?",
)

CONVOLUTION = Exercise(
    name="hunt_conv_bug",
    unit="05_convolution",
    signature="hunt_conv_bug()",
    reference=layer((2, 3, 8, 7), (4, 3, 3, 2), (2, 1), (0, 1)),
    kind=(
        conv_hunt := BugHunt(
            convolution.NAMES,
            conv2d_forward,
            conv2d_backward,
            among(convolution_gradient_mistakes.MISCONCEPTIONS, WRONG_CONVOLUTION),
            conv_products,
        )
    ),
    cases=conv_hunt.cases,
    points=3,
    misconceptions=(
        Misconception(
            "a friendly input",
            layer((1, 2, 5, 5), (3, 2, 3, 3), 1, 1),
            "One square image, stride 1, padding 1: that is the input on which nearly everything is right. Change one "
            "of these at a time and see what is exposed.",
        ),
        Misconception(
            "padding along both axes",
            layer((2, 3, 8, 7), (4, 3, 3, 2), (2, 1), (2, 3)),
            "Both axes are padded. Somebody who cuts with p:-p is only exposed where p is 0.",
        ),
        Misconception(
            "both paddings are equal",
            layer((2, 3, 8, 7), (4, 3, 3, 2), (2, 1), 0),
            "Your paddings along H and W are equal, so nobody can exchange them. Give padding as a pair.",
        ),
        Misconception(
            "windows lie side by side",
            layer((2, 3, 8, 7), (4, 3, 3, 2), (3, 2), (0, 1)),
            "Your windows do not overlap. With a stride smaller than the kernel, pixels belong to several windows.",
        ),
        Misconception(
            "the stride is 1",
            layer((2, 3, 8, 7), (4, 3, 3, 2), 1, (0, 1)),
            "With a stride of 1, nobody has to multiply by the stride. Choose another along at least one axis.",
        ),
        Misconception(
            "both strides are equal",
            layer((2, 3, 8, 12), (4, 3, 3, 2), 2, (0, 2)),
            "Your strides along H and W are equal, so nobody can exchange them. Give stride as a pair.",
        ),
        Misconception(
            "nothing is left over",
            layer((2, 3, 7, 7), (4, 3, 3, 2), (2, 1), (0, 1)),
            "The windows cover your image exactly. Choose a size at which a row or column is left over.",
        ),
        Misconception(
            "one image",
            layer((1, 3, 8, 7), (4, 3, 3, 2), (2, 1), (0, 1)),
            "There is one image, so nobody can go wrong in adding up over the images. Take two or more.",
        ),
        Misconception(
            "as many windows along H as along W",
            layer((2, 3, 8, 2), (4, 3, 3, 2), (2, 1), (0, 1)),
            "There are as many windows along H as along W. Choose sizes so that OH and OW differ.",
        ),
        Misconception(
            "returns x and w alone",
            lambda: (normal(2, 3, 8, 7), normal(4, 3, 3, 2)),
            "Five things are asked for: x, w, b, stride and padding, as conv2d_forward takes them.",
        ),
    ),
    alternatives=(
        layer((3, 2, 6, 11), (2, 2, 2, 4), (3, 2), (2, 0)),
        layer((2, 1, 9, 6), (1, 1, 5, 3), (3, 2), (0, 2)),
    ),
    reread="the hints of the bug hunt: what else could be unequal?",
)

EXERCISES = (POOL, CONVOLUTION)
