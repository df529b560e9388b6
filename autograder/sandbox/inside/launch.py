"""Inside the sandbox: set the limits that only the process itself can set, then become an ordinary ipykernel.

Started as ``python -P launch.py -f CONNECTION_FILE``; the limits come in ``AUTOGRADER_LIMITS`` (JSON).
Limits are set here and not outside, since a limit on processes set outside would count the grader's own.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

# files that the assignment lists; copied, so that a notebook may write to them
HANDED_IN = Path(os.environ.get("AUTOGRADER_HANDED_IN", "/handed"))
RESOURCES = {
    "memory_bytes": resource.RLIMIT_AS,
    "processes": resource.RLIMIT_NPROC,
    "file_bytes": resource.RLIMIT_FSIZE,
    "cpu_seconds": resource.RLIMIT_CPU,
    "open_files": resource.RLIMIT_NOFILE,
    "core_bytes": resource.RLIMIT_CORE,
}


def set_limits(limits: dict[str, int]) -> None:
    """Bind this process, and all it starts, for good."""
    for name, value in limits.items():
        if name in RESOURCES:
            resource.setrlimit(RESOURCES[name], (int(value), int(value)))


def copy_files(folder: Path, place: Path) -> None:
    """Copy what lies in a folder that may only be read."""
    for path in folder.rglob("*"):
        target = place / path.relative_to(folder)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def limit_output(most: int) -> None:
    """Let a cell print ``most`` characters; say so once, and drop the rest."""
    from ipykernel.iostream import OutStream

    write = OutStream.write
    left: dict[Any, int] = {}

    def bounded(stream: Any, text: str) -> int | None:
        cell = get_cell()
        room = left.setdefault(cell, most)
        if room <= 0:
            return len(text)
        left[cell] = room - len(text)
        if left[cell] <= 0:
            write(stream, text[:room])
            return write(stream, f"\n… stopped: this cell printed more than {most:,} characters\n")
        return write(stream, text)

    def get_cell() -> Any:
        from IPython import get_ipython

        shell = get_ipython()
        return shell.execution_count if shell else None

    OutStream.write = bounded


def let_go_first(show: Callable[..., None]) -> Callable[..., None]:
    """Show a traceback once its frames are forgotten: they may hold all that filled the memory."""

    def showing(*arguments: Any, **settings: Any) -> None:
        traceback.clear_frames(sys.exc_info()[2])
        show(*arguments, **settings)

    return showing


def stay(*_: Any) -> None:
    """What ``exit()`` and ``quit()`` do while a notebook is graded: nothing, so that its other cells count."""


def start_kernel(arguments: list[str]) -> None:
    """Become an ipykernel."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # not needed, and slow to import
    from ipykernel.kernelapp import IPKernelApp

    app = IPKernelApp.instance()
    app.initialize([*arguments, "--HistoryManager.enabled=False", "--IPKernelApp.capture_fd_output=False"])
    app.shell.ask_exit = stay
    app.shell.showtraceback = let_go_first(app.shell.showtraceback)
    while "" in sys.path:  # a file handed in never shadows a module
        sys.path.remove("")
    sys.path.append("")
    limit_output(json.loads(os.environ.get("AUTOGRADER_LIMITS", "{}")).get("output_bytes", 1 << 20))
    app.start()


if __name__ == "__main__":
    set_limits(json.loads(os.environ.get("AUTOGRADER_LIMITS", "{}")))
    copy_files(HANDED_IN, Path.cwd())
    copy_files(Path(__file__).parent / "matplotlib", Path(os.environ.get("MPLCONFIGDIR", "/tmp/matplotlib")))
    start_kernel(sys.argv[1:])
