"""VGG: nothing but 3×3 convolutions and 2×2 pools, and depth.

Look at two 3×3 convolutions one behind the other: they see 5×5 pixels, with 18 weights for 25, and a ReLU more.
And look at the first dense layer: 102.8 of VGG-16's 138.4 million parameters.
"""

from collections.abc import Sequence

from nnlib.layers import BatchNorm, Conv2d, Layer, MaxPool2d, ReLU, Sequential
from nnlib.models.mlp import mlp

__all__ = ["vgg"]

FILTERS = (64, 128, 256, 512, 512)  # of each stage; a pool behind each halves the image
CONVOLUTIONS = {  # by depth: how many each stage has; the paper's Table 1, columns A, B, D and E
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


def vgg(
    depth: int = 16, classes: int = 1000, *, batchnorm: bool = False, hidden: Sequence[int] = (4096, 4096)
) -> Sequential:
    """VGG of 11, 13, 16 or 19 layers with weights, for images of 224×224 pixels (32×32 at least).

    For small images take a smaller `hidden`: of 32×32 pixels 512 values are left. With hidden=() VGG-16 then has
    14.7 million parameters.

    Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (ICLR 2015): small
    kernels make depth affordable, and depth pays.

    depth  parameters   with batch norm  multiply-adds
    11     132,863,336  132,868,840       7.61 G
    13     133,047,848  133,053,736      11.31 G
    16     138,357,544  138,365,992      15.47 G
    19     143,667,240  143,678,248      19.63 G

    The paper says 133, 133, 138 and 144 million. Batch norm (2015) came later; the convolutions before it keep
    their biases here, which do nothing, since the common count has them. Raises ValueError for another depth.
    """
    if depth not in CONVOLUTIONS:
        raise ValueError(f"depth must be one of {', '.join(map(str, CONVOLUTIONS))}, got {depth}")
    norm = [BatchNorm()] if batchnorm else []
    layers: list[Layer] = []
    for filters, count in zip(FILTERS, CONVOLUTIONS[depth], strict=True):
        for _ in range(count):
            layers += [Conv2d(filters, kernel=3, padding=1), *norm, ReLU()]
        layers.append(MaxPool2d(2))
    return Sequential(*layers, mlp(hidden, classes, p_drop=0.5))
