"""Mini-batches: every example once, pairs kept together, an order that only the rng decides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.batches import minibatches

sizes = st.tuples(st.integers(0, 40), st.integers(1, 50), st.integers(0, 5))


@settings(deadline=None, derandomize=True)
@given(sizes)
def test_every_example_comes_once_with_its_label_and_only_the_last_batch_is_short(case):
    count, batch_size, seed = case
    x = np.random.default_rng(seed).standard_normal((count, 2, 3))
    batches = list(minibatches(x, np.arange(count), batch_size, rng=np.random.default_rng(seed)))
    assert len(batches) == -(-count // batch_size)
    lengths = [len(y) for _, y in batches]
    assert lengths[:-1] == [batch_size] * max(0, len(batches) - 1)
    assert sum(lengths) == count
    assert sorted(i for _, y in batches for i in y) == list(range(count))
    for part, y in batches:
        np.testing.assert_array_equal(part, x[y], strict=True)


def order(rng, count=30):
    return np.concatenate([y for _, y in minibatches(np.zeros((count, 1)), np.arange(count), 7, rng=rng)]).tolist()


def test_the_order_is_the_rngs_and_another_in_each_epoch():
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    first = order(one)
    assert first == order(two)
    assert first != list(range(30))
    assert first != order(one)
    assert first != order(np.random.default_rng(4))


def test_every_order_is_as_likely(rng):
    places = np.zeros((4, 4))
    for _ in range(2000):
        places[order(rng, 4), range(4)] += 1
    assert np.abs(places / 2000 - 0.25).max() < 0.05


def test_nothing_is_drawn_before_the_first_batch_is_asked_for(rng):
    before = rng.bit_generator.state
    batches = minibatches(np.zeros((5, 2)), np.zeros(5), 2, rng=rng)
    assert rng.bit_generator.state == before
    next(batches)
    assert rng.bit_generator.state != before


@pytest.mark.parametrize("batch_size", [2, 5, 9])
def test_a_batch_is_a_copy(rng, batch_size):
    x, y = np.zeros((5, 2)), np.zeros(5)
    for part, labels in minibatches(x, y, batch_size, rng=rng):
        part += 1
        labels += 1
    assert not x.any()
    assert not y.any()


def test_dtypes_stay_and_lists_are_taken(rng):
    ((x, y),) = minibatches(np.zeros((3, 2), np.uint8), np.zeros(3, np.int16), 3, rng=rng)
    assert (x.dtype, y.dtype) == (np.uint8, np.int16)
    ((x, y),) = minibatches([[1, 2], [3, 4]], [1, 3], 2, rng=rng)
    np.testing.assert_array_equal(x[:, 0], y)


@pytest.mark.parametrize(("x_shape", "y_shape"), [((5, 2), (4,)), ((), (4,)), ((5,), ()), ((0, 3), (3,))])
def test_x_and_y_of_different_lengths_are_refused_at_once(rng, x_shape, y_shape):
    with pytest.raises(
        ValueError, match="x and y must have as many examples, along their first axis, got "
    ) as caught:
        minibatches(np.zeros(x_shape), np.zeros(y_shape), 2, rng=rng)
    assert str(caught.value).endswith(f"got {x_shape} and {y_shape}")


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_of_nothing_is_refused_at_once(rng, batch_size):
    with pytest.raises(ValueError, match=f"batch_size must be at least 1, got {batch_size}"):
        minibatches(np.zeros((5, 2)), np.zeros(5), batch_size, rng=rng)
