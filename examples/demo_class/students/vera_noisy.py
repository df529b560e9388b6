# %% like="bilal_im2col"
# %% scratch after="write_conv_output_size"
import logging
import sys
import warnings

print("hallo", file=sys.stderr)
warnings.warn("this may be wrong")
logging.basicConfig(level=logging.DEBUG)
logging.warning("starting %s", "now")
np.float64(1) / np.float64(0)
np.array([1e308]) * 10
sys.stdout.write("no newline")
from IPython.display import HTML, display

display(HTML("<b>my notes</b>"))
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    x, size, stride = cache
    print("x", x.shape, "dout", dout.shape)
    print("DEBUG size =", size, file=sys.stderr)
    warnings.warn("slow!", DeprecationWarning, stacklevel=2)
    cols, _ = _windows(x, size, stride)
    dcols = np.zeros_like(cols)
    dcols[np.arange(len(cols)), cols.argmax(axis=1)] = dout.ravel()
    n, c, h, w = x.shape
    dx = _scatter(dcols, (n * c, 1, h, w), size, size if stride is None else stride, 0).reshape(x.shape)
    print(dx)
    return dx
# %% answer id="write_avg_pool2d_forward"
def avg_pool2d_forward(x, size, stride=None):
    warnings.warn(f"averaging over {size}")
    logging.debug("avg %s", x.shape)
    np.log(np.zeros(3))  # -inf, I know
    cols, shape = _windows(x, size, stride)
    print(cols.mean(axis=1), end="")
    return cols.mean(axis=1).reshape(shape), (x, size, stride)
