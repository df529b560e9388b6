"""MobileNet (v1): a convolution taken apart, first along the image, then across the channels.

Look at one pair on 14×14 pixels: the depthwise 3×3 has 4,608 weights, the 1×1 behind it 262,144. One full 3×3
convolution would have 2,359,296.
"""

from nnlib.layers import BatchNorm, Dense, DepthwiseConv2d, GlobalAvgPool, Layer, ReLU, Sequential
from nnlib.models.convolutions import conv_norm_relu

__all__ = ["mobilenet"]

PAIRS = (  # the filters of the 1×1 convolution, and the stride of the depthwise one before it; the paper's Table 1
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
)


def mobilenet(classes: int = 1000, *, width: float = 1.0) -> Sequential:
    """MobileNet v1 for images of 224×224 pixels; smaller ones do. `width` scales the filters of every layer.

    Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto and Adam, "MobileNets: efficient convolutional neural
    networks for mobile vision applications" (2017): depthwise separable convolutions, 8 to 9 times cheaper than
    full ones, and a width to choose how much to spend.

    width  parameters  multiply-adds  the paper's
    1.0    4,231,976   569 M          4.2 M, 569 M
    0.75   2,585,560   325 M          2.6 M, 325 M
    0.5    1,331,592   149 M          1.3 M, 149 M
    0.25     470,072    41 M          0.5 M,  41 M

    The last depthwise convolution has a stride of 1: the table of the paper says 2, and 7×7 pixels before and
    after. Keras counts 4,253,864, the running statistics of batch norm among them. Raises ValueError where the
    width is not positive.
    """
    if width <= 0:
        raise ValueError(f"width must be positive, got {width}")
    layers: list[Layer] = [*conv_norm_relu(_scaled(32, width), 3, 2)]
    for filters, stride in PAIRS:
        depthwise = DepthwiseConv2d(3, stride, padding=1, bias=False)
        layers += [depthwise, BatchNorm(), ReLU(), *conv_norm_relu(_scaled(filters, width), 1)]
    return Sequential(*layers, GlobalAvgPool(), Dense(classes))


def _scaled(filters: int, width: float) -> int:
    return max(1, round(width * filters))
