"""nnlib's functions give PyTorch's values and gradients, in float64 to 1e-10, over a grid of shapes."""

import numpy as np
import pytest

from nnlib.activations import relu_backward, relu_forward
from nnlib.convolution import conv2d_backward, conv2d_forward, correlate2d
from nnlib.dense import dense_backward, dense_forward
from nnlib.losses import softmax, softmax_cross_entropy
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
