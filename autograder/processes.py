"""Worker processes: one for each submission at a time, since tests replace what belongs to a whole process.

They are forked from a server that has imported all they need. It starts with the command, beside the command's own
imports, and knows nothing of the class.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import forkserver
from multiprocessing.connection import wait

CONTEXT = multiprocessing.get_context("forkserver")
NEEDED = ["autograder.quick_start", "autograder.cli", "autograder.runner", "autograder.worker"]


def warm_up() -> None:
    """Have the server start importing, so that the first workers need not wait for it."""
    CONTEXT.set_forkserver_preload(NEEDED)
    forkserver.ensure_running()


def pool(count: int) -> Executor:
    """``count`` workers."""
    warm_up()
    return ProcessPoolExecutor(count, CONTEXT, _begin)


def _begin() -> None:
    """A worker leaves interrupts to the process that started it, and ends with that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
