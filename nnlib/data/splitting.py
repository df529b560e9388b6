"""Setting examples aside, for validation or a test, so that every class keeps its share."""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, check_shape

__all__ = ["train_test_split"]

Examples: TypeAlias = tuple[Array, Array]


def train_test_split(
    x: Array, y: Array, test_fraction: float, *, rng: np.random.Generator
) -> tuple[Examples, Examples]:
    """x of shape (N, …), labels y (N,) -> ((x_train, y_train), (x_test, y_test)), drawn at random.

    Every example is in exactly one part, with its label, and both parts keep the order of x. The test part has
    test_fraction · N examples, rounded; of n examples of a class it has n times its share of all N, rounded up or
    down. The results are copies.

    Raises ValueError unless 0 < test_fraction < 1, x and y have one length, and neither part is empty.
    """
    x, y = np.asarray(x), np.asarray(y)
    check_shape("y", y, {"N": None}, "one label for each example; of one-hot rows, y.argmax(axis=1)")
    test = _stratified(y, _test_size(x, y, test_fraction), rng)
    return (x[~test], y[~test]), (x[test], y[test])


def _test_size(x: Array, y: Array, test_fraction: float) -> int:
    N = len(y)
    if x.shape[:1] != (N,):
        raise ValueError(f"x and y must have one length, got shapes {x.shape} and {y.shape}")
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction must lie between 0 and 1, got {test_fraction}")
    size = round(test_fraction * N)
    if not 0 < size < N:
        raise ValueError(
            f"test_fraction = {test_fraction} of {N} examples puts {size} into the test part: one part is empty"
        )
    return size


def _stratified(y: Array, size: int, rng: np.random.Generator) -> Array:
    """A mask of `size` examples: every N/size-th one of a row in which the classes stand one after another.

    A stretch of n of them then holds n · size / N, rounded up or down, whichever class it is.
    """
    N = len(y)
    shuffled = rng.permutation(N)
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    passed = np.arange(N + 1) * size // N  # in integers, so that no rounding error moves a border
    test = np.zeros(N, dtype=bool)
    test[by_class[np.diff(passed) > 0]] = True
    return test
