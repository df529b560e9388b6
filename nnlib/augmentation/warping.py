"""Images turned and scaled about their centre, of the size that they had.

For each pixel of the result we ask where it comes from, a place that mostly lies between four pixels, and mix
these by how near they are (bilinear interpolation). Pixels outside of the image count as `fill`, so that the
border fades into it within one pixel.
"""

import numpy as np

from nnlib.arrays import Array
from nnlib.augmentation.checks import as_batch, one_per_image

__all__ = ["rotate", "scale"]


def rotate(images: Array, degrees: Array | float, *, fill: float = 0.0) -> Array:
    """Images (N, C, H, W) turned by `degrees`, anticlockwise, one number or one for each image (N,).

    A square image turned by 90° is np.rot90 of it. The pixel at (u, v), counted from the centre, down and right,
    comes from (u cos θ + v sin θ, v cos θ − u sin θ).
    Raises ValueError where shapes do not fit or an angle is not finite.
    """
    images = as_batch(images)
    angle = np.deg2rad(one_per_image("degrees", degrees, len(images)))[:, None, None]
    u, v = _from_centre(images)
    return _sampled(images, u * np.cos(angle) + v * np.sin(angle), v * np.cos(angle) - u * np.sin(angle), fill)


def scale(images: Array, factor: Array | float, *, fill: float = 0.0) -> Array:
    """What is in images (N, C, H, W) made `factor` times as large, one number or one for each image (N,).

    The pixel at (u, v), counted from the centre, comes from (u, v) / factor. Nothing is smoothed before, so far
    below ½ pixels are skipped. Raises ValueError where shapes do not fit or a factor is not above 0.
    """
    images = as_batch(images)
    factors = one_per_image("factor", factor, len(images))[:, None, None]
    if not (factors > 0).all():
        raise ValueError(f"factor must be above 0, got {factor}: 2 makes things twice as large")
    u, v = _from_centre(images)
    return _sampled(images, u / factors, v / factors, fill)


def _from_centre(images: Array) -> tuple[Array, Array]:
    """Rows (1, H, 1) and columns (1, 1, W), counted from the middle of the image."""
    h, w = images.shape[2:]
    return (np.arange(h) - (h - 1) / 2)[None, :, None], (np.arange(w) - (w - 1) / 2)[None, None, :]


def _sampled(images: Array, u: Array, v: Array, fill: float) -> Array:
    """The values at (u, v), each (N, H, W) from the centre: four neighbours, weighted by their nearness."""
    n, (h, w) = len(images), images.shape[2:]
    framed = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=fill).transpose(0, 2, 3, 1)
    # beyond the frame everything is fill, so a place far outside may move up to it
    rows, columns = np.clip(u + (h + 1) / 2, 0, h + 1), np.clip(v + (w + 1) / 2, 0, w + 1)
    top, left = np.minimum(rows.astype(int), h), np.minimum(columns.astype(int), w)
    down, right = ((a - b).astype(images.dtype)[..., None] for a, b in ((rows, top), (columns, left)))
    every = np.arange(n)[:, None, None]
    upper = framed[every, top, left] * (1 - right) + framed[every, top, left + 1] * right
    lower = framed[every, top + 1, left] * (1 - right) + framed[every, top + 1, left + 1] * right
    return np.ascontiguousarray((upper * (1 - down) + lower * down).transpose(0, 3, 1, 2))
