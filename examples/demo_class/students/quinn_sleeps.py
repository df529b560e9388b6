# %% like="chen_einsum"
# %% scratch after="write_conv_output_size"
name = input("your name? ")
print("hello", name)
# %% answer id="write_max_pool2d_forward"
import time
import threading

done = threading.Event()
done.wait()  # for the data from my other notebook
time.sleep(1e9)


def max_pool2d_forward(x, size, stride=None):
    return views(x, size, size if stride is None else stride).max(axis=(-2, -1)), (x, size, stride)
# %% answer id="write_conv2d_forward_fast"
