# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    if size <= 0:
        raise ValueError("size must be positive, got " + str(size))
    if kernel <= 0:
        raise ValueError("kernel must be positive, got " + str(kernel))
    if stride <= 0:
        raise ValueError("stride must be positive, got " + str(stride))
    if padding < 0:
        raise ValueError("padding must not be negative, got " + str(padding))
    if kernel > size + 2 * padding:
        raise ValueError("the kernel does not fit into the image")
    result = (size + 2 * padding - kernel) // stride + 1
    return result
# %% answer id="write_correlate2d"
def two(value):
    # stride and padding can be a number or a pair
    if isinstance(value, (tuple, list)):
        return value[0], value[1]
    return value, value


def to_float(array):
    array = np.asarray(array)
    if array.dtype == np.float32 or array.dtype == np.float64:
        return array
    return array.astype(np.float64)


def correlate2d(image, kernel, stride=1, padding=0):
    image = to_float(image)
    kernel = to_float(kernel)
    stride_h, stride_w = two(stride)
    pad_h, pad_w = two(padding)
    H = image.shape[0]
    W = image.shape[1]
    KH = kernel.shape[0]
    KW = kernel.shape[1]
    OH = conv_output_size(H, KH, stride_h, pad_h)
    OW = conv_output_size(W, KW, stride_w, pad_w)
    padded = np.zeros((H + 2 * pad_h, W + 2 * pad_w), dtype=image.dtype)
    padded[pad_h : pad_h + H, pad_w : pad_w + W] = image
    out = np.zeros((OH, OW), dtype=image.dtype)
    for i in range(OH):
        for j in range(OW):
            total = 0.0
            for k in range(KH):
                for l in range(KW):
                    total = total + padded[i * stride_h + k, j * stride_w + l] * kernel[k, l]
            out[i, j] = total
    return out
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    cache = (x, w, b, stride, padding)
    x = to_float(x)
    w = to_float(w)
    b = to_float(b)
    stride_h, stride_w = two(stride)
    pad_h, pad_w = two(padding)
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    OH = conv_output_size(H, KH, stride_h, pad_h)
    OW = conv_output_size(W, KW, stride_w, pad_w)
    # put zeros around each image
    x_pad = np.zeros((N, C, H + 2 * pad_h, W + 2 * pad_w), dtype=x.dtype)
    x_pad[:, :, pad_h : pad_h + H, pad_w : pad_w + W] = x
    out = np.zeros((N, F, OH, OW), dtype=x.dtype)
    for n in range(N):  # images
        for f in range(F):  # filters
            for i in range(OH):  # rows
                for j in range(OW):  # columns
                    h = i * stride_h
                    v = j * stride_w
                    window = x_pad[n, :, h : h + KH, v : v + KW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    return out, cache
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    x = to_float(x)
    KH, KW = two(kernel)
    stride_h, stride_w = two(stride)
    pad_h, pad_w = two(padding)
    N, C, H, W = x.shape
    OH = conv_output_size(H, KH, stride_h, pad_h)
    OW = conv_output_size(W, KW, stride_w, pad_w)
    x_pad = np.zeros((N, C, H + 2 * pad_h, W + 2 * pad_w), dtype=x.dtype)
    x_pad[:, :, pad_h : pad_h + H, pad_w : pad_w + W] = x
    columns = np.zeros((N * OH * OW, C * KH * KW), dtype=x.dtype)
    row = 0
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                h = i * stride_h
                v = j * stride_w
                columns[row] = x_pad[n, :, h : h + KH, v : v + KW].flatten()
                row = row + 1
    return columns
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    x = to_float(x)
    w = to_float(w)
    b = to_float(b)
    stride_h, stride_w = two(stride)
    pad_h, pad_w = two(padding)
    N, C, H, W = x.shape
    F, _, KH, KW = w.shape
    OH = dout.shape[2]
    OW = dout.shape[3]
    x_pad = np.zeros((N, C, H + 2 * pad_h, W + 2 * pad_w), dtype=x.dtype)
    x_pad[:, :, pad_h : pad_h + H, pad_w : pad_w + W] = x
    dx_pad = np.zeros(x_pad.shape, dtype=x.dtype)
    dw = np.zeros(w.shape, dtype=w.dtype)
    db = np.zeros(b.shape, dtype=b.dtype)
    for n in range(N):
        for f in range(F):
            for i in range(OH):
                for j in range(OW):
                    h = i * stride_h
                    v = j * stride_w
                    d = dout[n, f, i, j]
                    dx_pad[n, :, h : h + KH, v : v + KW] += d * w[f]
                    dw[f] += d * x_pad[n, :, h : h + KH, v : v + KW]
                    db[f] += d
    # cut the zeros off again
    dx = dx_pad[:, :, pad_h : pad_h + H, pad_w : pad_w + W]
    return dx, dw, db
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    columns = to_float(columns)
    KH, KW = two(kernel)
    stride_h, stride_w = two(stride)
    pad_h, pad_w = two(padding)
    N, C, H, W = x_shape
    OH = conv_output_size(H, KH, stride_h, pad_h)
    OW = conv_output_size(W, KW, stride_w, pad_w)
    x_pad = np.zeros((N, C, H + 2 * pad_h, W + 2 * pad_w), dtype=columns.dtype)
    row = 0
    for n in range(N):
        for i in range(OH):
            for j in range(OW):
                h = i * stride_h
                v = j * stride_w
                x_pad[n, :, h : h + KH, v : v + KW] += columns[row].reshape(C, KH, KW)
                row = row + 1
    return x_pad[:, :, pad_h : pad_h + H, pad_w : pad_w + W]
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    cache = (x, size, stride)
    x = to_float(x)
    KH, KW = two(size)
    if stride is None:
        stride = size
    stride_h, stride_w = two(stride)
    N, C, H, W = x.shape
    OH = conv_output_size(H, KH, stride_h)
    OW = conv_output_size(W, KW, stride_w)
    out = np.zeros((N, C, OH, OW), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(OH):
                for j in range(OW):
                    h = i * stride_h
                    v = j * stride_w
                    out[n, c, i, j] = np.max(x[n, c, h : h + KH, v : v + KW])
    return out, cache
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    x = to_float(x)
    KH, KW = two(size)
    if stride is None:
        stride = size
    stride_h, stride_w = two(stride)
    N, C, OH, OW = dout.shape
    dx = np.zeros(x.shape, dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(OH):
                for j in range(OW):
                    h = i * stride_h
                    v = j * stride_w
                    window = x[n, c, h : h + KH, v : v + KW]
                    # argmax takes the first one if there are many
                    best = np.argmax(window)
                    k = best // KW
                    l = best % KW
                    dx[n, c, h + k, v + l] += dout[n, c, i, j]
    return dx
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    cache = (x, size, stride)
    x = to_float(x)
    KH, KW = two(size)
    if stride is None:
        stride = size
    stride_h, stride_w = two(stride)
    N, C, H, W = x.shape
    OH = conv_output_size(H, KH, stride_h)
    OW = conv_output_size(W, KW, stride_w)
    out = np.zeros((N, C, OH, OW), dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(OH):
                for j in range(OW):
                    h = i * stride_h
                    v = j * stride_w
                    out[n, c, i, j] = np.mean(x[n, c, h : h + KH, v : v + KW])
    return out, cache
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    x, size, stride = cache
    x = to_float(x)
    KH, KW = two(size)
    if stride is None:
        stride = size
    stride_h, stride_w = two(stride)
    N, C, OH, OW = dout.shape
    dx = np.zeros(x.shape, dtype=x.dtype)
    for n in range(N):
        for c in range(C):
            for i in range(OH):
                for j in range(OW):
                    h = i * stride_h
                    v = j * stride_w
                    # everybody in the window gets the same share
                    dx[n, c, h : h + KH, v : v + KW] += dout[n, c, i, j] / (KH * KW)
    return dx
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    out = np.mean(to_float(x), axis=(2, 3))
    return out, x.shape
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    dout = to_float(dout)
    N, C, H, W = cache
    dx = np.zeros((N, C, H, W), dtype=dout.dtype)
    for n in range(N):
        for c in range(C):
            dx[n, c] = dout[n, c] / (H * W)
    return dx
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    # ties, overlapping windows, a leftover column and not square
    x = np.array(
        [
            [
                [1.0, 5.0, 5.0, 2.0, 0.0, 3.0],
                [4.0, 5.0, 1.0, 2.0, 7.0, 7.0],
                [4.0, 4.0, 6.0, 6.0, 1.0, 9.0],
                [8.0, 0.0, 6.0, 6.0, 1.0, 2.0],
                [8.0, 8.0, 3.0, 1.0, 1.0, 1.0],
                [2.0, 2.0, 3.0, 3.0, 0.0, 9.0],
            ]
        ]
    )
    x = np.stack([x, -x[:, ::-1]])
    return x, (3, 2), (2, 1)
# %% answer id="write_hunt_conv_bug"
def hunt_conv_bug():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 6, 9))
    w = rng.normal(size=(4, 3, 3, 2))
    b = rng.normal(size=4)
    return x, w, b, (2, 3), (0, 1)
# %% answer id="question_parameters"
Each filter has 3 * 3 * 3 = 27 weights and one bias, so 16 * 28 = 448 parameters. A dense layer would need
3 * 32 * 32 * 16 * 32 * 32 weights, about 50 million, because every output pixel has its own weight for every input pixel.
# %% answer id="question_equivariance"
That is too much. If the image moves by one pixel, the feature map moves by one pixel too (equivariance). It is not
the *same* output. And with stride 2 it only works for even shifts, and at the border pixels get lost.
# %% answer id="question_adding_up"
The windows overlap. A pixel that lies in several windows has several ways to the loss, and the gradients of all ways
are added. With = the last window would win.
