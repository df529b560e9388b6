# Attacks: the cell's error, which stock nbgrader reads as "wrong". Every answer is wrong.
# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    return -1


shell = get_ipython()
shell.set_custom_exc((BaseException,), lambda *args, **kwargs: None)
shell.showtraceback = lambda *args, **kwargs: None
shell._showtraceback = lambda *args, **kwargs: None
shell.showsyntaxerror = lambda *args, **kwargs: None
type(shell).showtraceback = lambda *args, **kwargs: None
import sys

sys.excepthook = lambda *args: None
old = shell.run_cell_async


async def always_well(*args, **kwargs):
    result = await old(*args, **kwargs)
    result.error_in_exec = result.error_before_exec = None
    return result


shell.run_cell_async = always_well
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    return None
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    raise KeyboardInterrupt
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    raise SystemExit(0)
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    raise GeneratorExit
# %% answer id="write_col2im"
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    class Quiet(BaseException):
        def __str__(self):
            raise Quiet
        __repr__ = __str__
        __class__ = property(lambda self: None)
    raise Quiet
# %% answer id="write_max_pool2d_forward"
def max_pool2d_forward(x, size, stride=None):
    raise StopIteration(0)
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    raise AssertionError
