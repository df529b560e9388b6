"""nnlib's functions give PyTorch's values and gradients, in float64 to 1e-10, over a grid of shapes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import activations, normalization, optimizers
from nnlib.activations import relu_backward, relu_forward, softmax
from nnlib.convolution import conv2d_backward, conv2d_forward, correlate2d
from nnlib.dense import dense_backward, dense_forward
from nnlib.losses import mse_loss, sigmoid_cross_entropy, softmax_cross_entropy
from nnlib.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool_backward,
    global_avg_pool_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)

torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
F = torch.nn.functional

CONVOLUTIONS = {  # x's shape, w's shape, stride, padding
    "plain": ((2, 3, 6, 6), (4, 3, 3, 3), 1, 0),
    "same size": ((2, 3, 6, 6), (4, 3, 3, 3), 1, 1),
    "wide image": ((2, 3, 5, 9), (4, 3, 3, 3), 1, 0),
    "tall image": ((2, 3, 9, 5), (4, 3, 3, 3), 2, 1),
    "wide kernel": ((2, 3, 7, 8), (4, 3, 2, 5), 1, 0),
    "tall kernel": ((2, 3, 7, 8), (4, 3, 5, 2), 1, 0),
    "pairs": ((2, 3, 7, 9), (4, 3, 3, 2), (2, 3), (1, 2)),
    "padding along H only": ((2, 3, 6, 6), (4, 3, 3, 3), 1, (2, 0)),
    "padding along W only": ((2, 3, 6, 6), (4, 3, 3, 3), 1, (0, 2)),
    "leftover along both": ((2, 3, 8, 8), (4, 3, 3, 3), 3, 0),
    "leftover along W": ((2, 3, 7, 8), (4, 3, 3, 3), 2, 0),
    "leftover in the padding": ((2, 3, 6, 6), (4, 3, 3, 3), 4, 1),
    "stride larger than the kernel": ((2, 3, 9, 9), (4, 3, 2, 2), 3, 0),
    "batch of one": ((1, 3, 6, 6), (4, 3, 3, 3), 1, 1),
    "one channel": ((2, 1, 6, 6), (4, 1, 3, 3), 1, 1),
    "one filter": ((2, 3, 6, 6), (1, 3, 3, 3), 1, 1),
    "1 × 1 kernel": ((2, 3, 6, 6), (4, 3, 1, 1), 1, 0),
    "1 × 1 kernel, stride 2": ((2, 3, 5, 6), (4, 3, 1, 1), 2, 0),
    "kernel as large as the image": ((2, 3, 5, 4), (4, 3, 5, 4), 1, 0),
    "kernel larger than the image": ((2, 3, 2, 2), (4, 3, 5, 5), 1, 2),
    "padding larger than the kernel": ((2, 3, 3, 3), (4, 3, 2, 2), 1, 3),
    "several blocks of images": ((70, 8, 12, 12), (3, 8, 5, 5), 1, 2),
    "several blocks of rows": ((2, 8, 70, 70), (3, 8, 5, 5), 1, 2),
    "several blocks, strided": ((3, 8, 141, 140), (2, 8, 5, 5), 2, 1),
}

POOLS = {  # x's shape, size, stride
    "plain": ((2, 3, 6, 6), 2, None),
    "stride spelt out": ((2, 3, 6, 6), 2, 2),
    "overlapping": ((2, 3, 7, 7), 3, 2),
    "overlapping, stride 1": ((2, 3, 6, 5), 3, 1),
    "stride larger than size": ((2, 3, 8, 8), 2, 3),
    "wide image": ((2, 3, 4, 10), 2, None),
    "pairs": ((2, 3, 7, 9), (3, 2), (2, 3)),
    "wide window, own stride": ((2, 3, 7, 9), (2, 3), None),
    "leftover": ((2, 3, 7, 8), 3, None),
    "batch of one": ((1, 3, 6, 6), 2, None),
    "one channel": ((2, 1, 6, 6), 2, None),
    "window as large as the image": ((2, 3, 5, 4), (5, 4), None),
    "window of one": ((2, 3, 5, 4), 1, None),
    "window of one, stride 2": ((2, 3, 5, 4), 1, 2),
}

MAX = (max_pool2d_forward, max_pool2d_backward, F.max_pool2d)
AVERAGE = (avg_pool2d_forward, avg_pool2d_backward, F.avg_pool2d)


def as_tensors(*arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def assert_same(actual, expected):
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected.detach().numpy(), rtol=1e-10, atol=1e-10)


def assert_same_gradients(rng, out, expected, backward, tensors):
    assert_same(out, expected)
    dout = rng.standard_normal(out.shape)
    expected.backward(torch.tensor(dout))
    for gradient, tensor in zip(backward(dout), tensors, strict=True):
        assert_same(gradient, tensor.grad)


@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "padding"), CONVOLUTIONS.values(), ids=CONVOLUTIONS)
def test_convolution_agrees(rng, x_shape, w_shape, stride, padding):
    arrays = rng.standard_normal(x_shape), rng.standard_normal(w_shape), rng.standard_normal(w_shape[0])
    tensors = as_tensors(*arrays)
    out, cache = conv2d_forward(*arrays, stride, padding)
    expected = F.conv2d(*tensors, stride=stride, padding=padding)
    assert_same_gradients(rng, out, expected, lambda dout: conv2d_backward(dout, cache), tensors)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.data())
def test_convolution_agrees_whatever_the_shapes(data):
    draw = lambda least, most: data.draw(st.integers(least, most))  # noqa: E731
    groups, kernel, dilation = draw(1, 3), (draw(1, 4), draw(1, 4)), (draw(1, 3), draw(1, 3))
    stride, padding = (draw(1, 4), draw(1, 4)), (draw(0, 3), draw(0, 3))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)]
    x_shape = (draw(0, 3), groups * draw(1, 2), least[0] + draw(0, 4), least[1] + draw(0, 4))
    w_shape = (groups * draw(1, 3), x_shape[1] // groups, *kernel)
    rng = np.random.default_rng(draw(0, 1000))
    arrays = rng.standard_normal(x_shape), rng.standard_normal(w_shape), rng.standard_normal(w_shape[0])
    tensors = as_tensors(*arrays)
    out, cache = conv2d_forward(*arrays, stride, padding, dilation, groups)
    expected = F.conv2d(*tensors, stride=stride, padding=padding, dilation=dilation, groups=groups)
    assert_same_gradients(rng, out, expected, lambda dout: conv2d_backward(dout, cache), tensors)


@pytest.mark.parametrize(("x_shape", "w_shape", "stride", "padding"), CONVOLUTIONS.values(), ids=CONVOLUTIONS)
def test_correlation_of_one_image_agrees(rng, x_shape, w_shape, stride, padding):
    image, kernel = rng.standard_normal(x_shape[2:]), rng.standard_normal(w_shape[2:])
    expected = F.conv2d(*as_tensors(image[None, None], kernel[None, None]), stride=stride, padding=padding)
    assert_same(correlate2d(image, kernel, stride, padding), expected[0, 0])


@pytest.mark.parametrize(("x_shape", "size", "stride"), POOLS.values(), ids=POOLS)
@pytest.mark.parametrize(("forward", "backward", "peer"), [MAX, AVERAGE], ids=["max", "average"])
def test_pooling_agrees(rng, forward, backward, peer, x_shape, size, stride):
    x = rng.standard_normal(x_shape)
    (tensor,) = as_tensors(x)
    out, cache = forward(x, size, stride)
    assert_same_gradients(rng, out, peer(tensor, size, stride), lambda dout: [backward(dout, cache)], [tensor])


@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 1), (3, 2), ((2, 3), (1, 2))])
def test_tied_maxima_send_the_gradient_where_pytorch_sends_it(rng, size, stride):
    x = rng.integers(0, 3, (2, 3, 8, 9)).astype(float)
    (tensor,) = as_tensors(x)
    out, cache = max_pool2d_forward(x, size, stride)
    expected = F.max_pool2d(tensor, size, stride)
    assert_same_gradients(rng, out, expected, lambda dout: [max_pool2d_backward(dout, cache)], [tensor])


def test_global_average_pooling_agrees(rng):
    x = rng.standard_normal((2, 3, 5, 4))
    (tensor,) = as_tensors(x)
    out, cache = global_avg_pool_forward(x)
    expected = F.adaptive_avg_pool2d(tensor, 1)[:, :, 0, 0]
    assert_same_gradients(rng, out, expected, lambda dout: [global_avg_pool_backward(dout, cache)], [tensor])


@pytest.mark.parametrize("x_shape", [(5, 7), (1, 7), (5, 1, 7), (5, 2, 3, 4)])
def test_dense_agrees(rng, x_shape):
    features = int(np.prod(x_shape[1:]))
    arrays = rng.standard_normal(x_shape), rng.standard_normal((features, 3)), rng.standard_normal(3)
    tensors = as_tensors(*arrays)
    out, cache = dense_forward(*arrays)
    expected = tensors[0].reshape(len(arrays[0]), -1) @ tensors[1] + tensors[2]
    assert_same_gradients(rng, out, expected, lambda dout: dense_backward(dout, cache), tensors)


def test_relu_agrees_at_zero_too(rng):
    z = rng.integers(-2, 3, (4, 5)).astype(float)
    (tensor,) = as_tensors(z)
    out, cache = relu_forward(z)
    assert_same_gradients(rng, out, F.relu(tensor), lambda dout: [relu_backward(dout, cache)], [tensor])


@pytest.mark.parametrize("scale", [1, 1e4])
def test_softmax_and_cross_entropy_agree(rng, scale):
    logits = scale * rng.standard_normal((6, 4))
    labels = rng.integers(0, 4, 6)
    (tensor,) = as_tensors(logits)
    expected = F.cross_entropy(tensor, torch.tensor(labels))
    expected.backward()
    loss, dlogits = softmax_cross_entropy(logits, labels)
    assert loss == pytest.approx(expected.item(), rel=1e-10)
    assert_same(dlogits, tensor.grad)
    assert_same(softmax(logits), F.softmax(tensor, dim=1))


ACTIVATIONS = {
    "leaky_relu": F.leaky_relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "swish": F.silu,
}


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 3, 4, 5), (0, 3)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_agree(rng, name, shape):
    forward, backward = (getattr(activations, f"{name}_{way}") for way in ("forward", "backward"))
    z = 5 * rng.standard_normal(shape)
    (tensor,) = as_tensors(z)
    out, cache = forward(z)
    assert_same_gradients(rng, out, ACTIVATIONS[name](tensor), lambda dout: [backward(dout, cache)], [tensor])


@pytest.mark.parametrize("scale", [1, 1e4])
def test_the_other_losses_agree(rng, scale):
    predicted, target = scale * rng.standard_normal((6, 4)), rng.random((6, 4))
    (tensor,) = as_tensors(predicted)
    for ours, theirs in [
        (mse_loss, lambda: F.mse_loss(tensor, torch.tensor(target), reduction="sum") / 12),
        (
            sigmoid_cross_entropy,
            lambda: F.binary_cross_entropy_with_logits(tensor, torch.tensor(target), reduction="sum") / 6,
        ),
    ]:
        tensor.grad = None
        expected = theirs()
        expected.backward()
        loss, gradient = ours(predicted, target)
        assert loss == pytest.approx(expected.item(), rel=1e-10)
        assert_same(gradient, tensor.grad)


@pytest.mark.parametrize("shape", [(6, 3), (1, 3), (4, 3, 5, 2), (2, 3, 1, 1), (5, 3, 1, 4)])
@pytest.mark.parametrize("train", [True, False])
def test_batch_norm_agrees(rng, shape, train):
    kind = "batchnorm" if len(shape) == 2 else "batchnorm2d"
    forward, backward = (getattr(normalization, f"{kind}_{way}") for way in ("forward", "backward"))
    arrays = rng.standard_normal(shape), rng.standard_normal(3), rng.standard_normal(3)
    mean, var = rng.standard_normal(3), rng.random(3) + 0.5
    count = arrays[0].size // 3
    if train and count == 1:
        pytest.skip("PyTorch refuses one value per feature in training")
    running = torch.tensor(mean), torch.tensor(var)
    tensors = as_tensors(*arrays)
    expected = F.batch_norm(tensors[0], *running, *tensors[1:], training=train, momentum=0.1, eps=1e-5)
    out, cache, state = forward(*arrays, {"mean": mean, "var": var}, train)
    assert_same_gradients(rng, out, expected, lambda dout: backward(dout, cache), tensors)
    np.testing.assert_allclose(state["mean"], running[0], rtol=1e-10)
    biased = 0.9 * var + (running[1].numpy() - 0.9 * var) * (count - 1) / count  # PyTorch keeps the unbiased one
    np.testing.assert_allclose(state["var"], biased if train else var, rtol=1e-10)


@pytest.mark.parametrize("shape", [(4, 3), (2, 5, 3), (1, 1, 3)])
def test_layer_norm_agrees(rng, shape):
    arrays = rng.standard_normal(shape), rng.standard_normal(3), rng.standard_normal(3)
    tensors = as_tensors(*arrays)
    out, cache = normalization.layernorm_forward(*arrays)
    expected = F.layer_norm(tensors[0], (3,), *tensors[1:])
    assert_same_gradients(rng, out, expected, lambda dout: normalization.layernorm_backward(dout, cache), tensors)


OPTIMIZERS = {
    "sgd": ({}, torch.optim.SGD, {}),
    "momentum": ({"beta": 0.8}, torch.optim.SGD, {"momentum": 0.8}),
    "nesterov": ({"beta": 0.8}, torch.optim.SGD, {"momentum": 0.8, "nesterov": True}),
    "rmsprop": ({"beta": 0.7, "eps": 1e-2}, torch.optim.RMSprop, {"alpha": 0.7, "eps": 1e-2}),
    "adam": ({}, torch.optim.Adam, {}),
    "adam, odd settings": (
        {"beta1": 0.5, "beta2": 0.7, "eps": 1e-2},
        torch.optim.Adam,
        {"betas": (0.5, 0.7), "eps": 1e-2},
    ),
    "adamw": ({"weight_decay": 0.1}, torch.optim.AdamW, {"weight_decay": 0.1}),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hundred_steps_of_each_optimizer_agree(rng, name):
    ours, peer, theirs = OPTIMIZERS[name]
    update = getattr(optimizers, f"{name.split(',')[0]}_update")
    w, state = rng.standard_normal((3, 4)), {}
    tensor = torch.tensor(w, requires_grad=True)
    optimizer = peer([tensor], lr=0.05, **theirs)
    for _ in range(100):
        dw = np.sin(3 * w) + 0.1 * rng.standard_normal(w.shape)
        tensor.grad = torch.tensor(dw)
        optimizer.step()
        w, state = update(w, dw, state, 0.05, **ours)
        np.testing.assert_allclose(w, tensor.detach().numpy(), rtol=1e-10, atol=1e-10)


def test_clipping_agrees(rng):
    grads = [rng.standard_normal((3, 4)), rng.standard_normal(5)]
    for limit in (0.5, 100.0):
        tensors = as_tensors(*grads)
        for tensor, grad in zip(tensors, grads, strict=True):
            tensor.grad = torch.tensor(grad)
        clipped, norm = optimizers.clip_by_global_norm(grads, limit)
        assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(tensors, limit).item())
        for ours, tensor in zip(clipped, tensors, strict=True):  # PyTorch adds 1e-6 to the norm
            np.testing.assert_allclose(ours, tensor.grad, rtol=1e-5)
