"""Fashion-MNIST: 70,000 pictures of clothes in MNIST's format, and harder to tell apart than digits.

Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms"
(arXiv:1708.07747, 2017). © Zalando SE, MIT licence.
"""

from nnlib.arrays import Array
from nnlib.data.idx import load_idx
from nnlib.data.sources import FASHION_MNIST, Split

__all__ = ["FASHION_MNIST_CLASSES", "load_fashion_mnist"]

FASHION_MNIST_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load_fashion_mnist(split: Split = "train") -> tuple[Array, Array]:
    """(images (N, 28, 28) float32 in [0, 1], labels (N,) int64): N = 60,000 for "train", 10,000 for "test".

    Label i is `FASHION_MNIST_CLASSES[i]`. The original gzipped idx files of the split, 26 MB for "train" and 4 MB
    for "test". The package says where they are looked for and what is raised.
    """
    return load_idx(FASHION_MNIST, split)
