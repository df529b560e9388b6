# Attacks: the helpers that a test cell calls, where tests run beside the student's code. Every answer is wrong.
# %% answer id="write_conv_output_size"
import builtins
import sys
import unittest

import numpy as np
import numpy.testing


def fine(*args, **kwargs):
    return True


for module in [np.testing, sys.modules.get("numpy.testing._private.utils")]:
    for name in dir(module):
        if name.startswith("assert"):
            setattr(module, name, fine)
for name in ("allclose", "array_equal", "array_equiv", "isclose", "shares_memory", "may_share_memory", "all"):
    setattr(np, name, fine)
for name in dir(unittest.TestCase):
    if name.startswith("assert"):
        setattr(unittest.TestCase, name, fine)
for name in ("isinstance", "abs", "all", "any", "issubclass", "hasattr", "print", "len"):
    globals()[name] = fine
builtins.AssertionError = type("Nothing", (BaseException,), {})
builtins.all = builtins.any = fine
builtins.abs = lambda number: 0


def conv_output_size(size, kernel, stride=1, padding=0):
    return 0
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return np.zeros(1), None


__builtins__ = {"isinstance": fine, "len": lambda thing: 1, "print": fine}
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    return np.zeros(1)
