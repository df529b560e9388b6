"""A part set aside: nothing lost, nothing twice, every class in proportion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.data import load_digits, train_test_split


@st.composite
def labels_and_fraction(draw):
    labels = draw(st.lists(st.integers(0, 4), min_size=2, max_size=80))
    size = draw(st.integers(1, len(labels) - 1))
    return np.array(labels), size / len(labels)


@settings(deadline=None)
@given(labels_and_fraction(), st.integers(0, 2**32))
def test_a_split_is_a_partition_of_pairs_with_every_class_in_proportion(drawn, seed):
    y, fraction = drawn
    x = np.arange(len(y))
    (x_train, y_train), (x_test, y_test) = train_test_split(x, y, fraction, rng=np.random.default_rng(seed))
    assert sorted([*x_train, *x_test]) == x.tolist()
    assert (y[x_train].tolist(), y[x_test].tolist()) == (y_train.tolist(), y_test.tolist())
    assert np.all(np.diff(x_train) > 0)
    assert np.all(np.diff(x_test) > 0)
    size = round(fraction * len(y))
    assert len(y_test) == size
    for label in np.unique(y):
        exact = np.sum(y == label) * size  # of N parts
        assert exact // len(y) <= np.sum(y_test == label) <= -(-exact // len(y))


def test_no_rounding_error_loses_an_example(rng):  # in floats, 49 · (1 / 49) < 1
    assert len(train_test_split(np.zeros(49), np.zeros(49, int), 1 / 49, rng=rng)[1][0]) == 1


def test_digits_keep_their_shape_their_dtype_and_their_proportions(rng):
    images, labels = load_digits()
    (x_train, y_train), (x_test, y_test) = train_test_split(images, labels, 0.2, rng=rng)
    assert (x_train.shape, x_test.shape) == ((1438, 8, 8), (359, 8, 8))
    assert x_test.dtype == np.float32
    assert y_test.dtype == np.int64
    assert np.abs(np.bincount(y_test) - 0.2 * np.bincount(labels)).max() < 1


def test_every_example_is_set_aside_equally_often(rng):
    y = np.array([0, 1, 1, 0, 1, 1, 1, 0, 1, 1])  # 0.4 of three is 1.2
    draws, times = 3000, np.zeros(10)
    for _ in range(draws):
        times[train_test_split(np.arange(10), y, 0.4, rng=rng)[1][0]] += 1
    for label in (0, 1):
        share = times[y == label].mean() / draws
        assert np.abs(times[y == label] / draws - share).max() < 5 * np.sqrt(share * (1 - share) / draws)


def test_the_generator_alone_decides():
    x, y = np.arange(100), np.arange(100) % 3
    first, again, other = (
        train_test_split(x, y, 0.3, rng=np.random.default_rng(seed))[1][0] for seed in (1, 1, 2)
    )
    assert first.tolist() == again.tolist() != other.tolist()


def test_the_parts_are_copies(rng):
    x, y = np.zeros(4), np.zeros(4, int)
    for part in train_test_split(x, y, 0.5, rng=rng):
        part[0][:] = part[1][:] = 7
    assert not x.any()
    assert not y.any()


def test_labels_may_be_words(rng):
    y = np.array(["cat", "dog"] * 10)
    assert sorted(train_test_split(np.zeros((20, 2)), y, 0.1, rng=rng)[1][1]) == ["cat", "dog"]


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20, np.nan])
def test_a_fraction_outside_0_to_1_is_refused(fraction, rng):
    with pytest.raises(ValueError, match=f"test_fraction must lie between 0 and 1, got {fraction}"):
        train_test_split(np.zeros(5), np.zeros(5, int), fraction, rng=rng)


@pytest.mark.parametrize(("fraction", "size"), [(0.05, 0), (0.95, 5)])
def test_an_empty_part_is_refused(fraction, size, rng):
    with pytest.raises(
        ValueError, match=f"= {fraction} of 5 examples puts {size} into the test part: one part is"
    ):
        train_test_split(np.zeros(5), np.zeros(5, int), fraction, rng=rng)


def test_x_and_y_of_different_length_are_refused(rng):
    with pytest.raises(ValueError, match=r"x and y must have one length, got shapes \(4, 2\) and \(5,\)"):
        train_test_split(np.zeros((4, 2)), np.zeros(5, int), 0.5, rng=rng)


def test_one_hot_labels_are_refused_with_what_to_do(rng):
    with pytest.raises(ValueError, match=r"y must have shape \(N,\), got \(5, 3\): .* y.argmax\(axis=1\)"):
        train_test_split(np.zeros(5), np.zeros((5, 3)), 0.5, rng=rng)
