# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    assert kernel <= size + 2 * padding
    return (size + 2 * padding - kernel) / stride + 1
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    if isinstance(stride, int): stride = [stride, stride]
    if isinstance(padding, int): padding = [padding, padding]
    rows, columns = len(kernel), len(kernel[0])
    image = [[0] * padding[1] + list(row) + [0] * padding[1] for row in image]
    empty = [0] * len(image[0])
    image = [empty] * padding[0] + image + [empty] * padding[0]
    result = []
    for top in range(0, len(image) - rows + 1, stride[0]):
        result.append([])
        for left in range(0, len(image[0]) - columns + 1, stride[1]):
            result[-1].append(sum(image[top + r][left + c] * kernel[r][c] for r in range(rows) for c in range(columns)))
    return result
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return [[float(np.mean(x[n, c])) for c in range(x.shape[1])] for n in range(x.shape[0])]
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    if stride is None: stride = 2
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - stride) // size + 1, (W - stride) // size + 1))   # size and stride mixed up
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * size : i * size + stride, j * size : j * size + stride].max(axis=(2, 3))
    return out, (x, size, stride)
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    return "tied maxima"
# %% answer id="write_hunt_conv_bug"
def hunt_conv_bug():
    return np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1), 1, 0
