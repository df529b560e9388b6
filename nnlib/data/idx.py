"""The idx format of MNIST and Fashion-MNIST: a file of images and a file of labels for each split."""

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from nnlib.arrays import Array
from nnlib.data.sources import Source, locate, of_split

__all__ = ["load_idx", "read_idx"]

PREFIX = {"train": "train", "test": "t10k"}


def load_idx(source: Source, split: str) -> tuple[Array, Array]:
    """(images (N, 28, 28) float32 in [0, 1], labels (N,) int64) from the two files of a split.

    Raises ValueError for an unknown split and for files that are damaged or do not belong together, and what
    `locate` raises.
    """
    prefix = of_split(PREFIX, split)
    images_path = locate(source, f"{prefix}-images-idx3-ubyte.gz")
    labels_path = locate(source, f"{prefix}-labels-idx1-ubyte.gz")
    images, labels = read_idx(images_path, dimensions=3), read_idx(labels_path, dimensions=1)
    if images.shape[1:] != (28, 28):
        raise ValueError(
            f"{images_path} must hold images of 28 × 28 pixels, got {images.shape[1:]}: is it {source.title}'s?"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{images_path} and {labels_path} do not belong together: {len(images)} images, {len(labels)} labels"
        )
    return images / np.float32(255), labels.astype(np.int64)


def read_idx(path: Path, dimensions: int) -> Array:
    """A gzipped idx file of bytes: 0, 0, 8 (unsigned byte), how many dimensions, their sizes, the values.

    Raises ValueError for any other file.
    """
    try:
        raw = gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is truncated or no gzip file ({error}): get it again") from error
    header = 4 + 4 * dimensions
    if len(raw) < header or raw[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(
            f"{path} is no idx file of {dimensions} dimensions of bytes, it begins with {raw[:4]!r}: get it again"
        )
    shape = struct.unpack(f">{dimensions}I", raw[4:header])
    expected = math.prod(shape)
    if len(raw) - header != expected:
        raise ValueError(
            f"{path} should hold {expected} values for shape {shape}, got {len(raw) - header}: get it again"
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)
