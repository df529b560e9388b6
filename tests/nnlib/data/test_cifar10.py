"""CIFAR-10 from archives in its binary format, whole, foreign and damaged."""

import gzip

import numpy as np
import pytest

from nnlib.data import CIFAR10_CLASSES, load_cifar10

FOLDER = "cifar-10-batches-bin/"
TRAIN = [f"{FOLDER}data_batch_{i}.bin" for i in range(1, 6)]
TEST = f"{FOLDER}test_batch.bin"


def records(labels, images):
    return b"".join(bytes([label]) + image.tobytes() for label, image in zip(labels, images, strict=True))


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (12, 3, 32, 32), np.uint8)


@pytest.fixture
def members(images):
    """Two images a batch, the batches in another order than their numbers', among files that are passed over."""
    batches = [(name, records([i, 9 - i], images[2 * i : 2 * i + 2])) for i, name in enumerate([*TRAIN, TEST])]
    return [(FOLDER, None), (f"{FOLDER}batches.meta.txt", b"airplane\n"), *reversed(batches), ("readme.html", b"")]


@pytest.fixture
def archive(folder, members, tar_gz):
    path = folder / "cifar-10-binary.tar.gz"
    path.write_bytes(tar_gz(members))
    return path


def test_images_are_channels_first_and_float32_from_0_to_1(archive, images):
    loaded, labels = load_cifar10("test")
    assert loaded.dtype == np.float32
    np.testing.assert_array_equal(loaded, images[10:].astype(np.float32) / 255)
    assert labels.dtype == np.int64
    assert labels.tolist() == [5, 4]


def test_the_training_batches_are_put_together_by_their_numbers(archive, images):
    loaded, labels = load_cifar10()
    np.testing.assert_array_equal(loaded, images[:10].astype(np.float32) / 255)
    assert labels.tolist() == [0, 9, 1, 8, 2, 7, 3, 6, 4, 5]


def test_a_record_is_the_label_and_then_red_green_and_blue_row_by_row(archive, tar_gz):
    red, green, blue = (
        bytes([255]) + bytes(1023),
        bytes(33) + bytes([255]) + bytes(990),
        bytes(1023) + bytes([255]),
    )
    archive.write_bytes(tar_gz([(TEST, bytes([3]) + red + green + blue)]))
    loaded, labels = load_cifar10("test")
    assert np.argwhere(loaded).tolist() == [[0, 0, 0, 0], [0, 1, 1, 1], [0, 2, 31, 31]]
    assert labels.tolist() == [3]


def test_the_archive_may_lie_in_a_subfolder_cifar10(archive):
    (archive.parent / "cifar10").mkdir()
    archive.rename(archive.parent / "cifar10" / archive.name)
    assert len(load_cifar10("test")[0]) == 2


def test_nothing_is_unpacked_whatever_the_members_are_called(archive, members, tar_gz):
    hostile = [
        ("../outside.bin", b"x"),
        ("/tmp/absolute.bin", b"x"),
        (f"../{TEST}", b"x"),
        ("link", "/etc/passwd"),
    ]
    archive.write_bytes(tar_gz([*hostile, *members]))
    assert load_cifar10("test")[1].tolist() == [5, 4]
    assert list(archive.parent.iterdir()) == [archive]


def test_an_unknown_split_is_refused(archive):
    with pytest.raises(ValueError, match="split must be one of 'train', 'test', got 'all'"):
        load_cifar10("all")


@pytest.mark.parametrize("instead", [None, "/etc/passwd"], ids=["a folder", "a link"])
def test_only_a_regular_file_counts_as_a_batch(archive, tar_gz, instead):
    archive.write_bytes(tar_gz([(TEST, instead)]))
    with pytest.raises(ValueError, match=f"has no {TEST}: is it CIFAR-10's binary version"):
        load_cifar10("test")


def test_missing_batches_are_named(archive, members, tar_gz):
    archive.write_bytes(tar_gz([(name, content) for name, content in members if name not in TRAIN[1:3]]))
    with pytest.raises(ValueError, match=f"{archive} has no {TRAIN[1]}, {TRAIN[2]}: is it") as caught:
        load_cifar10("train")
    assert TRAIN[0] not in str(caught.value)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    "damage",
    [
        lambda good: good[: len(good) // 2],
        lambda good: good[:-4],
        lambda good: good[:-8] + bytes(4) + good[-4:],  # the checksum at the end
        lambda good: good[:2000] + bytes(50) + good[2050:],
        lambda good: b"",
        lambda good: b"<html>not found</html>",
        lambda good: gzip.compress(b"<html>not found</html>"),
        lambda good: gzip.compress(gzip.decompress(good)[:5000]),
    ],
    ids=["half", "no end", "checksum", "zeros", "empty", "web page", "zipped web page", "half a tar"],
)
def test_a_damaged_archive_is_refused(archive, damage, split):
    archive.write_bytes(damage(archive.read_bytes()))
    with pytest.raises(ValueError, match=f"{archive} is truncated or no gzipped tar archive .*: get it again"):
        load_cifar10(split)


def test_a_batch_of_incomplete_records_is_refused(archive, tar_gz):
    archive.write_bytes(tar_gz([(TEST, bytes(2 * 3073 - 1))]))
    with pytest.raises(ValueError, match=f"{TEST} should hold records of 3073 bytes, got 6145: get it again"):
        load_cifar10("test")


def test_labels_beyond_the_classes_are_refused(archive, tar_gz):
    archive.write_bytes(tar_gz([(TEST, bytes(3073) + bytes([10]) + bytes(3072))]))
    with pytest.raises(ValueError, match=f"{TEST} should hold labels from 0 to 9, got 10: is it CIFAR-10's"):
        load_cifar10("test")


def test_ten_classes_in_the_order_of_the_labels():
    assert len(set(CIFAR10_CLASSES)) == 10
    assert (CIFAR10_CLASSES[0], CIFAR10_CLASSES[9]) == ("airplane", "truck")
