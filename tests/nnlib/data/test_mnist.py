"""MNIST from a folder, from the network (simulated), and from damaged files."""

import gzip
import hashlib
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from nnlib.data import load_mnist, mnist

IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def idx(array, kind=8):
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def folder(tmp_path, monkeypatch, rng):
    """A folder with three test images and no training images."""
    (tmp_path / IMAGES).write_bytes(gzip.compress(idx(rng.integers(0, 256, (3, 28, 28)))))
    (tmp_path / LABELS).write_bytes(gzip.compress(idx(np.array([7, 2, 1]))))
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def real_folder(root, monkeypatch):
    candidates = [os.environ.get("NNLIB_DATA"), root.parent / "shared" / "data"]
    for candidate in filter(None, candidates):
        if (Path(candidate) / "mnist" / IMAGES).is_file() or (Path(candidate) / IMAGES).is_file():
            monkeypatch.setenv("NNLIB_DATA", str(candidate))
            return Path(candidate)
    return pytest.skip("MNIST's test files are not here; set NNLIB_DATA to the folder that has them")


def test_the_real_test_set_loads(real_folder):
    images, labels = load_mnist("test")
    assert images.shape == (10_000, 28, 28)
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_real_test_files_have_the_checksums_that_a_download_must_have(real_folder):
    for name in (IMAGES, LABELS):
        content = next(p for p in (real_folder / name, real_folder / "mnist" / name) if p.is_file()).read_bytes()
        assert hashlib.sha256(content).hexdigest() == mnist.SHA256[name]


def test_pixels_are_float32_from_0_to_1_and_labels_int64(folder):
    (folder / IMAGES).write_bytes(gzip.compress(idx(np.full((3, 28, 28), 255))))
    images, labels = load_mnist("test")
    assert images.dtype == np.float32
    assert np.all(images == 1)
    assert labels.dtype == np.int64
    assert labels.tolist() == [7, 2, 1]


def test_the_files_may_lie_in_a_subfolder_mnist(folder):
    (folder / "mnist").mkdir()
    for name in (IMAGES, LABELS):
        (folder / name).rename(folder / "mnist" / name)
    assert len(load_mnist("test")[0]) == 3


def test_a_missing_file_is_named_with_the_places_looked_at(folder):
    with pytest.raises(FileNotFoundError, match="NNLIB_DATA is") as caught:
        load_mnist("train")
    name = "train-images-idx3-ubyte.gz"
    assert str(folder / name) in str(caught.value)
    assert str(folder / "mnist" / name) in str(caught.value)


def test_an_unknown_split_is_refused(folder):
    with pytest.raises(ValueError, match="split must be one of 'train', 'test', got 'valid'"):
        load_mnist("valid")


GOOD = idx(np.zeros((3, 28, 28)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(GOOD)[:-20], "truncated or no gzip file"),
        (b"", "truncated or no gzip file|is no idx file"),
        (b"<html>not found</html>", "truncated or no gzip file"),
        (gzip.compress(GOOD)[:12] + b"\xff" * 40, "truncated or no gzip file"),
        (gzip.compress(GOOD[:-1]), r"should hold 2352 values for shape \(3, 28, 28\), got 2351"),
        (gzip.compress(GOOD + b"\0"), "should hold 2352 values .* got 2353"),
        (gzip.compress(GOOD[:9]), "is no idx file of bytes with 3 dimensions"),
        (gzip.compress(idx(np.zeros(3))), "is no idx file of bytes with 3 dimensions"),
        (gzip.compress(idx(np.zeros((3, 28, 28)), kind=13)), "is no idx file of bytes"),
        (gzip.compress(idx(np.zeros((3, 32, 32)))), r"must be of 28 × 28 pixels, got \(32, 32\)"),
        (gzip.compress(idx(np.zeros((4, 28, 28)))), "do not belong together: 4 images, 3 labels"),
    ],
    ids=[
        "cut off",
        "empty",
        "a web page",
        "garbled",
        "a value short",
        "a value long",
        "half a header",
        "labels",
        "floats",
        "other pixels",
        "other number",
    ],
)
def test_a_damaged_or_wrong_file_is_refused_with_what_is_wrong(folder, content, message):
    (folder / IMAGES).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_mnist("test")


@pytest.fixture
def download(folder, monkeypatch):
    """No NNLIB_DATA, and a pooch that takes the files from `folder`; the list of what it was asked for."""
    pooch = pytest.importorskip("pooch", reason="pooch, which downloads, is not installed")
    asked = []

    def retrieve(url, known_hash, fname, path):
        asked.append((url, known_hash))
        return str(folder / fname)

    monkeypatch.delenv("NNLIB_DATA")
    monkeypatch.setattr(pooch, "retrieve", retrieve)
    return asked


def test_without_a_folder_the_files_are_downloaded_and_their_checksums_verified(download):
    assert len(load_mnist("test")[0]) == 3
    assert download == [(mnist.MIRROR + name, f"sha256:{mnist.SHA256[name]}") for name in (IMAGES, LABELS)]


@pytest.mark.parametrize(
    ("failure", "error", "message"),
    [
        (OSError("no route"), ConnectionError, r"could not download https://.*gz \(no route\)\. .* NNLIB_DATA"),
        (ValueError("hash differs"), ValueError, r"is not the file it should be \(hash differs\)\. .* NNLIB_DATA"),
    ],
)
def test_a_failed_download_says_what_to_do(download, monkeypatch, failure, error, message):
    def retrieve(*_, **__):
        raise failure

    monkeypatch.setattr("pooch.retrieve", retrieve)
    with pytest.raises(error, match=message):
        load_mnist("test")
