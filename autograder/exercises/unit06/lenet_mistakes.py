"""How people assemble LeNet-5 wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit06 import wording
from nnlib.activations import relu_backward, softmax
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.dense import dense_backward
from nnlib.lenet import lenet_backward, lenet_forward
from nnlib.pooling import avg_pool2d_forward, max_pool2d_backward, max_pool2d_forward


def conv2d(*arguments: Any) -> Any:
    """A convolution's out."""
    return conv2d_forward(*arguments)[0]


def relu_of(z: Any) -> Any:
    """The positive part."""
    return np.maximum(z, 0)


def largest(x: Any) -> Any:
    """Max pooling."""
    return max_pool2d_forward(x, 2)[0]


def assembled(
    *,
    conv: Function = conv2d,
    relu: Function = relu_of,
    late_relu: Function | None = None,
    last_relu: Function | None = None,
    pool: Function = largest,
    padding: int = 2,
    pool_first: bool = False,
    end: Function = lambda logits: logits,
    flat: Function = lambda a: a.reshape(len(a), -1),
) -> Function:
    """A LeNet of these parts; ``late_relu`` stands behind C5, ``last_relu`` behind F6."""

    def stage(x: Any, w: Any, b: Any, border: int) -> Any:
        z = conv(x, w, b, 1, border)
        return relu(pool(z)) if pool_first else pool(relu(z))

    def forward(x: Any, parameters: Any) -> Any:
        w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
        x = x if np.asarray(x).dtype.kind == "f" else np.asarray(x, np.float64)
        a = stage(stage(x, w1, b1, padding), w2, b2, 0)
        a = flat((late_relu or relu)(conv(a, w3, b3, 1, 0)))
        return end((last_relu or relu)(a @ w4 + b4) @ w5 + b5), ()

    return forward


def reading(change: Function) -> Function:
    """The right network for other arguments: ``change(x, parameters)``."""

    def wrong(x: Any, parameters: Any) -> Any:
        return lenet_forward(*change(x, list(parameters)))

    return wrong


def result(change: Function) -> Function:
    """The right logits, returned wrongly: ``change(logits, x)``."""

    def wrong(x: Any, parameters: Any) -> Any:
        logits, cache = lenet_forward(x, parameters)
        return change(logits, x), cache

    return wrong


def without_biases(x: Any, parameters: list[Any]) -> Any:
    """All biases 0."""
    return x, [0 * p if i % 2 else p for i, p in enumerate(parameters)]


def without_last_bias(x: Any, parameters: list[Any]) -> Any:
    """The bias of the outputs 0."""
    return x, [*parameters[:-1], 0 * parameters[-1]]


def ten_classes(logits: Any, x: Any) -> Any:
    """An output of 10 columns, whatever M is."""
    out = np.zeros((len(x), 10), logits.dtype)
    if logits.shape[1] != 10:
        raise ValueError(f"could not broadcast input array from shape {logits.shape} into shape {out.shape}")
    return logits


def blackened(x: Any, parameters: Any) -> Any:
    """x -= x.mean() and the like."""
    found = lenet_forward(x, parameters)
    x *= 0
    return found


