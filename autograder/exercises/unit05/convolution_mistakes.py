"""How people get the layer wrong; most of it they get wrong in correlate2d as well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit05 import wording
from autograder.exercises.unit05.geometry import (
    Array,
    as_square,
    both,
    covered,
    divided_size,
    exchanged,
    first,
    floating,
    only_ints,
    padded,
    places,
    refuse_leftover,
)
from nnlib.convolution import conv2d_forward


def right(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """The reference's out."""
    return conv2d_forward(x, w, b, stride, padding)[0]


def layer(change: Function) -> Function:
    """A forward function whose out is ``change``'s."""

    def wrong(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
        return change(x, w, b, stride, padding), (x, w, b, stride, padding)

    return wrong


def remembering(cache: Function) -> Function:
    """A forward function with the right out and another cache."""

    def wrong(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
        return right(x, w, b, stride, padding), cache(x, w, b, stride, padding)

    return wrong


def unmoved(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """As many windows as fit, but each begins one pixel after the one before."""
    out = right(x, w, b, 1, padding)
    oh, ow = right(x, w, b, stride, padding).shape[2:]
    return out[:, :, :oh, :ow]


def refusing(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """An error where the stride leaves something over."""
    refuse_leftover(x.shape, w.shape[2:], stride, padding)
    return right(x, w, b, stride, padding)


def rounding_up(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """A last window that hangs over the end."""
    (sh, sw), inside = both(stride), padded(x, padding)
    (h, width), (uh, uw) = inside.shape[2:], covered(inside.shape, w.shape[2:], stride)
    grown = np.pad(inside, [(0, 0), (0, 0), (0, (sh - h + uh) * (h > uh)), (0, (sw - width + uw) * (width > uw))])
    return right(grown, w, b, stride)


def one_short(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """The last row and column of windows are missing."""
    return right(x, w, b, stride, padding)[:, :, :-1, :-1]


def one_side(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """Padding above and on the left only."""
    ph, pw = both(padding)
    return right(np.pad(x, [(0, 0), (0, 0), (ph, 0), (pw, 0)]), w, b, stride)


def square_kernel(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """KW taken to be KH: NumPy cannot multiply a window with a kernel of another width."""
    inside, k = padded(x, padding), w.shape[2]
    out = right(x, w, b, stride, padding)
    for i, j, rows, columns in places(inside.shape, k, stride):
        out[:, :, i, j] = (inside[:, None, :, rows, columns] * w).sum(axis=(2, 3, 4)) + b
    return out


def ints_only(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """Arithmetic that fails with pairs."""
    only_ints(stride, padding)
    return right(x, w, b, stride, padding)


def of_one_image(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """The loop over the images returns too early."""
    out = right(x, w, b, stride, padding)
    out[1:] = 0
    return out


def keeping_integers(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """out is made in x's dtype."""
    return right(x, w, b, stride, padding).astype(x.dtype)


def over_images(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """A sum without axes: the images are added up as well."""
    out = right(x, w, 0 * b, stride, padding)
    return np.broadcast_to(out.sum(axis=0, keepdims=True), out.shape) + floating(b)[0][:, None, None]


def float_size(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """A size from /."""
    divided_size(x)
    return right(x, w, b, stride, padding)


def float_bias(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """float() of all biases at once: NumPy refuses where there are several."""
    return right(x, w, np.full(len(w), float(b), w.dtype), stride, padding)


def empty(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """No error where nothing fits: loops that never run."""
    inside = padded(x, padding)
    if w.shape[2] <= inside.shape[2] and w.shape[3] <= inside.shape[3]:
        return conv2d_forward(x, w, b, stride, padding)
    return np.zeros((len(x), len(w), 0, 0)), (x, w, b, stride, padding)


def turning_kernels(x: Array, w: Array, b: Array, stride: Any = 1, padding: Any = 0) -> tuple[Array, Any]:
    """Turns the kernels round in place, and uses them turned round again."""
    w[...] = w[..., ::-1, ::-1].copy()
    return right(x, w[..., ::-1, ::-1], b, stride, padding), (x, w, b, stride, padding)


def clearing(x: Array, w: Array, b: Array, stride: Any, padding: Any) -> Array:
    """Clears the images once they are used."""
    out = right(x, w, b, stride, padding)
    x[...] = 0
    return out


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake in ``out`` alone: ``change`` gives it for (x, w, b, stride, padding)."""

    name: str
    change: Function
    sentence: str
    seen: int = 0


GEOMETRY = (
    Slip(
        "ignores the stride",
        lambda x, w, b, s, p: right(x, w, b, 1, p),
        "The stride is not used: the output size must be divided by it, and window i starts at pixel i * stride.",
        7,
    ),
    Slip("starts windows at i, not at i * stride", unmoved, wording.STRIDE, 7),
    Slip(
        "ignores the padding",
        lambda x, w, b, s, p: right(x, w, b, s, 0),
        "The padding is not used: put zeros around the image first, and slide over the padded image.",
    ),
    Slip(
        "has padding 1 built in",
        lambda x, w, b, s, p: right(x, w, b, s, 1),
        "It works for padding 1 only. Use the argument, wherever there is a 1 (or a 2 · 1) that means the padding.",
        5,
    ),
    Slip(
        "pads one side only",
        one_side,
        "The zeros are missing below and on the right: pad both ends of each axis, (ph, ph) and (pw, pw).",
    ),
    Slip(
        "pads with the border's pixels",
        lambda x, w, b, s, p: right(padded(x, p, "edge"), w, b, s),
        "The padding must be zeros, but the border of the image was continued. np.pad does zeros by default.",
    ),
    Slip("assumes square images", lambda *a: as_square(right(*a)), wording.SQUARE, 5),
    Slip(
        "assumes square kernels",
        square_kernel,
        "KW is taken to be KH. Read both from the kernel's shape; KW belongs to the columns.",
        5,
    ),
    Slip("takes no pairs", ints_only, wording.PAIRS),
    Slip(
        "uses the stride along H for both axes",
        lambda x, w, b, s, p: right(x, w, b, first(s), p),
        wording.FIRST_OF_PAIR.format("stride"),
        5,
    ),
    Slip(
        "uses the padding along H for both axes",
        lambda x, w, b, s, p: right(x, w, b, s, first(p)),
        wording.FIRST_OF_PAIR.format("padding"),
        5,
    ),
    Slip(
        "exchanges the strides along H and W",
        lambda x, w, b, s, p: right(x, w, b, exchanged(s), p),
        "stride: " + wording.EXCHANGED,
        5,
    ),
    Slip(
        "exchanges the paddings along H and W",
        lambda x, w, b, s, p: right(x, w, b, s, exchanged(p)),
        "padding: " + wording.EXCHANGED,
        5,
    ),
    Slip(
        "writes rows into columns",
        lambda *a: right(*a).swapaxes(2, 3),
        "out has rows and columns exchanged: the window in row i and column j goes to place i, j of the result.",
        5,
    ),
    Slip("divides sizes with /", float_size, wording.FLOAT_SIZE, 21),
    Slip("refuses a leftover", refusing, wording.LEFTOVER, 7),
    Slip("rounds the output size up", rounding_up, wording.ROUND_UP),
    Slip(
        "misses the last row and column",
        one_short,
        "The output is one too small along H and W: the + 1 of the output size is missing.",
    ),
    Slip(
        "flips the kernel",
        lambda x, w, b, s, p: right(x, w[..., ::-1, ::-1], b, s, p),
        "This is the convolution of mathematics, with the kernel turned round. A convolution layer computes the "
        "cross-correlation: leave the kernel as it is.",
    ),
    Slip(
        "transposes the kernel",
        lambda x, w, b, s, p: right(x, w.swapaxes(2, 3), b, s, p),
        "The kernel's rows and columns are exchanged: its first axis goes with the image's rows.",
    ),
    Slip(
        "takes the mean",
        lambda x, w, b, s, p: right(x, w / w[0, 0].size, b, s, p),
        "The products are averaged, but they must be added up: np.sum in place of np.mean.",
    ),
    Slip("returns float64 for float32", lambda *a: right(*a).astype(np.float64), wording.FLOAT64),
    Slip("keeps integers", keeping_integers, wording.INTEGERS, 30),
)

OF_LAYER = (
    Slip(
        "forgets the bias",
        lambda x, w, b, s, p: right(x, w, 0 * b, s, p),
        "The bias is missing: add b[f] to the whole map of filter f.",
    ),
    Slip(
        "adds the bias once per channel",
        lambda x, w, b, s, p: right(x, w, x.shape[1] * b, s, p),
        "The bias is inside the loop over the channels and gets added C times. Add it once, after the sum.",
    ),
    Slip(
        "adds the bias to each product",
        lambda x, w, b, s, p: right(x, w, w[0].size * b, s, p),
        "The bias is inside the sum over the window, and gets added C · KH · KW times. Add it once, after the sum.",
    ),
    Slip(
        "adds the same bias to all filters",
        lambda x, w, b, s, p: right(x, w, np.full_like(b, b[0]), s, p),
        "Every filter has its own bias: add b[f] to map f, not b[0] or their sum.",
    ),
    Slip(
        "calls float on the whole bias",
        float_bias,
        "float(…) takes one number, but b has one for each filter: use b[f], without float.",
        20,
    ),
    Slip(
        "uses the first filter for all",
        lambda x, w, b, s, p: right(x, np.broadcast_to(w[:1], w.shape), b, s, p),
        "All maps are those of filter 0: map f is made with w[f].",
    ),
    Slip(
        "adds up over the images too",
        over_images,
        "All images have the same result: the sum runs over the images too. Leave axis 0 out: np.sum(…, axis=(1, 2, 3)).",
        4,
    ),
    Slip(
        "keeps the last channel only",
        lambda x, w, b, s, p: right(x[:, -1:], w[:, -1:], b, s, p),
        "The channels must be added up, but each one overwrites the one before: += in place of =, or a sum over "
        "the channel axis.",
    ),
    Slip(
        "looks at the first channel only",
        lambda x, w, b, s, p: right(x[:, :1], w[:, :1], b, s, p),
        "Only channel 0 is looked at. The products of all channels are added up into one number.",
    ),
    Slip(
        "puts the filters last",
        lambda *a: right(*a).transpose(0, 2, 3, 1),
        "out has the axes (N, OH, OW, F). It should be (N, F, OH, OW): transpose(0, 3, 1, 2) brings F forward.",
    ),
    Slip(
        "reshapes where axes must be exchanged",
        lambda *a: (o := right(*a)).transpose(0, 2, 3, 1).reshape(o.shape),
        "The numbers are right, but in another order: the rows of the product are in order (n, oh, ow). Reshape to "
        "(N, OH, OW, F) first, then transpose(0, 3, 1, 2); a reshape alone mixes filters and places.",
    ),
    Slip(
        "computes the first image only",
        of_one_image,
        "Only image 0 is right, the others are 0: does `return` stand inside the loop over the images?",
    ),
)

SLIPS = tuple(Misconception(m.name, layer(m.change), m.sentence, m.seen) for m in (*GEOMETRY, *OF_LAYER))

MISCONCEPTIONS = (
    *SLIPS,
    Misconception("returns out without the cache", right, wording.ONLY_OUT),
    Misconception(
        "leaves stride and padding out of the cache",
        remembering(lambda x, w, b, s, p: (x, w, b)),
        "The cache must be (x, w, b, stride, padding): the backward pass needs the last two as well.",
    ),
    Misconception(
        "exchanges stride and padding in the cache",
        remembering(lambda x, w, b, s, p: (x, w, b, p, s)),
        "The cache is (x, w, b, stride, padding), in this order.",
        2,
    ),
    Misconception(
        "puts the padded x into the cache",
        remembering(lambda x, w, b, s, p: (padded(x, p), w, b, s, p)),
        "The cache must hold x as it came in, not padded: give the padded array a name of its own.",
    ),
    Misconception(
        "gives an empty result where nothing fits",
        empty,
        "A kernel that does not fit must raise a ValueError. Your conv_output_size does that, if you call it.",
    ),
    Misconception("changes x in place", layer(clearing), wording.X_IN_PLACE, 27),
    Misconception(
        "changes the filters in place",
        turning_kernels,
        "The filters that came in were changed, and the caller still needs them. Work on a copy: w = w.copy().",
        27,
    ),
)
