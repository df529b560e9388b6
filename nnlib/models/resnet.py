"""ResNet: each block adds to its input instead of replacing it.

Look at what comes back to a block's input: the gradient itself, through the sum, besides what went through the
block's convolutions. So 152 layers can be trained, where plain networks of 34 did worse than of 18.
"""

from collections.abc import Callable

from nnlib.layers import (
    AvgPool2d,
    Dense,
    GlobalAvgPool,
    Layer,
    MaxPool2d,
    ReLU,
    Residual,
    Sequential,
    ZeroChannels,
    ZeroPad2d,
)
from nnlib.models.convolutions import conv_norm, conv_norm_relu

__all__ = ["cifar_resnet", "resnet"]


def resnet(depth: int = 50, classes: int = 1000) -> Sequential:
    """ResNet of 18, 34, 50, 101 or 152 layers, for images of 224×224 pixels; smaller ones do.

    He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (CVPR 2016): shortcuts around every two
    or three convolutions; winner of ImageNet 2015. Where the size changes, the shortcut is a 1×1 convolution (the
    paper's option B).

    depth  parameters  multiply-adds  the paper's
    18     11,689,512   1.81 G         1.8 G
    34     21,797,672   3.66 G         3.6 G
    50     25,557,032   4.09 G         3.8 G
    101    44,549,160   7.80 G         7.6 G
    152    60,192,808  11.51 G        11.3 G

    The counts are torchvision's. From 50 layers on, the stride of 2 is in a block's 3×3 convolution; the paper
    has it in the 1×1 before, which saves multiply-adds and skips three of four pixels; parameters are the same.
    Convolutions have no biases: Keras's have, and running statistics among their counts, so ResNet-50 has
    25,636,712 there. Raises ValueError for another depth.
    """
    if depth not in BLOCKS:
        known = ", ".join(map(str, BLOCKS))
        raise ValueError(f"depth must be one of {known}, got {depth}: depths of 6n + 2 are cifar_resnet's")
    body, widening, counts = BLOCKS[depth]
    stages = []
    for filters, stride, count in zip((64, 128, 256, 512), (1, 2, 2, 2), counts, strict=True):
        projection = Sequential(*conv_norm(widening * filters, 1, stride))
        stages.append(_stage(body, count, filters, stride, None if widening == stride == 1 else projection))
    stem = *conv_norm_relu(64, 7, 2), ZeroPad2d(1), MaxPool2d(3, 2)
    return Sequential(*stem, *stages, GlobalAvgPool(), Dense(classes))


def cifar_resnet(depth: int = 20, classes: int = 10) -> Sequential:
    """ResNet of 6n + 2 layers for images of 32×32 pixels, as CIFAR-10 has; 28×28 do.

    Section 4.2 of the same paper: three stages of n blocks, with 16, 32 and 64 filters on 32, 16 and 8 pixels.
    Where the size changes, the shortcut takes every second pixel and adds channels of zeros (option A), so it has
    no parameters, and the counts are the published ones; a 1×1 convolution would add 2,752.

    depth  parameters  the paper's
    20       269,722    0.27 M
    32       464,154    0.46 M
    44       658,586    0.66 M
    56       853,018    0.85 M
    110    1,727,962    1.7 M

    Raises ValueError for another depth.
    """
    blocks, rest = divmod(depth - 2, 6)
    if blocks < 1 or rest:
        raise ValueError(f"depth must be 6n + 2, for n blocks in each stage (20, 32, 44, 56, 110), got {depth}")
    stages = [_stage(_basic, blocks, 16, 1, None)]
    for filters in (32, 64):
        narrow = Sequential(AvgPool2d(1, stride=2), ZeroChannels(filters // 2))
        stages.append(_stage(_basic, blocks, filters, 2, narrow))
    return Sequential(*conv_norm_relu(16, 3), *stages, GlobalAvgPool(), Dense(classes))


def _basic(filters: int, stride: int) -> Sequential:
    """Two 3×3 convolutions."""
    return Sequential(*conv_norm_relu(filters, 3, stride), *conv_norm(filters, 3))


def _bottleneck(filters: int, stride: int) -> Sequential:
    """A 3×3 convolution of few channels between two 1×1 ones: from many, and back to four times as many."""
    return Sequential(*conv_norm_relu(filters, 1), *conv_norm_relu(filters, 3, stride), *conv_norm(4 * filters, 1))


BLOCKS = {  # the paper's Table 1, by depth: a block's body, its widening, how many on 56, 28, 14 and 7 pixels
    18: (_basic, 1, (2, 2, 2, 2)),
    34: (_basic, 1, (3, 4, 6, 3)),
    50: (_bottleneck, 4, (3, 4, 6, 3)),
    101: (_bottleneck, 4, (3, 4, 23, 3)),
    152: (_bottleneck, 4, (3, 8, 36, 3)),
}


def _stage(
    body: Callable[[int, int], Layer], count: int, filters: int, stride: int, shortcut: Layer | None
) -> Sequential:
    """Blocks of one size, each with a ReLU behind the sum; the first has the stride and its shortcut."""
    first = Residual(body(filters, stride), shortcut)
    others = [Residual(body(filters, 1)) for _ in range(count - 1)]
    return Sequential(*(layer for block in (first, *others) for layer in (block, ReLU())))
