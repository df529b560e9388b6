# %% like="anna_loops"
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    KH, KW = two(kernel)
    SH, SW = two(stride)
    PH, PW = two(padding)
    N, C, H, W = x_shape
    OH, OW = conv_output_size(H, KH, SH, PH), conv_output_size(W, KW, SW, PW)
    columns = columns.reshape(N, OH, OW, C, KH, KW)
    image = np.zeros((N, C, H + 2 * PH, W + 2 * PW), columns.dtype)
    for i in range(OH):
        for j in range(OW):
            # put every window back where it came from
            image[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW] = columns[:, i, j]
    return image[:, :, PH : PH + H, PW : PW + W]
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    KH, KW = two(size)
    SH, SW = two(size if stride is None else stride)
    dx = np.zeros(x.shape, dtype=to_float(x).dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        window = x[n, c, i * SH : i * SH + KH, j * SW : j * SW + KW]
        k, l = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * SH + k, j * SW + l] = dout[n, c, i, j]
    return dx
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    x, size, stride = cache
    KH, KW = two(size)
    SH, SW = two(size if stride is None else stride)
    dx = np.zeros(x.shape, dtype=to_float(x).dtype)
    for n, c, i, j in np.ndindex(dout.shape):
        dx[n, c, i * SH : i * SH + KH, j * SW : j * SW + KW] = dout[n, c, i, j] / (KH * KW)
    return dx
