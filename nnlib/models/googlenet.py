"""GoogLeNet (Inception v1): convolutions of several sizes side by side, and no large dense layer.

Look at the 1×1 convolutions before the 3×3 and 5×5 ones: without them module 3a would take 2.4 times the
multiply-adds. And look at the end: a mean over each channel in place of AlexNet's 58.6 million dense parameters.
"""

from collections.abc import Callable

from nnlib.layers import (
    Dense,
    Dropout,
    GlobalAvgPool,
    Layer,
    LocalResponseNorm,
    MaxPool2d,
    Parallel,
    Sequential,
    ZeroPad2d,
)
from nnlib.models.convolutions import conv_norm_relu, conv_relu

__all__ = ["googlenet"]

# fmt: off
STAGES = (  # the paper's Table 1: filters of the modules between pools
#     1×1   1×1, 3×3   1×1, 5×5   1×1 behind a pool
    (( 64,   96, 128,   16,  32,   32),    # 3a
     (128,  128, 192,   32,  96,   64)),   # 3b
    ((192,   96, 208,   16,  48,   64),    # 4a
     (160,  112, 224,   24,  64,   64),    # 4b
     (128,  128, 256,   24,  64,   64),    # 4c
     (112,  144, 288,   32,  64,   64),    # 4d
     (256,  160, 320,   32, 128,  128)),   # 4e
    ((256,  160, 320,   32, 128,  128),    # 5a
     (384,  192, 384,   48, 128,  128)),   # 5b
)
# fmt: on


def googlenet(classes: int = 1000, *, batchnorm: bool = False, widest: int = 5) -> Sequential:
    """GoogLeNet for images of 224×224 pixels; smaller ones do.

    Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich, "Going deeper with convolutions"
    (CVPR 2015): the inception module, 22 layers with a ninth of AlexNet's parameters (the paper says a twelfth);
    winner of ImageNet 2014.

    settings                  parameters  multiply-adds
                              6,998,552   1.58 G         the paper's network, as Caffe has it
    batchnorm=True, widest=3  6,624,904   1.50 G         torchvision's

    Neither counts the two auxiliary classifiers, which only help training and are not built here. The paper's
    Table 1 adds up to 6.8 million and 1.5 G: it counts weights without biases, in units of 1,024, and gives the
    7×7 convolution 2.7 K weights and 34 M multiply-adds, which takes 9.4 K and 118 M. Batch norm (2015) stands in
    place of biases and response normalization. In torchvision 3×3 kernels in place of 5×5 began as a slip.

    The pools have a border of zeros, which ReLU makes harmless, and give the published 56, 28, 14 and 7 pixels;
    Caffe and torchvision reach these by a last window that hangs over.
    """
    conv = conv_norm_relu if batchnorm else conv_relu
    norm = () if batchnorm else (LocalResponseNorm(),)
    layers: list[Layer] = [*conv(64, 7, 2), *_pool(), *norm, *conv(64, 1), *conv(192, 3), *norm]
    for stage in STAGES:
        layers += [*_pool(), *(_inception(filters, conv, widest) for filters in stage)]
    return Sequential(*layers, GlobalAvgPool(), Dropout(0.4), Dense(classes))


def _inception(filters: tuple[int, ...], conv: Callable[[int, int], tuple[Layer, ...]], widest: int) -> Parallel:
    """Four branches, whose outputs are stacked along the channels."""
    plain, before_3, of_3, before_5, of_5, pooled = filters
    return Parallel(
        Sequential(*conv(plain, 1)),
        Sequential(*conv(before_3, 1), *conv(of_3, 3)),
        Sequential(*conv(before_5, 1), *conv(of_5, widest)),
        Sequential(*_pool(stride=1), *conv(pooled, 1)),
    )


def _pool(stride: int = 2) -> tuple[Layer, ...]:
    """Maxima of 3×3 pixels, with a border."""
    return ZeroPad2d(1), MaxPool2d(3, stride)
