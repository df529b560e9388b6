"""Two-dimensional convolution layers, as every deep-learning library has them: cross-correlation, kernel not flipped.

All of it is one idea. The windows of the input, one row each, are a matrix (`im2col`); a convolution is that matrix
times the filters; and the backward pass is two more products and the way back (`col2im`).
"""

from typing import TypeAlias

import numpy as np

from nnlib.arrays import Array, as_float, as_gradient, check_shape
from nnlib.windows import IntPair, blocks, conv_output_size, output_shape, pad, pair, shifted, windows

__all__ = [
    "ConvCache",
    "col2im",
    "conv2d_backward",
    "conv2d_forward",
    "conv2d_forward_fast",
    "conv_output_size",
    "correlate2d",
    "im2col",
]

ConvCache: TypeAlias = tuple[Array, Array, Array, IntPair, IntPair]


def correlate2d(image: Array, kernel: Array, stride: IntPair = 1, padding: IntPair = 0) -> Array:
    """Cross-correlation of one image (H, W) with one kernel (KH, KW): out (OH, OW).

    out[i, j] = Σ image[i·SH + k, j·SW + l] · kernel[k, l] over the zero-padded image. stride and padding are an int
    or a pair (along H, along W). Raises ValueError where the kernel does not fit.
    """
    image, kernel = as_float("image", image), as_float("kernel", kernel)
    check_shape(
        "image", image, {"H": None, "W": None}, "one image of one channel; conv2d_forward takes batches"
    )
    check_shape("kernel", kernel, {"KH": None, "KW": None}, "one kernel; conv2d_forward takes filters")
    columns = im2col(image[None, None], (kernel.shape[0], kernel.shape[1]), stride, padding)
    steps, border = pair("stride", stride), pair("padding", padding)
    return (columns @ kernel.ravel()).reshape(output_shape(image.shape, kernel.shape, steps, border))


def im2col(x: Array, kernel: IntPair, stride: IntPair = 1, padding: IntPair = 0) -> Array:
    """The windows of x (N, C, H, W) as rows of a matrix (N·OH·OW, C·KH·KW).

    Rows in order (n, oh, ow), columns in order (c, kh, kw), so that
    `out = columns @ w.reshape(F, -1).T + b` is a convolution. Raises ValueError where the kernel does not fit.
    """
    x = as_float("x", x)
    check_shape(
        "x", x, {"N": None, "C": None, "H": None, "W": None}, "a single image needs a batch axis, x[None]"
    )
    size, steps, border = pair("kernel", kernel), pair("stride", stride), pair("padding", padding)
    oh, ow = output_shape(x.shape[2:], size, steps, border)
    view = windows(pad(x, border), size, steps).transpose(0, 4, 5, 1, 2, 3)
    return view.reshape(len(x) * oh * ow, x.shape[1] * size[0] * size[1]).copy()


def col2im(
    columns: Array,
    x_shape: tuple[int, int, int, int],
    kernel: IntPair,
    stride: IntPair = 1,
    padding: IntPair = 0,
) -> Array:
    """The adjoint of `im2col`: columns (N·OH·OW, C·KH·KW) added up at the places of x (N, C, H, W) they came from.

    Where windows overlap the values add up; places no window covers are 0; the padding is cut off. Not the inverse.
    Raises ValueError where columns has not the shape that im2col gives for x_shape.
    """
    columns = as_float("columns", columns)
    size, steps, border = pair("kernel", kernel), pair("stride", stride), pair("padding", padding)
    n, c, h, w = x_shape
    oh, ow = output_shape((h, w), size, steps, border)
    shape = {"N·OH·OW": n * oh * ow, "C·KH·KW": c * size[0] * size[1]}
    check_shape("columns", columns, shape, f"the shape of im2col's result for x of shape {tuple(x_shape)}")
    values = columns.reshape(n, oh, ow, c, -1).transpose(4, 0, 3, 1, 2)
    padded = np.zeros((n, c, h + 2 * border[0], w + 2 * border[1]), columns.dtype)
    for place, value in zip(shifted(padded, size, steps), values, strict=True):
        place += value
    return padded[:, :, border[0] : border[0] + h, border[1] : border[1] + w].copy()


def conv2d_forward(
    x: Array, w: Array, b: Array, stride: IntPair = 1, padding: IntPair = 0
) -> tuple[Array, ConvCache]:
    """Convolution layer: x (N, C, H, W), filters w (F, C, KH, KW), b (F,) -> out (N, F, OH, OW).

    out[n, f] = b[f] + Σ_c correlate2d(x[n, c], w[f, c]). stride and padding are an int or a pair (along H, along W).
    Returns (out, cache), cache (x, w, b, stride, padding) as passed. Raises ValueError where the shapes do not fit.
    """
    cache = (x, w, b, stride, padding)
    x, w, b, steps, border = _checked(*cache)
    n, f = len(x), len(w)
    oh, ow = output_shape(x.shape[2:], w.shape[2:], steps, border)
    view = windows(pad(x, border), w.shape[2:], steps)
    filters = w.reshape(f, -1)
    out = np.empty((n, f, oh, ow), np.result_type(x, w, b))
    row_bytes = filters.shape[1] * ow * x.itemsize
    for images, rows in blocks(n, oh, row_bytes):
        part = view[images, ..., rows, :]
        columns = part.reshape(len(part), filters.shape[1], -1)
        out[images, :, rows] = (filters @ columns + b[:, None]).reshape(len(part), f, -1, ow)
    return out, cache


def conv2d_backward(dout: Array, cache: ConvCache) -> tuple[Array, Array, Array]:
    """(dx, dw, db) for dout (N, F, OH, OW), each of its own array's shape.

    With columns = im2col(x) and dout as rows (N·OH·OW, F): dw = doutᵀ columns, dx = col2im(dout w), db = Σ dout.
    Raises ValueError where dout has not out's shape.
    """
    x, w, b, steps, border = _checked(*cache)
    n, c, h, width = x.shape
    oh, ow = output_shape(x.shape[2:], w.shape[2:], steps, border)
    dout = as_float("dout", dout)
    shape = {"N": n, "F": len(w), "OH": oh, "OW": ow}
    check_shape("dout", dout, shape, "dout is ∂L/∂out, of conv2d_forward's out's shape")
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, len(w))
    dw = rows.T @ im2col(x, w.shape[2:], steps, border)
    dx = col2im(rows @ w.reshape(len(w), -1), x.shape, w.shape[2:], steps, border)
    db = dout.sum(axis=(0, 2, 3))
    return as_gradient(dx, cache[0]), as_gradient(dw.reshape(w.shape), cache[1]), as_gradient(db, cache[2])


conv2d_forward_fast = (
    conv2d_forward  # students write it once with loops and once fast; here there is only the fast one
)


def _checked(
    x: Array, w: Array, b: Array, stride: IntPair, padding: IntPair
) -> tuple[Array, Array, Array, tuple[int, int], tuple[int, int]]:
    """The arguments of a convolution as float arrays and pairs, of shapes that fit together."""
    x, w, b = as_float("x", x), as_float("w", w), as_float("b", b)
    check_shape(
        "x", x, {"N": None, "C": None, "H": None, "W": None}, "a single image needs a batch axis, x[None]"
    )
    fix = f"each filter needs as many channels as x, which has shape {x.shape}"
    check_shape("w", w, {"F": None, "C": x.shape[1], "KH": None, "KW": None}, fix)
    check_shape("b", b, {"F": len(w)}, f"one bias per filter, and w has shape {w.shape}")
    return x, w, b, pair("stride", stride), pair("padding", padding)
