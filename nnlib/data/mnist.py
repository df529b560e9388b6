"""MNIST: 70,000 handwritten digits of 28 × 28 pixels (LeCun, Cortes and Burges), from the original files."""

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Literal

import numpy as np

from nnlib.arrays import Array

__all__ = ["load_mnist"]

MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"

SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}

PREFIX = {"train": "train", "test": "t10k"}

BY_HAND = (
    "Get the file elsewhere, put it into a folder and set the environment variable NNLIB_DATA to that folder."
)


def load_mnist(split: Literal["train", "test"] = "train") -> tuple[Array, Array]:
    """(images (N, 28, 28) float32 in [0, 1], labels (N,) int64): N = 60,000 for "train", 10,000 for "test".

    Reads the original gzipped idx files, the split's own two, from the folder that the environment variable
    NNLIB_DATA names or from its subfolder mnist. Without NNLIB_DATA they are downloaded once, checked, and
    kept in the user's cache.

    Raises FileNotFoundError where the folder has not the files, ConnectionError where they cannot be
    downloaded, ValueError for an unknown split or a file that is damaged or another.
    """
    if split not in PREFIX:
        raise ValueError(f"split must be one of {', '.join(map(repr, PREFIX))}, got {split!r}")
    images = _read_idx(_locate(f"{PREFIX[split]}-images-idx3-ubyte.gz"), dimensions=3)
    labels = _read_idx(_locate(f"{PREFIX[split]}-labels-idx1-ubyte.gz"), dimensions=1)
    if images.shape[1:] != (28, 28):
        raise ValueError(f"MNIST's {split} images must be of 28 × 28 pixels, got {images.shape[1:]}: wrong files?")
    if len(images) != len(labels):
        raise ValueError(
            f"MNIST's {split} files do not belong together: {len(images)} images, {len(labels)} labels"
        )
    return images.astype(np.float32) / 255, labels.astype(np.int64)


def _locate(name: str) -> Path:
    folder = os.environ.get("NNLIB_DATA")
    if not folder:
        return _download(name)
    candidates = [Path(folder) / name, Path(folder) / "mnist" / name]
    for path in candidates:
        if path.is_file():
            return path
    looked = " nor ".join(map(str, candidates))
    raise FileNotFoundError(
        f"NNLIB_DATA is {folder!r}, but there is neither {looked}. Put {name} there, or unset NNLIB_DATA."
    )


def _download(name: str) -> Path:
    """The file in the user's cache, downloaded if it is not there; its checksum is verified either way."""
    import pooch  # here, so that everything else works without it

    try:
        path = pooch.retrieve(
            MIRROR + name, f"sha256:{SHA256[name]}", fname=name, path=pooch.os_cache("nnlib") / "mnist"
        )
    except OSError as error:  # requests' errors are OSErrors
        raise ConnectionError(f"could not download {MIRROR}{name} ({error}). {BY_HAND}") from error
    except ValueError as error:  # the checksum differs
        raise ValueError(f"{MIRROR}{name} is not the file it should be ({error}). {BY_HAND}") from error
    return Path(path)


def _read_idx(path: Path, dimensions: int) -> Array:
    """A gzipped idx file of bytes: 0, 0, 8 (unsigned byte), how many dimensions, their sizes, the values."""
    try:
        raw = gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is truncated or no gzip file ({error}): get it again") from error
    header = 4 + 4 * dimensions
    if len(raw) < header or raw[:4] != bytes([0, 0, 8, dimensions]):
        raise ValueError(
            f"{path} is no idx file of bytes with {dimensions} dimensions: it begins with {raw[:4]!r}"
        )
    shape = struct.unpack(f">{dimensions}I", raw[4:header])
    expected = math.prod(shape)
    if len(raw) - header != expected:
        raise ValueError(
            f"{path} should hold {expected} values for shape {shape}, got {len(raw) - header}: get it again"
        )
    return np.frombuffer(raw, np.uint8, offset=header).reshape(shape)
