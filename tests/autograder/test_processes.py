"""A worker process for each submission at a time: nothing of one reaches another, and none outlives the grader."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np

from autograder import processes, worker


def draw(wait: float) -> float:
    """What many tests begin with; in threads, another test's seed would come between."""
    np.random.seed(0)  # noqa: NPY002 - ordinary courses do so
    time.sleep(wait)
    return float(np.random.rand())  # noqa: NPY002


def ignores_interrupts() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_submissions_at_a_time_share_no_state_of_a_process():
    with processes.pool(2) as pool:
        drawn = list(pool.map(draw, [0.3, 0.6] * 2))
        assert pool.submit(ignores_interrupts).result()
    assert len(set(drawn)) == 1


PARENT = """
import os, time
from autograder import processes, worker
if __name__ == "__main__":
    pool = processes.pool(1)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 60)
    os._exit(0)
"""


def test_workers_end_with_the_grader(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True)
    for _ in range(100):
        if not os.path.exists(f"/proc/{int(done.stdout)}/exe"):
            return
        time.sleep(0.1)
    raise AssertionError("the worker is still there")


def test_workers_find_everything_imported():
    with processes.pool(1) as pool:
        loaded = pool.submit(loaded_modules).result()
    assert {"autograder.runner", "autograder.worker", "nbgrader", "numpy"} <= loaded
    assert "rfc3987_syntax.syntax_helpers" not in loaded


def loaded_modules() -> set[str]:
    return set(sys.modules)


def furnish() -> str:
    return str(worker._furnished("ps1"))


def test_the_folder_that_a_worker_furnished_is_gone_with_it():
    with processes.pool(1) as pool:
        folder = pool.submit(furnish).result()
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)
