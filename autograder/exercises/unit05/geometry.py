"""Windows of images in plain loops, with places to go wrong: mistakes differ in one ingredient each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Place: TypeAlias = tuple[int, int, slice, slice]


def both(value: Any) -> tuple[int, int]:
    """An int or a pair, as a pair."""
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def first(value: Any) -> int:
    """What is meant for H, alone."""
    return both(value)[0]


def exchanged(value: Any) -> tuple[int, int]:
    """The pair the wrong way round."""
    return both(value)[::-1]


def floating(*arrays: Array) -> list[Array]:
    """Floats as they are, integers as float64."""
    return [a if a.dtype.kind == "f" else a.astype(np.float64) for a in arrays]


def padded(x: Array, padding: Any, mode: Any = "constant") -> Array:
    """x with its last two axes padded."""
    (ph, pw), rest = both(padding), [(0, 0)] * (x.ndim - 2)
    return np.pad(x, [*rest, (ph, ph), (pw, pw)], mode=mode)


def cut(x: Array, padding: Any) -> Array:
    """What `padded` made, without the padding."""
    (ph, pw), (h, w) = both(padding), x.shape[2:]
    return x[:, :, ph : h - ph, pw : w - pw]


def fit(size: int, kernel: int, stride: int) -> int:
    """How many windows fit."""
    return (size - kernel) // stride + 1


def places(shape: tuple[int, ...], kernel: Any, stride: Any, steps: Any = None) -> Iterator[Place]:
    """(i, j, rows, columns) of each window in an image (…, H, W); ``steps``: how far they really move."""
    (kh, kw), (sh, sw), (h, w) = both(kernel), both(stride), shape[-2:]
    dh, dw = both(stride if steps is None else steps)
    for i in range(fit(h, kh, sh)):
        for j in range(fit(w, kw, sw)):
            yield i, j, slice(i * dh, i * dh + kh), slice(j * dw, j * dw + kw)


def covered(shape: tuple[int, ...], kernel: Any, stride: Any) -> tuple[int, int]:
    """How much of (H, W) the windows reach."""
    (kh, kw), (sh, sw), (h, w) = both(kernel), both(stride), shape[-2:]
    return (fit(h, kh, sh) - 1) * sh + kh, (fit(w, kw, sw) - 1) * sw + kw


def refuse_leftover(shape: tuple[int, ...], kernel: Any, stride: Any, padding: Any = 0) -> None:
    """Raise where the stride does not cover the image, as people do who take the formula to be exact."""
    for size, k, s, p in zip(shape[-2:], both(kernel), both(stride), both(padding), strict=True):
        if (size + 2 * p - k) % s:
            raise ValueError("the output size is not a whole number")


def only_ints(*values: Any) -> None:
    """Arithmetic that fails with pairs."""
    for value in values:
        value + 1


def divided_size(x: Array) -> Array:
    """An array with a size that / gave: NumPy refuses a float."""
    return np.zeros((len(x), x.shape[1] / 1), x.dtype)


def as_square(out: Array) -> Array:
    """What becomes of outputs (…, OH, OW) if OW is taken to be OH: columns are missing, or windows hang over."""
    oh, ow = out.shape[-2:]
    if ow < oh:
        raise ValueError("operands could not be broadcast together")
    return out[..., :oh]
