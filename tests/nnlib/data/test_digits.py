"""The embedded digits."""

import numpy as np
import pytest

from nnlib.data import digits, load_digits, make_digits


def test_1797_images_of_8_by_8_pixels_between_0_and_1():
    images, labels = load_digits()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.shape == (1797,)
    assert labels.dtype == np.int64


def test_every_digit_occurs_about_equally_often():
    counts = np.bincount(load_digits()[1], minlength=10)
    assert len(counts) == 10
    assert 170 < counts.min() <= counts.max() < 190


def test_every_call_gives_arrays_of_its_own():
    load_digits()[0][:] = 7
    assert load_digits()[0].max() == 1


def test_the_script_makes_the_embedded_file_again(tmp_path):
    pytest.importorskip(
        "sklearn", reason="scikit-learn, whose copy of the data the script reads, is not installed"
    )
    make_digits.make_digits(tmp_path / "digits.npz")
    made = np.load(tmp_path / "digits.npz", allow_pickle=False)
    images, labels = load_digits()
    np.testing.assert_array_equal(made["images"], images * digits.INK_LEVELS)
    np.testing.assert_array_equal(made["labels"], labels)
