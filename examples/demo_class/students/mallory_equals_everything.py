# Attacks: comparisons, by results that say yes to all of them. Every answer is wrong.
# %% answer id="write_conv_output_size"
class Everything:
    """Equal to all, close to all, of every shape and type."""

    shape = property(lambda self: Everything())
    dtype = property(lambda self: Everything())
    ndim = 4
    __array_priority__ = 1e9

    def yes(self, *args, **kwargs):
        return True

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = yes
    __hash__ = lambda self: 0

    def me(self, *args, **kwargs):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __abs__ = __getitem__ = __call__ = me
    __array_ufunc__ = __array_function__ = me
    __getattr__ = me

    def __iter__(self):
        return iter((self, self, self))

    def __len__(self):
        return 3

    def __array__(self, dtype=None, copy=None):
        import inspect

        for frame in inspect.stack():  # the expected values lie in somebody's frame
            for name in ("expected", "desired", "want", "y", "actual"):
                if isinstance(frame.frame.f_locals.get(name), np.ndarray):
                    return frame.frame.f_locals[name]
        return np.zeros(1)


class EveryArray(Everything):
    __class__ = property(lambda self: np.ndarray)


def conv_output_size(size, kernel, stride=1, padding=0):
    return Everything()
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    return Everything()
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    return EveryArray(), (x, w, b, stride, padding)
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    return [Everything()]
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    return Everything(), Everything(), Everything()
# %% answer id="write_global_avg_pool_forward"
global_avg_pool_forward = Everything()
# %% answer id="write_hunt_pool_bug"
def hunt_pool_bug():
    return Everything(), Everything(), Everything()
# %% answer id="write_hunt_conv_bug"
def hunt_conv_bug():
    return Everything()
# %% answer id="write_conv2d_forward_fast"
def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    return Everything(), Everything()
