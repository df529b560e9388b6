"""What most of the networks repeat: a convolution that keeps the image's size, and what stands behind it."""

from nnlib.layers import BatchNorm, Conv2d, Layer, ReLU

__all__ = ["conv_norm", "conv_norm_relu", "conv_relu"]


def conv_relu(filters: int, kernel: int, stride: int = 1) -> tuple[Layer, ...]:
    """Convolution and ReLU; an odd kernel and a stride of 1 keep H and W."""
    return Conv2d(filters, kernel, stride, padding=kernel // 2), ReLU()


def conv_norm(filters: int, kernel: int, stride: int = 1) -> tuple[Layer, ...]:
    """Convolution and batch norm. No bias: the norm takes each channel's mean away, and has a beta of its own."""
    return Conv2d(filters, kernel, stride, padding=kernel // 2, bias=False), BatchNorm()


def conv_norm_relu(filters: int, kernel: int, stride: int = 1) -> tuple[Layer, ...]:
    """Convolution, batch norm and ReLU."""
    return (*conv_norm(filters, kernel, stride), ReLU())
