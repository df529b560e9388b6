"""LeNet-5 as functions, out of the functions of its layers; `nnlib.models.lenet` is the same as a model."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from nnlib.activations import relu_backward, relu_forward
from nnlib.arrays import Array
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.dense import dense_backward, dense_forward
from nnlib.initialization import he_normal
from nnlib.pooling import max_pool2d_backward, max_pool2d_forward

__all__ = ["LenetCache", "lenet_backward", "lenet_forward", "lenet_start"]

LenetCache: TypeAlias = tuple[Any, ...]  # of the eleven steps, in their order
WEIGHTS = ((6, 1, 5, 5), (16, 6, 5, 5), (120, 16, 5, 5), (120, 84))  # and (84, classes)


def lenet_start(
    classes: int = 10, *, rng: np.random.Generator, dtype: DTypeLike = np.float32
) -> tuple[Array, ...]:
    """The ten parameters (w1, b1, …, w5, b5) to begin with: weights after He, biases 0."""
    parameters: list[Array] = []
    for shape in (*WEIGHTS, (84, classes)):
        places = int(np.prod(shape[2:]))
        fan_in, outputs = (shape[1] * places, shape[0]) if len(shape) == 4 else shape
        weights = he_normal(fan_in, outputs * places, rng=rng, shape=shape)
        parameters += [weights.astype(dtype), np.zeros(outputs, dtype)]
    return tuple(parameters)


def lenet_forward(x: Array, parameters: Sequence[Array]) -> tuple[Array, LenetCache]:
    """logits (N, M) for images x (N, 1, 28, 28) and ten parameters (w1, b1, …, w5, b5).

    Convolution (with padding 2), ReLU, max pool 2×2; the same without padding; convolution, ReLU; dense, ReLU;
    dense. w1 (6, 1, 5, 5), w2 (16, 6, 5, 5), w3 (120, 16, 5, 5), w4 (120, 84), w5 (84, M). Returns (logits,
    cache), cache the caches of these eleven steps.
    """
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
    z1, conv1 = conv2d_forward(x, w1, b1, 1, 2)  # (N, 6, 28, 28)
    a1, relu1 = relu_forward(z1)
    p1, pool1 = max_pool2d_forward(a1, 2)  # (N, 6, 14, 14)
    z2, conv2 = conv2d_forward(p1, w2, b2)  # (N, 16, 10, 10)
    a2, relu2 = relu_forward(z2)
    p2, pool2 = max_pool2d_forward(a2, 2)  # (N, 16, 5, 5)
    z3, conv3 = conv2d_forward(p2, w3, b3)  # (N, 120, 1, 1)
    a3, relu3 = relu_forward(z3)
    z4, dense4 = dense_forward(a3, w4, b4)
    a4, relu4 = relu_forward(z4)
    logits, dense5 = dense_forward(a4, w5, b5)
    return logits, (conv1, relu1, pool1, conv2, relu2, pool2, conv3, relu3, dense4, relu4, dense5)


def lenet_backward(dlogits: Array, cache: LenetCache) -> tuple[Array, ...]:
    """The gradients (dw1, db1, …, dw5, db5) of the ten parameters for dlogits (N, M)."""
    conv1, relu1, pool1, conv2, relu2, pool2, conv3, relu3, dense4, relu4, dense5 = cache
    da4, dw5, db5 = dense_backward(dlogits, dense5)
    da3, dw4, db4 = dense_backward(relu_backward(da4, relu4), dense4)
    dp2, dw3, db3 = conv2d_backward(relu_backward(da3, relu3), conv3)
    da2 = max_pool2d_backward(dp2, pool2)
    dp1, dw2, db2 = conv2d_backward(relu_backward(da2, relu2), conv2)
    da1 = max_pool2d_backward(dp1, pool1)
    _, dw1, db1 = conv2d_backward(relu_backward(da1, relu1), conv1, needs_dx=False)
    return dw1, db1, dw2, db2, dw3, db3, dw4, db4, dw5, db5
