"""Layers with an input shape each. test_contract.py holds every promise of the contract against all of them.

A new layer needs a line in LAYERS, under a name that says what is special about it.
"""

from dataclasses import dataclass
from itertools import count

import numpy as np
import pytest

from nnlib.layers import (
    AvgPool2d,
    BatchNorm,
    Checkpointed,
    Conv2d,
    Dense,
    DepthwiseConv2d,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Layer,
    LayerNorm,
    LeakyReLU,
    LocalResponseNorm,
    MaxPool2d,
    Parallel,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Swish,
    Tanh,
    ZeroChannels,
    ZeroPad2d,
)
from nnlib.nested import mapped


@dataclass(frozen=True, slots=True)
class Entry:
    """A layer and the shape of one example that it gets."""

    layer: Layer
    shape: tuple[int, ...]
    checks_dout: bool = True  # a layer that keeps nothing cannot tell a dout of another shape

    def inputs(self, rng, dtype=np.float64, batch=3):
        """(x, params, state), no parameter at its first value and every running statistic moved."""
        params, state = self.layer.initialize(self.shape, rng=rng, dtype=dtype)
        params = mapped(lambda p: p + 0.3 * rng.standard_normal(p.shape).astype(dtype), params)
        earlier, x = rng.standard_normal((2, batch, *self.shape)).astype(dtype)
        return x, params, run(self.layer, earlier, params, state, True)[2]


IMAGE, ROW = (4, 7, 6), (5,)
BLOCK = Sequential(Conv2d(6, 3, stride=2, padding=1), BatchNorm(), ReLU(), Conv2d(6, 3, padding=1), BatchNorm())
INCEPTION = Parallel(
    Conv2d(2, 1),
    Sequential(Conv2d(3, 1), ReLU(), Conv2d(2, 3, padding=1)),
    Sequential(ZeroPad2d(1), MaxPool2d(3, stride=1), Conv2d(1, 1)),
)

LAYERS = {
    "dense": Entry(Dense(4), ROW),
    "dense on images": Entry(Dense(3, init="xavier"), (2, 3, 2)),
    "dense, one unit": Entry(Dense(1, init="small"), ROW),
    "dense, no bias": Entry(Dense(4, bias=False), ROW),
    "conv": Entry(Conv2d(3, 3), IMAGE),
    "conv, strided and padded": Entry(Conv2d(5, 3, stride=2, padding=1), IMAGE),
    "conv, rectangular": Entry(Conv2d(2, (2, 3), stride=(2, 1), padding=(0, 2)), IMAGE),
    "conv, groups": Entry(Conv2d(6, 3, groups=2), IMAGE),
    "conv, dilated": Entry(Conv2d(2, (3, 2), dilation=(2, 3), init="xavier"), IMAGE),
    "conv, everything": Entry(Conv2d(4, (3, 2), (2, 1), (2, 1), (1, 2), 4, "small"), IMAGE),
    "conv, 1 × 1": Entry(Conv2d(3, 1, stride=2), IMAGE),
    "conv, no bias": Entry(Conv2d(6, 3, stride=2, groups=2, bias=False), IMAGE),
    "depthwise, no bias": Entry(DepthwiseConv2d(3, bias=False), IMAGE),
    "depthwise": Entry(DepthwiseConv2d(3), IMAGE),
    "depthwise, strided and padded": Entry(DepthwiseConv2d((3, 2), stride=(1, 2), padding=1), IMAGE),
    "batch norm of features": Entry(BatchNorm(), ROW),
    "batch norm of images": Entry(BatchNorm(momentum=0.6, eps=1e-3), IMAGE),
    "layer norm of features": Entry(LayerNorm(), ROW),
    "layer norm of a sequence": Entry(LayerNorm(eps=1e-3), (4, 6)),
    "relu": Entry(ReLU(), ROW),
    "leaky relu": Entry(LeakyReLU(), IMAGE),
    "leaky relu, steeper": Entry(LeakyReLU(alpha=0.3), ROW),
    "sigmoid": Entry(Sigmoid(), ROW),
    "tanh": Entry(Tanh(), IMAGE),
    "swish": Entry(Swish(), ROW),
    "dropout": Entry(Dropout(0.4), IMAGE),
    "dropout of nothing": Entry(Dropout(0.0), ROW),
    "max pool": Entry(MaxPool2d(2), IMAGE),
    "max pool, overlapping": Entry(MaxPool2d((3, 2), stride=(2, 1)), IMAGE),
    "average pool": Entry(AvgPool2d(2), IMAGE),
    "average pool, overlapping": Entry(AvgPool2d(3, stride=2), IMAGE),
    "global average pool": Entry(GlobalAvgPool(), IMAGE),
    "flatten": Entry(Flatten(), IMAGE),
    "local response norm": Entry(LocalResponseNorm(3, 1.5, 0.2, 0.6), IMAGE),
    "channels of zeros": Entry(ZeroChannels(2), IMAGE),
    "zero pad": Entry(ZeroPad2d(1), IMAGE),
    "zero pad along W": Entry(ZeroPad2d((0, 2)), IMAGE),
    "sequential of none": Entry(Sequential(), IMAGE, checks_dout=False),
    "sequential": Entry(Sequential(Dense(4), Tanh(), BatchNorm(), Dropout(0.3), Dense(2)), ROW),
    "checkpointed": Entry(Checkpointed(Dense(4), BatchNorm(), Dropout(0.3), Tanh(), Dense(2)), ROW),
    "sequential on images": Entry(Sequential(Conv2d(4, 3), BatchNorm(), Swish(), MaxPool2d(2), Flatten()), IMAGE),
    "residual": Entry(Residual(Sequential(Dense(5), Sigmoid())), ROW),
    "residual, projection": Entry(Residual(BLOCK, Sequential(Conv2d(6, 1, stride=2), BatchNorm())), IMAGE),
    "parallel": Entry(INCEPTION, IMAGE),
    "parallel, one branch": Entry(Parallel(Dense(3)), ROW),
    "nested": Entry(Sequential(Residual(INCEPTION, Conv2d(5, 1)), Parallel(GlobalAvgPool(), Dense(2))), IMAGE),
}


def run(layer, x, params, state, train):
    """(out, cache, state), with the same random numbers in every call."""
    return layer.forward(x, params, state, train, rng=np.random.default_rng(3) if train else None)


def replaced(nested, index, value):
    """`nested` with `value` in place of its leaf number `index`."""
    number = count()
    return mapped(lambda leaf: value if next(number) == index else leaf, nested)


def arrays_in(value):
    """Every array in lists, tuples and dicts, caches among them."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [array for inner in value for array in arrays_in(inner)] if isinstance(value, (list, tuple)) else []


def assert_same(actual, expected):
    """Equal to the bit, in form, dtype and values."""
    assert type(actual) is type(expected)
    if isinstance(actual, dict):
        assert list(actual) == list(expected)
        actual, expected = list(actual.values()), list(expected.values())
    if isinstance(actual, (list, tuple)):
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(actual, expected, strict=True)


def message_of(error, call, *arguments, **named):
    """What an error says."""
    with pytest.raises(error) as caught:
        call(*arguments, **named)
    return str(caught.value)
