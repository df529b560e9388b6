# Attacks: the order of things, by threads, exit handlers and hooks that act when the tests run. Every answer is wrong.
# %% answer id="write_conv_output_size"
import atexit
import gc
import signal
import sys
import threading
import time
import weakref


def later():
    space = get_ipython().user_ns
    print("1000.0")
    space["check"] = lambda *args, **kwargs: 1000.0
    space["conv_output_size"] = lambda *args, **kwargs: 1000
    for name in [name for name in space if name.startswith("assert")]:
        space[name] = lambda *args, **kwargs: None


def forever():
    while True:
        later()
        time.sleep(0.05)


for _ in range(4):
    threading.Thread(target=forever, daemon=False).start()
atexit.register(later)
atexit.register(forever)
signal.signal(signal.SIGALRM, lambda *args: later())
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGINT, lambda *args: later())
sys.settrace(lambda *args: None)
threading.settrace(lambda *args: None)
sys.setprofile(lambda frame, event, arg: None)
gc.callbacks.append(lambda *args: get_ipython().user_ns.update(check=None))
old_stdout = sys.stdout


class Finally:
    def __del__(self):
        print("1000.0")


keep = Finally()
weakref.finalize(keep, later)


def conv_output_size(size, kernel, stride=1, padding=0):
    later()
    return 0
# %% answer id="write_global_avg_pool_backward"
def global_avg_pool_backward(dout, cache):
    threading.Thread(target=later).start()
    return -dout
