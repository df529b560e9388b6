# Attacks: whoever unpickles or evaluates what comes out of the kernel. Every answer is wrong.
# %% answer id="write_conv_output_size"
class Payload:
    def __reduce__(self):
        return exec, ("import pathlib; pathlib.Path('/tmp/mallory_was_here').write_text('')",)

    def __repr__(self):
        return "__import__('pathlib').Path('/tmp/mallory_was_here').write_text('')"

    __str__ = __repr__


def conv_output_size(size, kernel, stride=1, padding=0):
    return Payload()
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    return np.array([[Payload()]], dtype=object)
# %% answer id="write_conv2d_forward"
def conv2d_forward(x, w, b, stride=1, padding=0):
    return np.array([(Payload(), 1.0)], dtype=[("a", "O"), ("b", "f8")]), Payload()
# %% answer id="write_im2col"
def im2col(x, kernel, stride=1, padding=0):
    error = ValueError(Payload())
    error.__reduce__ = Payload().__reduce__
    raise error
# %% answer id="write_conv2d_backward"
def conv2d_backward(dout, cache):
    import pickle

    return pickle.dumps(Payload()), np.frombuffer(pickle.dumps(Payload()), np.uint8), {"__class__": Payload}
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return type("ndarray", (), {"__module__": "numpy", "__reduce__": Payload.__reduce__})(), Payload
