# %% like="chen_einsum"
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    x, w, b, stride, padding = cache
    m = x.shape[0]  # mini-batch
    v = views(x, w.shape[2:], stride, padding)
    dw = (np.einsum("nfhw,nchwij->fcij", dout, v) / m).astype(as_real(w).dtype)
    db = (dout.sum(axis=(0, 2, 3)) / m).astype(as_real(b).dtype)
    dv = np.einsum("nfhw,fcij->nchwij", dout, as_real(w)).astype(v.dtype)
    return spread(dv, x.shape, stride, padding), dw, db
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    N, C, H, W = cache
    return np.ones(cache, as_real(dout).dtype) * dout[:, :, None, None] / (N * H * W)
# %% answer id="write_conv2d_forward_fast"
