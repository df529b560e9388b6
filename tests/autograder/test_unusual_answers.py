"""Right answers get full marks in whatever style they are written."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest

import autograder
from autograder.exercises.unit05.geometry import both
from nnlib import convolution, pooling
from nnlib.arrays import as_float


def recursive_size(size, kernel, stride=1, padding=0):
    if min(size, kernel, stride) < 1 or padding < 0 or kernel > size + 2 * padding:
        raise ValueError("no")
    rest = size - stride
    again = rest + 2 * padding >= kernel
    return 1 + (recursive_size(rest, kernel, stride, padding) if again and rest > 0 else
                (rest + 2 * padding - kernel) // stride + 1 if again else 0)  # fmt: skip


def by_fractions(size, kernel, stride=1, padding=0, *, strict=True):
    class TooLarge(ValueError):
        pass

    if strict and (size <= 0 or kernel <= 0 or stride <= 0 or padding < 0 or size + 2 * padding < kernel):
        raise TooLarge(size)
    return np.int64(math.floor(math.fsum((size, 2 * padding, -kernel)) / stride) + 1)


def strided(x, kernel, stride, padding):
    """All windows as a view, by as_strided."""
    (kh, kw), (sh, sw), (ph, pw) = both(kernel), both(stride), both(padding)
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    n, c, h, w = x.shape
    if kh > h or kw > w:
        raise ValueError("too large")
    a, b, p, q = x.strides
    shape = (n, c, (h - kh) // sh + 1, (w - kw) // sw + 1, kh, kw)
    return np.lib.stride_tricks.as_strided(x, shape, (a, b, p * sh, q * sw, p, q), writeable=False)


def by_tensordot(x, w, b, stride=1, padding=0):
    view = strided(as_float("x", x), w.shape[2:], stride, padding)
    out = np.tensordot(view, as_float("w", w), axes=((1, 4, 5), (1, 2, 3)))
    return (out + as_float("b", b)).transpose(0, 3, 1, 2), (x, w, b, stride, padding)  # a view, not in one piece


def by_fft(x, w, b, stride=1, padding=0):
    (sh, sw), (ph, pw) = both(stride), both(padding)
    p = np.pad(as_float("x", x), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    oh, ow = p.shape[2] - w.shape[2] + 1, p.shape[3] - w.shape[3] + 1
    if oh < 1 or ow < 1:
        raise ValueError("too large")
    product = np.einsum("nchw,fchw->nfhw", np.fft.rfft2(p), np.fft.rfft2(w, p.shape[2:]).conj())
    out = np.fft.irfft2(product, p.shape[2:])[:, :, :oh:sh, :ow:sw] + b[:, None, None]
    return np.asfortranarray(out.astype(p.dtype)), (x, w, b, stride, padding, product)


def by_generator(x, kernel, stride=1, padding=0):
    view = strided(as_float("x", x), kernel, stride, padding)
    rows = (view[n, :, i, j].ravel() for n, i, j in np.ndindex(len(view), *view.shape[2:4]))
    return np.fromiter(itertools.chain.from_iterable(rows), view.dtype).reshape(-1, view[0, :, 0, 0].size)


def in_long_double(image, kernel, stride=1, padding=0):
    wide = strided(image[None, None].astype(np.longdouble), kernel.shape, stride, padding)[0, 0]
    return (wide * kernel).sum(axis=(2, 3)).astype(as_float("image", image).dtype)


def by_reduce(image, kernel, stride=1, padding=0):
    view = strided(as_float("i", image)[None, None], kernel.shape, stride, padding)[0, 0]
    parts = (view[:, :, k, m] * kernel[k, m] for k, m in np.ndindex(kernel.shape))
    return np.array(functools.reduce(np.add, parts), order="F")


def by_matrix(dout, cache):
    """The whole layer as one matrix, a column for each pixel."""
    x, w, b, stride, padding = cache
    xs, ws = as_float("x", x), as_float("w", w)
    unit = np.eye(x[0].size).reshape(-1, *x.shape[1:])
    matrix = by_tensordot(unit, ws.astype(float), np.zeros(len(w)), stride, padding)[0].reshape(x[0].size, -1)
    dx = (dout.reshape(len(x), -1) @ matrix.T).reshape(x.shape).astype(xs.dtype)
    dw = np.tensordot(dout, strided(xs, w.shape[2:], stride, padding), axes=((0, 2, 3), (0, 2, 3)))
    return [dx, dw.astype(ws.dtype), np.add.reduce(dout, (0, 2, 3)).astype(as_float("b", b).dtype)]


def by_transposed_order(dout, cache):
    return tuple(np.asfortranarray(g) for g in convolution.conv2d_backward(dout.copy("F"), cache))


def by_bincount(columns, x_shape, kernel, stride=1, padding=0):
    numbers = np.arange(1.0, 1 + math.prod(x_shape)).reshape(x_shape)
    where = strided(numbers, kernel, stride, padding).transpose(0, 2, 3, 1, 4, 5).astype(int).ravel()
    total = np.bincount(where, columns.ravel(), 1 + math.prod(x_shape))[1:].reshape(x_shape)
    return total.astype(as_float("c", columns).dtype)[...]


class Pool:
    """A callable with defaults of its own."""

    def __init__(self, reduce):
        self.reduce = reduce

    def __call__(self, x, size, stride=None, *, verbose=False):
        view = strided(as_float("x", x), size, size if stride is None else stride, 0)
        return self.reduce(view, axis=(-2, -1)), (x, size, stride, view.shape)


def by_maximum_reduceat(x, size, stride=None):
    view = strided(as_float("x", x), size, stride or size, 0)
    return np.sort(view.reshape(*view.shape[:4], -1), axis=-1)[..., -1], (x, size, stride)


def winners(dout, cache):
    x, size, stride = cache
    view = strided(np.arange(x.size).reshape(x.shape), size, size if stride is None else stride, 0)
    flat = view.reshape(*view.shape[:4], -1)
    best = np.take_along_axis(flat, x.ravel()[flat].argmax(-1)[..., None], -1)
    dx = np.zeros(x.size, as_float("x", x).dtype)
    np.add.at(dx, best.ravel(), dout.ravel())
    return dx.reshape(x.shape)


def by_dictionary(dout, cache):
    x, size, stride = cache
    (kh, kw), (sh, sw), found = both(size), both(stride or size), {}
    for n, c, i, j in np.ndindex(dout.shape):
        places = itertools.product(range(i * sh, i * sh + kh), range(j * sw, j * sw + kw))
        best = max(places, key=lambda p: x[n, c, p[0], p[1]])
        found[n, c, *best] = found.get((n, c, *best), 0) + dout[n, c, i, j]
    dx = np.zeros(x.shape, as_float("x", x).dtype)
    for place, value in found.items():
        dx[place] = value
    return dx


def spread_by_view(dout, cache):
    x, size, stride = cache
    (kh, kw), (sh, sw) = both(size), both(stride or size)
    dx = np.zeros(x.shape, as_float("x", x).dtype)
    view = np.lib.stride_tricks.sliding_window_view(dx, (kh, kw), (2, 3), writeable=True)[:, :, ::sh, ::sw]
    for k, m in np.ndindex(kh, kw):
        view[: len(x), :, : dout.shape[2], : dout.shape[3], k, m] += dout / (kh * kw)
    return dx


def with_kron(dout, cache):
    return np.kron(as_float("d", dout)[:, :, None, None], np.ones((1, 1, *cache[2:]), dout.dtype)) / math.prod(
        cache[2:]
    )


RIGHT = [
    ("conv_output_size", recursive_size), ("conv_output_size", by_fractions), ("conv2d_forward", by_tensordot),
    ("conv2d_forward", by_fft), ("im2col", by_generator), ("correlate2d", in_long_double), ("correlate2d", by_reduce),
    ("correlate2d", lambda i, k, s=1, p=0: by_tensordot(i[None, None], k[None, None], np.zeros(1, i.dtype), s, p)[0][0, 0]),
    ("conv2d_backward", by_matrix), ("conv2d_backward", by_transposed_order), ("col2im", by_bincount),
    ("max_pool2d_forward", Pool(np.max)), ("max_pool2d_forward", by_maximum_reduceat), ("avg_pool2d_forward", Pool(np.mean)),
    ("avg_pool2d_forward", lambda x, size, stride=None, name="pool": [Pool(np.mean)(x, size, stride)[0], [x, size, stride]]),
    ("max_pool2d_backward", winners), ("max_pool2d_backward", by_dictionary), ("avg_pool2d_backward", spread_by_view),
    ("avg_pool2d_backward", functools.partial(pooling.avg_pool2d_backward)), ("global_avg_pool_backward", with_kron),
    ("max_pool2d_backward", lambda dout, cache: np.asfortranarray(winners(dout, cache))),
    ("global_avg_pool_forward", lambda x: (np.einsum("nchw->nc", as_float("x", x)) / x[0, 0].size, np.shape(x))),
    ("global_avg_pool_forward", lambda x: (as_float("x", x).mean(3).mean(2), (*x.shape, "more"))),
    ("global_avg_pool_forward", lambda x: (np.mean(as_float("x", x).reshape(*x.shape[:2], -1).T, axis=0).T, x.shape)),
    ("global_avg_pool_backward", lambda d, cache: np.zeros(cache, as_float("d", d).dtype) + (d / math.prod(cache[2:]))[..., None, None]),
    ("im2col", lambda x, kernel, stride=1, padding=0: convolution.im2col(x, kernel, stride, padding).T.copy().T),
    ("hunt_pool_bug", lambda: [np.random.default_rng(3).integers(0, 2, (2, 2, 9, 8)) * 1.0, [4, 3], [3, 1]]),
    ("hunt_conv_bug", lambda: [*(np.random.default_rng(3).normal(size=s) for s in ((2, 2, 6, 11), (2, 2, 2, 4), (2,))), [3, 2], [2, 0]]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "function"), RIGHT)
def test_what_is_right_gets_full_marks(name, function):
    report = autograder.grade(name, function, rng=np.random.default_rng(11))
    assert report.passed, report.text
