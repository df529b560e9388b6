"""correlate2d: one kernel over one image. Most of its mistakes are those of the layer as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit05 import convolution_mistakes, settings, shares
from autograder.exercises.unit05.geometry import Array, both, fit, floating, padded, places
from autograder.kinds import Plain
from nnlib.convolution import correlate2d

SETTINGS = settings.without(settings.CONVOLUTION, "one image", "many images", "one channel")


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """An image and a kernel in each setting."""
    for s in settings.each(SETTINGS, SETTINGS[0], [("inputs unchanged", settings.INPUTS)]):
        image = settings.draw(rng, s, *s.image, values=s.values)
        kernel = settings.draw(rng, s, *both(s.kernel))
        rest = () if s.defaults else (s.stride, s.padding)
        yield Case(s.trait, (image, kernel, *rest), looks_at=s.looks_at)
    too_large = settings.draw(rng, SETTINGS[0], 6, 3)
    yield Case("kernel higher than the image", (settings.draw(rng, s, 5, 5), too_large, 1, 0), raises=ValueError)
    yield Case(
        "kernel wider than the image", (settings.draw(rng, s, 5, 5), too_large.T.copy(), 1, 0), raises=ValueError
    )


def loops(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """Four loops, a number at a time."""
    image, kernel = floating(image, kernel)
    (sh, sw), (kh, kw) = both(stride), kernel.shape
    pixels = padded(image, padding)
    oh, ow = fit(pixels.shape[0], kh, sh), fit(pixels.shape[1], kw, sw)
    if min(oh, ow) < 1 or kh > pixels.shape[0] or kw > pixels.shape[1]:
        raise ValueError("the kernel does not fit")
    out = np.zeros((oh, ow), image.dtype)
    for i, j, k, m in np.ndindex(oh, ow, kh, kw):
        out[i, j] += pixels[i * sh + k, j * sw + m] * kernel[k, m]
    return out


def by_windows(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """All windows at once."""
    image, kernel = floating(image, kernel)
    sh, sw = both(stride)
    view = sliding_window_view(padded(image, padding), kernel.shape)[::sh, ::sw]
    return np.einsum("ijkl,kl->ij", view, kernel)


def by_shifts(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """A loop over the kernel: each of its values weighs a shifted copy of the image."""
    image, kernel = floating(image, kernel)
    (sh, sw), pixels = both(stride), padded(image, padding)
    oh, ow = (pixels.shape[a] - kernel.shape[a] + 1 for a in (0, 1))
    if min(oh, ow) < 1:
        raise ValueError("the kernel does not fit")
    total = sum(kernel[k, m] * pixels[k : k + oh, m : m + ow] for k, m in np.ndindex(kernel.shape))
    return np.asarray(total)[::sh, ::sw]


def by_fft(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """A product of Fourier transforms."""
    (pixels, weights), (sh, sw) = floating(image, kernel), both(stride)
    pixels = padded(pixels, padding)
    oh, ow = (pixels.shape[a] - kernel.shape[a] + 1 for a in (0, 1))
    if min(oh, ow) < 1:
        raise ValueError("the kernel does not fit")
    spectrum = np.fft.rfft2(pixels) * np.conj(np.fft.rfft2(weights, pixels.shape))
    return np.fft.irfft2(spectrum, pixels.shape)[:oh:sh, :ow:sw].astype(pixels.dtype)


def of_layer(change: Function) -> Function:
    """A mistake of the layer, with one image, one channel, one filter."""

    def wrong(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
        x, w = image[None, None], kernel[None, None]
        out: Array = change(x, w, np.zeros(1, x.dtype), stride, padding)
        return out[0, 0]

    return wrong


def sums_rows_only(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """A matrix product of window and kernel, of which one entry is taken."""
    pixels, weights = floating(image, kernel)
    out = correlate2d(image, kernel, stride, padding)
    pixels = padded(pixels, padding)
    for i, j, rows, columns in places(pixels.shape, kernel.shape, stride):
        out[i, j] = (pixels[rows, columns] @ weights.T).sum()
    return out


def in_place(image: Array, kernel: Array, stride: Any = 1, padding: Any = 0) -> Array:
    """Turns the kernel round, and correlates with it turned round again."""
    kernel[...] = kernel[::-1, ::-1].copy()
    return correlate2d(image, kernel[::-1, ::-1], stride, padding)


MISCONCEPTIONS = (
    *(Misconception(m.name, of_layer(m.change), m.sentence, m.seen) for m in convolution_mistakes.GEOMETRY),
    Misconception(
        "takes a matrix product",
        sums_rows_only,
        "window @ kernel multiplies rows with columns. Here each pixel is multiplied with the one kernel value that "
        "lies on it: np.sum(window * kernel).",
    ),
    Misconception(
        "changes the kernel in place",
        in_place,
        "The kernel that came in was changed, and the caller still needs it. Work on a copy: kernel.copy().",
        seen=27,
    ),
)

EXERCISE = Exercise(
    name="correlate2d",
    unit="05_convolution",
    signature="correlate2d(image, kernel, stride=1, padding=0)",
    reference=correlate2d,
    kind=Plain(("image", "kernel", "stride", "padding")),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(loops, by_windows, by_shifts, by_fft),
    aspects=shares.CORRELATION,
    reread="section 3, one window at a time: the boxed formula and the two outputs worked by hand.",
)
