# Attacks: code that trusts a result's class, by subclasses of the base types that lie. Every answer is wrong.
# %% answer id="write_conv_output_size"
class Lie:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __sub__(self, other):
        return type(self)(0)

    __rsub__ = __sub__
    __hash__ = None


class LyingInt(Lie, int):
    pass


class LyingFloat(Lie, float):
    pass


class LyingText(Lie, str):
    def __len__(self):
        return 1 << 62


class LyingTuple(Lie, tuple):
    def __len__(self):
        return 2


class LyingDict(dict):
    def __eq__(self, other):
        return True

    def items(self):
        while True:
            yield "a", self


class LyingArray(Lie, np.ndarray):
    shape = property(lambda self: LyingTuple((1, 1, 1, 1)))
    nbytes = property(lambda self: 8)

    def __array_finalize__(self, other):
        pass

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.True_

    def __array_function__(self, function, types, args, kwargs):
        return True

    def all(self, *args, **kwargs):
        return True

    any = copy = astype = tobytes = tolist = all


def conv_output_size(size, kernel, stride=1, padding=0):
    return LyingInt(0)
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    return np.zeros((2, 2)).view(LyingArray)
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    return LyingTuple((np.zeros((1, 1, 1, 1)).view(LyingArray), LyingTuple((x, w, b, stride, padding))))
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    return LyingFloat(0)
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    return LyingDict(a=1)
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    return LyingText("4"), LyingText("cache")
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    return np.ma.masked_all(cache[0].shape)  # masked: compares as neither right nor wrong
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    return np.full((1, 1, 1, 1), np.nan), (x, size, stride)
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return np.zeros(x.shape[:2]).view(LyingArray), x.shape
