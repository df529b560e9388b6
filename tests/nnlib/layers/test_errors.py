"""What a layer says of an input that it cannot take: what came, what is needed."""

import numpy as np
import pytest
from layer_registry import message_of

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
    MaxPool2d,
    ReLU,
    ZeroPad2d,
)

IMAGE_LAYERS = [Conv2d(4, 3), DepthwiseConv2d(3), MaxPool2d(2), AvgPool2d(2), GlobalAvgPool(), ZeroPad2d(1)]
SHAPES = {  # a layer, the shape of one example, what output_shape says
    "batch axis": (
        Conv2d(4, 3),
        (8, 3, 32, 32),
        "Conv2d takes images of shape (C, H, W), without the batch axis, got (8, 3, 32, 32)",
    ),
    "batch norm": (BatchNorm(), (4, 5), "BatchNorm takes (D,) or (C, H, W), without the batch axis, got (4, 5)"),
    "layer norm": (LayerNorm(), (), "LayerNorm takes (…, D), without the batch axis, got ()"),
    "groups": (Conv2d(6, 3, groups=3), (4, 8, 8), "groups must divide C = 4, got 3"),
    "kernel": (
        Conv2d(6, (3, 5)),
        (4, 8, 4),
        "along W: a kernel of 5 does not fit into size + 2·padding = 4 + 2·0 = 4: "
        "take a smaller kernel, or a padding of at least 1",
    ),
    "dilated kernel": (
        Conv2d(6, 3, dilation=4),
        (4, 8, 8),
        "along H: a kernel of 9 does not fit into size + 2·padding = 8 + 2·0 = 8: "
        "take a smaller kernel, or a padding of at least 1",
    ),
    "window": (
        MaxPool2d(3),
        (4, 2, 8),
        "along H: a kernel of 3 does not fit into size + 2·padding = 2 + 2·0 = 2: "
        "take a smaller kernel, or a padding of at least 1",
    ),
}
ROW = "x must have shape (N, C, H, W), got (4, 5): a single image needs a batch axis, x[None]"
SCALAR = "x must have shape (N, …), got (): a single example needs a batch axis, x[None]"
OF_OTHER_SHAPES = {  # a layer, the shape it was initialized for, x's shape, what forward says
    "dense, other features": (
        Dense(3),
        (5,),
        (2, 4),
        "w must have shape (D, M) with D = 4, got (5, 3): x of shape (2, 4) has D = 4 features an example, "
        "and w maps D to M",
    ),
    "dense, no batch": (Dense(3), (5,), (), SCALAR),
    "conv, other channels": (
        Conv2d(4, 3),
        (3, 8, 8),
        (2, 1, 8, 8),
        "w must have shape (F, C, KH, KW) with C = 1, got (4, 3, 3, 3): "
        "every filter needs as many channels as x, which has shape (2, 1, 8, 8)",
    ),
    "conv, no batch": (
        Conv2d(4, 3),
        (3, 8, 8),
        (3, 8, 8),
        "x must have shape (N, C, H, W), got (3, 8, 8): a single image needs a batch axis, x[None]",
    ),
    "depthwise, other channels": (
        DepthwiseConv2d(3),
        (4, 8, 8),
        (2, 3, 8, 8),
        "groups must divide C = 3 and F = 4, got 4",
    ),
    "batch norm, other channels": (
        BatchNorm(),
        (4, 8, 8),
        (2, 3, 8, 8),
        "gamma must have shape (D,) with D = 3, got (4,): one for each feature, which is each channel of images",
    ),
    "batch norm, a sequence": (
        BatchNorm(),
        (4,),
        (2, 3, 4),
        "x must have shape (N, C, H, W), got (2, 3, 4): a single image needs a batch axis, x[None]",
    ),
    "layer norm, no batch": (
        LayerNorm(),
        (5,),
        (5,),
        "x must have shape (N, …, D), got (5,): a single example needs a batch axis, x[None]",
    ),
    "flatten": (Flatten(), (5,), (), SCALAR),
    "max pool": (MaxPool2d(2), (3, 8, 8), (4, 5), ROW),
    "average pool": (AvgPool2d(2), (3, 8, 8), (4, 5), ROW),
    "global average pool": (GlobalAvgPool(), (3, 8, 8), (4, 5), ROW),
    "zero pad": (ZeroPad2d(1), (3, 8, 8), (4, 5), ROW),
}


@pytest.mark.parametrize("layer", IMAGE_LAYERS, ids=repr)
def test_a_layer_of_images_says_so_of_rows(rng, layer):
    expected = f"{type(layer).__name__} takes images of shape (C, H, W), without the batch axis, got (10,)"
    assert message_of(ValueError, layer.output_shape, (10,)) == expected
    assert message_of(ValueError, layer.initialize, (10,), rng=rng) == expected


@pytest.mark.parametrize(("layer", "shape", "message"), SHAPES.values(), ids=SHAPES)
def test_a_shape_that_does_not_fit_is_refused_before_anything_is_made(rng, layer, shape, message):
    assert message_of(ValueError, layer.output_shape, shape) == message
    assert message_of(ValueError, layer.initialize, shape, rng=rng) == message


@pytest.mark.parametrize(("layer", "shape", "x_shape", "message"), OF_OTHER_SHAPES.values(), ids=OF_OTHER_SHAPES)
def test_an_input_that_does_not_fit_the_parameters_is_refused(rng, layer, shape, x_shape, message):
    params, state = layer.initialize(shape, rng=rng)
    x = np.ones(x_shape, np.float32)
    assert message_of(ValueError, layer.forward, x, params, state, True) == message


def test_a_depthwise_convolution_refuses_a_multiple_of_its_channels(rng):
    params, state = DepthwiseConv2d(3).initialize((4, 8, 8), rng=rng)
    with pytest.raises(ValueError, match="w must have shape"):
        DepthwiseConv2d(3).forward(np.ones((2, 8, 8, 8)), params, state, True)


def test_flatten_and_padding_say_which_shape_x_had():
    x = np.ones((2, 3, 4, 5))
    _, cache, _ = Flatten().forward(x, {}, {}, True)
    assert message_of(ValueError, Flatten().backward, x, cache) == (
        "dout must have shape (N, D) with N = 2, D = 60, got (2, 3, 4, 5): "
        "dout is ∂L/∂out, and x had shape (2, 3, 4, 5)"
    )
    _, cache, _ = ZeroPad2d(1).forward(x, {}, {}, True)
    assert message_of(ValueError, ZeroPad2d(1).backward, x, cache) == (
        "dout must have shape (N, C, OH, OW) with N = 2, C = 3, OH = 6, OW = 7, got (2, 3, 4, 5): "
        "dout is ∂L/∂out, and x had shape (2, 3, 4, 5)"
    )


def test_dropout_without_an_rng_is_an_error_in_training_alone():
    x = np.ones((2, 3))
    message = message_of(ValueError, Dropout(0.5).forward, x, {}, {}, True)
    assert message == "dropout draws numbers in training: pass rng=np.random.default_rng(…) to forward"
    np.testing.assert_array_equal(Dropout(0.5).forward(x, {}, {}, False)[0], x)


@pytest.mark.parametrize("layer", [ReLU(), Dropout(0.5), AvgPool2d(1)], ids=repr)
def test_integers_are_computed_in_float64(layer):
    out, cache, _ = layer.forward(np.full((1, 1, 2, 2), 7, np.uint8), {}, {}, False)
    dx, _ = layer.backward(np.full(out.shape, 0.5), cache)
    assert (out.dtype, dx.dtype, dx.max()) == (np.float64, np.float64, 0.5)
