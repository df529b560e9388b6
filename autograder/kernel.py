"""One sandboxed kernel: start it, run code, interrupt it, stop it.

The kernel's process is the student's, so every message from it is only data: bounded in size and number,
checked for its form, kept for feedback, and never asked what a cell is worth.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from autograder.errors import AutograderError, GraderError
from autograder.metering import Meter, metered
from autograder.outputs import Collected
from autograder.sandbox import Room, Sandbox
from autograder.sandbox.provisioner import SandboxProvisioner

START_SECONDS = 60.0
GRACE_SECONDS = 3.0  # between an interrupt and the end of the process
LAST_WORDS_SECONDS = 1.0  # between a cell's reply and the end of its outputs
TICK_SECONDS = 0.2
MAX_MESSAGE = 8 << 20
MAX_WAITING = 64  # messages that may wait unread; a kernel that floods loses its own
MAX_MALFORMED = 20
MAX_ENTRIES, MAX_FOLDER = 1000, 512 << 20  # in the room's folder, files handed in included


class KernelStopped(AutograderError):
    """The student's process ended, or had to be ended; the message says why, to the student."""


@dataclass(slots=True)
class Execution:
    """What one execution printed, showed or raised."""

    outputs: list[Any] = field(default_factory=list)
    ok: bool = True
    interrupted: bool = False


class _OneSpec(KernelSpecManager):
    """Knows one kernel: the one inside the sandbox."""

    def __init__(self, sandbox: str, room: Room) -> None:
        super().__init__()
        config = {"sandbox": sandbox, "room": room.to_json()}
        provisioner = {"provisioner_name": "autograder-sandbox", "config": config}
        argv = ["python", "-f", "{connection_file}"]
        self._spec = KernelSpec(argv=argv, metadata={"kernel_provisioner": provisioner}, interrupt_mode="message")

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:  # noqa: ARG002 - the base class's signature
        """The one there is."""
        return self._spec


class _Manager(AsyncKernelManager):
    """Opens no socket of its own to the kernel: all of them are metered."""

    def _connect_control_socket(self) -> None:
        """Nothing; ``Kernel`` has a control channel."""


def private_folder() -> Path:
    """A new folder for the sockets, with a short name: a socket's path may have 107 bytes."""
    base = "/tmp" if os.access("/tmp", os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="ag-", dir=base))


def _context() -> zmq.asyncio.Context:
    """Sockets that refuse large messages and hold few unread ones."""
    context = zmq.asyncio.Context()
    for option, value in (
        (zmq.SocketOption.MAXMSGSIZE, MAX_MESSAGE),
        (zmq.SocketOption.RCVHWM, MAX_WAITING),
        (zmq.SocketOption.LINGER, 0),
    ):
        context.setsockopt(option, value)
    context.setsockopt(zmq.SocketOption.RECONNECT_IVL, 20)  # ms: the kernel binds its sockets after we ask
    return context


