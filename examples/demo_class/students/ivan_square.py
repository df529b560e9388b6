# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    # formula from the lecture
    return (size - kernel + 2 * padding) // stride + 1
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    n = image.shape[0]
    k = kernel.shape[0]
    o = conv_output_size(n, k, stride, padding)
    img = np.pad(image, padding)
    out = np.zeros((o, o))
    for i in range(o):
        for j in range(o):
            out[i, j] = (img[i * stride : i * stride + k, j * stride : j * stride + k] * kernel).sum()
    return out
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    N, C, H, _ = x.shape
    F, C, K, _ = w.shape
    O = conv_output_size(H, K, stride, padding)
    out = np.zeros((N, F, O, O))
    for n in range(N):
        for f in range(F):
            for c in range(C):
                out[n, f] += correlate2d(x[n, c], w[f, c], stride, padding)
            out[n, f] += b[f]
    return out, (x, w, b, stride, padding)
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    N, C, H, _ = x.shape
    O = conv_output_size(H, kernel, stride, padding)
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = []
    for n in range(N):
        for i in range(O):
            for j in range(O):
                rows.append(xp[n, :, i * stride : i * stride + kernel, j * stride : j * stride + kernel].ravel())
    return np.array(rows)
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    N, C, H, _ = x.shape
    F, C, K, _ = w.shape
    O = dout.shape[2]
    xp = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dxp = np.zeros(xp.shape)
    dw = np.zeros(w.shape)
    for i in range(O):
        for j in range(O):
            a, e = i * stride, j * stride
            for f in range(F):
                for n in range(N):
                    dxp[n, :, a : a + K, e : e + K] += dout[n, f, i, j] * w[f]
                    dw[f] += dout[n, f, i, j] * xp[n, :, a : a + K, e : e + K]
    return dxp[:, :, padding : padding + H, padding : padding + H], dw, dout.sum(axis=(0, 2, 3))
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    s = stride or size
    N, C, H, _ = x.shape
    O = conv_output_size(H, size, s)
    out = np.zeros((N, C, O, O))
    for i in range(O):
        for j in range(O):
            out[:, :, i, j] = x[:, :, i * s : i * s + size, j * s : j * s + size].max(axis=(2, 3))
    return out, (x, size, stride)
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    s = stride or size
    N, C, H, _ = x.shape
    O = conv_output_size(H, size, s)
    out = np.zeros((N, C, O, O))
    for i in range(O):
        for j in range(O):
            out[:, :, i, j] = x[:, :, i * s : i * s + size, j * s : j * s + size].mean(axis=(2, 3))
    return out, (x, size, stride)
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    N, C, H, _ = x.shape
    return x.sum(axis=(2, 3)) / H**2, x.shape
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    N, C, H, _ = cache
    return np.ones(cache) * dout[:, :, None, None] / H**2
