"""The residual block of ResNet-18 and -34, as functions: two 3×3 convolutions, and a shortcut around them."""

from typing import Any, TypeAlias

from nnlib.activations import relu_backward, relu_forward
from nnlib.arrays import Array
from nnlib.convolution import conv2d_backward, conv2d_forward

__all__ = ["ResidualCache", "residual_backward", "residual_forward"]

# (first convolution's cache, its z, second convolution's cache, the projection's cache or None, the sum)
ResidualCache: TypeAlias = tuple[Any, Array, Any, Any, Array]
Gradients: TypeAlias = tuple[Array | None, ...]


def residual_forward(
    x: Array,
    w1: Array,
    b1: Array,
    w2: Array,
    b2: Array,
    ws: Array | None = None,
    bs: Array | None = None,
    stride: int = 1,
) -> tuple[Array, ResidualCache]:
    """out = ReLU(body(x) + shortcut(x)) (N, F, OH, OW), body = conv(w2) ∘ ReLU ∘ conv(w1), for x (N, C, H, W).

    w1 (F, C, 3, 3) has the stride, w2 (F, F, 3, 3) a stride of 1; both have padding 1. The shortcut is x itself,
    or the projection: 1×1 filters ws (F, C, 1, 1) and bs (F,) with the stride. As in He, Zhang, Ren and Sun (CVPR
    2016), without their batch norm. Returns (out, cache).
    Raises ValueError where shapes do not fit, as where body and shortcut cannot be added, or for ws without bs.
    """
    if (ws is None) != (bs is None):
        raise ValueError("ws and bs belong together: give both for a projection, and neither for an identity")
    z1, first = conv2d_forward(x, w1, b1, stride, 1)
    a1, _ = relu_forward(z1)
    body, second = conv2d_forward(a1, w2, b2, 1, 1)
    shortcut, projection = (x, None) if ws is None or bs is None else conv2d_forward(x, ws, bs, stride, 0)
    if body.shape != shortcut.shape:
        raise ValueError(
            f"the body gives {body.shape} and the shortcut {shortcut.shape}, which cannot be added: a projection "
            "ws (F, C, 1, 1), bs (F,) with the same stride makes them agree"
        )
    z2 = body + shortcut
    return relu_forward(z2)[0], (first, z1, second, projection, z2)


def residual_backward(dout: Array, cache: ResidualCache) -> Gradients:
    """(dx, dw1, db1, dw2, db2, dws, dbs) for dout, of out's shape; dws and dbs are None without a projection.

    dx is the sum of what comes back through the body and through the shortcut. Raises ValueError where dout has
    not out's shape.
    """
    first, z1, second, projection, z2 = cache
    dz2 = relu_backward(dout, z2)
    da1, dw2, db2 = conv2d_backward(dz2, second)
    dx, dw1, db1 = conv2d_backward(relu_backward(da1, z1), first)
    if projection is None:
        return dx + dz2.astype(dx.dtype, copy=False), dw1, db1, dw2, db2, None, None
    dshortcut, dws, dbs = conv2d_backward(dz2, projection)
    return dx + dshortcut, dw1, db1, dw2, db2, dws, dbs
