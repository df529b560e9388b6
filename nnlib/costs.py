"""What convolution layers cost and what they see, from their sizes alone: no weight is made."""

import operator
from collections.abc import Sequence
from math import prod

from nnlib.windows import IntPair, output_shape, pair

__all__ = ["conv2d_cost", "receptive_field"]


def conv2d_cost(
    shape: Sequence[int],
    filters: int,
    kernel: IntPair,
    stride: IntPair = 1,
    padding: IntPair = 0,
    bias: bool = True,
) -> tuple[int, int]:
    """(parameters, multiply_adds) of a convolution layer for one image of shape (C, H, W).

    A filter has C·KH·KW weights, and a bias unless bias=False. Each weight is multiplied once at each of OH·OW
    places; biases are added there, and are no multiply-adds. kernel, stride and padding are an int or a pair
    (along H, along W). Raises ValueError where a size is not positive or the kernel does not fit.
    """
    channels, h, w = (operator.index(size) for size in shape)
    if channels < 1 or filters < 1:
        raise ValueError(f"channels and filters must be at least 1, got C = {channels} and F = {filters}")
    size = pair("kernel", kernel)
    places = prod(output_shape((h, w), size, pair("stride", stride), pair("padding", padding)))
    weights = operator.index(filters) * channels * prod(size)
    return weights + (operator.index(filters) if bias else 0), weights * places


def receptive_field(layers: Sequence[tuple[int, int]]) -> int:
    """How many pixels along one axis one value of the last layer depends on, far from the border.

    layers: (kernel, stride) of each convolution or pool, the first one first; without layers it is 1.
    Neighbours in what layer l sees are as many pixels apart as the strides before it multiply up to, so
    1 + Σ (kernel_l − 1) · Π stride_i over all i < l. Raises ValueError for a kernel or stride below 1.
    """
    field, apart = 1, 1
    for number, (kernel, stride) in enumerate(layers):
        if min(kernel, stride) < 1:
            raise ValueError(f"layer {number}: kernel and stride must be at least 1, got {kernel} and {stride}")
        field += (operator.index(kernel) - 1) * apart
        apart *= operator.index(stride)
    return field
