"""How people get residual_forward wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit02.drawing import Array
from autograder.exercises.unit06 import wording
from nnlib.convolution import conv2d_forward


def conv2d(*arguments: Any) -> Array:
    """A convolution's out."""
    return conv2d_forward(*arguments)[0]


def relu_of(z: Array) -> Array:
    """The positive part."""
    return np.maximum(z, 0)


def projected(x: Array, ws: Any, bs: Any, stride: int, conv: Function = conv2d) -> Array:
    """The right shortcut."""
    return x if ws is None else np.asarray(conv(x, ws, bs, stride, 0))


def added(body: Array, shortcut: Array) -> Array:
    """Body and shortcut, where they have one shape."""
    if body.shape != shortcut.shape:
        raise ValueError("body and shortcut have other shapes")
    return body + shortcut


def with_parts(
    *,
    conv: Function = conv2d,
    relu: Function = relu_of,
    middle: Function | None = None,
    shortcut: Function | None = None,
    join: Function = added,
    end: Function | None = None,
    strides: Function = lambda s: (s, 1),
) -> Function:
    """A block of these parts; ``shortcut`` gets (x, ws, bs, stride, a1), the others an array or two."""

    def forward(
        x: Array, w1: Array, b1: Array, w2: Array, b2: Array, ws: Any = None, bs: Any = None, stride: int = 1
    ) -> tuple[Array, Any]:
        one, two = strides(stride)
        a1 = (middle or relu)(conv(x, w1, b1, one, 1))
        body = conv(a1, w2, b2, two, 1)
        way = shortcut(x, ws, bs, stride, a1) if shortcut else projected(x, ws, bs, stride, conv)
        return (end or relu)(join(body, way)), ()

    return forward


def where_channels_differ(x: Array, ws: Any, bs: Any, stride: int, a1: Array) -> Array:
    """The projection is left out where the channels agree."""
    return x if ws is None or len(ws) == x.shape[1] else projected(x, ws, bs, stride)


def changing(change: Function) -> Function:
    """The right block for other arguments."""
    right = with_parts()

    def wrong(
        x: Array, w1: Array, b1: Array, w2: Array, b2: Array, ws: Any = None, bs: Any = None, stride: int = 1
    ) -> Any:
        return right(*change(x, w1, b1, w2, b2, ws, bs, stride))

    return wrong


def result(change: Function) -> Function:
    """The right block, returned wrongly: ``change(out, x)``."""
    right = with_parts()

    def wrong(x: Array, *arguments: Any) -> Any:
        out, cache = right(x, *arguments)
        return change(out, x), cache

    return wrong


def in_place(x: Array, *arguments: Any) -> Any:
    """x += body."""
    found = with_parts()(x, *arguments)
    x *= 0
    return found


def unpadded(x: Array, w1: Array, b1: Array, w2: Array, b2: Array, *rest: Any) -> Any:
    """Without padding the body is smaller than the shortcut."""
    raise ValueError("operands could not be broadcast together")


def stretched(body: Array, shortcut: Array) -> Array:
    """As NumPy adds: one channel is added to all."""
    return np.asarray(body + shortcut)