@dataclass(slots=True)
class Kernel:
    """A running kernel; made by ``running``."""

    manager: AsyncKernelManager
    client: AsyncKernelClient
    room: Room
    meter: Meter
    stopped: str = ""
    malformed: int = 0

    @property
    def provisioner(self) -> SandboxProvisioner:
        """What started the process, and can end it."""
        return self.manager.provisioner

    async def stop(self, reason: str) -> None:
        """End the process at once; everything that still waits for it raises KernelStopped."""
        self.stopped = self.stopped or reason
        if self.provisioner is not None and self.provisioner.has_process:
            await self.provisioner.kill()

    async def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the student's code."""
        self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))

    def send(self, code: str, *, silent: bool) -> str:
        """Ask for an execution; its message id."""
        request = {"store_history": not silent, "allow_stdin": False, "stop_on_error": False}
        return str(self.client.execute(code, silent=silent, **request))

    async def execute(self, code: str, seconds: float, *, silent: bool = False) -> Execution:
        """Run a cell. Past ``seconds`` it is interrupted, and past a few more its process is ended.

        Raises KernelStopped.
        """
        collected = Collected(self.send(code, silent=silent), self.room.limits.output_bytes)
        try:
            await self._until(lambda: collected.complete, collected, seconds)
            return Execution(collected.outputs, collected.ok)
        except TimeoutError:
            await self.interrupt()
        try:
            await self._until(lambda: collected.complete, collected, GRACE_SECONDS)
        except TimeoutError:
            await self.stop(f"a cell ran longer than {seconds:g} s and could not be interrupted")
            raise KernelStopped(self.stopped) from None
        return Execution(collected.outputs, ok=False, interrupted=True)

    async def _until(self, done: Callable[[], bool], collected: Collected, seconds: float) -> None:
        """Read messages until ``done()``, within the time and the limits."""
        deadline = time.monotonic() + seconds
        next_look = time.monotonic() + TICK_SECONDS
        last = float("inf")  # when to stop waiting for broadcasts that a flood has pushed out
        channels = (self.client.shell_channel, self.client.iopub_channel)
        reading = {asyncio.ensure_future(c.get_msg()): c for c in channels}
        try:
            while not done():
                if time.monotonic() > deadline:
                    raise TimeoutError
                ready, _ = await asyncio.wait(reading, timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if time.monotonic() >= next_look:
                    await self.look_after()
                    next_look = time.monotonic() + TICK_SECONDS
                if collected.finishing:
                    last = min(last, time.monotonic() + LAST_WORDS_SECONDS)
                    if time.monotonic() >= last:
                        return
                for task in ready:
                    channel = reading.pop(task)
                    reading[asyncio.ensure_future(channel.get_msg())] = channel
                    self._take(task, collected)
        finally:
            for task in reading:
                task.cancel()
            await asyncio.gather(*reading, return_exceptions=True)

    def _take(self, task: asyncio.Future[Any], collected: Collected) -> None:
        try:
            collected.take(task.result())
        except Exception:  # a forged message can be wrong in any way
            self.malformed += 1

    async def look_after(self) -> None:
        """End a sandbox that is over its limits; raise KernelStopped where it has ended."""
        processes, memory = self.provisioner.usage()
        limits = self.room.limits
        if memory > limits.memory_bytes:
            await self.stop(f"it used more than {limits.memory_bytes >> 20} MiB of memory")
        elif processes > limits.processes + 8:  # bubblewrap's own
            await self.stop(f"it started more than {limits.processes} processes")
        elif self.malformed > MAX_MALFORMED:
            await self.stop("it sent messages that no kernel sends")
        elif self.meter.exceeded:
            await self.stop(f"it sent more than {limits.message_bytes >> 20} MiB of messages")
        elif not _is_small(self.room.folder):
            await self.stop("it filled the folder of its sockets")
        if self.stopped or await self.provisioner.poll() is not None:
            self.stopped = self.stopped or "its process ended (exit, crash, or out of memory)"
            raise KernelStopped(self.stopped)

    async def _ready(self) -> None:
        """Wait until both the shell and the broadcast channel answer."""
        deadline = time.monotonic() + START_SECONDS
        heard = {"shell": False, "iopub": False}
        while not all(heard.values()):
            if await self.provisioner.poll() is not None or time.monotonic() > deadline:
                words = self.provisioner.first_words() or "it printed nothing"
                raise GraderError(f"the sandbox did not start a kernel: {words}")
            self.client.kernel_info()
            for name in heard:
                channel = getattr(self.client, f"{name}_channel")
                with suppress(Exception):  # Empty, or a message cut short while sockets connect
                    await channel.get_msg(timeout=1.0 if name == "shell" else TICK_SECONDS)
                    heard[name] = True


@asynccontextmanager
async def running(sandbox: Sandbox, room: Room) -> AsyncIterator[Kernel]:
    """A kernel inside ``sandbox``, ended and cleaned away on leaving. Raises GraderError where none starts."""
    context = _context()
    manager = _Manager(
        kernel_spec_manager=_OneSpec(sandbox.name, room),
        transport="ipc",
        ip=str(room.folder / "s"),
        connection_file=str(room.folder / "kernel.json"),
        context=context,
    )
    try:
        await _start(manager)
        ports = manager.shell_port, manager.iopub_port, manager.control_port
        async with metered(manager.ip, ports, room.limits.message_bytes) as (address, meter):
            client = manager.client(ip=address)
            client.start_channels(hb=False, stdin=False)
            try:
                kernel = Kernel(manager, client, room, meter)
                await kernel._ready()
                _seal(room.folder)
                yield kernel
            finally:
                client.stop_channels()
    finally:
        await _end(manager)
        context.destroy(linger=0)
        shutil.rmtree(room.folder, ignore_errors=True)


def _seal(folder: Path) -> None:
    """All is there that the kernel needs: from now on its user may write nothing (where that is not our own)."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_socket():
            os.chown(path, os.getuid(), os.getgid(), follow_symlinks=False)
    folder.chmod(0o711)


def _is_small(folder: Path) -> bool:
    """Whether the one folder that both sides may write holds little; it has no limit of its own."""
    sizes = list(islice(_sizes(folder), MAX_ENTRIES + 1))
    return len(sizes) <= MAX_ENTRIES and sum(sizes) <= MAX_FOLDER


def _sizes(folder: Path) -> Iterator[int]:
    """The bytes on disk of all that lies in a folder; what a kernel makes may be gone again meanwhile."""
    with suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            with suppress(OSError):
                yield entry.stat(follow_symlinks=False).st_blocks * 512
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry.path))


async def _start(manager: AsyncKernelManager) -> None:
    try:
        await manager.start_kernel()
    except OSError as error:
        raise GraderError(f"the sandbox could not be started: {error}") from error


async def _end(manager: AsyncKernelManager) -> None:
    provisioner = manager.provisioner
    if provisioner is None:
        return
    if provisioner.has_process:
        await provisioner.kill()
        await asyncio.to_thread(provisioner.process.wait)
        provisioner.process = None
    await provisioner.cleanup()
