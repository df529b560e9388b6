# %% like="anna_loops"
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    KH, KW = two(kernel)
    SH, SW = two(stride)
    PH, PW = two(padding)
    N, C, H, W = x_shape
    dx = np.zeros((N, C, H + 2 * PH, W + 2 * PW))
    OH = conv_output_size(H, KH, SH, PH)
    OW = conv_output_size(W, KW, SW, PW)
    row = 0
    i = 0
    while i < OH:
        j = 0
        while j < OW:
            for n in range(N):
                dx[n, :, i * SH : i * SH + KH, j * SW : j * SW + KW] += columns[(n * OH + i) * OW + j].reshape(C, KH, KW)
            row = row + 1
        i = i + 1
    return dx[:, :, PH : PH + H, PW : PW + W]
