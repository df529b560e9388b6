"""Stacks of dense layers: what becomes of them without a nonlinearity, and how many parameters they have."""

import operator
from collections.abc import Sequence
from itertools import pairwise

from nnlib.arrays import Array, as_float, check_shape

__all__ = ["collapse_linear", "count_parameters"]


def collapse_linear(w1: Array, b1: Array, w2: Array, b2: Array) -> tuple[Array, Array]:
    """The one layer (w, b) that does what two linear layers do: (x w1 + b1) w2 + b2 = x w + b for every x.

    w1 (D, K), b1 (K,), w2 (K, M), b2 (M,); returns w = w1 w2 (D, M) and b = b1 w2 + b2 (M,). Integers give
    float64. Raises ValueError where the shapes do not fit together.
    """
    w1, b1, w2, b2 = (as_float(*pair) for pair in (("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2)))
    check_shape("w1", w1, {"D": None, "K": None}, "a layer's weights are (features in, features out)")
    k = w1.shape[1]
    check_shape("b1", b1, {"K": k}, f"one bias per output of the first layer, and w1 has shape {w1.shape}")
    check_shape(
        "w2", w2, {"K": k, "M": None}, f"the second layer takes what the first one gives, K = {k} features"
    )
    m = w2.shape[1]
    check_shape("b2", b2, {"M": m}, f"one bias per output of the second layer, and w2 has shape {w2.shape}")
    return w1 @ w2, b1 @ w2 + b2


def count_parameters(layer_sizes: Sequence[int]) -> int:
    """How many weights and biases a fully connected network has: Σ (D + 1) M over its layers.

    layer_sizes: the features in, then the outputs of each layer, as [784, 128, 10]; the input has no parameters.
    Raises ValueError for fewer than two sizes or a size below 1, TypeError for a size that is no whole number.
    """
    sizes = [operator.index(size) for size in layer_sizes]
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            f"layer_sizes must be two or more sizes of at least 1, got {sizes}: "
            "the features in, then the outputs of each layer"
        )
    return sum((d + 1) * m for d, m in pairwise(sizes))
