"""How people get conv2d_backward wrong."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit05 import wording
from autograder.exercises.unit05.geometry import (
    Array,
    both,
    covered,
    cut,
    exchanged,
    first,
    only_ints,
    padded,
    places,
    refuse_leftover,
)
from nnlib.convolution import conv2d_backward, conv2d_forward

Triple: TypeAlias = tuple[Array, Array, Array]


def only(index: int, change: Function) -> Function:
    """A mistake in one gradient: ``change`` gives it from the right one and (dout, x, w, b, stride, padding)."""

    def wrong(dout: Array, cache: Any) -> tuple[Array, ...]:
        gradients = list(conv2d_backward(dout, cache))
        gradients[index] = change(gradients[index], dout, *cache)
        return tuple(gradients)

    return wrong


def reading(change: Function) -> Function:
    """The right gradients of a cache that is read wrongly."""

    def wrong(dout: Array, cache: Any) -> Any:
        return conv2d_backward(dout, change(*cache))

    return wrong


def arranging(change: Function) -> Function:
    """The right gradients, returned wrongly."""

    def wrong(dout: Array, cache: Any) -> Any:
        return change(*conv2d_backward(dout, cache))

    return wrong


def with_padding(_dx: Array, dout: Array, x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """dx with its padding on."""
    return conv2d_backward(dout, (padded(x, padding), w, b, stride, 0))[0]


def unpadded_by_minus(dx: Array, *rest: Any) -> Array:
    """p:-p is empty for p = 0."""
    (ph, pw), image = both(rest[-1]), with_padding(dx, *rest)
    return image[:, :, ph:-ph, pw:-pw]


def overwriting(dx: Array, dout: Array, x: Array, w: Array, _b: Array, stride: Any, padding: Any) -> Array:
    """= in place of += where windows overlap."""
    image = np.zeros(padded(x, padding).shape, dx.dtype)
    for i, j, rows, columns in places(image.shape, w.shape[2:], stride):
        image[:, :, rows, columns] = np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
    return cut(image, padding)


def last_filter(_dx: Array, dout: Array, x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """= in place of += in loops over windows and filters."""
    return overwriting(_dx, dout[:, -1:], x, w[-1:], b, stride, padding)


def overwriting_filters(_dw: Array, dout: Array, x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """= in place of +=: the last window is left."""
    last = dout.copy()
    last[:, :, :-1] = last[:, :, :, :-1] = 0
    return conv2d_backward(last, (x, w, b, stride, padding))[1]


def last_image(_dw: Array, dout: Array, x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """The images overwrite each other."""
    return conv2d_backward(dout[-1:], (x[-1:], w, b, stride, padding))[1]


def unmoved(dout: Array, cache: Any) -> Triple:
    """Window (i, j) taken to begin at pixel (i, j)."""
    x, w, b, _, padding = cache
    stretched = np.zeros((*dout.shape[:2], *conv2d_forward(x, w, b, 1, padding)[0].shape[2:]), dout.dtype)
    stretched[:, :, : dout.shape[2], : dout.shape[3]] = dout
    return conv2d_backward(stretched, (x, w, b, 1, padding))


def too_small(dx: Array, _dout: Array, x: Array, w: Array, _b: Array, stride: Any, padding: Any) -> Array:
    """Only as large as the windows reach."""
    (ph, pw), (h, width) = both(padding), x.shape[2:]
    reach = covered(padded(x, padding).shape, w.shape[2:], stride)
    return dx[:, :, : min(reach[0] - ph, h), : min(reach[1] - pw, width)]


def square(dout: Array, cache: Any) -> Triple:
    """OW taken to be OH: columns are left out, or missed."""
    oh, ow = dout.shape[2:]
    if ow < oh:
        raise IndexError(f"index {ow} is out of bounds for axis 3 with size {ow}")
    part = np.zeros_like(dout)
    part[..., :oh] = dout[..., :oh]
    dx, dw, _ = conv2d_backward(part, cache)
    return dx, dw, conv2d_backward(dout, cache)[2]


def ints_only(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> tuple[Any, ...]:
    """Arithmetic that fails with pairs."""
    only_ints(stride, padding)
    return x, w, b, stride, padding


def refusing(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> tuple[Any, ...]:
    """An error where the stride leaves something over."""
    refuse_leftover(x.shape, w.shape[2:], stride, padding)
    return x, w, b, stride, padding


def zeros_like(dout: Array, cache: Any) -> Triple:
    """Gradients in the dtype of the arrays: cut off where these are integers."""
    dx, dw, db = conv2d_backward(dout, cache)
    return dx.astype(cache[0].dtype), dw.astype(cache[1].dtype), db.astype(cache[2].dtype)


def zeros_like_raises(dout: Array, cache: Any) -> Triple:
    """The same, where += finds it out."""
    zeros = np.zeros_like(cache[0])
    zeros += np.zeros_like(dout, shape=())
    return conv2d_backward(dout, cache)


def clearing_dout(dout: Array, cache: Any) -> Triple:
    """Clears what it has used."""
    gradients = conv2d_backward(dout, cache)
    dout[...] = 0
    return gradients


def turning_filters(dout: Array, cache: Any) -> Triple:
    """Turns the filters round in place, for dx."""
    gradients = conv2d_backward(dout, cache)
    cache[1][...] = cache[1][..., ::-1, ::-1].copy()
    return gradients


def cut_and_padded(x: Array, padding: Any) -> Array:
    """x with zeros where its border and its padding were, as if windows began in x itself."""
    (ph, pw), (h, w) = both(padding), x.shape[2:]
    moved = np.zeros_like(padded(x, padding))
    moved[:, :, :h, :w] = x
    return moved[:, :, ph : ph + h, pw : pw + w]


def in_windows(dout: Array, cache: Any, stride: Any, padding: Any) -> Triple:
    """Loops with a stride and padding of their own, over dout as it is. Windows that leave the image fail."""
    x, w = cache[:2]
    inside = padded(x, padding)
    dx, dw, kernel = np.zeros(inside.shape, w.dtype), np.zeros(w.shape, w.dtype), w.shape[2:]
    (sh, sw), (kh, kw) = both(stride), kernel
    for i, j in np.ndindex(dout.shape[2:]):
        rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
        dw += np.einsum("nf,ncij->fcij", dout[:, :, i, j], inside[:, :, rows, columns])
        dx[:, :, rows, columns] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
    return cut(dx, padding), dw, conv2d_backward(dout, cache)[2]


def reading_padded(change: Function) -> Function:
    """Loops with another padding than the forward pass had."""

    def wrong(dout: Array, cache: Any) -> Triple:
        stride, padding = cache[3:]
        if both(change(padding)) == both(padding):
            return conv2d_backward(dout, cache)
        return in_windows(dout, cache, stride, change(padding))

    return wrong


def first_stride(dout: Array, cache: Any) -> Triple:
    """Loops with the stride along H for both axes."""
    if len(set(both(cache[3]))) == 1:
        return conv2d_backward(dout, cache)
    return in_windows(dout, cache, first(cache[3]), cache[4])


def as_row(dout: Array) -> Array:
    """The sum over all but the filters, with an axis too many."""
    return dout.sum(axis=(0, 2, 3)).reshape(1, -1)


MISCONCEPTIONS = (
    Misconception("unpads dx with p:-p", only(0, unpadded_by_minus), wording.UNPAD, seen=47),
    Misconception("leaves the padding on dx", only(0, with_padding), wording.STILL_PADDED),
    Misconception("overwrites overlapping windows", only(0, overwriting), "dx: " + wording.OVERWRITES, seen=25),
    Misconception(
        "overwrites windows and filters",
        only(0, last_filter),
        "dx: each filter overwrites what the one before left, and so does each window. A pixel gets something from all "
        "filters and all windows: += in place of =.",
        seen=25,
    ),
    Misconception(
        "ignores the stride",
        unmoved,
        "The stride is not used in the backward pass. Window (i, j) begins at i * sh, j * sw, as in the forward pass.",
        seen=7,
    ),
    Misconception(
        "makes dx too small",
        only(0, too_small),
        wording.TOO_SMALL,
    ),
    Misconception("divides dw by N", only(1, lambda g, d, *a: g / len(d)), wording.DIVIDES_BY_N.format("dw")),
    Misconception("divides db by N", only(2, lambda g, d, *a: g / len(d)), wording.DIVIDES_BY_N.format("db")),
    Misconception("divides dx by N", only(0, lambda g, d, *a: g / len(d)), wording.DIVIDES_BY_N.format("dx")),
    Misconception(
        "makes db a row (1, F)",
        only(2, lambda g, d, *a: as_row(d).astype(g.dtype)),
        "db must have b's shape, (F,), but has an axis too many: leave out keepdims, or reshape to b.shape.",
        seen=8,
    ),
    Misconception(
        "keeps db's dimensions",
        only(2, lambda g, d, *a: g.reshape(1, -1, 1, 1)),
        "db must have b's shape, (F,): leave out keepdims=True.",
        seen=8,
    ),
    Misconception(
        "sums db over the images only",
        only(2, lambda g, d, *a: d.sum(axis=0).astype(g.dtype)),
        "b[f] is added at every place of every image, so db sums over all three: dout.sum(axis=(0, 2, 3)).",
        seen=4,
    ),
    Misconception(
        "sums db over the wrong axes",
        only(2, lambda g, d, *a: d.sum(axis=(0, 1, 2)).astype(g.dtype)),
        "db keeps the filters and sums over everything else. dout is (N, F, OH, OW), so the axes are (0, 2, 3).",
        seen=4,
    ),
    Misconception(
        "takes the mean for db",
        only(2, lambda g, d, *a: g * (d.shape[1] / d.size)),
        "db is a sum over images and places, not a mean: dout.sum(axis=(0, 2, 3)).",
    ),
    Misconception(
        "keeps the last image's dw",
        only(1, last_image),
        "Each image overwrites the dw of the one before. All images use the same filters, so their dw are added up: +=.",
    ),
    Misconception(
        "keeps the last window's dw",
        only(1, overwriting_filters),
        "Each window overwrites the dw of the one before. The filter is used in all windows, so dw is a sum: +=.",
        seen=25,
    ),
    Misconception(
        "adds up dw over the channels",
        only(1, lambda g, *a: np.broadcast_to(g.sum(axis=1, keepdims=True), g.shape).copy()),
        "All channels of dw are equal: the channels of x are summed. dw[f, c] uses channel c of x alone.",
        seen=4,
    ),
    Misconception(
        "flips dw",
        only(1, lambda g, *a: g[..., ::-1, ::-1].copy()),
        "dw is turned round. dw[f, c, u, v] sums dout times the pixel that lay under (u, v): no flip.",
    ),
    Misconception(
        "uses the filters turned round for dx",
        only(0, lambda g, d, x, w, *a: conv2d_backward(d, (x, w[..., ::-1, ::-1], *a))[0]),
        "dx is computed with the filters turned round. In the loop, dout[n, f, i, j] * w[f] is added as w is. "
        "(Only as one correlation with a padded dout are the filters turned, once.)",
    ),
    Misconception(
        "does not pad x for dw",
        only(1, lambda g, d, x, w, b, s, p: conv2d_backward(d, (cut_and_padded(x, p), w, b, s, p))[1]),
        "dw must be computed with the padded x, as the forward pass was: otherwise the border is missing.",
    ),
    Misconception(
        "returns dw first",
        arranging(lambda dx, dw, db: (dw, db, dx)),
        "The gradients come in the order of the inputs x, w, b: return dx, dw, db.",
    ),
    Misconception(
        "exchanges dw and db",
        arranging(lambda dx, dw, db: (dx, db, dw)),
        "dw and db are exchanged: the gradients come in the order of the inputs x, w, b.",
    ),
    Misconception(
        "returns dx only",
        arranging(lambda dx, dw, db: dx),
        "Three gradients are asked for, one for each input that can be learned or passed on: return dx, dw, db.",
    ),
    Misconception(
        "forgets db",
        arranging(lambda dx, dw, db: (dx, dw)),
        "The gradient of the bias is missing: return dx, dw, db.",
    ),
    Misconception("makes gradients of integers", zeros_like, wording.ZEROS_LIKE, seen=30),
    Misconception("adds floats to integer gradients", zeros_like_raises, wording.ZEROS_LIKE_RAISES, seen=30),
    Misconception(
        "returns float64 for float32",
        arranging(lambda *g: tuple(a.astype(np.float64) for a in g)),
        wording.FLOAT64,
    ),
    Misconception("changes dout in place", clearing_dout, wording.DOUT_IN_PLACE, seen=27),
    Misconception(
        "changes the cache in place",
        turning_filters,
        "The filters in the cache were changed, and they are the network's own weights. Work on a copy.",
        seen=27,
    ),
    Misconception("assumes square images", square, wording.SQUARE, seen=5),
    Misconception("takes no pairs", reading(ints_only), wording.PAIRS),
    Misconception(
        "takes stride and padding in the wrong order",
        reading(lambda x, w, b, s, p: (x, w, b, p, s)),
        "The cache is (x, w, b, stride, padding), in this order: stride comes before padding.",
        seen=2,
    ),
    Misconception("refuses a leftover", reading(refusing), wording.LEFTOVER, seen=7),
    Misconception(
        "exchanges the paddings along H and W",
        reading_padded(exchanged),
        "padding: " + wording.EXCHANGED,
        seen=5,
    ),
    Misconception(
        "uses the padding along H for both axes",
        reading_padded(first),
        wording.FIRST_OF_PAIR.format("padding"),
        seen=5,
    ),
    Misconception(
        "uses the stride along H for both axes",
        first_stride,
        wording.FIRST_OF_PAIR.format("stride"),
        seen=5,
    ),
    Misconception(
        "has padding 1 built in",
        reading_padded(lambda p: 1),
        "It works for padding 1 only. Take the padding out of the cache and use it wherever there is a 1.",
        seen=5,
    ),
)
