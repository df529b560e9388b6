"""How people get residual_backward wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit02.drawing import Array
from autograder.exercises.unit06 import wording
from nnlib.activations import relu_backward
from nnlib.convolution import conv2d_backward
from nnlib.residual import residual_backward


def plus(one: Array, other: Array) -> Array:
    """The sum of the two ways, in dx's dtype."""
    return np.asarray(one + other).astype(one.dtype)


def through(
    *,
    last: Function = relu_backward,
    middle: Function = relu_backward,
    to_body: Function = lambda dout, dz2: dz2,
    to_shortcut: Function = lambda dout, dz2: dz2,
    join: Function = plus,
) -> Function:
    """A backward pass of these parts."""

    def backward(dout: Array, cache: Any) -> tuple[Any, ...]:
        first, z1, second, projection, z2 = cache
        dz2 = last(dout, z2)
        da1, dw2, db2 = conv2d_backward(to_body(dout, dz2), second)
        dx, dw1, db1 = conv2d_backward(middle(da1, z1), first)
        other = to_shortcut(dout, dz2)
        if projection is None:
            return join(dx, other), dw1, db1, dw2, db2, None, None
        dshortcut, dws, dbs = conv2d_backward(other, projection)
        return join(dx, dshortcut), dw1, db1, dw2, db2, dws, dbs

    return backward


def arranging(change: Function) -> Function:
    """The right gradients, returned wrongly."""

    def wrong(dout: Array, cache: Any) -> Any:
        return change(*residual_backward(dout, cache))

    return wrong


def all_of(change: Function, gradients: Sequence[Any]) -> tuple[Any, ...]:
    """Each gradient changed; None stays."""
    return tuple(None if g is None else change(g) for g in gradients)


def always_identity(dout: Array, cache: Any) -> tuple[Any, ...]:
    """The shortcut is taken to be x, projection or not; NumPy refuses other shapes."""
    gradients = residual_backward(dout, (*cache[:3], None, cache[4]))
    return (*gradients[:5], *residual_backward(dout, cache)[5:])


def identity_where_it_fits(dout: Array, cache: Any) -> tuple[Any, ...]:
    """A projection counts only where it changes the shape."""
    fits = cache[0][0].shape == cache[4].shape
    return residual_backward(dout, (*cache[:3], None, cache[4]) if fits else cache)


def without_identity(dout: Array, cache: Any) -> tuple[Any, ...]:
    """Adds the way of a projection alone."""
    right = residual_backward(dout, cache)
    return right if cache[3] else (right[0] - relu_backward(dout, cache[4]), *right[1:])


def past_in_an_identity(dout: Array, cache: Any) -> tuple[Any, ...]:
    """Without a projection the shortcut brings dout itself."""
    right = residual_backward(dout, cache)
    return right if cache[3] else (plus(right[0] - relu_backward(dout, cache[4]), dout), *right[1:])


def by_hand(dout: Array, cache: Any) -> tuple[Any, ...]:
    """A product with ws along the channels, as large as dz2."""
    right = residual_backward(dout, cache)
    if cache[3] and cache[0][0].shape[2:] != dout.shape[2:]:
        raise ValueError("operands could not be broadcast together")
    return right


def whole(gradient: Any, of: Array) -> Any:
    """A gradient in the dtype of its array."""
    return None if gradient is None else gradient.astype(of.dtype)


def zeros_like(dout: Array, cache: Any) -> tuple[Any, ...]:
    """Gradients in the dtypes of the arrays."""
    first, _, second, projection, _ = cache
    arrays = (*first[:3], *second[1:3], *(projection[1:3] if projection else (dout, dout)))
    return tuple(whole(g, of) for g, of in zip(residual_backward(dout, cache), arrays, strict=True))


def masking_dout(dout: Array, cache: Any) -> tuple[Any, ...]:
    """dout *= mask."""
    gradients = residual_backward(dout, cache)
    dout *= cache[4] > 0
    dout *= 0.5
    return gradients


def clipping_cache(dout: Array, cache: Any) -> tuple[Any, ...]:
    """Makes the mask where z2 was."""
    gradients = residual_backward(dout, cache)
    cache[4][...] = cache[4] > 0
    cache[1][...] = 0
    return gradients


def at_0(dout: Array, z: Array) -> Array:
    """With slope 1 at 0."""
    return np.asarray(dout * (z >= 0))


def mixed_up(dout: Array, cache: Any) -> tuple[Any, ...]:
    """The masks of the two ReLUs exchanged."""
    first, z1, second, projection, z2 = cache
    return residual_backward(dout, (first, z2, second, projection, z1))


def of_x(dout: Array, cache: Any) -> tuple[Any, ...]:
    """A ReLU on the shortcut."""
    first, z1, second, projection, z2 = cache
    gradients: Any = residual_backward(dout, cache)
    dz2 = relu_backward(dout, z2)
    way = dz2 if projection is None else conv2d_backward(dz2, projection)[0]
    return (plus(gradients[0], -way * (first[0] <= 0)), *gradients[1:])


