"""The architectures of unit 6, each a function that returns a layer, with the published parameter counts.

    from nnlib.layers import summary
    print(summary(models.resnet(18), (3, 224, 224)))

One file a family, from 1986 to 2017; the paper's table of the network stands in the code as a table. A model is
nothing new: Sequential, Residual and Parallel of `nnlib.layers`, with logits at the end. How many channels and
pixels an image has, a model learns from the shape that `initialize` and `summary` get; so (1, 28, 28) works as
well as (3, 224, 224), as long as something is left after the last pool.

Multiply-adds are products with a weight, each with its addition, for one image. Papers and tools often call them
FLOPs; some count two FLOPs for each, and some count batch norm and pooling too.
"""

from nnlib.models.alexnet import alexnet
from nnlib.models.googlenet import googlenet
from nnlib.models.lenet import lenet
from nnlib.models.mlp import mlp
from nnlib.models.mobilenet import mobilenet
from nnlib.models.resnet import cifar_resnet, resnet
from nnlib.models.vgg import vgg

__all__ = ["alexnet", "cifar_resnet", "googlenet", "lenet", "mlp", "mobilenet", "resnet", "vgg"]
