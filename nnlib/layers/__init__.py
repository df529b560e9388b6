"""Layers with a forward and a backward pass, and layers made of them. `contract` says what a layer is.

model = Sequential(Conv2d(6, kernel=5, padding=2), ReLU(), MaxPool2d(2), Flatten(), Dense(10))
params, state = model.initialize((1, 28, 28), rng=rng)
logits, cache, state = model.forward(images, params, state, train=True)
_, grads = model.backward(dlogits, cache, needs_dx=False)
"""

from nnlib.layers.channels import LocalResponseNorm, ZeroChannels
from nnlib.layers.checkpointed import Checkpointed
from nnlib.layers.composite import Parallel, Residual, Sequential
from nnlib.layers.contract import Composite, Layer, Shape
from nnlib.layers.elementwise import Dropout, LeakyReLU, ReLU, Sigmoid, Swish, Tanh
from nnlib.layers.learned import BatchNorm, Conv2d, Dense, DepthwiseConv2d, LayerNorm
from nnlib.layers.shapes import AvgPool2d, Flatten, GlobalAvgPool, MaxPool2d, ZeroPad2d
from nnlib.layers.summary import Row, Summary, summary

__all__ = [
    "AvgPool2d",
    "BatchNorm",
    "Checkpointed",
    "Composite",
    "Conv2d",
    "Dense",
    "DepthwiseConv2d",
    "Dropout",
    "Flatten",
    "GlobalAvgPool",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "LocalResponseNorm",
    "MaxPool2d",
    "Parallel",
    "ReLU",
    "Residual",
    "Row",
    "Sequential",
    "Shape",
    "Sigmoid",
    "Summary",
    "Swish",
    "Tanh",
    "ZeroChannels",
    "ZeroPad2d",
    "summary",
]
