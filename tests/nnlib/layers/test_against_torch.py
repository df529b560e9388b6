"""A network with everything in it gives PyTorch's outputs, gradients and running statistics, to 1e-10.

Two conventions differ. PyTorch's momentum is the weight of the batch, ours that of the old statistics: 1 − momentum
each. And PyTorch keeps the unbiased variance of a batch, n / (n − 1) times the biased one that both normalize with;
`assert_same_variance` converts.
"""

import numpy as np
import pytest

from nnlib.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    DepthwiseConv2d,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LayerNorm,
    LeakyReLU,
    MaxPool2d,
    Parallel,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Swish,
    Tanh,
    ZeroPad2d,
)
from nnlib.losses import softmax_cross_entropy
from nnlib.nested import items, leaves, mapped

torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
nn = torch.nn

BATCH, IMAGE = 5, (4, 17, 14)

MODEL = Sequential(
    Conv2d(8, (3, 2), stride=(2, 1), padding=(1, 0), groups=2),
    BatchNorm(momentum=0.7, eps=1e-3),
    ReLU(),
    ZeroPad2d((1, 0)),
    MaxPool2d(3, stride=2),
    Residual(
        Sequential(
            Conv2d(12, 3, stride=2, padding=1), BatchNorm(), LeakyReLU(0.1), Conv2d(12, 3, padding=1), BatchNorm()
        ),
        Sequential(Conv2d(12, 1, stride=2), BatchNorm()),
    ),
    Swish(),
    Residual(Sequential(DepthwiseConv2d(3, padding=1), Tanh(), Conv2d(12, 3, padding=2, dilation=2))),
    Parallel(
        Conv2d(3, 1), Sequential(Conv2d(4, 1), Sigmoid(), Conv2d(5, 3, padding=1)), AvgPool2d(1), LayerNorm()
    ),
    Dropout(0.0),
    AvgPool2d((2, 1)),
    Parallel(Flatten(), GlobalAvgPool()),
    Dense(20),
    BatchNorm(),
    LayerNorm(),
    Dense(10),
)


class Joined(nn.Module):
    """Modules that get the same input; their outputs are joined by a function."""

    def __init__(self, join, *branches):
        super().__init__()
        self.join, self.branches = join, nn.ModuleList(branches)

    def forward(self, x):
        return self.join([branch(x) for branch in self.branches])


def in_torch(layer, shape):
    """The same layer made of PyTorch's, for inputs of `shape`."""
    if isinstance(layer, Sequential):
        return nn.Sequential(*map(in_torch, layer.layers, layer.input_shapes(shape)))
    if isinstance(layer, (Parallel, Residual)):
        join = sum if isinstance(layer, Residual) else lambda outs: torch.cat(outs, dim=1)
        return Joined(join, *map(in_torch, layer.layers, layer.input_shapes(shape)))
    return LEAVES[type(layer)](layer, shape)


def torch_batch_norm(layer, shape):
    kind = nn.BatchNorm1d if len(shape) == 1 else nn.BatchNorm2d
    return kind(shape[0], eps=layer.eps, momentum=1 - layer.momentum)


def torch_dense(layer, shape):
    return nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape)), layer.units))


LEAVES = {
    Conv2d: lambda y, shape: nn.Conv2d(shape[0], y.filters, y.kernel, y.stride, y.padding, y.dilation, y.groups),
    DepthwiseConv2d: lambda y, shape: nn.Conv2d(
        shape[0], shape[0], y.kernel, y.stride, y.padding, groups=shape[0]
    ),
    BatchNorm: torch_batch_norm,
    LayerNorm: lambda y, shape: nn.LayerNorm(shape[-1], eps=y.eps),
    Dense: torch_dense,
    ReLU: lambda y, shape: nn.ReLU(),
    LeakyReLU: lambda y, shape: nn.LeakyReLU(y.alpha),
    Swish: lambda y, shape: nn.SiLU(),
    Tanh: lambda y, shape: nn.Tanh(),
    Sigmoid: lambda y, shape: nn.Sigmoid(),
    Dropout: lambda y, shape: nn.Dropout(y.p_drop),
    ZeroPad2d: lambda y, shape: nn.ZeroPad2d((*2 * y.padding[1:], *2 * y.padding[:1])),
    MaxPool2d: lambda y, shape: nn.MaxPool2d(y.size, y.stride),
    AvgPool2d: lambda y, shape: nn.AvgPool2d(y.size, y.stride),
    GlobalAvgPool: lambda y, shape: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    Flatten: lambda y, shape: nn.Flatten(),
}


