"""The multilayer perceptron: every unit sees every unit of the layer before.

Look at where the parameters are: nearly all in the first layer, and their number grows with the image.
"""

from collections.abc import Callable, Sequence

from nnlib.layers import Dense, Dropout, Layer, ReLU, Sequential

__all__ = ["mlp"]


def mlp(
    hidden: Sequence[int] = (300, 100),
    classes: int = 10,
    *,
    activation: Callable[[], Layer] = ReLU,
    init: str = "he",
    p_drop: float = 0.0,
) -> Sequential:
    """Hidden layers of so many units, each with its `activation` (and dropout, unless p_drop is 0); then logits.

    Inputs of any shape are flattened. For sigmoid and tanh take init="xavier".

    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (Nature, 1986), trained
    hidden layers by gradient descent. The default is the 300-100 network of LeCun, Bottou, Bengio and Haffner,
    "Gradient-based learning applied to document recognition" (Proceedings of the IEEE, 1998), which had 3.05 %
    errors on MNIST's test images: 266,610 parameters for 28×28 pixels, and 266,200 multiply-adds.
    """
    layers: list[Layer] = []
    for units in hidden:
        layers += [Dense(units, init), activation()]
        if p_drop:
            layers.append(Dropout(p_drop))
    return Sequential(*layers, Dense(classes, init))
