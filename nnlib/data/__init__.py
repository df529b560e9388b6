"""Data sets: digits that come with nnlib; MNIST, Fashion-MNIST and CIFAR-10 from a folder or the network.

Every loader returns (images, labels), images of float32 in [0, 1] and labels (N,) of int64. Grey images are
(N, H, W), from 0 (paper) to 1 (ink); colour images (N, C, H, W), as all of nnlib has them, from 0 (dark) to 1.

Where the environment variable NNLIB_DATA names a folder, the original files are read from its subfolder named
after the data set (mnist, fashion_mnist, cifar10), or from the folder itself. Without NNLIB_DATA they are
downloaded once, checked, and kept in the user's cache.

The loaders raise FileNotFoundError where the folder has not the files, ConnectionError where they cannot be
downloaded, ValueError for an unknown split or a file that is damaged or another.
"""

from nnlib.data.cifar10 import CIFAR10_CLASSES, load_cifar10
from nnlib.data.digits import load_digits
from nnlib.data.fashion_mnist import FASHION_MNIST_CLASSES, load_fashion_mnist
from nnlib.data.mnist import load_mnist
from nnlib.data.sheets import digits_on_sheets
from nnlib.data.splitting import train_test_split

__all__ = [
    "CIFAR10_CLASSES",
    "FASHION_MNIST_CLASSES",
    "digits_on_sheets",
    "load_cifar10",
    "load_digits",
    "load_fashion_mnist",
    "load_mnist",
    "train_test_split",
]