@pytest.fixture
def pair(rng):
    """(params, state, the same network of PyTorch with these parameters)."""
    params, state = MODEL.initialize(IMAGE, rng=rng, dtype=np.float64)
    params = mapped(lambda p: p + 0.2 * rng.standard_normal(p.shape), params)
    theirs = in_torch(MODEL, IMAGE).double()
    with torch.no_grad():
        for array, tensor in zip(leaves(params), theirs.parameters(), strict=True):
            tensor.copy_(torch.tensor(array.T if array.ndim == 2 else array))
    return params, state, theirs


def assert_same(actual, expected):
    assert actual.dtype == np.float64
    np.testing.assert_allclose(actual, expected.detach().numpy(), rtol=1e-10, atol=1e-10)


def assert_same_gradients(params, state, theirs, x, labels, train):
    tensor = torch.tensor(x, requires_grad=True)
    theirs.train(train)
    theirs.zero_grad()
    theirs_out = theirs(tensor)
    their_loss = nn.functional.cross_entropy(theirs_out, torch.tensor(labels))
    their_loss.backward()
    out, cache, state = MODEL.forward(x, params, state, train, rng=np.random.default_rng(1))
    loss, dout = softmax_cross_entropy(out, labels)
    dx, grads = MODEL.backward(dout, cache)
    assert_same(out, theirs_out)
    assert loss == pytest.approx(their_loss.item(), rel=1e-10)
    assert_same(dx, tensor.grad)
    for grad, parameter in zip(leaves(grads), theirs.parameters(), strict=True):
        assert_same(grad.T if grad.ndim == 2 else grad, parameter.grad)
    return state


def batch_norms(theirs):
    return [module for module in theirs.modules() if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d))]


def test_outputs_and_gradients_are_pytorchs_in_training(rng, pair):
    x, labels = rng.standard_normal((BATCH, *IMAGE)), rng.integers(0, 10, BATCH)
    assert_same_gradients(*pair, x, labels, True)


def test_running_statistics_and_evaluation_are_pytorchs_after_some_batches(rng, pair):
    params, state, theirs = pair
    counts = {}
    for module in batch_norms(theirs):  # how many values a channel's statistics are taken over
        module.register_forward_pre_hook(lambda m, given: counts.update({m: given[0][:, 0].numel()}))
    for _ in range(3):
        x, labels = rng.standard_normal((BATCH, *IMAGE)), rng.integers(0, 10, BATCH)
        state = assert_same_gradients(params, state, theirs, x, labels, True)
    ours = dict(items(state))
    names = [path.removesuffix(".mean") for path in ours if path.endswith(".mean")]
    for name, module in zip(names, batch_norms(theirs), strict=True):
        assert_same(ours[f"{name}.mean"], module.running_mean)
        n, start = counts[module], (1 - module.momentum) ** 3  # what is left of the first variance, 1
        module.running_var -= start
        module.running_var *= (n - 1) / n
        module.running_var += start
        assert_same(ours[f"{name}.var"], module.running_var)
    x, labels = rng.standard_normal((BATCH, *IMAGE)), rng.integers(0, 10, BATCH)
    assert_same_gradients(params, state, theirs, x, labels, False)
