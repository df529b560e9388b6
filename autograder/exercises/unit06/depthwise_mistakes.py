"""How people get the depthwise convolution wrong: as any convolution, a channel at a time, and in ways of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit05 import convolution_gradient_mistakes, convolution_mistakes
from autograder.exercises.unit05 import wording as convolution_wording
from autograder.exercises.unit05.convolution_mistakes import layer
from autograder.exercises.unit05.geometry import Array, floating, padded
from autograder.exercises.unit06 import wording
from nnlib.convolution import conv2d_forward
from nnlib.depthwise import depthwise_conv2d_backward, depthwise_conv2d_forward


def right(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """The reference's out."""
    return depthwise_conv2d_forward(x, w, b, stride, padding)[0]


def remembering(cache: Function) -> Function:
    """A forward function with the right out and another cache."""

    def wrong(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
        return right(x, w, b, stride, padding), cache(x, w, b, stride, padding)

    return wrong


def alone(x: Array, w: Array, b: Array, c: int) -> tuple[Array, Array, Array]:
    """Channel c as a layer of one channel and one filter."""
    return x[:, [c]], w[[c]][:, None], b[[c]]


def each_channel(change: Function) -> Function:
    """What ``change`` makes of a convolution, of every channel."""

    def wrong(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
        outs = [change(*alone(x, w, b, c), stride, padding) for c in range(len(w))]
        return np.concatenate(outs, axis=1)

    return wrong


def over_channels(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """Every channel gets the sum over all."""
    out = right(x, w, 0 * b, stride, padding)
    return out.sum(axis=1, keepdims=True) + floating(b)[0][:, None, None].astype(out.dtype)


def one_channel_out(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """A full convolution with one filter."""
    return conv2d_forward(x, w[None], b[:1], stride, padding)[0]


def biased_along_w(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """As NumPy lines up b: with the last axis."""
    return np.asarray(right(x, w, 0 * b, stride, padding) + floating(b)[0])


def clearing(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """Clears the images once they are used."""
    out = right(x, w, b, stride, padding)
    x[...] = 0
    return out


def empty(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """No error where nothing fits: loops that never run."""
    inside = padded(x, padding)
    if w.shape[1] <= inside.shape[2] and w.shape[2] <= inside.shape[3]:
        return depthwise_conv2d_forward(x, w, b, stride, padding)
    return np.zeros((*x.shape[:2], 0, 0)), (x, w, b, stride, padding)


LIKE_ANY = ("writes rows into columns", "takes the mean")  # of unit 5's slips, those that have no place here
FORWARD = (
    *(
        Misconception(slip.name, layer(each_channel(slip.change)), slip.sentence, slip.seen)
        for slip in convolution_mistakes.GEOMETRY
        if slip.name not in LIKE_ANY
    ),
    Misconception(
        "adds up over the channels",
        layer(over_channels),
        "All channels of out are alike but for the bias: the products are added up over the channels, as in a full "
        "convolution. Here each channel keeps to itself.",
    ),
    Misconception(
        "makes one channel of all",
        layer(one_channel_out),
        "out has one channel. This is a full convolution with one filter; a depthwise one gives as many channels as came "
        "in.",
    ),
    Misconception(
        "uses the first kernel for all",
        layer(lambda x, w, b, s, p: right(x, np.broadcast_to(w[:1], w.shape), b, s, p)),
        "Channel 0 is right, the others are not: each channel has its own kernel, w[c].",
    ),
    Misconception(
        "uses the kernels in reverse order",
        layer(lambda x, w, b, s, p: right(x, w[::-1], b, s, p)),
        "The kernels are mixed up: channel c goes with w[c].",
    ),
    Misconception(
        "forgets the bias",
        layer(lambda x, w, b, s, p: right(x, w, 0 * b, s, p)),
        "The bias is missing: add b[c] to the whole map of channel c.",
    ),
    Misconception(
        "adds the same bias to all channels",
        layer(lambda x, w, b, s, p: right(x, w, np.full_like(b, b[0]), s, p)),
        "Every channel has its own bias: add b[c] to map c, not b[0].",
    ),
    Misconception(
        "adds the bias along W",
        layer(biased_along_w),
        "NumPy lines b up with the last axis. Give it two more axes, b[:, None, None], so that it goes with the channels.",
    ),
    Misconception(
        "takes the mean of a window",
        layer(lambda x, w, b, s, p: right(x, w / w[0].size, b, s, p)),
        "The products of a window are averaged, but they must be added up: np.sum in place of np.mean.",
    ),
    Misconception("returns out without the cache", right, wording.ONLY_OUT),
    Misconception(
        "leaves stride and padding out of the cache",
        remembering(lambda x, w, b, s, p: (x, w, b)),
        "The cache must be (x, w, b, stride, padding): the backward pass needs the last two as well.",
    ),
    Misconception(
        "puts the padded x into the cache",
        remembering(lambda x, w, b, s, p: (padded(x, p), w, b, s, p)),
        "The cache must hold x as it came in, not padded: give the padded array a name of its own.",
    ),
    Misconception(
        "gives an empty result where nothing fits",
        empty,
        "A kernel that does not fit must raise a ValueError. conv_output_size does that, if you call it.",
    ),
    Misconception("changes x in place", layer(clearing), convolution_wording.X_IN_PLACE, 27),
)


def channels_apart(change: Function) -> Function:
    """What ``change`` makes of the gradients of a convolution, of every channel."""

    def wrong(dout: Array, cache: Any) -> tuple[Array, ...]:
        x, w, b, *geometry = cache
        found = [change(dout[:, [c]], (*alone(x, w, b, c), *geometry)) for c in range(len(w))]
        dx, dw, db = zip(*found, strict=True)
        return np.concatenate(dx, axis=1), np.concatenate(dw)[:, 0], np.concatenate(db)

    return wrong


def only(index: int, change: Function) -> Function:
    """A mistake in one gradient: ``change`` gives it from the right one and (dout, x, w, b, stride, padding)."""

    def wrong(dout: Array, cache: Any) -> tuple[Array, ...]:
        gradients = list(depthwise_conv2d_backward(dout, cache))
        gradients[index] = change(gradients[index], dout, *cache)
        return tuple(gradients)

    return wrong


def arranging(change: Function) -> Function:
    """The right gradients, returned wrongly."""

    def wrong(dout: Array, cache: Any) -> Any:
        return change(*depthwise_conv2d_backward(dout, cache))

    return wrong


def clearing_dout(dout: Array, cache: Any) -> Any:
    """Clears what it has used."""
    gradients = depthwise_conv2d_backward(dout, cache)
    dout[...] = 0
    return gradients


def turning_kernels(dout: Array, cache: Any) -> Any:
    """Turns the kernels round in place, for dx."""
    gradients = depthwise_conv2d_backward(dout, cache)
    cache[1][...] = cache[1][..., ::-1, ::-1].copy()
    return gradients


def summed(gradient: Array, axis: int) -> Array:
    """The sum over an axis at each of its places."""
    return np.broadcast_to(gradient.sum(axis=axis, keepdims=True), gradient.shape).copy()


LIKE_A_CHANNEL = (  # of unit 5's mistakes, those that people make here as well
    "unpads dx with p:-p",
    "leaves the padding on dx",
    "overwrites overlapping windows",
    "ignores the stride",
    "makes dx too small",
    "divides dw by N",
    "divides db by N",
    "divides dx by N",
    "takes the mean for db",
    "keeps the last image's dw",
    "keeps the last window's dw",
    "flips dw",
    "does not pad x for dw",
    "makes gradients of integers",
    "returns float64 for float32",
    "assumes square images",
    "takes no pairs",
    "refuses a leftover",
    "exchanges the paddings along H and W",
    "uses the padding along H for both axes",
    "uses the stride along H for both axes",
    "has padding 1 built in",
)
KNOWN = {mistake.name: mistake for mistake in convolution_gradient_mistakes.MISCONCEPTIONS}

BACKWARD = (
    *(
        Misconception(name, channels_apart(KNOWN[name].function), KNOWN[name].sentence, KNOWN[name].seen)
        for name in LIKE_A_CHANNEL
    ),
    Misconception(
        "uses the kernels turned round for dx",
        only(0, lambda g, d, x, w, *a: depthwise_conv2d_backward(d, (x, w[..., ::-1, ::-1], *a))[0]),
        "dx is computed with the kernels turned round. In the loop dout[n, c, i, j] * w[c] is added as w is.",
    ),
    Misconception(
        "adds up dw over the channels",
        only(1, lambda g, *a: summed(g, 0)),
        "All channels of dw are alike: dw[c] uses channel c of dout and of x alone.",
        seen=4,
    ),
    Misconception(
        "adds up dx over the channels",
        only(0, lambda g, *a: summed(g, 1)),
        "All channels of dx are alike, as behind a full convolution. Here channel c of x had influence on channel c of "
        "out alone.",
    ),
    Misconception(
        "uses the first kernel for dx",
        only(0, lambda g, d, x, w, *a: depthwise_conv2d_backward(d, (x, np.broadcast_to(w[:1], w.shape), *a))[0]),
        "Channel 0 of dx is right, the others are not: each channel has its own kernel, w[c].",
    ),
    Misconception(
        "sums db over the images only",
        only(2, lambda g, d, *a: d.sum(axis=0).astype(g.dtype)),
        "b[c] is added at every place of every image, so db sums over all three: dout.sum(axis=(0, 2, 3)).",
        seen=4,
    ),
    Misconception(
        "keeps db's dimensions",
        only(2, lambda g, *a: g.reshape(1, -1, 1, 1)),
        "db must have b's shape, (C,): leave out keepdims=True.",
        seen=8,
    ),
    Misconception(
        "gives dw an axis too many",
        only(1, lambda g, *a: g[:, None]),
        "dw must have w's shape, (C, KH, KW), but has an axis too many.",
    ),
    Misconception(
        "returns dw first",
        arranging(lambda dx, dw, db: (dw, db, dx)),
        "The gradients come in the order of the inputs x, w, b: return dx, dw, db.",
    ),
    Misconception(
        "forgets db",
        arranging(lambda dx, dw, db: (dx, dw)),
        "The gradient of the bias is missing: return dx, dw, db.",
    ),
    Misconception("changes dout in place", clearing_dout, convolution_wording.DOUT_IN_PLACE, seen=27),
    Misconception(
        "changes the cache in place",
        turning_kernels,
        "The kernels in the cache were changed, and they are the network's own weights. Work on a copy.",
        seen=27,
    ),
)
