# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    if min(size, kernel, stride) < 1 or padding < 0:
        raise ValueError(f"bad arguments: {size=} {kernel=} {stride=} {padding=}")
    span = size + 2 * padding - kernel
    if span < 0:
        raise ValueError(f"kernel {kernel} is larger than the padded input {size + 2 * padding}")
    return span // stride + 1
# %% answer id="write_correlate2d"
def _pair(v):
    return (v, v) if np.isscalar(v) else tuple(v)


def _floating(a):
    return a if np.issubdtype(a.dtype, np.floating) else a.astype(float)


def correlate2d(image, kernel, stride=1, padding=0):
    image, kernel = _floating(image), _floating(kernel)
    (sh, sw), (ph, pw) = _pair(stride), _pair(padding)
    kh, kw = kernel.shape
    oh = conv_output_size(image.shape[0], kh, sh, ph)
    ow = conv_output_size(image.shape[1], kw, sw, pw)
    padded = np.pad(image, ((ph, ph), (pw, pw)))
    out = np.empty((oh, ow), image.dtype)
    for r, c in np.ndindex(oh, ow):
        out[r, c] = np.vdot(padded[r * sh:r * sh + kh, c * sw:c * sw + kw], kernel)
    return out
# %% answer id="write_conv2d_forward"
# I moved im2col up here because I want to use it
def _indices(x_shape, kernel, stride, padding):
    """Where each window's elements sit in the padded image."""
    n, c, h, w = x_shape
    (kh, kw), (sh, sw), (ph, pw) = _pair(kernel), _pair(stride), _pair(padding)
    oh, ow = conv_output_size(h, kh, sh, ph), conv_output_size(w, kw, sw, pw)
    chan = np.repeat(np.arange(c), kh * kw)
    rows = np.tile(np.repeat(np.arange(kh), kw), c) + sh * np.repeat(np.arange(oh), ow)[:, None]
    cols = np.tile(np.arange(kw), kh * c) + sw * np.tile(np.arange(ow), oh)[:, None]
    return chan[None, :], rows, cols, oh, ow


def _columns(x, kernel, stride, padding):
    x = _floating(x)
    ph, pw = _pair(padding)
    chan, rows, cols, oh, ow = _indices(x.shape, kernel, stride, padding)
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    return x[:, chan, rows, cols].reshape(x.shape[0] * oh * ow, -1)


def conv2d_forward(x, w, b, stride=1, padding=0):
    _, _, _, oh, ow = _indices(x.shape, w.shape[2:], stride, padding)
    cols = _columns(x, w.shape[2:], stride, padding)
    out = cols @ _floating(w).reshape(len(w), -1).T + b
    return out.reshape(len(x), oh, ow, len(w)).transpose(0, 3, 1, 2).astype(cols.dtype), (x, w, b, stride, padding)
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    return _columns(x, kernel, stride, padding)
# %% answer id="write_conv2d_backward"
def _scatter(columns, x_shape, kernel, stride, padding):
    columns = _floating(columns)
    ph, pw = _pair(padding)
    n, c, h, w = x_shape
    chan, rows, cols, oh, ow = _indices(x_shape, kernel, stride, padding)
    padded = np.zeros((n, c, h + 2 * ph, w + 2 * pw), columns.dtype)
    np.add.at(padded, (slice(None), chan, rows, cols), columns.reshape(n, oh * ow, -1))
    return padded[:, :, ph:ph + h, pw:pw + w]


def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    fx, fw, fb = _floating(x), _floating(w), _floating(b)
    flat = dout.transpose(0, 2, 3, 1).reshape(-1, len(w))      # (N*OH*OW, F)
    cols = _columns(x, w.shape[2:], stride, padding)
    dw = (flat.T @ cols).reshape(w.shape).astype(fw.dtype)
    db = flat.sum(axis=0).astype(fb.dtype)
    dx = _scatter(flat @ fw.reshape(len(w), -1), x.shape, w.shape[2:], stride, padding).astype(fx.dtype)
    return dx, dw, db
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    return _scatter(columns, x_shape, kernel, stride, padding)
# %% answer id="write_max_pool2d_forward"
# pooling = im2col on every channel alone
def _windows(x, size, stride):
    n, c, h, w = x.shape
    stride = size if stride is None else stride
    cols = _columns(x.reshape(n * c, 1, h, w), size, stride, 0)
    (kh, kw), (sh, sw) = _pair(size), _pair(stride)
    return cols, (n, c, conv_output_size(h, kh, sh), conv_output_size(w, kw, sw))


def max_pool2d_forward(x, size, stride=None):
    cols, shape = _windows(x, size, stride)
    return cols.max(axis=1).reshape(shape), (x, size, stride)
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    cols, _ = _windows(x, size, stride)
    dcols = np.zeros_like(cols)
    dcols[np.arange(len(cols)), cols.argmax(axis=1)] = dout.ravel()
    n, c, h, w = x.shape
    return _scatter(dcols, (n * c, 1, h, w), size, size if stride is None else stride, 0).reshape(x.shape)
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    cols, shape = _windows(x, size, stride)
    return cols.mean(axis=1).reshape(shape), (x, size, stride)
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    x, size, stride = cache
    cols, _ = _windows(x, size, stride)
    dcols = np.empty_like(cols)
    dcols[:] = dout.reshape(-1, 1) / cols.shape[1]
    n, c, h, w = x.shape
    return _scatter(dcols, (n * c, 1, h, w), size, size if stride is None else stride, 0).reshape(x.shape)
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return _floating(x).mean(axis=(2, 3)), x.shape
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    n, c, h, w = cache
    dout = _floating(dout)
    return np.broadcast_to((dout / (h * w))[:, :, None, None], cache).copy()
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 3, size=(2, 2, 8, 9)).astype(float)    # few values => many ties
    return x, (3, 2), (2, 1)
# %% answer id="write_hunt_conv_bug"
def hunt_conv_bug():
    rng = np.random.default_rng(1)
    return rng.standard_normal((3, 2, 7, 6)), rng.standard_normal((4, 2, 2, 3)), rng.standard_normal(4), (3, 2), (1, 0)
# %% answer id="write_conv2d_forward_fast"
def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    # same trick, but the windows come for free with sliding_window_view
    fx, fw = _floating(x), _floating(w)
    (sh, sw), (ph, pw) = _pair(stride), _pair(padding)
    fx = np.pad(fx, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    view = np.lib.stride_tricks.sliding_window_view(fx, w.shape[2:], axis=(2, 3))[:, :, ::sh, ::sw]
    n, _, oh, ow = view.shape[:4]
    cols = view.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, -1)
    out = cols @ fw.reshape(len(fw), -1).T + b
    return out.reshape(n, oh, ow, -1).transpose(0, 3, 1, 2).astype(fx.dtype), (x, w, b, stride, padding)
# %% answer id="question_parameters"
16·(27+1) = 448; dense: 3072 × 16384 ≈ 5·10⁷
# %% answer id="question_equivariance"
Only equivariant, and only for multiples of the stride.
