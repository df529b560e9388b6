"""The original files, for those who have them: in the folder that NNLIB_DATA names, or beside the project."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from nnlib.data import load_cifar10, load_fashion_mnist, load_mnist
from nnlib.data.sources import CIFAR10, FASHION_MNIST, MNIST, locate

ORIGINALS = {
    "mnist": (
        MNIST,
        load_mnist,
        (28, 28),
        [7, 2, 1, 0, 4],
        [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    ),
    "fashion_mnist": (FASHION_MNIST, load_fashion_mnist, (28, 28), [9, 2, 1, 1, 6], [1000] * 10),
    "cifar10": (CIFAR10, load_cifar10, (3, 32, 32), [3, 8, 8, 0, 6], [1000] * 10),
}


@pytest.fixture(params=ORIGINALS)
def original(request, root, monkeypatch):
    source, *rest = ORIGINALS[request.param]
    names = [name for name in source.sha256 if not name.startswith("train")]
    for folder in filter(None, [os.environ.get("NNLIB_DATA"), root.parent / "shared" / "data"]):
        if all((Path(folder) / source.folder / name).is_file() for name in names):
            monkeypatch.setenv("NNLIB_DATA", str(folder))
            return source, names, *rest
    return pytest.skip(f"{source.title}'s test files are not here: set NNLIB_DATA to the folder above theirs")


def test_the_test_set_loads(original):
    _, _, load, shape, first, counts = original
    images, labels = load("test")
    assert images.shape == (10_000, *shape)
    assert (images.min(), images.max()) == (0, 1)
    assert labels[:5].tolist() == first
    assert np.bincount(labels).tolist() == counts


def test_the_files_have_the_checksums_that_a_download_must_have(original):
    source, names, *_ = original
    for name in names:
        assert hashlib.sha256(locate(source, name).read_bytes()).hexdigest() == source.sha256[name]
