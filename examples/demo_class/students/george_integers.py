# %% like="anna_loops"
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    sh, sw = two(stride)
    ph, pw = two(padding)
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dx_pad, dw, db = np.zeros_like(x_pad), np.zeros_like(w), np.zeros_like(b)
    for n, f, i, j in np.ndindex(*dout.shape):
        r, c = i * sh, j * sw
        dx_pad[n, :, r : r + KH, c : c + KW] += (w[f] * dout[n, f, i, j]).astype(dx_pad.dtype)
        dw[f] += (x_pad[n, :, r : r + KH, c : c + KW] * dout[n, f, i, j]).astype(dw.dtype)
        db[f] += dout[n, f, i, j].astype(db.dtype)
    return dx_pad[:, :, ph : ph + H, pw : pw + W], dw, db
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    kh, kw = two(size)
    sh, sw = two(size if stride is None else stride)
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        w = x[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw]
        a, b = divmod(int(w.argmax()), w.shape[1])
        dx[n, c, i * sh + a, j * sw + b] += dout[n, c, i, j].astype(dx.dtype)
    return dx
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    x, size, stride = cache
    kh, kw = two(size)
    sh, sw = two(size if stride is None else stride)
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        dx[n, c, i * sh : i * sh + kh, j * sw : j * sw + kw] += (dout[n, c, i, j] / (kh * kw)).astype(dx.dtype)
    return dx