FORWARD = (
    Misconception(
        "takes the softmax at the end",
        assembled(end=softmax),
        "Your rows add up to 1: these are probabilities. The loss takes logits and does the softmax itself.",
    ),
    Misconception(
        "puts a ReLU behind the logits",
        assembled(end=relu_of),
        "No logit of yours is negative. The last layer has no ReLU: a class must be able to score below 0.",
    ),
    Misconception(
        "forgets every ReLU",
        assembled(relu=lambda z: z),
        "There is no ReLU in it. Then all its layers together are hardly better than one.",
    ),
    Misconception(
        "forgets the ReLUs behind C5 and F6",
        assembled(late_relu=lambda z: z, last_relu=lambda z: z),
        "The first two convolutions have a ReLU, but the third one and the first dense layer have none. Each has one; only "
        "the last layer has not.",
    ),
    Misconception(
        "forgets the ReLU behind F6",
        assembled(last_relu=lambda z: z),
        "Between the two dense layers nothing bends, so together they are one: what stands behind F6?",
    ),
    Misconception(
        "takes averages for maxima",
        assembled(pool=lambda x: avg_pool2d_forward(x, 2)[0]),
        "You pool with averages, as the original did. Here the largest value is taken: max_pool2d_forward.",
    ),
    Misconception(
        "takes the top left of each window",
        assembled(pool=lambda x: x[:, :, ::2, ::2]),
        "Each window of the pool gives one of its values, but not the largest.",
    ),
    Misconception(
        "has no padding in C1",
        assembled(padding=0, flat=lambda a: a.reshape(len(a), 120)),
        "The first convolution needs padding 2: 28×28 pixels stay 28×28. Without it the third one does not fit.",
    ),
    Misconception(
        "forgets the biases",
        reading(without_biases),
        "The biases are missing. They begin with 0, so at first nobody sees it, but they are learned.",
    ),
    Misconception(
        "forgets the bias of the logits",
        reading(without_last_bias),
        "The bias b5 of the last layer is missing.",
    ),
    Misconception(
        "flips the kernels",
        reading(lambda x, p: (x, [a[..., ::-1, ::-1] if a.ndim == 4 else a for a in p])),
        "The kernels are turned round. A convolution layer leaves them as they are.",
    ),
    Misconception(
        "has ten classes built in",
        result(ten_classes),
        "The number of classes is not always 10. It comes with the parameters: b5 has one value for each class.",
    ),
    Misconception(
        "squeezes the result",
        result(lambda logits, x: logits.squeeze()),
        "Of a single image you return one row without its batch axis. squeeze() takes every axis of length 1 away: reshape "
        "instead.",
    ),
    Misconception(
        "normalises the images",
        reading(lambda x, p: (x / max(1.0, float(x.max())), p)),
        "You divide the images by their largest value, but only where it is above 1. The network takes x as it comes.",
    ),
    Misconception(
        "clips the images to 0 … 1",
        reading(lambda x, p: (np.clip(x, 0, 1).astype(x.dtype), p)),
        "You clip the images to values from 0 to 1. The network takes x as it comes.",
    ),
    Misconception(
        "returns float64 for float32", result(lambda logits, x: logits.astype(np.float64)), wording.FLOAT64
    ),
    Misconception(
        "cuts logits of integers",
        result(lambda logits, x: logits.astype(x.dtype)),
        wording.INTEGERS,
        seen=30,
    ),
    Misconception("changes the images in place", blackened, wording.IN_PLACE.format("x"), seen=27),
    Misconception("returns the logits alone", lambda x, p: lenet_forward(x, p)[0], wording.ONLY_OUT),
)


def backwards(
    *,
    conv: Function = conv2d_backward,
    relu: Function = relu_backward,
    late_relu: Function | None = None,
    f6_relu: Function | None = None,
    pool: Function = max_pool2d_backward,
) -> Function:
    """The way back of these parts."""

    def backward(dout: Any, cache: Any) -> tuple[Any, ...]:
        conv1, relu1, pool1, conv2, relu2, pool2, conv3, relu3, dense4, relu4, dense5 = cache
        late = late_relu or relu
        da4, dw5, db5 = dense_backward(dout, dense5)
        da3, dw4, db4 = dense_backward((f6_relu or late)(da4, relu4), dense4)
        dp2, dw3, db3 = conv(late(da3, relu3), conv3)
        dp1, dw2, db2 = conv(relu(pool(dp2, pool2), relu2), conv2)
        _, dw1, db1 = conv(relu(pool(dp1, pool1), relu1), conv1)
        return dw1, db1, dw2, db2, dw3, db3, dw4, db4, dw5, db5

    return backward


def past(dout: Any, z: Any) -> Any:
    """No ReLU."""
    return dout


def shared_out(dout: Any, cache: Any) -> Any:
    """A quarter to every pixel of a window, as behind an average."""
    x = cache[0]
    wide = np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3) / 4
    return wide.astype(dout.dtype).reshape(x.shape)


def to_all(dout: Any, cache: Any) -> Any:
    """All of dout to every pixel of a window that is as large as the maximum."""
    x = cache[0]
    wide = np.repeat(np.repeat(dout, 2, axis=2), 2, axis=3)
    top = np.repeat(np.repeat(max_pool2d_forward(x, 2)[0], 2, axis=2), 2, axis=3)
    return (wide * (x == top)).astype(dout.dtype)


def arranging(change: Function) -> Function:
    """The right gradients, returned wrongly."""

    def wrong(dout: Any, cache: Any) -> Any:
        return change(lenet_backward(dout, cache))

    return wrong


def each(change: Function, places: Sequence[int] = range(10)) -> Function:
    """The gradients at some places changed: ``change(gradient, dout)``."""

    def wrong(dout: Any, cache: Any) -> Any:
        return tuple(change(g, dout) if i in places else g for i, g in enumerate(lenet_backward(dout, cache)))

    return wrong


def clearing_dout(dout: Any, cache: Any) -> Any:
    """Clears what it has used."""
    found = lenet_backward(dout, cache)
    dout[...] = 0
    return found


def masking_cache(dout: Any, cache: Any) -> Any:
    """Makes the mask where z was."""
    found = lenet_backward(dout, cache)
    cache[1][...] = 0
    return found


