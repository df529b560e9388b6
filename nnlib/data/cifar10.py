"""CIFAR-10: 60,000 colour photographs of 32 × 32 pixels in ten classes.

Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (University of Toronto, 2009), from its
binary version: the Python version holds pickles, and to load a pickle is to run what is in it.
"""

import gzip
import tarfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nnlib.arrays import Array
from nnlib.data.sources import CIFAR10, Split, locate, of_split

__all__ = ["CIFAR10_CLASSES", "load_cifar10"]

CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)

ARCHIVE = "cifar-10-binary.tar.gz"
BATCHES = {
    "train": tuple(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)),
    "test": ("cifar-10-batches-bin/test_batch.bin",),
}
IMAGE = (3, 32, 32)  # C H W
RECORD = 1 + 3 * 32 * 32  # the label, then the red, the green and the blue pixels, each row by row


def load_cifar10(split: Split = "train") -> tuple[Array, Array]:
    """(images (N, 3, 32, 32) float32 in [0, 1], labels (N,) int64): N = 50,000 for "train", 10,000 for "test".

    The channels are red, green and blue; label i is `CIFAR10_CLASSES[i]`. Reads the original archive, 170 MB for
    both splits, without unpacking it to disk. The training images take 614 MB.
    The package says where the archive is looked for and what is raised.
    """
    names = of_split(BATCHES, split)
    path = locate(CIFAR10, ARCHIVE)
    content = _read_members(path, names)
    batches = [_records(path, name, content[name]) for name in names]
    labels = np.concatenate([batch[:, 0] for batch in batches]).astype(np.int64)
    images = np.empty((len(labels), *IMAGE), np.float32)
    start = 0
    for batch in batches:  # one by one: all bytes as floats at once would double the memory
        stop = start + len(batch)
        np.divide(batch[:, 1:].reshape(-1, *IMAGE), np.float32(255), out=images[start:stop])
        start = stop
    return images, labels


def _read_members(path: Path, names: Sequence[str]) -> dict[str, bytes]:
    """What the archive holds under exactly these names, in memory; every other member is passed over."""
    content = {}
    try:
        with gzip.open(path) as unzipped:
            with tarfile.open(fileobj=unzipped, mode="r|") as archive:
                for member in archive:
                    if member.name in names and member.isfile() and (file := archive.extractfile(member)):
                        content[member.name] = file.read()
            while unzipped.read(1 << 20):  # gzip compares its checksum at its very end
                pass
    except (EOFError, gzip.BadGzipFile, tarfile.TarError, zlib.error) as error:
        raise ValueError(f"{path} is truncated or no gzipped tar archive ({error}): get it again") from error
    if missing := [name for name in names if name not in content]:
        raise ValueError(f"{path} has no {', '.join(missing)}: is it CIFAR-10's binary version, {ARCHIVE}?")
    return content


def _records(path: Path, name: str, content: bytes) -> Array:
    """The records (N, 3073) of a batch; ValueError where it cannot be one."""
    if len(content) % RECORD:
        raise ValueError(f"{path}: {name} should hold records of {RECORD} bytes, got {len(content)}: get it again")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    highest = records[:, 0].max(initial=0)
    if highest >= len(CIFAR10_CLASSES):
        raise ValueError(f"{path}: {name} should hold labels from 0 to 9, got {highest}: is it CIFAR-10's?")
    return records
