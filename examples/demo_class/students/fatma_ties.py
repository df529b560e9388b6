# %% like="bilal_im2col"
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    hh, ww = _pair(size)
    sh, sw = _pair(stride if stride is not None else size)
    x = _floating(x)
    dx = np.zeros(x.shape, x.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            win = x[:, :, i*sh:i*sh+hh, j*sw:j*sw+ww]
            mask = win == win.max(axis=(2, 3), keepdims=True)
            dx[:, :, i*sh:i*sh+hh, j*sw:j*sw+ww] += mask * dout[:, :, i:i+1, j:j+1]
    return dx
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    x = np.random.default_rng(7).normal(size=(2, 3, 6, 7))
    return x, 3, 2
# %% answer id="write_conv2d_forward_fast"
def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    raise NotImplementedError()
