"""A fully connected network by hand: PyTorch's gradients, a documented cache, and less memory with checkpoints."""

import itertools
import tracemalloc

import numpy as np
import pytest

from nnlib.activations import tanh_backward, tanh_forward
from nnlib.gradients import check_gradient, numerical_gradient, relative_error
from nnlib.losses import softmax_cross_entropy
from nnlib.mlp import checkpointed_gradients, mlp_backward, mlp_forward, two_layer_gradients

ACTIVATIONS = ("relu", "sigmoid", "tanh")
SIZES = {"one layer": (4, 3), "two layers": (4, 5, 3), "deep": (3, 6, 2, 5, 4), "one unit": (1, 1, 1)}


def network(sizes, rng, dtype=np.float64):
    pairs = list(itertools.pairwise(sizes))
    weights = [rng.normal(size=pair).astype(dtype) for pair in pairs]
    return weights, [rng.normal(size=m).astype(dtype) for _, m in pairs]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", SIZES.values(), ids=SIZES)
def test_a_network_has_pytorchs_values_and_gradients(sizes, activation, rng):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
    x, (weights, biases) = rng.normal(size=(7, sizes[0])), network(sizes, rng)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, *weights, *biases)]
    expected, count = tensors[0], len(weights)
    for layer in range(count):
        expected = expected @ tensors[1 + layer] + tensors[1 + count + layer]
        expected = getattr(torch, activation)(expected) if layer < count - 1 else expected
    out, cache = mlp_forward(x, weights, biases, activation)
    dout = rng.normal(size=out.shape)
    expected.backward(torch.tensor(dout))
    dx, dweights, dbiases = mlp_backward(dout, cache, weights, activation)
    np.testing.assert_allclose(out, expected.detach().numpy(), rtol=1e-12, atol=1e-12)
    for got, tensor in zip((dx, *dweights, *dbiases), tensors, strict=True):
        np.testing.assert_allclose(got, tensor.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_two_layers_have_pytorchs_loss_and_gradients(rng):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
    x, t, (weights, biases) = rng.normal(size=(6, 3)), rng.random((6, 2)), network((3, 5, 2), rng)
    arrays = (weights[0], biases[0], weights[1], biases[1])
    w1, b1, w2, b2 = tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = torch.sigmoid(torch.relu(torch.tensor(x) @ w1 + b1) @ w2 + b2)
    expected = ((y - torch.tensor(t)) ** 2).sum() / (2 * len(x))
    expected.backward()
    loss, *gradients = two_layer_gradients(x, t, *arrays)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    for got, tensor in zip(gradients, tensors, strict=True):
        np.testing.assert_allclose(got, tensor.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_two_layers_agree_with_finite_differences(rng):
    x, t, (weights, biases) = rng.normal(size=(4, 3)), rng.random((4, 2)), network((3, 5, 2), rng)
    arrays = [weights[0], biases[0], weights[1], biases[1]]
    gradients = two_layer_gradients(x, t, *arrays)[1:]
    for number, gradient in enumerate(gradients):

        def loss(value, number=number):
            return two_layer_gradients(x, t, *arrays[:number], value, *arrays[number + 1 :])[0]

        assert relative_error(gradient, numerical_gradient(loss, arrays[number])) < 1e-7


def test_the_derivative_of_relu_at_0_is_0():
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    _, dw1, db1, _, _ = two_layer_gradients(one, zero, zero, zero[0], one, zero[0])
    assert dw1.item() == db1.item() == 0
    _, cache = mlp_forward(one, [zero, one], [zero[0], zero[0]], "relu")
    assert mlp_backward(one, cache, [zero, one], "relu")[0].item() == 0


def test_the_cache_holds_what_came_in_and_z_of_each_layer(rng):
    x, (weights, biases) = rng.normal(size=(2, 4)), network((4, 5, 3), rng)
    out, cache = mlp_forward(x, weights, biases, "tanh")
    assert [(a.shape, z.shape) for a, z in cache] == [((2, 4), (2, 5)), ((2, 5), (2, 3))]
    np.testing.assert_array_equal(cache[0][0], x)
    np.testing.assert_array_equal(cache[1][0], np.tanh(cache[0][1]))
    np.testing.assert_array_equal(cache[1][1], out)


@pytest.mark.parametrize(("dtype", "expected"), [("float32", "float32"), ("int64", "float64")])
def test_floats_keep_their_dtype_and_integers_become_float64(dtype, expected, rng):
    x = rng.integers(-3, 4, (5, 4)).astype(dtype)
    weights, biases = network((4, 6, 2), rng, dtype)
    out, cache = mlp_forward(x, weights, biases, "sigmoid")
    dx, dweights, dbiases = mlp_backward(np.ones_like(out), cache, weights, "sigmoid")
    loss, *gradients = two_layer_gradients(x, x[:, :2], weights[0], biases[0], weights[1], biases[1])
    assert {a.dtype.name for a in (out, dx, *dweights, *dbiases, *gradients)} == {expected}
    assert type(loss) is float


def test_nothing_is_changed_in_place(rng):
    x, (weights, biases) = rng.normal(size=(2, 4)), network((4, 5, 3), rng)
    for array in (x, *weights, *biases):
        array.flags.writeable = False
    out, cache = mlp_forward(x, weights, biases, "relu")
    dout = np.ones_like(out)
    for array in (dout, *(array for layer in cache for array in layer)):
        array.flags.writeable = False
    mlp_backward(dout, cache, weights, "relu")
    two_layer_gradients(x, dout, weights[0], biases[0], weights[1], biases[1])


@pytest.mark.parametrize(("weights", "activation", "words"), [
    ([np.ones((4, 2))], "softsign", "activation must be one of relu, sigmoid, tanh, got 'softsign'"),
    ([], "relu", "as many weights as biases, and at least one, got 0 and 1"),
    ([np.ones((3, 2))], "relu", r"w must have shape \(D, M\) with D = 4, got \(3, 2\)"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(weights, activation, words):
    with pytest.raises(ValueError, match=words):
        mlp_forward(np.ones((2, 4)), weights, [np.zeros(2)], activation)


def test_a_dout_of_another_shape_is_refused(rng):
    weights, biases = network((4, 3), rng)
    _, cache = mlp_forward(np.ones((2, 4)), weights, biases, "relu")
    with pytest.raises(ValueError, match=r"dout must have out's shape \(2, 3\), got \(3,\)"):
        mlp_backward(np.ones(3), cache, weights, "relu")


# checkpoints ----------------------------------------------------------------------------------------------


class Chain:
    """Layers a → tanh(a w) that count their calls."""

    def __init__(self, depth, width, rng):
        self.weights = [rng.normal(0, width**-0.5, (width, width)) for _ in range(depth)]
        self.calls = 0
        self.layers = [(self.forward(w), self.backward(w)) for w in self.weights]

    def forward(self, w):
        def run(a):
            self.calls += 1
            return tanh_forward(a @ w)[0]

        return run

    def backward(self, w):
        def run(dout, a):
            delta = tanh_backward(dout, tanh_forward(a @ w)[0])
            return delta @ w.T, a.T @ delta

        return run


def square(out):
    return float(np.square(out).sum() / 2), out


@pytest.mark.parametrize(("depth", "every"), [(1, 1), (6, 1), (6, 2), (6, 3), (7, 3), (6, 6), (6, 9), (16, 4)])
def test_checkpoints_change_no_gradient_and_cost_less_than_one_more_forward_pass(depth, every, rng):
    chain, x = Chain(depth, 5, rng), rng.normal(size=(3, 5))
    loss, dx, gradients = checkpointed_gradients(x, chain.layers, square, every)
    assert chain.calls == 2 * depth - -(-depth // every)

    def of(number):
        def run(value):
            weights = [*chain.weights[:number], value, *chain.weights[number + 1 :]]
            a = x
            for w in weights:
                a = np.tanh(a @ w)
            return square(a)[0]

        return run

    assert len(gradients) == depth
    for number, gradient in enumerate(gradients):
        assert check_gradient(of(number), chain.weights[number], gradient, rng=rng) < 1e-6
    assert loss == of(0)(chain.weights[0])
    assert dx.shape == x.shape


def test_checkpoints_save_memory(rng):
    chain, x = Chain(64, 16, rng), rng.normal(size=(512, 16))  # an activation takes 64 KiB

    def peak(every):
        tracemalloc.start()
        checkpointed_gradients(x, chain.layers, square, every)
        found = tracemalloc.get_traced_memory()[1] / x.nbytes
        tracemalloc.stop()
        return found

    everything, some = peak(64), peak(8)
    assert everything > 63
    assert some < 24


def test_a_stretch_of_no_layers_is_refused(rng):
    with pytest.raises(ValueError, match="every must be at least 1, got 0"):
        checkpointed_gradients(np.ones((1, 2)), Chain(2, 2, rng).layers, square, 0)


def test_a_network_learns_from_its_own_gradients(rng):
    x, labels, (weights, biases) = rng.normal(size=(40, 2)), np.arange(40) % 2, network((2, 16, 2), rng)
    first, _ = softmax_cross_entropy(mlp_forward(x, weights, biases, "tanh")[0], labels)
    for _ in range(200):
        out, cache = mlp_forward(x, weights, biases, "tanh")
        loss, dout = softmax_cross_entropy(out, labels)
        _, dweights, dbiases = mlp_backward(dout, cache, weights, "tanh")
        weights = [w - 0.5 * dw for w, dw in zip(weights, dweights, strict=True)]
        biases = [b - 0.5 * db for b, db in zip(biases, dbiases, strict=True)]
    assert loss < first / 2
