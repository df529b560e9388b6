# Attacks: the grader's memory, time and stack, by results too large, too deep or too strange to read. Wrong answers.
# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    return 10 ** (10**6)
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    return np.broadcast_to(np.float64(1), (1 << 20, 1 << 20))  # 8 TB, said by 8 bytes
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    nest = []
    for _ in range(10_000):
        nest = [nest]
    return nest, (x, w, b, stride, padding)
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    loop = []
    loop.append(loop)
    return loop
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    return np.full((3_000, 3_000), np.nan), float("inf"), -0.0
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    tree = {}
    for _ in range(64):
        tree = {"a": tree, "b": tree}  # 2 ** 64 leaves
    return tree
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    return "x" * (1 << 27), [None] * 1_000_000
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    return np.lib.stride_tricks.as_strided(np.zeros(1), (1 << 15, 1 << 15), (0, 0))
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    return np.zeros((0,) * 30 + (1,)), {float("nan"): {1: 2}, (1, 2): b"\xff" * 1000}
# %% answer id="write_avg_pool2d_backward"
def avg_pool2d_backward(dout, cache):
    return np.zeros(3, dtype=[("a", "f8", (2, 2)), ("b", "V1000")])
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    def endless():
        while True:
            yield 1.0

    return endless(), 1
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    raise ValueError("x" * (1 << 24))
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    return np.ones((1, 1, 3_000, 3_000)), 1_500, 1  # the grader would compute this for hours
# %% answer id="write_hunt_conv_bug"
def hunt_conv_bug():
    return np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 1)), np.ones(1), 1, 10**9
