"""What goes wrong in global average pooling, and right ways to write it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Misconception
from autograder.exercises.pooling_loops import Array, as_float

IN_PLACE = "An array that was passed in is changed. Work on a copy, or write into a new array."


def _divided_first(x: Array) -> tuple[Array, Any]:
    x = as_float(x)
    x /= x.shape[2] * x.shape[3]
    return x.sum(axis=(2, 3)), x.shape


def _float_of_array(x: Array) -> tuple[Any, Any]:
    return float(as_float(x).mean(axis=(2, 3))), x.shape


def _first_image(x: Array) -> tuple[Array, Any]:
    out = as_float(x).mean(axis=(2, 3))
    return out * (np.arange(len(x)) == 0)[:, None], x.shape


FORWARD = (
    Misconception(
        "keeps the axes",
        lambda x: (as_float(x).mean(axis=(2, 3), keepdims=True), x.shape),
        "out has the shape (N, C), one number for each channel: leave out keepdims.",
        8,
    ),
    Misconception(
        "takes the sum",
        lambda x: (as_float(x).sum(axis=(2, 3)), x.shape),
        "This is the sum of each channel: divide by H·W, or use mean.",
    ),
    Misconception(
        "divides by the height squared",
        lambda x: (as_float(x).sum(axis=(2, 3)) / x.shape[2] ** 2, x.shape),
        "The sum is divided by H²: an image of H × W has H·W pixels.",
        5,
    ),
    Misconception(
        "divides by N",
        lambda x: (as_float(x).mean(axis=(2, 3)) / len(x), x.shape),
        "The mean is divided by N as well: the loss alone averages over the batch.",
    ),
    Misconception(
        "takes the mean over N and C",
        lambda x: (as_float(x).mean(axis=(0, 1)), x.shape),
        "The mean goes over height and width, which are axes 2 and 3 of (N, C, H, W).",
        4,
    ),
    Misconception(
        "takes the mean over C and H",
        lambda x: (as_float(x).mean(axis=(1, 2)), x.shape),
        "The channel axis is averaged away: height and width are axes 2 and 3, counted from 0.",
        4,
    ),
    Misconception(
        "takes the mean over the width only",
        lambda x: (as_float(x).mean(axis=3), x.shape),
        "Only the width is averaged away: take both axes, axis=(2, 3).",
        4,
    ),
    Misconception(
        "mixes the whole batch",
        lambda x: (np.full(x.shape[:2], as_float(x).mean()).astype(as_float(x).dtype), x.shape),
        "A mean without an axis mixes all images and channels: each channel has its own, axis=(2, 3).",
        4,
    ),
    Misconception(
        "takes the mean over the channels too",
        lambda x: (as_float(x).mean(axis=(1, 2, 3)), x.shape),
        "The channels are averaged away too: keep axis 1, and take the mean over axis=(2, 3).",
    ),
    Misconception(
        "takes the maximum",
        lambda x: (as_float(x).max(axis=(2, 3)), x.shape),
        "This is the maximum of each channel: take its mean.",
    ),
    Misconception(
        "calls float on an array",
        _float_of_array,
        "float(…) takes one number only, and there are N·C means: return the array that mean gives.",
        20,
    ),
    Misconception(
        "always makes float64",
        lambda x: (x.mean(axis=(2, 3), dtype=np.float64), x.shape),
        "float32 came in, so float32 should come out: let mean keep the dtype of x.",
    ),
    Misconception(
        "keeps integers",
        lambda x: (x.mean(axis=(2, 3)).astype(x.dtype), x.shape),
        "The mean of integers is cut to whole numbers here: it should be a float.",
        30,
    ),
    Misconception("changes the input in place", _divided_first, IN_PLACE, 27),
    Misconception(
        "remembers x in place of its shape",
        lambda x: (as_float(x).mean(axis=(2, 3)), x),
        "The cache is the tuple x.shape: backward needs no more, and x is large.",
    ),
    Misconception(
        "remembers height and width only",
        lambda x: (as_float(x).mean(axis=(2, 3)), x.shape[2:]),
        "The cache is the whole of x.shape, (N, C, H, W), not height and width alone.",
    ),
    Misconception(
        "returns no cache",
        lambda x: as_float(x).mean(axis=(2, 3)),
        "Return two things, `out, cache`: backward needs the cache.",
    ),
    Misconception(
        "does the first image only", _first_image, "Only the first image has a mean here: go over the whole batch."
    ),
)


def _spread(dout: Array, shape: Any, number: float) -> Array:
    """Every pixel gets its channel's dout, divided by ``number``."""
    return np.ones(shape, dout.dtype) * dout[:, :, None, None] / number


def _swapped(dout: Array, cache: Any) -> Array:
    n, c, height, width = cache
    return _spread(dout, (n, c, width, height), height * width)


