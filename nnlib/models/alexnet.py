"""AlexNet: the network that won ImageNet 2012, and with it the field.

Look at the first dense layer: 37.8 of 61 million parameters, and 5 % of the multiply-adds.
"""

from nnlib.layers import Conv2d, LocalResponseNorm, MaxPool2d, ReLU, Sequential
from nnlib.models.mlp import mlp

__all__ = ["alexnet"]

FILTERS = {  # by the number of columns: the filters of the five convolutions
    1: (64, 192, 384, 256, 256),
    2: (96, 256, 384, 384, 256),
}


def alexnet(classes: int = 1000, *, columns: int = 1) -> Sequential:
    """AlexNet for images of 224×224 pixels (63×63 at least), in one column or in the two of the original.

    Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (NeurIPS
    2012): ReLU, dropout, overlapping pools, augmented images, and training on two GPUs. Each GPU had half of the
    filters, a column, and the second, fourth and fifth convolution saw their own column alone: groups of 2.

    columns  parameters  multiply-adds
    2        60,965,224  724 M          the original; the paper says 60 million
    1        61,100,840  714 M          as torchvision has it

    The original has local response normalization. As one column its filters would have 62,378,344 parameters, a
    count often met. One column of fewer filters is Krizhevsky's, "One weird trick for parallelizing convolutional
    neural networks" (2014), which became the common form, without response normalization.

    The paper says 224×224 pixels, whose first maps of 55×55 need a border: 2 zeros on each side, as here, or
    images of 227×227. Raises ValueError for another number of columns.
    """
    if columns not in FILTERS:
        raise ValueError(f"columns must be 1 (2014) or 2 (2012), got {columns}")
    first, second, third, fourth, fifth = FILTERS[columns]
    norm = (LocalResponseNorm(),) if columns == 2 else ()
    return Sequential(
        Conv2d(first, kernel=11, stride=4, padding=2),
        ReLU(),
        *norm,
        MaxPool2d(3, stride=2),
        Conv2d(second, kernel=5, padding=2, groups=columns),
        ReLU(),
        *norm,
        MaxPool2d(3, stride=2),
        Conv2d(third, kernel=3, padding=1),
        ReLU(),
        Conv2d(fourth, kernel=3, padding=1, groups=columns),
        ReLU(),
        Conv2d(fifth, kernel=3, padding=1, groups=columns),
        ReLU(),
        MaxPool2d(3, stride=2),
        mlp((4096, 4096), classes, p_drop=0.5),
    )
