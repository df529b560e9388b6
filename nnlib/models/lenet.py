"""LeNet-5: convolutions and pools in turn, then dense layers.

Look at C5: it alone has 48,120 of the 61,706 parameters, while C1 with its 156 takes more than a quarter of the
multiply-adds.
"""

from collections.abc import Callable

from nnlib.layers import Conv2d, Dense, Layer, MaxPool2d, ReLU, Sequential

__all__ = ["lenet"]


def lenet(
    classes: int = 10,
    *,
    padding: int = 2,
    activation: Callable[[], Layer] = ReLU,
    pool: Callable[[int], Layer] = MaxPool2d,
) -> Sequential:
    """LeNet-5 for images of 28×28 pixels; with padding=0 for 32×32.

    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition" (Proceedings of
    the IEEE, 1998): weights shared over all places of an image, learned by back-propagation all the way from
    pixels to digits. It was neither the first convolutional network nor the first trained so.

    61,706 parameters and 416,520 multiply-adds: the common form. The paper's has 60,000 parameters, in other
    places: a filter of C3 sees only some of the six channels (1,516 parameters here 2,416), a pool has a
    coefficient and a bias for each channel (44, here none), and the outputs are distances to fixed patterns
    (none, here 850). Its activations are tanh (activation=Tanh), and it averages (pool=AvgPool2d); ReLU and
    maxima learn faster.
    """
    return Sequential(
        Conv2d(6, kernel=5, padding=padding),  # C1: 6 × 28 × 28
        activation(),
        pool(2),  # S2: 6 × 14 × 14
        Conv2d(16, kernel=5),  # C3: 16 × 10 × 10
        activation(),
        pool(2),  # S4: 16 × 5 × 5
        Conv2d(120, kernel=5),  # C5: 120 × 1 × 1
        activation(),
        Dense(84),  # F6
        activation(),
        Dense(classes),
    )
