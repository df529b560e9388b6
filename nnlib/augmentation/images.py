"""Images mirrored, shifted, cropped, and with other colours."""

import numpy as np

from nnlib.arrays import Array
from nnlib.augmentation.checks import as_batch, check_probability, check_whole

__all__ = ["color_jitter", "flip_horizontal", "random_crop", "translate"]

Rng = np.random.Generator


def flip_horizontal(images: Array, p: float = 0.5, *, rng: Rng) -> Array:
    """Each image (C, H, W) mirrored left to right with probability p: (N, C, H, W) -> (N, C, H, W).

    Draws rng.random(N), a number for each image, which is mirrored where its number is below p.
    Raises ValueError for another shape, or p outside of [0, 1].
    """
    images = as_batch(images)
    mirrored = rng.random(len(images)) < check_probability("p", p)
    return np.where(mirrored[:, None, None, None], images[..., ::-1], images)


def translate(images: Array, down: int, right: int, *, fill: float = 0.0) -> Array:
    """All images shifted by whole pixels, `down` and `right` (up and left where negative): (N, C, H, W).

    out[n, c, i, j] = images[n, c, i − down, j − right], and `fill` where that lies outside of the image.
    Raises ValueError for another shape, TypeError for parts of a pixel.
    """
    images = as_batch(images)
    (to_rows, from_rows), (to_columns, from_columns) = (
        _overlap(size, check_whole(name, shift))
        for name, size, shift in zip(("down", "right"), images.shape[2:], (down, right), strict=True)
    )
    out = np.full_like(images, fill)
    out[:, :, to_rows, to_columns] = images[:, :, from_rows, from_columns]
    return out


def _overlap(size: int, shift: int) -> tuple[slice, slice]:
    """Where pixels go to, and where they come from, along an axis."""
    shift = max(-size, min(shift, size))
    return slice(max(shift, 0), size + min(shift, 0)), slice(max(-shift, 0), size - max(shift, 0))


def random_crop(images: Array, padding: int, *, rng: Rng) -> Array:
    """Each image framed with `padding` zeros on all sides, and a window of its old size cut out: (N, C, H, W).

    Draws rng.integers(0, 2 · padding + 1, (N, 2)): for each image the first row and the first column of its
    window, each of them as likely as any other. Raises ValueError for another shape or a negative padding.

    He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (CVPR 2016), section 4.2.
    """
    images = as_batch(images)
    padding = check_whole("padding", padding, 0)
    n, _, h, w = images.shape
    first = rng.integers(0, 2 * padding + 1, (n, 2))
    framed = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows, columns = first[:, :1] + np.arange(h), first[:, 1:] + np.arange(w)
    every = np.arange(n)[:, None, None]
    windows = framed.transpose(0, 2, 3, 1)[every, rows[:, :, None], columns[:, None, :]]
    return np.ascontiguousarray(windows.transpose(0, 3, 1, 2))


def color_jitter(
    images: Array, brightness: float = 0.2, contrast: float = 0.2, saturation: float = 0.2, *, rng: Rng
) -> Array:
    """Each image with its own brightness, contrast and saturation: (N, C, H, W) in [0, 1] -> the same.

    Three times x ← f · x + (1 − f) · other, where f is drawn for each image from 1 − amount to 1 + amount, and
    other is black for the brightness, the image's mean for the contrast, and each pixel's mean over its channels
    for the saturation. Then what lies outside of [0, 1] is cut off, once, at the end.

    Draws rng.uniform(1 − amount, 1 + amount, N) for each of the three, in that order. Raises ValueError for
    another shape or an amount outside of [0, 1].

    Haeberli and Voorhies, "Image processing by interpolation and extrapolation" (IRIS Universe 28, 1994).
    """
    x = as_batch(images)
    amounts = {"brightness": brightness, "contrast": contrast, "saturation": saturation}
    for (name, amount), other in zip(amounts.items(), (_black, _mean, _grey), strict=True):
        if not 0 <= amount <= 1:
            raise ValueError(f"{name} must lie in [0, 1], got {amount}: 0.2 draws factors from 0.8 to 1.2")
        f = rng.uniform(1 - amount, 1 + amount, len(x)).astype(x.dtype)[:, None, None, None]
        x = f * x + (1 - f) * other(x)
    return np.clip(x, 0, 1)


def _black(x: Array) -> Array:
    return np.zeros_like(x[:, :1, :1, :1])


def _mean(x: Array) -> Array:
    return np.asarray(x.mean(axis=(1, 2, 3), keepdims=True))


def _grey(x: Array) -> Array:
    return np.asarray(x.mean(axis=1, keepdims=True))
