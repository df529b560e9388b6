"""MNIST: 70,000 handwritten digits of 28 × 28 pixels (LeCun, Cortes and Burges), from the original files."""

from nnlib.arrays import Array
from nnlib.data.idx import load_idx
from nnlib.data.sources import MNIST, Split

__all__ = ["load_mnist"]


def load_mnist(split: Split = "train") -> tuple[Array, Array]:
    """(images (N, 28, 28) float32 in [0, 1], labels (N,) int64): N = 60,000 for "train", 10,000 for "test".

    The original gzipped idx files of the split, 10 MB for "train" and 2 MB for "test". The package says where
    they are looked for and what is raised.
    """
    return load_idx(MNIST, split)
