"""What every function of nnlib asks of an array: real numbers, a float dtype, a shape with named axes."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Array", "as_float", "as_gradient", "as_images", "channel_blocks", "check_same_shape", "check_shape"]

Array: TypeAlias = NDArray[Any]

BLOCK_BYTES = 1 << 20  # so much stays in the processor's cache; less costs calls

# glibc gives freed memory back to the system, and fresh memory costs a page fault every 4 KB: a third of a
# training step of LeNet-5. From freeing one array just below its limit of 32 MB it learns to keep up to 64 MB.
np.empty((1 << 25) - (1 << 13), np.uint8)


def as_float(name: str, values: ArrayLike) -> Array:
    """`values` as a floating-point array: float dtypes stay as they are, integers and bools become float64.

    The result is `values` itself or a copy, never a changed input. `name` is for the error:
    TypeError where the values are not real numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got an array of dtype {array.dtype}")
    return array.astype(_float_dtype(array), copy=False)


def as_gradient(values: Array, of: ArrayLike) -> Array:
    """`values` in the dtype of a gradient with respect to `of`: of's own if that is a float, else float64."""
    return values.astype(_float_dtype(np.asarray(of)), copy=False)


def channel_blocks(images: Array) -> list[slice]:
    """The channels of images (C, …) in slices of about BLOCK_BYTES, for what reads its input several times."""
    step = max(1, BLOCK_BYTES // max(1, images[:1].nbytes))
    return [slice(c, c + step) for c in range(0, len(images), step)]


def as_images(x: Array) -> Array:
    """x in a float dtype, if it has shape (N, C, H, W); else ValueError."""
    x = as_float("x", x)
    check_shape("x", x, {"N": None, "C": None, "H": None, "W": None}, "a single image needs a batch axis, x[None]")
    return x


def check_shape(name: str, array: Array, axes: Mapping[str, int | None], fix: str) -> None:
    """Raise ValueError unless `array` has the named axes; a size of None allows any.

    `check_shape("b", b, {"F": 4}, "one bias per filter")` says of an array of shape (1, 4):
    "b must have shape (F,) with F = 4, got (1, 4): one bias per filter".
    """
    sizes = tuple(axes.values())
    if len(sizes) == array.ndim and all(a in (None, b) for a, b in zip(sizes, array.shape, strict=True)):
        return
    symbols = f"({', '.join(axes)}{',' * (len(axes) == 1)})"
    known = ", ".join(f"{axis} = {size}" for axis, size in axes.items() if size is not None)
    expected = f"{symbols} with {known}" if known else symbols
    raise ValueError(f"{name} must have shape {expected}, got {array.shape}: {fix}")


def check_same_shape(name: str, array: Array, other_name: str, other: Array) -> None:
    """Raise ValueError unless `array` has the shape of `other`."""
    if array.shape != other.shape:
        raise ValueError(f"{name} must have {other_name}'s shape {other.shape}, got {array.shape}")


def _float_dtype(array: Array) -> np.dtype[Any]:
    return array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
