"""The kernel provisioner: how Jupyter's own kernel manager comes to start a kernel inside a sandbox."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import IO, Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Unicode

from autograder.sandbox import Room, get_sandbox

PAGE = os.sysconf("SC_PAGE_SIZE")


class SandboxProvisioner(LocalProvisioner):
    """Starts the kernel's command through a sandbox backend, with nothing of the grader's environment."""

    sandbox = Unicode("bubblewrap", config=True, help="bubblewrap, docker, podman or none")
    printed: IO[bytes] | None = None
    room = Unicode(config=True, help="a Room, as JSON")

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Wrap the command; what the sandbox itself prints goes to a file, for a failed start's error."""
        kwargs = await super().pre_launch(**kwargs)
        room = Room.from_json(self.room)
        self.printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed in cleanup
        command = get_sandbox(self.sandbox).command(_without_python_flags(kwargs.pop("cmd")), room)
        outside = {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/")}
        streams = {"stdin": -3, "stdout": self.printed, "stderr": self.printed}  # -3: the null device
        return {**kwargs, "cmd": command, "env": outside, "cwd": "/", **streams}

    async def kill(self, restart: bool = False) -> None:
        """End the process, and what it leaves behind."""
        await super().kill(restart)
        if end := get_sandbox(self.sandbox).end(Room.from_json(self.room)):
            await (await asyncio.create_subprocess_exec(*end, stdout=-3, stderr=-3)).wait()

    async def cleanup(self, restart: bool = False) -> None:
        """Also closes the file."""
        await super().cleanup(restart)
        if self.printed is not None:
            self.printed.close()

    def first_words(self, most: int = 4000) -> str:
        """What the process printed outside of the kernel's protocol."""
        if self.printed is None:
            return ""
        self.printed.seek(0)
        return self.printed.read(most).decode(errors="replace").strip()

    def usage(self) -> tuple[int, int]:
        """Processes of this sandbox, and the bytes of memory that are theirs alone."""
        pids = _descendants(self.process.pid) if self.process else []
        return len(pids), sum(_private_bytes(pid) for pid in pids)


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