MISCONCEPTIONS = (
    Misconception(
        "forgets the way through the shortcut",
        through(join=lambda dx, other: dx),
        "dx holds what came back through the body alone. x is used twice, in the body and in the shortcut: both "
        "gradients are added.",
        seen=25,
    ),
    Misconception(
        "forgets the way through the body",
        through(join=lambda dx, other: other.astype(dx.dtype)),
        "dx holds what came back through the shortcut alone. x is used twice, in the body and in the shortcut: both "
        "gradients are added.",
        seen=25,
    ),
    Misconception(
        "takes the mean of the two ways",
        through(join=lambda dx, other: plus(dx, other) / 2),
        "dx is half of what is expected. Gradients of several ways are added, never averaged.",
    ),
    Misconception(
        "subtracts the shortcut's way",
        through(join=lambda dx, other: plus(dx, -other)),
        "The gradient of the shortcut has the wrong sign: it is added.",
    ),
    Misconception(
        "goes past the last ReLU",
        through(last=lambda dout, z2: dout),
        "The last ReLU stands behind the sum, so dout passes it first, on its way to both: where z2 ≤ 0 nothing comes "
        "back.",
    ),
    Misconception(
        "leads the shortcut past the last ReLU",
        through(to_shortcut=lambda dout, dz2: dout),
        "The body gets dout behind the last ReLU, but the shortcut gets dout itself. The ReLU stands behind the sum, so "
        "both get the same dz2.",
    ),
    Misconception(
        "leads the body past the last ReLU",
        through(to_body=lambda dout, dz2: dout),
        "The shortcut gets dout behind the last ReLU, but the body gets dout itself. Both get the same dz2.",
    ),
    Misconception(
        "forgets the ReLU in the middle",
        through(middle=lambda da, z: da),
        "dw1, db1 and dx are wrong: between the two convolutions stands a ReLU, whose z1 is in the cache.",
    ),
    Misconception(
        "exchanges the two masks",
        mixed_up,
        "The masks of the two ReLUs are exchanged: z1 belongs to the one in the middle, z2 to the one behind the sum.",
    ),
    Misconception(
        "puts a ReLU on the shortcut",
        of_x,
        "dx has no gradient of the shortcut where x is negative. The shortcut has no ReLU: x is added as it is.",
    ),
    Misconception("has slope 1 at 0", through(last=at_0, middle=at_0), wording.SLOPE_AT_0, seen=23),
    Misconception(
        "takes every shortcut for x itself",
        always_identity,
        "Where there is a projection, dz2 comes back to x through it, by conv2d_backward, as through any convolution.",
    ),
    Misconception(
        "takes the shortcut for x where the channels agree",
        identity_where_it_fits,
        "There is a projection, but where it changes no shape you take the shortcut for x itself. Whether there is one, the "
        "cache says, not the channels.",
    ),
    Misconception(
        "forgets the way through an identity",
        without_identity,
        "With a projection dx is right, without one the shortcut's part is missing: there dz2 itself comes back to x.",
    ),
    Misconception(
        "leads an identity past the last ReLU",
        past_in_an_identity,
        "With a projection dx is right. Without one you add dout as it came in, but the last ReLU stands behind the sum: dz2 goes "
        "both ways.",
    ),
    Misconception(
        "sends dz2 back through the projection by hand",
        by_hand,
        "A 1×1 convolution is a product along the channels, but with a stride only every second pixel was looked at. "
        "conv2d_backward knows where they were.",
    ),
    Misconception(
        "divides by N",
        lambda dout, cache: all_of(lambda g: g / len(dout), residual_backward(dout, cache)),
        wording.DIVIDES_BY_N.format("All gradients are"),
    ),
    Misconception(
        "returns five gradients",
        arranging(lambda *g: g[:5]),
        "Seven things are asked for: dx, dw1, db1, dw2, db2, dws, dbs. Without a projection the last two are None.",
    ),
    Misconception(
        "returns the second convolution first",
        arranging(lambda dx, dw1, db1, dw2, db2, dws, dbs: (dx, dw2, db2, dw1, db1, dws, dbs)),
        "The gradients come in the order of the inputs: w1 and b1 before w2 and b2.",
    ),
    Misconception(
        "returns dx last",
        arranging(lambda dx, *rest: (*rest, dx)),
        "The gradients come in the order of the inputs x, w1, b1, w2, b2, ws, bs: dx is the first.",
    ),
    Misconception(
        "gives dw2 dw1's place too",
        arranging(lambda dx, dw1, db1, dw2, db2, dws, dbs: (dx, dw1, db1, dw1, db1, dws, dbs)),
        "dw2 and db2 are those of the first convolution. Each call of conv2d_backward gives its own.",
    ),
    Misconception(
        "returns float64 for float32",
        lambda dout, cache: all_of(lambda g: g.astype(np.float64), residual_backward(dout, cache)),
        wording.FLOAT64,
    ),
    Misconception("makes gradients of integers", zeros_like, wording.INTEGERS, seen=30),
    Misconception("changes dout in place", masking_dout, wording.IN_PLACE.format("dout"), seen=27),
    Misconception("changes the cache in place", clipping_cache, wording.IN_PLACE.format("The cache"), seen=27),
)
