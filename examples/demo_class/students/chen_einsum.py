# %% answer id="write_conv_output_size"
def conv_output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    if size < 1 or kernel < 1 or stride < 1 or padding < 0 or kernel > size + 2 * padding:
        raise ValueError(f"does not fit: size {size}, kernel {kernel}, stride {stride}, padding {padding}")
    return 1 + (size + 2 * padding - kernel) // stride
# %% answer id="write_correlate2d"
from numpy.lib.stride_tricks import sliding_window_view


def as_pair(v):
    return tuple(np.broadcast_to(v, 2).tolist())


def as_real(a):
    return np.asarray(a) if np.asarray(a).dtype.kind == "f" else np.asarray(a, dtype=np.float64)


def views(x, k, stride, padding=0):
    """(N, C, H, W) -> (N, C, OH, OW, KH, KW)"""
    (kh, kw), (sh, sw), (ph, pw) = as_pair(k), as_pair(stride), as_pair(padding)
    conv_output_size(x.shape[2], kh, sh, ph), conv_output_size(x.shape[3], kw, sw, pw)  # may complain
    xp = np.pad(as_real(x), [(0, 0), (0, 0), (ph, ph), (pw, pw)])
    return sliding_window_view(xp, (kh, kw), axis=(2, 3))[:, :, ::sh, ::sw]


def correlate2d(image, kernel, stride=1, padding=0):
    return np.einsum("ijkl,kl->ij", views(image[None, None], kernel.shape, stride, padding)[0, 0], as_real(kernel))
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    v = views(x, w.shape[2:], stride, padding)
    out = np.einsum("nchwij,fcij->nfhw", v, as_real(w), optimize=True) + as_real(b)[:, None, None]
    return out.astype(v.dtype), (x, w, b, stride, padding)
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    v = views(x, kernel, stride, padding)
    n, c, oh, ow, kh, kw = v.shape
    return v.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)


def spread(dv, x_shape, stride, padding=0):
    """The adjoint of views: loop only over the kernel's positions."""
    n, c, h, w = x_shape
    _, _, oh, ow, kh, kw = dv.shape
    (sh, sw), (ph, pw) = as_pair(stride), as_pair(padding)
    dxp = np.zeros((n, c, h + 2 * ph, w + 2 * pw), dtype=dv.dtype)
    for i in range(kh):
        for j in range(kw):
            dxp[:, :, i : i + sh * oh : sh, j : j + sw * ow : sw] += dv[..., i, j]
    return dxp[:, :, ph : ph + h, pw : pw + w]
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    v = views(x, w.shape[2:], stride, padding)
    dw = np.einsum("nfhw,nchwij->fcij", dout, v, optimize=True).astype(as_real(w).dtype)
    db = np.einsum("nfhw->f", dout).astype(as_real(b).dtype)
    dv = np.einsum("nfhw,fcij->nchwij", dout, as_real(w), optimize=True).astype(v.dtype)
    return spread(dv, x.shape, stride, padding), dw, db
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    n, c, h, w = x_shape
    (kh, kw), (sh, sw), (ph, pw) = as_pair(kernel), as_pair(stride), as_pair(padding)
    oh, ow = conv_output_size(h, kh, sh, ph), conv_output_size(w, kw, sw, pw)
    dv = as_real(columns).reshape(n, oh, ow, c, kh, kw).transpose(0, 3, 1, 2, 4, 5)
    return spread(dv, x_shape, stride, padding)
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    return views(x, size, size if stride is None else stride).max(axis=(-2, -1)), (x, size, stride)
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    stride = size if stride is None else stride
    v = views(x, size, stride)
    flat = v.reshape(*v.shape[:4], -1)
    first = flat.argmax(axis=-1)[..., None]
    dflat = np.zeros_like(flat)
    np.put_along_axis(dflat, first, dout[..., None].astype(flat.dtype), axis=-1)
    return spread(dflat.reshape(v.shape), x.shape, stride)
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    return views(x, size, size if stride is None else stride).mean(axis=(-2, -1)), (x, size, stride)
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    x, size, stride = cache
    kh, kw = as_pair(size)
    dv = np.broadcast_to((dout / (kh * kw))[..., None, None], (*dout.shape, kh, kw)).astype(as_real(x).dtype)
    return spread(dv, x.shape, size if stride is None else stride)
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    n, c, h, w = x.shape
    return np.einsum("nchw->nc", as_real(x)) / (h * w), x.shape
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    _, _, h, w = cache
    return np.ones(cache, dtype=as_real(dout).dtype) * dout[:, :, None, None] / (h * w)
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    x = np.arange(2 * 3 * 5 * 8).reshape(2, 3, 5, 8) % 4 * 1.0
    return x, (2, 3), (1, 2)
# %% answer id="write_hunt_conv_bug"
def hunt_conv_bug():
    n, c, f, h, w, kh, kw = 2, 3, 4, 8, 9, 3, 2
    return (
        np.sin(np.arange(n * c * h * w)).reshape(n, c, h, w),
        np.cos(np.arange(f * c * kh * kw)).reshape(f, c, kh, kw),
        np.linspace(-1, 1, f),
        (2, 3),
        (0, 1),
    )
# %% answer id="write_conv2d_forward_fast"
def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    v = views(x, w.shape[2:], stride, padding)
    out = np.tensordot(v, as_real(w), axes=([1, 4, 5], [1, 2, 3]))  # (N, OH, OW, F)
    return np.moveaxis(out + as_real(b), 3, 1).astype(v.dtype), (x, w, b, stride, padding)
