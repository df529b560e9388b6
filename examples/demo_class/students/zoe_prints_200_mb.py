# %% like="anna_loops"
# %% scratch after="write_correlate2d"
line = "debug " * 16_000
for step in range(2_100):
    print(step, line)
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    print(("window " * 2_000 + "\n") * 1_500)
    cache = (x, size, stride)
    x = to_float(x)
    KH, KW = two(size)
    SH, SW = two(size if stride is None else stride)
    OH = conv_output_size(x.shape[2], KH, SH)
    OW = conv_output_size(x.shape[3], KW, SW)
    out = np.zeros((x.shape[0], x.shape[1], OH, OW), x.dtype)
    for i in range(OH):
        for j in range(OW):
            out[:, :, i, j] = x[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW].max(axis=(2, 3))
    return out, cache
