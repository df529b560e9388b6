"""MNIST and Fashion-MNIST: one format, one way of loading."""

import gzip

import numpy as np
import pytest

from nnlib.data import FASHION_MNIST_CLASSES, load_fashion_mnist, load_mnist

IMAGES = "t10k-images-idx3-ubyte.gz"
LOADERS = {"mnist": load_mnist, "fashion_mnist": load_fashion_mnist}


@pytest.fixture(params=LOADERS)
def load(request):
    return LOADERS[request.param]


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (3, 28, 28))


@pytest.fixture
def files(folder, images, write_idx):
    """The folder, with three test images and no training images."""
    write_idx(folder, "t10k", images, [7, 2, 1])
    return folder


def test_pixels_are_float32_from_0_to_1_and_labels_int64(load, files, images):
    loaded, labels = load("test")
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, images.astype(np.float32) / 255)
    assert labels.dtype == np.int64
    assert labels.tolist() == [7, 2, 1]


def test_the_training_images_are_another_pair_of_files_and_the_default(load, files, write_idx):
    write_idx(files, "train", np.full((2, 28, 28), 255), [4, 5])
    loaded, labels = load()
    assert np.all(loaded == 1)
    assert labels.tolist() == [4, 5]


@pytest.mark.parametrize("name", LOADERS)
def test_a_subfolder_with_the_name_of_the_data_set_goes_before_the_folder(name, files, write_idx):
    write_idx(files / name, "t10k", np.zeros((1, 28, 28)), [9])
    assert {other: load("test")[1].tolist() for other, load in LOADERS.items()} == {
        **{key: [7, 2, 1] for key in LOADERS},
        name: [9],
    }


def test_an_unknown_split_is_refused(load, files):
    with pytest.raises(ValueError, match="split must be one of 'train', 'test', got 'valid'"):
        load("valid")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda good: gzip.compress(good)[:-20], "truncated or no gzip file"),
        (lambda good: b"", "is no idx file of 3 dimensions of bytes, it begins with b'': get it again"),
        (lambda good: b"<html>not found</html>", "truncated or no gzip file .*: get it again"),
        (lambda good: gzip.compress(good)[:12] + b"\xff" * 40, "truncated or no gzip file"),
        (lambda good: gzip.compress(good[:-1]), r"should hold 2352 values for shape \(3, 28, 28\), got 2351"),
        (lambda good: gzip.compress(good + b"\0"), "should hold 2352 values .* got 2353: get it again"),
        (lambda good: gzip.compress(good[:9]), "is no idx file of 3 dimensions"),
        (lambda good: gzip.compress(good[:3] + b"\1" + good[4:]), "is no idx file of 3 dimensions"),
        (lambda good: gzip.compress(good[:2] + b"\15" + good[3:]), "is no idx file of 3 dimensions of bytes"),
    ],
    ids=["cut off", "empty", "web page", "garbled", "short", "long", "half a header", "labels", "floats"],
)
def test_a_damaged_file_is_refused_with_what_is_wrong(load, files, images, idx, damage, message):
    (files / IMAGES).write_bytes(damage(idx(images)))
    with pytest.raises(ValueError, match=message) as caught:
        load("test")
    assert str(files / IMAGES) in str(caught.value)


def test_images_of_another_size_are_refused(files, write_idx):
    write_idx(files, "t10k", np.zeros((3, 32, 32)), [7, 2, 1])
    with pytest.raises(ValueError, match=r"images of 28 × 28 pixels, got \(32, 32\): is it Fashion-MNIST's\?"):
        load_fashion_mnist("test")


def test_images_and_labels_of_different_number_are_refused(load, files, write_idx):
    write_idx(files, "t10k", np.zeros((4, 28, 28)), [7, 2, 1])
    with pytest.raises(ValueError, match="labels-idx1-ubyte.gz do not belong together: 4 images, 3 labels"):
        load("test")


def test_ten_classes_of_clothes_in_the_order_of_the_labels():
    assert len(set(FASHION_MNIST_CLASSES)) == 10
    assert (FASHION_MNIST_CLASSES[0], FASHION_MNIST_CLASSES[9]) == ("T-shirt/top", "Ankle boot")
