"""Data sets: handwritten digits that come with nnlib, and MNIST from a folder or the network.

Every loader returns (images, labels): images (N, H, W) of float32 from 0 (paper) to 1 (ink), and labels (N,)
of int64.
"""

from nnlib.data.digits import load_digits
from nnlib.data.mnist import load_mnist

__all__ = ["load_digits", "load_mnist"]