MISCONCEPTIONS = (
    Misconception(
        "forgets the shortcut",
        with_parts(join=lambda body, way: added(body, way) - way),
        "This is the body alone: the shortcut is missing. Add what came in (or its projection) before the last ReLU.",
    ),
    Misconception(
        "adds behind the last ReLU",
        with_parts(join=lambda body, way: added(relu_of(body), way), end=lambda z: z),
        "The sum comes first, then the last ReLU. You take the ReLU of the body alone, and negative values of x get "
        "through.",
    ),
    Misconception(
        "takes a ReLU before the sum and one behind it",
        with_parts(join=lambda body, way: added(relu_of(body), way)),
        "A ReLU too many: the second convolution goes into the sum as it is. With a ReLU before, the body could only "
        "add, never take away.",
    ),
    Misconception(
        "forgets the last ReLU",
        with_parts(end=lambda z: z),
        "There are negative values in your out. Behind the sum stands a ReLU.",
    ),
    Misconception(
        "forgets the ReLU in the middle",
        with_parts(middle=lambda z: z),
        "Between the two convolutions stands a ReLU. Without it they are no better than one.",
    ),
    Misconception(
        "multiplies in place of adding",
        with_parts(join=lambda body, way: added(body, 0 * way) * way),
        "Body and shortcut are multiplied. The block adds them.",
    ),
    Misconception(
        "takes the mean of both ways",
        with_parts(join=lambda body, way: added(body, way) / 2),
        "Half of what is expected: body and shortcut are added, not averaged.",
    ),
    Misconception(
        "subtracts the shortcut",
        with_parts(join=lambda body, way: added(body, -way)),
        "The shortcut comes with the wrong sign. out is the ReLU of body plus shortcut.",
    ),
    Misconception(
        "adds a1 in place of x",
        with_parts(shortcut=lambda x, ws, bs, s, a1: a1),
        "The shortcut leads around both convolutions: it begins at x, not behind the first ReLU.",
    ),
    Misconception(
        "takes the ReLU of the shortcut",
        with_parts(shortcut=lambda x, ws, bs, s, a1: relu_of(projected(x, ws, bs, s))),
        "The shortcut has no ReLU of its own: x (or its projection) is added as it is, negative values too.",
    ),
    Misconception(
        "projects only where the channels differ",
        with_parts(shortcut=where_channels_differ),
        "There is a projection, but you add x itself, since the channels agree. Whenever ws is given, use it.",
    ),
    Misconception(
        "projects without the stride",
        with_parts(shortcut=lambda x, ws, bs, s, a1: projected(x, ws, bs, 1)),
        "The projection needs the stride, too, or it is larger than the body.",
    ),
    Misconception(
        "gives the stride to the second convolution",
        with_parts(strides=lambda s: (1, s)),
        "The first convolution has the stride, the second has a stride of 1. The shapes are the same either way, the "
        "values are not.",
    ),
    Misconception(
        "ignores the stride",
        changing(lambda *a: (*a[:-1], 1)),
        "The stride is not used: the first convolution and the projection move by it.",
    ),
    Misconception(
        "forgets the bias of the projection",
        with_parts(shortcut=lambda x, ws, bs, s, a1: x if ws is None else conv2d(x, ws, 0 * bs, s, 0)),
        "The projection is a convolution like any other: bs is added as well.",
    ),
    Misconception(
        "forgets the biases of the body",
        changing(lambda x, w1, b1, w2, b2, *rest: (x, w1, 0 * b1, w2, 0 * b2, *rest)),
        "The biases b1 and b2 are missing. With weights and biases all 0 nobody sees it, elsewhere it shows.",
    ),
    Misconception(
        "uses the first convolution twice",
        changing(lambda x, w1, b1, w2, b2, *rest: (x, w1, b1, w1 if w1.shape == w2.shape else w2, b1, *rest)),
        "Both convolutions have the same parameters in your block. The second one has its own, w2 and b2.",
    ),
    Misconception(
        "lets NumPy stretch the shortcut",
        with_parts(join=stretched),
        "With one channel NumPy silently adds it to all channels of the body. Compare the two shapes first, and raise a "
        "ValueError where they differ.",
    ),
    Misconception(
        "has no padding",
        unpadded,
        "The body is smaller than the shortcut and cannot be added. A 3×3 convolution keeps the size with padding 1.",
    ),
    Misconception("returns float64 for float32", result(lambda out, x: out.astype(np.float64)), wording.FLOAT64),
    Misconception("keeps integers", result(lambda out, x: out.astype(x.dtype)), wording.INTEGERS, seen=30),
    Misconception("changes x in place", in_place, wording.IN_PLACE.format("x"), seen=27),
    Misconception("returns out without the cache", lambda *a: with_parts()(*a)[0], wording.ONLY_OUT),
)
