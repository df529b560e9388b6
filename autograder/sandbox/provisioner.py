"""The kernel provisioner: how Jupyter's own kernel manager comes to start a kernel inside a sandbox."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from io import BufferedReader
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from autograder.cpu_time import Ledger, used_by
from autograder.sandbox import Room, get_sandbox

PAGE = os.sysconf("SC_PAGE_SIZE")
WORDS = 4000  # bytes kept of what a sandbox prints outside of the kernel's protocol
# what a container's client needs to find its engine; a kernel gets none of it
CLIENT = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG")


class SandboxProvisioner(LocalProvisioner):
    """Starts the kernel's command through a sandbox backend, with nothing of the grader's environment."""

    sandbox = Unicode("bubblewrap", config=True, help="bubblewrap, docker, podman or none")
    printed: _Printed | None = None
    ledger: Ledger | None = None
    room = Unicode(config=True, help="a Room, as JSON")

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Wrap the command."""
        kwargs = await super().pre_launch(**kwargs)
        room, sandbox = Room.from_json(self.room), get_sandbox(self.sandbox)
        command = sandbox.command(_without_python_flags(kwargs.pop("cmd")), room)
        outside = {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/")}
        if sandbox.end(room):
            outside |= {name: os.environ[name] for name in CLIENT if name in os.environ}
        streams = {"stdin": -3, "stdout": -1, "stderr": -2}  # the null device, a pipe, the same pipe
        return {**kwargs, "cmd": command, "env": outside, "cwd": "/", **streams}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start the process, and read what it prints outside of the kernel's protocol."""
        connection = await super().launch_kernel(cmd, **kwargs)
        self.ledger = Ledger()
        self.printed = _Printed(self.process.stdout)
        self.printed.start()
        return connection

    async def kill(self, restart: bool = False) -> None:
        """End the process, and what it leaves behind."""
        await super().kill(restart)
        if end := get_sandbox(self.sandbox).end(Room.from_json(self.room)):
            await (await asyncio.create_subprocess_exec(*end, stdout=-3, stderr=-3)).wait()

    def first_words(self) -> str:
        """What the process printed outside of the kernel's protocol, for a failed start's error."""
        if self.printed is None:
            return ""
        self.printed.join(1.0)  # it has ended, or says no more
        return self.printed.kept.decode(errors="replace").strip()

    def usage(self) -> tuple[int, int]:
        """Processes of this sandbox, and the bytes of memory that are theirs alone."""
        pids = _descendants(self.process.pid) if self.process else []
        self._look(pids)
        return len(pids), sum(_private_bytes(pid) for pid in pids)

    def cpu_seconds(self) -> float:
        """Processor time that this sandbox has used. A container's processes are not below ours: there it is wall
        time, which on a quiet machine is no less.
        """
        if get_sandbox(self.sandbox).end(Room.from_json(self.room)):
            return time.monotonic()
        return self._look(_descendants(self.process.pid) if self.process else [])

    def _look(self, pids: list[int]) -> float:
        return self.ledger.look(dict(filter(None, map(used_by, pids)))) if self.ledger else 0.0


class _Printed(threading.Thread):
    """Reads a stream to its end and keeps its beginning: in a file it would fill the grader's disk.

    (A container's output is written by its client, which no limit binds.)
    """

    def __init__(self, stream: BufferedReader) -> None:
        super().__init__(daemon=True)
        self.stream = stream
        self.kept = b""

    def run(self) -> None:
        """Read until the last process that can write has ended."""
        with self.stream:
            while chunk := self.stream.read1(1 << 16):
                self.kept += chunk[: WORDS - len(self.kept)]


def _without_python_flags(command: list[str]) -> list[str]:
    """``[python, …flags, -f, FILE]`` as ``[python, -f, FILE]``."""
    return [command[0], *command[command.index("-f") :]]


def _descendants(pid: int) -> list[int]:
    """A process and all below it; inside a process namespace no child escapes this tree."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        for children in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            try:
                waiting += map(int, children.read_text().split())
            except OSError:  # ended meanwhile
                continue
    return found


def _private_bytes(pid: int) -> int:
    try:
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except (OSError, ValueError):
        return 0
    return (resident - shared) * PAGE
