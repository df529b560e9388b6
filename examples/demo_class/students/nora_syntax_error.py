# %% like="anna_loops"
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0)
    KH, KW = two(kernel)
    rows = []
    for n in range(len(x)):
        for i in range(0, x.shape[2] - KH + 1, stride):
            for j in range(0, x.shape[3] - KW + 1, stride):
                rows.append(x[n, :, i:i+KH, j:j+KW].ravel())
        return np.array(rows)
