"""A stack of linear layers is one layer; parameters are counted as layers hold them."""

import numpy as np
import pytest

from nnlib.dense import dense_forward
from nnlib.layers import Dense, Sequential
from nnlib.linear import collapse_linear, count_parameters
from nnlib.nested import count


def layers(rng, d, k, m, dtype="float64"):
    return [rng.normal(size=shape).astype(dtype) for shape in ((d, k), (k,), (k, m), (m,))]


@pytest.mark.parametrize(("d", "k", "m"), [(3, 4, 2), (1, 1, 1), (5, 1, 5), (2, 7, 1)])
def test_one_layer_does_what_two_did(rng, d, k, m):
    w1, b1, w2, b2 = layers(rng, d, k, m)
    w, b = collapse_linear(w1, b1, w2, b2)
    x = rng.normal(size=(6, d))
    two, _ = dense_forward(dense_forward(x, w1, b1)[0], w2, b2)
    assert (w.shape, b.shape) == ((d, m), (m,))
    np.testing.assert_allclose(dense_forward(x, w, b)[0], two, rtol=1e-12)


def test_a_stack_collapses_in_any_order(rng):
    w1, b1, w2, b2 = layers(rng, 3, 4, 2)
    _, _, w3, b3 = layers(rng, 3, 2, 5)
    left = collapse_linear(*collapse_linear(w1, b1, w2, b2), w3, b3)
    right = collapse_linear(w1, b1, *collapse_linear(w2, b2, w3, b3))
    for a, b in zip(left, right, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_worked_example():
    w, b = collapse_linear(np.array([[1, 2]]), np.array([3, 4]), np.array([[5], [6]]), np.array([7]))
    assert (w.tolist(), b.tolist()) == ([[17.0]], [46.0])
    assert w.dtype == b.dtype == np.float64


def test_float32_stays_and_nothing_changes(rng):
    arrays = layers(rng, 3, 4, 2, "float32")
    before = [a.copy() for a in arrays]
    assert {a.dtype.name for a in collapse_linear(*arrays)} == {"float32"}
    assert all(np.array_equal(*pair) for pair in zip(before, arrays, strict=True))


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (((3,), (4,), (4, 2), (2,)), r"w1 must have shape \(D, K\), got \(3,\)"),
        (
            ((3, 4), (1, 4), (4, 2), (2,)),
            r"b1 must have shape \(K,\) with K = 4, got \(1, 4\): one bias per output",
        ),
        (((3, 4), (4,), (5, 2), (2,)), r"w2 must have shape \(K, M\) with K = 4, got \(5, 2\): the second layer"),
        (((3, 4), (4,), (4, 2), (4,)), r"b2 must have shape \(M,\) with M = 2, got \(4,\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(shapes, words):
    with pytest.raises(ValueError, match=words):
        collapse_linear(*map(np.zeros, shapes))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([1, 1], 2), ([2, 16, 1], 65), ([784, 128, 10], 101_770), ((10**5, 10**5), 10**10 + 10**5)],
)
def test_known_counts(sizes, expected):
    assert count_parameters(sizes) == expected


def test_the_count_is_that_of_the_layers(rng):
    params, _ = Sequential(Dense(6), Dense(3), Dense(4)).initialize((5,), rng=rng)
    assert count_parameters([5, 6, 3, 4]) == count(params)


@pytest.mark.parametrize("sizes", [[], [5], [3, 0, 2], [3, -1]])
def test_sizes_that_cannot_be_are_refused(sizes):
    with pytest.raises(ValueError, match="two or more sizes of at least 1"):
        count_parameters(sizes)


def test_a_size_is_a_whole_number():
    with pytest.raises(TypeError):
        count_parameters([2, 1.5])
