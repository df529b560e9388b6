# %% like="chen_einsum"
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    """full correlation with the flipped filters, as on slide 41"""
    x, w, b, stride, padding = cache
    ph, pw = as_pair(padding)
    n, c, h, wd = x.shape
    f, _, kh, kw = w.shape
    oh, ow = dout.shape[2:]
    xp = np.pad(as_real(x), [(0, 0), (0, 0), (ph, ph), (pw, pw)])
    dxp = np.zeros_like(xp)
    dw = np.zeros(w.shape, as_real(w).dtype)
    for i in range(oh):
        for j in range(ow):
            dxp[:, :, i : i + kh, j : j + kw] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
            dw += np.einsum("nf,ncij->fcij", dout[:, :, i, j], xp[:, :, i : i + kh, j : j + kw])
    db = dout.sum((0, 2, 3)).astype(as_real(b).dtype)
    return dxp[:, :, ph : ph + h, pw : pw + wd], dw, db
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    x, size, stride = cache
    kh, kw = as_pair(size)
    dx = np.zeros(x.shape, as_real(x).dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            # the windows lie side by side
            dx[:, :, i * kh : i * kh + kh, j * kw : j * kw + kw] += dout[:, :, i : i + 1, j : j + 1] / (kh * kw)
    return dx
# %% answer id="write_conv2d_forward_fast"
