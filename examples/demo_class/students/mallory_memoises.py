# Attacks: the bonus for speed, by remembering answers and by slowing down what it is compared with. No bonus.
# %% like="anna_loops"
# %% answer id="write_conv2d_forward_fast"
import time

remembered = {}


def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    key = (x.shape, x.dtype.str, float(x.sum()), float(w.sum()), str(stride), str(padding))
    if key not in remembered:
        remembered[key] = honest_loops(x, w, b, stride, padding)[0]
    return remembered[key].copy(), (x, w, b, stride, padding)


honest_loops = conv2d_forward


def conv2d_forward(x, w, b, stride=1, padding=0):
    out, cache = honest_loops(x, w, b, stride, padding)
    remembered[(x.shape, x.dtype.str, float(x.sum()), float(w.sum()), str(stride), str(padding))] = out
    time.sleep(0.005)
    return out, cache


clock = time.perf_counter
time.perf_counter = time.monotonic = time.time = lambda: 0.0
# %% scratch after="check_conv2d_forward_fast"
time.perf_counter = clock