def _one_column(dout: Array, cache: Any) -> Array:
    return _spread(dout, cache, cache[2] * cache[3]) * np.eye(1, cache[3], dtype=dout.dtype)


def _only_first(dout: Array, cache: Any) -> Array:
    return _spread(dout * (np.arange(len(dout)) == 0)[:, None], cache, cache[2] * cache[3])


def _in_place(dout: Array, cache: Any) -> Array:
    dout /= cache[2] * cache[3]
    return _spread(dout, cache, 1)


BACKWARD = (
    Misconception(
        "does not divide the share",
        lambda dout, cache: _spread(dout, cache, 1),
        "Every pixel gets the whole dout of its channel: it gets a share, divided by H·W.",
    ),
    Misconception(
        "divides by the height squared",
        lambda dout, cache: _spread(dout, cache, cache[2] ** 2),
        "The share is divided by H²: an image of H × W has H·W pixels.",
        5,
    ),
    Misconception(
        "divides by N",
        lambda dout, cache: _spread(dout, cache, len(dout) * cache[2] * cache[3]),
        "The share is divided by N as well: the loss alone averages over the batch.",
    ),
    Misconception(
        "divides by C too",
        lambda dout, cache: _spread(dout, cache, cache[1] * cache[2] * cache[3]),
        "The share is divided by C as well: a mean is over the H·W pixels of one channel.",
    ),
    Misconception(
        "exchanges height and width",
        _swapped,
        "dx has the shape (N, C, H, W), height first: height and width are swapped here.",
        5,
    ),
    Misconception(
        "does not spread the share",
        lambda dout, cache: dout[:, :, None, None] / (cache[2] * cache[3]),
        "dx has the shape of x, (N, C, H, W): spread each share over all pixels, with np.ones or +=.",
        8,
    ),
    Misconception(
        "keeps dout's shape",
        lambda dout, cache: dout / (cache[2] * cache[3]),
        "dx has the shape of x, (N, C, H, W): give dout two more axes, dout[:, :, None, None], and spread it.",
    ),
    Misconception(
        "spreads in another order",
        lambda dout, cache: np.resize(dout, cache) / (cache[2] * cache[3]),
        "The shares land in other channels: dout[n, c] belongs to all of dx[n, c]. Use dout[:, :, None, None].",
    ),
    Misconception(
        "gives to one column only",
        _one_column,
        "Only one column gets a gradient: every pixel of a channel counts the same in its mean.",
    ),
    Misconception(
        "forgets dout",
        lambda dout, cache: _spread(np.ones_like(dout), cache, cache[2] * cache[3]),
        "Every share is 1 / (H·W) here: multiply it by dout (chain rule).",
    ),
    Misconception(
        "always makes float64",
        lambda dout, cache: np.ones(cache) * dout[:, :, None, None] / (cache[2] * cache[3]),
        "np.ones makes float64: with dtype=dout.dtype, float32 stays float32.",
    ),
    Misconception(
        "makes an integer gradient",
        lambda dout, cache: _spread(dout, cache, cache[2] * cache[3]).astype(int),
        "The gradient is cut to whole numbers: make dx with the float dtype of dout.",
        30,
    ),
    Misconception("changes dout in place", _in_place, IN_PLACE, 27),
    Misconception(
        "does the first image only", _only_first, "Only the first image gets a gradient: go over the whole batch."
    ),
)


def mean_by_loops(x: Array) -> tuple[Array, Any]:
    """One channel after the other, with a sum."""
    n, c, height, width = x.shape
    out = np.zeros((n, c), as_float(x).dtype)
    for image in range(n):
        for channel in range(c):
            out[image, channel] = x[image, channel].sum() / (height * width)
    return out, x.shape


def mean_by_reshape(x: Array) -> tuple[Array, Any]:
    """Pixels in a row; a longer cache."""
    return as_float(x).reshape(*x.shape[:2], -1).mean(axis=2), (*x.shape, x.dtype)


def spread_by_loops(dout: Array, cache: Any) -> Array:
    """One channel after the other."""
    n, c, height, width = cache[:4]
    dx = np.zeros((n, c, height, width), dout.dtype)
    for image, channel in np.ndindex(n, c):
        dx[image, channel] = dout[image, channel] / (height * width)
    return dx


def spread_by_repeat(dout: Array, cache: Any) -> Array:
    """Repeated, then arranged."""
    height, width = cache[2:4]
    return (dout / (height * width)).repeat(height * width).reshape(*dout.shape, height, width)


def spread_by_einsum(dout: Array, cache: Any) -> Array:
    """An outer product with a map of shares."""
    share = np.full(cache[2:4], 1 / (cache[2] * cache[3]), dout.dtype)
    return np.einsum("nc,hw->nchw", dout, share)
