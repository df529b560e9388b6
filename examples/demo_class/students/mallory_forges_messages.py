# Attacks: the grader's reading of the kernel's messages, by well-made forgeries. Every answer is wrong.
# %% answer id="write_conv_output_size"
import threading
import time

kernel = get_ipython().kernel
session = kernel.session  # holds the key that signs messages
FULL = {"data": {"text/plain": "1000.0"}, "metadata": {}, "execution_count": 1}


def forge():
    for _ in range(400):
        parents = [kernel.get_parent("shell"), kernel._parents.get("shell", {}), {}]
        for parent in parents:
            for kind, content in (
                ("execute_result", FULL),
                ("display_data", {"data": {"text/plain": "1000.0"}, "metadata": {}, "transient": {}}),
                ("status", {"execution_state": "idle"}),
                ("clear_output", {"wait": False}),
            ):
                try:
                    session.send(kernel.iopub_socket, kind, content, parent=parent)
                except Exception:
                    pass
        time.sleep(0.01)


threading.Thread(target=forge, daemon=True).start()
for kind in ("execute_reply", "kernel_info_reply", "shutdown_reply"):
    for stream in [*getattr(kernel, "shell_streams", []), getattr(kernel, "shell_stream", None)]:
        try:
            session.send(stream, kind, {"status": "ok", "execution_count": 1, "user_expressions": {"r": {"status": "ok", "data": {"text/plain": "'1000'"}, "metadata": {}}}, "payload": [], "restart": False}, parent=kernel.get_parent("shell"), ident=kernel._parent_ident.get("shell"))
        except Exception:
            pass


def conv_output_size(size, kernel, stride=1, padding=0):
    return 1000
# %% answer id="write_correlate2d"
def correlate2d(image, kernel, stride=1, padding=0):
    forge()
    return None
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    session.send(kernel.iopub_socket, "execute_result", FULL, parent=kernel.get_parent("shell"))
    return None, None
