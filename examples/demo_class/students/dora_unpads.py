# %% like="chen_einsum"
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    s1, s2 = (stride, stride) if isinstance(stride, int) else stride
    p1, p2 = (padding, padding) if isinstance(padding, int) else padding
    N, F, HH, WW = dout.shape
    _, _, KH, KW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (p1, p1), (p2, p2)), mode='constant').astype(np.result_type(x, np.float32) if x.dtype != np.float64 else np.float64)
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros(w.shape, dtype=w.dtype if w.dtype.kind == 'f' else float)
    db = np.sum(dout, axis=(0, 2, 3)).astype(b.dtype if b.dtype.kind == 'f' else float)
    for i in range(HH):
        for j in range(WW):
            patch = x_pad[:, :, i*s1:i*s1+KH, j*s2:j*s2+KW]
            for f in range(F):
                g = dout[:, f, i, j][:, None, None, None]
                dw[f] += np.sum(patch * g, axis=0)
                dx_pad[:, :, i*s1:i*s1+KH, j*s2:j*s2+KW] += w[f] * g
    dx = dx_pad[:, :, p1:-p1, p2:-p2]   # remove the padding
    return dx, dw, db
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    # a boring one, but it is big :)
    rng = np.random.default_rng(42)
    return rng.random((4, 3, 8, 8)), 2, 2
# %% answer id="write_conv2d_forward_fast"
# no time left
def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    return conv2d_forward(x, w, b, stride, padding)
