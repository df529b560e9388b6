"""Mistakes that people make in any kind of pooling, for a right forward or backward function."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception
from autograder.exercises.unit05 import pooling, wording
from autograder.exercises.unit05.geometry import (
    Array,
    as_square,
    both,
    divided_size,
    exchanged,
    first,
    floating,
    only_ints,
    refuse_leftover,
)


def forward_mistakes(right: Function) -> tuple[Misconception, ...]:
    """Wrong forward functions made of the right one."""

    def out(x: Array, size: Any, stride: Any = None) -> Array:
        return np.asarray(right(x, size, stride)[0])

    def refusing(x: Array, size: Any, stride: Any) -> Array:
        refuse_leftover(x.shape, size, pooling.step(size, stride))
        return out(x, size, stride)

    def ints(x: Array, size: Any, stride: Any) -> Array:
        only_ints(size, 0 if stride is None else stride)
        return out(x, size, stride)

    def unmoved(x: Array, size: Any, stride: Any) -> Array:
        oh, ow = out(x, size, stride).shape[2:]
        return out(x, size, 1)[:, :, :oh, :ow]

    def float_size(x: Array, size: Any, stride: Any) -> Array:
        divided_size(x)
        return out(x, size, stride)

    def some(where: Any) -> Function:
        def wrong(x: Array, size: Any, stride: Any) -> Array:
            result = out(x, size, stride)
            kept = np.zeros_like(result)
            kept[where] = result[where]
            return kept

        return pooling.forward(wrong)

    def clearing(x: Array, size: Any, stride: Any) -> Array:
        result = out(x, size, stride)
        x[...] = -np.abs(x) - 1
        return result

    return (
        Misconception(
            "ignores the stride",
            pooling.forward(lambda x, k, s: out(x, k)),
            "The windows always lie side by side. Move them by stride, and by size only where stride is None.",
            seen=7,
        ),
        Misconception("starts windows at i, not at i * stride", pooling.forward(unmoved), wording.STRIDE, seen=7),
        Misconception(
            "takes None for stride 1",
            pooling.forward(lambda x, k, s: out(x, k, 1 if s is None else s)),
            "A stride of None means: the same as size. The windows then lie side by side.",
        ),
        Misconception(
            "mixes up size and stride",
            pooling.forward(lambda x, k, s: out(x, k if s is None else s, k)),
            "Size and stride are exchanged: size says how large the window is, stride how far it moves.",
            seen=2,
        ),
        Misconception(
            "assumes square images", pooling.forward(lambda *a: as_square(out(*a))), wording.SQUARE, seen=5
        ),
        Misconception(
            "takes no pairs",
            pooling.forward(ints),
            "Size and stride may also be a pair, (along H, along W): (kh, kw) = pair(size).",
        ),
        Misconception(
            "assumes square windows",
            pooling.forward(lambda x, k, s: out(x, first(k), None if s is None else s)),
            "The window's width is not used: where size is a pair, its second number is for W.",
            seen=5,
        ),
        Misconception(
            "exchanges the window's height and width",
            pooling.forward(lambda x, k, s: out(x, exchanged(k), s)),
            "size: " + wording.EXCHANGED,
            seen=5,
        ),
        Misconception(
            "uses the stride along H for both axes",
            pooling.forward(lambda x, k, s: out(x, k, None if s is None else first(s))),
            wording.FIRST_OF_PAIR.format("stride"),
            seen=5,
        ),
        Misconception("divides sizes with /", pooling.forward(float_size), wording.FLOAT_SIZE, seen=21),
        Misconception(
            "does the first image only",
            some(np.s_[:1]),
            "Only image 0 is pooled, the others stay 0: go over the whole batch. Does `return` stand inside the loop?",
        ),
        Misconception(
            "does the first channel only",
            some(np.s_[:, :1]),
            "Only channel 0 is pooled, the others stay 0: each of the C channels is pooled by itself.",
        ),
        Misconception(
            "writes rows into columns",
            pooling.forward(lambda *a: out(*a).swapaxes(2, 3)),
            "out has rows and columns exchanged: the window in row i and column j goes to out[:, :, i, j].",
            seen=5,
        ),
        Misconception(
            "exchanges size and stride in the cache",
            pooling.remembering(right, lambda x, k, s: (x, s, k)),
            "The cache is (x, size, stride), in this order.",
            seen=2,
        ),
        Misconception("refuses a leftover", pooling.forward(refusing), wording.LEFTOVER, seen=7),
        Misconception(
            "returns float64 for float32",
            pooling.forward(lambda *a: out(*a).astype(np.float64)),
            wording.FLOAT64,
        ),
        Misconception(
            "keeps integers",
            pooling.forward(lambda x, k, s: out(x, k, s).astype(x.dtype)),
            wording.INTEGERS,
            seen=30,
        ),
        Misconception(
            "has 2×2 windows built in",
            pooling.forward(lambda x, k, s: out(x, 2, 2 if s is None else s)),
            "It works for 2×2 windows only. Use size wherever there is a 2 that means the window.",
            seen=5,
        ),
        Misconception("returns out without the cache", out, wording.ONLY_OUT),
        Misconception(
            "puts size for None into the cache",
            pooling.remembering(right, lambda x, k, s: (x, k, k if s is None else s)),
            "The cache must hold (x, size, stride) as they came in, so stride may be None in it: write cache = "
            "(x, size, stride) in the first line.",
        ),
        Misconception(
            "puts out into the cache",
            pooling.remembering(right, lambda x, k, s: (out(x, k, s), k, s)),
            "The cache must hold x, not out: the backward pass needs to know where the pixels were.",
        ),
        Misconception("changes x in place", pooling.forward(clearing), wording.X_IN_PLACE, seen=27),
    )


def backward_mistakes(right: Function, share: Function) -> tuple[Misconception, ...]:
    """Wrong backward functions made of the right one and of ``share``, what a window's places get."""

    def dx(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        return np.asarray(right(dout, (x, size, stride)))

    def moved(dout: Array, x: Array, size: Any, by: Any) -> Array:
        found = np.zeros(x.shape, floating(x)[0].dtype)
        (kh, kw), (sh, sw) = both(size), both(by)
        for i, j in np.ndindex(dout.shape[2:]):
            place = np.s_[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            if x[place].size:
                found[place] += share(x[place], dout[:, :, i : i + 1, j : j + 1])
        return found

    def refusing(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        refuse_leftover(x.shape, size, pooling.step(size, stride))
        return dx(dout, x, size, stride)

    def ints(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        only_ints(size, 0 if stride is None else stride)
        return dx(dout, x, size, stride)

    def square(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        oh, ow = dout.shape[2:]
        if ow < oh:
            raise IndexError(f"index {ow} is out of bounds for axis 3 with size {ow}")
        part = np.zeros_like(dout)
        part[..., :oh] = dout[..., :oh]
        return dx(part, x, size, stride)

    def blown_up(dout: Array, x: Array, size: Any, _stride: Any) -> Array:
        kh, kw = both(size)
        (large,) = floating(np.zeros((*dout.shape[:2], dout.shape[2] * kh, dout.shape[3] * kw), x.dtype))
        for i, j in np.ndindex(dout.shape[2:]):
            place = np.s_[:, :, i * kh : i * kh + kh, j * kw : j * kw + kw]
            large[place] = share(x[place], dout[:, :, i : i + 1, j : j + 1])
        return large

    def raising(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        zeros = np.zeros_like(x)
        zeros += np.zeros_like(dout, shape=())
        return dx(dout, x, size, stride)

    def clearing(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        result = dx(dout, x, size, stride)
        dout /= both(size)[0] * both(size)[1] + 1
        return result

    def spoiling(dout: Array, x: Array, size: Any, stride: Any) -> Array:
        result = dx(dout, x, size, stride)
        x[...] = 0
        return result

    return (
        Misconception(
            "overwrites overlapping windows",
            pooling.backward(lambda d, x, k, s: pooling.overwritten(d, x, k, s, share)),
            wording.OVERWRITES,
            seen=25,
        ),
        Misconception(
            "lays windows side by side",
            pooling.backward(lambda d, x, k, s: moved(d, x, k, k)),
            "The stride is not used: windows are moved by their own size. Window (i, j) begins at i * sh, j * sw.",
            seen=7,
        ),
        Misconception(
            "moves windows by one pixel, whatever the stride",
            pooling.backward(lambda d, x, k, s: moved(d, x, k, 1)),
            "The stride is not used: window (i, j) begins at i * sh, j * sw, not at i, j.",
            seen=7,
        ),
        Misconception(
            "makes dx too small",
            pooling.backward(lambda d, x, k, s: pooling.too_small(dx(d, x, k, s), k, s)),
            wording.TOO_SMALL,
        ),
        Misconception(
            "blows up dout with np.repeat",
            pooling.backward(blown_up),
            "Repeating dout gives x's shape only where windows lie side by side and cover all of x. Start from zeros of "
            "x's shape, and add each window's part at its place.",
        ),
        Misconception(
            "divides by N",
            pooling.backward(lambda d, *a: dx(d, *a) / len(d)),
            wording.DIVIDES_BY_N.format("dx"),
        ),
        Misconception("assumes square images", pooling.backward(square), wording.SQUARE, seen=5),
        Misconception(
            "assumes square windows",
            pooling.backward(lambda d, x, k, s: moved(d, x, first(k), pooling.step(k, s))),
            "The window's width is not used: where size is a pair, its second number is for W.",
            seen=5,
        ),
        Misconception(
            "uses the stride along H for both axes",
            pooling.backward(lambda d, x, k, s: moved(d, x, k, k if s is None else first(s))),
            wording.FIRST_OF_PAIR.format("stride"),
            seen=5,
        ),
        Misconception(
            "takes no pairs",
            pooling.backward(ints),
            "Size and stride may also be a pair, (along H, along W): (kh, kw) = pair(size).",
        ),
        Misconception("refuses a leftover", pooling.backward(refusing), wording.LEFTOVER, seen=7),
        Misconception(
            "makes gradients of integers",
            pooling.backward(lambda d, x, *a: dx(d, x, *a).astype(x.dtype)),
            wording.ZEROS_LIKE,
            seen=30,
        ),
        Misconception(
            "adds floats to integer gradients", pooling.backward(raising), wording.ZEROS_LIKE_RAISES, seen=30
        ),
        Misconception(
            "returns float64 for float32",
            pooling.backward(lambda *a: dx(*a).astype(np.float64)),
            wording.FLOAT64,
        ),
        Misconception("changes dout in place", pooling.backward(clearing), wording.DOUT_IN_PLACE, seen=27),
        Misconception(
            "changes the cache in place",
            pooling.backward(spoiling),
            "x in the cache was changed, and the caller still needs it. Work on a copy: x = x.copy().",
            seen=27,
        ),
        Misconception(
            "returns a tuple",
            pooling.backward(lambda *a: (dx(*a), None, None)),
            "Only x has a gradient, size and stride have none: return dx alone.",
        ),
    )
