# %% like="anna_loops"
# %% duplicate id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    # second try, faster
    F, C, KH, KW = w.shape
    SH, SW = two(stride)
    PH, PW = two(padding)
    xx = np.pad(to_float(x), ((0, 0), (0, 0), (PH, PH), (PW, PW)))
    OH = conv_output_size(x.shape[2], KH, SH, PH)
    OW = conv_output_size(x.shape[3], KW, SW, PW)
    out = np.zeros((len(x), F, OH, OW), xx.dtype)
    for i in range(OH):
        for j in range(OW):
            out[:, :, i, j] = np.tensordot(xx[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW], to_float(w), ((1, 2, 3), (1, 2, 3)))
    return out + to_float(b)[:, None, None], (x, w, b, stride, padding)
# %% duplicate id="check_conv2d_forward"
# %% duplicate id="write_im2col"
# %% duplicate id="check_im2col"
# %% duplicate id="check_im2col"
