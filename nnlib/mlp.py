"""A fully connected network, backwards by hand: two layers, any number of layers, and with few activations kept.

Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (Nature 323, 1986).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from nnlib.activations import (
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    tanh_backward,
    tanh_forward,
)
from nnlib.arrays import Array, as_float, as_gradient, check_same_shape, check_shape
from nnlib.dense import dense_backward, dense_forward
from nnlib.losses import mse_loss

__all__ = ["MlpCache", "checkpointed_gradients", "mlp_backward", "mlp_forward", "two_layer_gradients"]

T = TypeVar("T")
Arrays: TypeAlias = Sequence[Array]
MlpCache: TypeAlias = list[tuple[Array, Array]]
Link: TypeAlias = tuple[Callable[[Array], Array], Callable[[Array, Array], tuple[Array, Array]]]
Loss: TypeAlias = Callable[[Array], tuple[float, Array]]

_FORWARD: Mapping[str, Callable[[Array], tuple[Array, Array]]] = {
    "relu": relu_forward,
    "sigmoid": sigmoid_forward,
    "tanh": tanh_forward,
}
_BACKWARD: Mapping[str, Callable[[Array, Array], Array]] = {
    "relu": relu_backward,
    "sigmoid": sigmoid_backward,
    "tanh": tanh_backward,
}


def two_layer_gradients(
    x: Array, t: Array, w1: Array, b1: Array, w2: Array, b2: Array
) -> tuple[float, Array, Array, Array, Array]:
    """(loss, dw1, db1, dw2, db2) of dense, ReLU, dense, sigmoid, and half the squared distance to the target.

    x (N, D), t (N, M), w1 (D, H), b1 (H,), w2 (H, M), b2 (M,), with H hidden units. The loss averages over the
    batch: 1/(2N) Σₙ ‖y[n] − t[n]‖². ReLU'(0) = 0. Raises ValueError where the shapes do not fit together.
    """
    z1, first = dense_forward(x, w1, b1)
    h, cut = relu_forward(z1)
    z2, second = dense_forward(h, w2, b2)
    y, a = sigmoid_forward(z2)
    loss, dy = mse_loss(y, t)
    dh, dw2, db2 = dense_backward(sigmoid_backward(dy, a), second)
    _, dw1, db1 = dense_backward(relu_backward(dh, cut), first, needs_dx=False)
    return loss, dw1, db1, dw2, db2


def mlp_forward(x: Array, weights: Arrays, biases: Arrays, activation: str) -> tuple[Array, MlpCache]:
    """(out, cache): dense layers, with "relu", "sigmoid" or "tanh" between them; the last one stays linear.

    x (N, D); layer l has weights[l] (D_l, M_l) and biases[l] (M_l,). cache holds (a_in, z) for each layer: what
    came in, and z = a_in w + b. Raises ValueError for shapes that do not fit, no layer, or another activation.
    """
    forward = _named(_FORWARD, activation)
    if not 0 < len(weights) == len(biases):
        raise ValueError(
            f"there must be as many weights as biases, and at least one, got {len(weights)} and {len(biases)}"
        )
    a, cache = as_float("x", x), []
    for layer, (w, b) in enumerate(zip(weights, biases, strict=True), start=1):
        z, _ = dense_forward(a, w, b)
        cache.append((a, z))
        a = forward(z)[0] if layer < len(weights) else z
    return a, cache


def mlp_backward(
    dout: Array, cache: MlpCache, weights: Arrays, activation: str
) -> tuple[Array, list[Array], list[Array]]:
    """(dx, dweights, dbiases) for dout (N, M): lists in the order of the layers, a gradient for each.

    With δ = ∂L/∂z of the last layer, dout: dw = a_inᵀ δ, db = Σₙ δ, da_in = δ wᵀ, and δ of the layer before is
    da_in ⊙ σ'(z). Raises ValueError where dout has not out's shape, or for another activation.
    """
    backward = _named(_BACKWARD, activation)
    delta = as_float("dout", dout)
    check_same_shape("dout", delta, "out", cache[-1][1])
    dweights, dbiases = [], []
    for layer in reversed(range(len(weights))):
        a_in, z = cache[layer]
        w = as_float(f"weights[{layer}]", weights[layer])
        check_shape(f"weights[{layer}]", w, {"D": a_in.shape[1], "M": z.shape[1]}, "as in mlp_forward")
        dweights.append(as_gradient(a_in.T @ delta, w))
        dbiases.append(as_gradient(delta.sum(axis=0), z))
        da = as_gradient(delta @ w.T, a_in)
        if layer:
            # what the activation's own forward function keeps: relu its z, the others their a
            delta = backward(da, cache[layer - 1][1] if activation == "relu" else a_in)
    return da, dweights[::-1], dbiases[::-1]


def checkpointed_gradients(
    x: Array, layers: Sequence[Link], loss: Loss, every: int
) -> tuple[float, Array, list[Array]]:
    """(loss, dx, gradients) of a chain of layers, keeping only every `every`-th layer's input.

    A layer is a pair (forward, backward): forward(a) is the next a, and backward(da_next, a) is (da, gradient),
    where gradient is that of its parameters. loss(out) is (loss, dout). The rest is computed a second time, one
    stretch of layers at a time, from the input that was kept: fewer than 2 L calls of a forward function in all,
    and about L / every + every inputs in memory at once, least for every = √L.
    Chen, Xu, Zhang and Guestrin, "Training deep nets with sublinear memory cost" (2016).

    Raises ValueError where `every` is below 1.
    """
    if every < 1:
        raise ValueError(f"every must be at least 1, got {every}: it is the number of layers in a stretch")
    kept, a = [], x
    for number, (forward, _) in enumerate(layers):
        if number % every == 0:
            kept.append(a)
        a = forward(a)
    value, da = loss(a)
    del a
    gradients: list[Array] = []
    for start in reversed(range(0, len(layers), every)):
        stretch = layers[start : start + every]
        inputs = [kept.pop()]
        for forward, _ in stretch[:-1]:
            inputs.append(forward(inputs[-1]))
        for _, backward in reversed(stretch):
            da, gradient = backward(da, inputs.pop())
            gradients.append(gradient)
    return value, da, gradients[::-1]


def _named(table: Mapping[str, T], activation: str) -> T:
    if activation not in table:
        raise ValueError(f"activation must be one of {', '.join(table)}, got {activation!r}")
    return table[activation]