def popping(dout: Any, cache: Any) -> Any:
    """Sees the first image of a batch alone."""
    if len(dout) == 1:
        return lenet_backward(dout, cache)
    only = np.zeros_like(dout)
    only[0] = dout[0]
    return lenet_backward(only, cache)


BIASES, WEIGHTS = range(1, 10, 2), range(0, 10, 2)
BACKWARD = (
    Misconception(
        "forgets every ReLU",
        backwards(relu=past),
        "The ReLUs are missing on the way back: where z ≤ 0, nothing comes back. Only the last layer's gradients are "
        "right.",
    ),
    Misconception(
        "forgets the ReLU behind F6",
        backwards(f6_relu=past),
        "The gradients of the last layer are right, the others are not: between the two dense layers stands a ReLU.",
    ),
    Misconception(
        "forgets the ReLUs behind C1 and C3",
        backwards(relu=past, late_relu=relu_backward),
        "The gradients are right down to the third convolution. Then comes a pool, and behind the pool (on the way back) a "
        "ReLU.",
    ),
    Misconception("has slope 1 at 0", backwards(relu=lambda d, z: d * (z >= 0)), wording.SLOPE_AT_0, seen=23),
    Misconception(
        "shares the pool's gradient out",
        backwards(pool=shared_out),
        "Behind the pools the gradients are wrong: a maximum sends all of dout to its winner. You share it out, as an "
        "average does.",
    ),
    Misconception(
        "gives all tied maxima the gradient",
        backwards(pool=to_all),
        "In an empty part of the image all pixels of a window are equal. The first of them gets the gradient, not all: "
        "max_pool2d_backward does that.",
        seen=45,
    ),
    Misconception(
        "divides by N",
        each(lambda g, dout: g / len(dout)),
        wording.DIVIDES_BY_N.format("All gradients are"),
    ),
    Misconception(
        "takes means for the biases",
        each(lambda g, dout: g / len(dout), BIASES),
        "The gradients of the biases are N times too small: they are sums over the batch, not means.",
    ),
    Misconception(
        "makes rows of the biases",
        each(lambda g, dout: g[None], BIASES),
        "The gradients of the biases have an axis too many: leave out keepdims.",
        seen=8,
    ),
    Misconception(
        "returns the last layer first",
        arranging(lambda g: tuple(g[i] for k in range(8, -1, -2) for i in (k, k + 1))),
        "The gradients come in the order in which they were computed, the last layer first. Turn them round: they must fit "
        "the parameters.",
    ),
    Misconception(
        "returns all weights, then all biases",
        arranging(lambda g: (*g[::2], *g[1::2])),
        "The gradients come in the order of the parameters: dw1, db1, dw2, db2, and so on.",
    ),
    Misconception(
        "exchanges dw and db",
        arranging(lambda g: tuple(g[i ^ 1] for i in range(10))),
        "Each dw stands where its db belongs: a layer's dw comes before its db.",
    ),
    Misconception(
        "returns dx as well",
        arranging(lambda g: (np.zeros((1, 1, 28, 28)), *g)),
        "Ten gradients are asked for, one for each parameter. Nobody trains the pixels, so no dx.",
    ),
    Misconception(
        "forgets the last layer",
        arranging(lambda g: g[:8]),
        "Ten gradients are asked for: those of the last layer are missing.",
    ),
    Misconception(
        "computes the first image only",
        popping,
        "Only the first image of the batch counts in your gradients. They are sums over all of them.",
    ),
    Misconception(
        "has the wrong sign",
        each(lambda g, dout: -g),
        "All gradients have the wrong sign. The step of gradient descent goes against the gradient; the gradient itself "
        "has no minus.",
    ),
    Misconception(
        "returns float64 for float32",
        each(lambda g, dout: g.astype(np.float64)),
        wording.FLOAT64,
    ),
    Misconception(
        "works for ten classes only",
        lambda dout, cache: (
            lenet_backward(dout, cache) if dout.shape[1] == 10 else lenet_backward(dout[:, :10], ())
        ),
        "The number of classes is not always 10. Take it from the shapes.",
    ),
    Misconception(
        "cuts gradients of integers",
        lambda dout, cache: tuple(
            g.astype(cache[0][0].dtype) if cache[0][0].dtype.kind == "i" else g
            for g in lenet_backward(dout, cache)
        ),
        wording.INTEGERS,
        seen=30,
    ),
    Misconception("changes dout in place", clearing_dout, wording.IN_PLACE.format("dlogits"), seen=27),
    Misconception("changes the cache in place", masking_cache, wording.IN_PLACE.format("The cache"), seen=27),
)
