"""Digits on sheets: turned, resized, moved, and nothing else."""

import numpy as np
import pytest

from nnlib.data import digits_on_sheets, load_digits

STILL = {"turn": 0, "resize": 0, "shift": 0}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sheet", [(16, 16), (20, 12), (5, 9)])
def test_a_sheet_for_each_image_in_its_dtype(dtype, sheet):
    images = load_digits()[0][:7].astype(dtype)
    drawn = digits_on_sheets(images, rng=rng(), sheet=sheet)
    assert drawn.shape == (7, *sheet)
    assert drawn.dtype == dtype
    assert 0 <= drawn.min() < drawn.max() <= 1


def test_integers_become_float64_and_no_input_changes():
    images = rng().integers(0, 17, (3, 8, 8))
    before = images.copy()
    assert digits_on_sheets(images, rng=rng()).dtype == np.float64
    assert np.array_equal(images, before)


def test_the_same_rng_gives_the_same_sheets_and_another_gives_others():
    images = load_digits()[0][:5]
    assert np.array_equal(digits_on_sheets(images, rng=rng(1)), digits_on_sheets(images, rng=rng(1)))
    assert not np.array_equal(digits_on_sheets(images, rng=rng(1)), digits_on_sheets(images, rng=rng(2)))


def test_each_image_is_moved_on_its_own():
    images = np.repeat(load_digits()[0][:1], 20, axis=0)
    assert len(np.unique(digits_on_sheets(images, rng=rng()), axis=0)) == 20


def test_without_any_change_a_digit_stands_in_the_middle_a_quarter_larger():
    square = np.ones((1, 8, 8))
    (drawn,) = digits_on_sheets(square, rng=rng(), sheet=(16, 16), **STILL)
    assert np.allclose(drawn, drawn[::-1])
    assert np.allclose(drawn, drawn.T)
    assert drawn.sum() == pytest.approx(100, rel=0.02)  # 10 × 10 pixels
    assert drawn[0].max() == 0


def test_a_plane_is_interpolated_exactly():
    down, right = np.indices((8, 8)).astype(float)
    (drawn,) = digits_on_sheets((down + 2 * right)[None], rng=rng(), sheet=(5, 5), **STILL)
    places = 3.5 + (np.arange(5) - 2) / 1.25
    assert np.allclose(drawn, places[:, None] + 2 * places[None, :])


def test_ink_moves_by_as_much_as_it_may():
    images = np.zeros((200, 9, 9))
    images[:, 4, 4] = 1
    drawn = digits_on_sheets(images, rng=rng(), sheet=(17, 17), turn=0, resize=0, shift=3)
    grid = np.arange(17) - 8
    middle = np.einsum("nhw,h->n", drawn, grid) / drawn.sum(axis=(1, 2))
    assert 2.5 < np.abs(middle).max() < 3.5
    assert -0.5 < middle.mean() < 0.5


@pytest.mark.parametrize(
    ("images", "settings", "words"),
    [
        (np.ones((8, 8)), {}, r"images must have shape \(N, H, W\)"),
        (np.ones((1, 8, 8)), {"sheet": (16,)}, "a height and a width"),
        (np.ones((1, 8, 8)), {"sheet": (0, 4)}, "at least 1 pixel"),
        (np.ones((1, 8, 8)), {"resize": 1}, r"resize must lie in \[0, 1\)"),
    ],
)
def test_what_cannot_be_drawn_is_said(images, settings, words):
    with pytest.raises(ValueError, match=words):
        digits_on_sheets(images, rng=rng(), **settings)
