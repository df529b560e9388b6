"""Digits as people write them on a sheet: never quite in the middle, upright, or of one size."""

from collections.abc import Sequence

import numpy as np

from nnlib.arrays import Array, as_float, check_shape

__all__ = ["digits_on_sheets"]

LARGER = 1.25  # a digit of 8 pixels is drawn 10 pixels wide


def digits_on_sheets(
    images: Array,
    *,
    rng: np.random.Generator,
    sheet: Sequence[int] = (16, 16),
    turn: float = 12.0,
    resize: float = 0.15,
    shift: float = 1.0,
) -> Array:
    """images (N, H, W) -> (N, *sheet) of the same float dtype: each turned, resized and moved on its own.

    Drawn from rng, evenly: an angle of at most `turn` degrees to either side, a size of 1 ± `resize` times the
    usual one along each axis, a way of at most `shift` pixels along each axis. Between pixels the values are
    interpolated (bilinearly), and what lies outside of an image is 0, so values stay within those of the images.

    Raises ValueError where images or sheet have other shapes, or where resize is not in [0, 1).
    """
    images = as_float("images", images)
    check_shape("images", images, {"N": None, "H": None, "W": None}, "grey images, one after another")
    if len(sheet) != 2 or min(sheet) < 1:
        raise ValueError(f"sheet must be a height and a width of at least 1 pixel, got {tuple(sheet)}")
    if not 0 <= resize < 1:
        raise ValueError(f"resize must lie in [0, 1), got {resize}: a size of 1 − resize must be positive")
    N = len(images)
    angle = np.deg2rad(rng.uniform(-turn, turn, N))
    size = LARGER * rng.uniform(1 - resize, 1 + resize, (2, N))
    way = rng.uniform(-shift, shift, (2, N))
    return _interpolated(images, *_places(images.shape[1:], sheet, angle, size, way))


def _places(
    shape: tuple[int, ...], sheet: Sequence[int], angle: Array, size: Array, way: Array
) -> tuple[Array, Array]:
    """Where in its image each pixel of each sheet looks: rows and columns, (N, *sheet)."""
    down, right = np.indices(tuple(sheet))[:, None] - (np.reshape(sheet, (2, 1, 1, 1)) - 1) / 2
    down, right = down - way[0][:, None, None], right - way[1][:, None, None]
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    rows = (cos * down - sin * right) / size[0][:, None, None] + (shape[0] - 1) / 2
    columns = (sin * down + cos * right) / size[1][:, None, None] + (shape[1] - 1) / 2
    return rows, columns


def _interpolated(images: Array, rows: Array, columns: Array) -> Array:
    """The images' values between their pixels: the mean of the four around, by how near they are."""
    H, W = images.shape[1:]
    bordered = np.pad(images, ((0, 0), (1, 1), (1, 1)))  # beyond the border all is 0
    rows, columns = np.clip(rows + 1, 0, H + 1), np.clip(columns + 1, 0, W + 1)
    top, left = np.minimum(rows.astype(int), H), np.minimum(columns.astype(int), W)
    low, far = (rows - top).astype(images.dtype), (columns - left).astype(images.dtype)
    n = np.arange(len(images))[:, None, None]
    above = bordered[n, top, left] * (1 - far) + bordered[n, top, left + 1] * far
    below = bordered[n, top + 1, left] * (1 - far) + bordered[n, top + 1, left + 1] * far
    mixed: Array = above * (1 - low) + below * low
    return mixed
