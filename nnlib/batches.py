"""Mini-batches: every example once an epoch, in an order that is drawn anew each time."""

from collections.abc import Iterator

import numpy as np

from nnlib.arrays import Array

__all__ = ["minibatches"]


def minibatches(x: Array, y: Array, batch_size: int, *, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Batches (x, y) of `batch_size` examples, the last of what is left: x (N, …) and y (N, …) stay paired.

    ⌈N / batch_size⌉ batches, in an order drawn from rng when the first one is asked for. Each batch is a copy.
    Raises ValueError where x and y differ in length, or batch_size is below 1.
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise ValueError(
            f"x and y must have as many examples, along their first axis, got {x.shape} and {y.shape}"
        )
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
    return _drawn(x, y, batch_size, rng)


def _drawn(x: Array, y: Array, batch_size: int, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    order = rng.permutation(len(x))
    for start in range(0, len(x), batch_size):
        chosen = order[start : start + batch_size]
        yield x[chosen], y[chosen]
