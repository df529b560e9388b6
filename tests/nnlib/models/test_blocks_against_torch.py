"""The models' blocks give what the same blocks written in PyTorch give: outputs and all gradients, in float64."""

import numpy as np
import pytest

from nnlib.layers import Parallel, Sequential
from nnlib.models import alexnet, cifar_resnet, googlenet, lenet, mobilenet, resnet, vgg
from nnlib.nested import leaves, mapped

torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
nn = torch.nn


def conv_norm(channels, filters, kernel, stride=1, groups=1):
    convolution = nn.Conv2d(channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(filters))


def conv_relu(channels, filters, kernel):
    return nn.Sequential(nn.Conv2d(channels, filters, kernel, padding=kernel // 2), nn.ReLU())


class Sum(nn.Module):
    """ReLU of body(x) + shortcut(x)."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class OptionA(nn.Module):
    """Every second pixel, and as many channels of zeros as there are channels."""

    def forward(self, x):
        small = x[:, :, ::2, ::2]
        return torch.cat([small, torch.zeros_like(small)], dim=1)


def basic(channels, filters, stride, shortcut):
    first, second = conv_norm(channels, filters, 3, stride), conv_norm(filters, filters, 3)
    return Sum(nn.Sequential(first, nn.ReLU(), second), shortcut)


def bottleneck(channels, filters, stride, shortcut):
    first, third = conv_norm(channels, filters, 1), conv_norm(filters, 4 * filters, 1)
    return Sum(nn.Sequential(first, nn.ReLU(), conv_norm(filters, filters, 3, stride), nn.ReLU(), third), shortcut)


class Inception(nn.Module):
    """Four branches, one output."""

    def __init__(self, channels, one, reduce3, three, reduce5, five, pool):
        super().__init__()
        pooled = nn.Sequential(nn.MaxPool2d(3, 1, padding=1), conv_relu(channels, pool, 1))
        self.branches = nn.ModuleList(
            [
                conv_relu(channels, one, 1),
                nn.Sequential(conv_relu(channels, reduce3, 1), conv_relu(reduce3, three, 3)),
                nn.Sequential(conv_relu(channels, reduce5, 1), conv_relu(reduce5, five, 5)),
                pooled,
            ]
        )

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=1)


def separable(channels, filters, stride):
    depthwise, pointwise = (
        conv_norm(channels, channels, 3, stride, groups=channels),
        conv_norm(channels, filters, 1),
    )
    return nn.Sequential(depthwise, nn.ReLU(), pointwise, nn.ReLU())


def response_norm():
    return nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2)


def part(model, start, stop):
    return Sequential(*model.layers[start:stop])


def first_inception():
    return next(layer for layer in googlenet().layers if isinstance(layer, Parallel))


BLOCKS = {  # nnlib's, PyTorch's, the shape of a batch
    "LeNet-5": lambda: (
        lenet(4),
        nn.Sequential(
            *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(16, 120, 5), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 4)),
        ),
        (2, 1, 28, 28),
    ),
    "AlexNet's start, two columns": lambda: (
        part(alexnet(columns=2), 0, 8),
        nn.Sequential(
            *(nn.Conv2d(3, 96, 11, 4, padding=2), nn.ReLU(), response_norm(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), response_norm(), nn.MaxPool2d(3, 2)),
        ),
        (1, 3, 63, 66),
    ),
    "VGG's start, batch norm": lambda: (
        part(vgg(16, batchnorm=True), 0, 7),
        nn.Sequential(
            *(nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()),
            *(nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2)),
        ),
        (2, 3, 8, 6),
    ),
    "GoogLeNet's start": lambda: (
        part(googlenet(), 0, 12),
        nn.Sequential(
            *(nn.Conv2d(3, 64, 7, 2, padding=3), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1), response_norm()),
            *(conv_relu(64, 64, 1), conv_relu(64, 192, 3), response_norm(), nn.MaxPool2d(3, 2, padding=1)),
        ),
        (1, 3, 32, 24),
    ),
    "inception 3a": lambda: (first_inception(), Inception(192, 64, 96, 128, 16, 32, 32), (2, 192, 5, 4)),
    "ResNet's start": lambda: (
        part(resnet(18), 0, 5),
        nn.Sequential(conv_norm(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)),
        (2, 3, 32, 24),
    ),
    "ResNet-18's third stage": lambda: (
        resnet(18).layers[6],
        nn.Sequential(
            basic(64, 128, 2, conv_norm(64, 128, 1, 2)),
            basic(128, 128, 1, nn.Identity()),
        ),
        (2, 64, 7, 6),
    ),
    "ResNet-50's second stage": lambda: (
        resnet(50).layers[5],
        nn.Sequential(
            bottleneck(64, 64, 1, conv_norm(64, 256, 1)),
            bottleneck(256, 64, 1, nn.Identity()),
            bottleneck(256, 64, 1, nn.Identity()),
        ),
        (2, 64, 4, 3),
    ),
    "ResNet-50's third stage begins": lambda: (
        part(resnet(50).layers[6], 0, 2),
        bottleneck(256, 128, 2, conv_norm(256, 512, 1, 2)),
        (2, 256, 5, 4),
    ),
    "ResNet-8 for CIFAR": lambda: (
        cifar_resnet(8, 5),
        nn.Sequential(
            *(conv_norm(3, 16, 3), nn.ReLU(), basic(16, 16, 1, nn.Identity())),
            *(basic(16, 32, 2, OptionA()), basic(32, 64, 2, OptionA())),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 5)),
        ),
        (2, 3, 32, 32),
    ),
    "MobileNet's start": lambda: (
        part(mobilenet(width=0.25), 0, 15),
        nn.Sequential(conv_norm(3, 8, 3, 2), nn.ReLU(), separable(8, 16, 1), separable(16, 32, 2)),
        (2, 3, 20, 16),
    ),
}


def as_nnlib(tensor):
    """nnlib's dense weights are (D, M), PyTorch's (M, D)."""
    array = tensor.detach().numpy()
    return array.T if array.ndim == 2 else array


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-10, strict=True)


@pytest.mark.parametrize("train", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_agrees_with_pytorch(rng, name, train):
    layer, module, shape = BLOCKS[name]()
    module = module.double().train(train)
    params, state = layer.initialize(shape[1:], rng=rng, dtype=np.float64)
    params = mapped(lambda array: array + 0.1 * rng.standard_normal(array.shape), params)
    with torch.no_grad():
        for tensor, array in zip(module.parameters(), leaves(params), strict=True):
            tensor.copy_(torch.tensor(as_nnlib(torch.tensor(array))))
    x = np.abs(rng.standard_normal(shape))  # as behind a ReLU

    out, cache, _ = layer.forward(x, params, state, train)
    tensor = torch.tensor(x, requires_grad=True)
    expected = module(tensor)
    assert_close(out, expected.detach().numpy())

    dout = rng.standard_normal(out.shape)
    dx, grads = layer.backward(dout, cache)
    expected.backward(torch.tensor(dout))
    assert_close(dx, tensor.grad.numpy())
    for grad, parameter in zip(leaves(grads), module.parameters(), strict=True):
        assert_close(grad, as_nnlib(parameter.grad))
