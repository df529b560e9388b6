"""Between our ZeroMQ sockets and a kernel's: a relay that weighs what the kernel sends, and stops at a limit.

ZeroMQ bounds a frame, not the frames of a message, and keeps a whole message in our memory before it shows any of
it. So the kernel's bytes pass through here first.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

GREETING = 64  # bytes before the first frame (ZMTP 3, RFC 23)
LONG = 2  # flag of a frame whose size is written in 8 bytes, not in one
FRAME = 128  # what ZeroMQ and Python keep for a frame beside its content
CHUNK = 1 << 16


@dataclass(slots=True)
class Scales:
    """Weighs one connection: its bytes, and ``FRAME`` more for each frame."""

    weight: int = 0
    _left: int = GREETING  # of the greeting, or of a frame's content
    _head: bytes = b""

    def add(self, data: bytes) -> None:
        """Weigh the next bytes, wherever they were cut."""
        self.weight += len(data)
        at = 0
        while at < len(data):
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                continue
            self._head += data[at : at + 1]
            at += 1
            if len(self._head) == (9 if self._head[0] & LONG else 2):
                self._left, self._head = int.from_bytes(self._head[1:], "big"), b""
                self.weight += FRAME


@dataclass(slots=True)
class Meter:
    """The relays of one kernel, whose sockets are ``address-PORT``, and what came through all of them."""

    address: str
    most: int
    connections: list[Scales] = field(default_factory=list)
    relays: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def exceeded(self) -> bool:
        """Whether the kernel sent more than it may; nothing more is then read."""
        return sum(scales.weight for scales in self.connections) > self.most

    async def listen(self, address: str, port: int) -> asyncio.Server:
        """Take connections to ``address-port`` on to the kernel's socket of that port."""

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            relay = asyncio.ensure_future(self._relay(reader, writer, f"{self.address}-{port}"))
            self.relays.add(relay)
            relay.add_done_callback(self.relays.discard)

        return await asyncio.start_unix_server(connected, f"{address}-{port}")

    async def _relay(self, ours: asyncio.StreamReader, us: asyncio.StreamWriter, target: str) -> None:
        with contextlib.closing(us), contextlib.suppress(OSError):  # the kernel may not be there yet, or no more
            theirs, them = await asyncio.open_unix_connection(target)
            scales = Scales()
            self.connections.append(scales)
            with contextlib.closing(them):
                ways = [self._pass(ours, them), self._pass(theirs, us, scales)]
                await _first(list(map(asyncio.ensure_future, ways)))

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, scales: Scales | None = None
    ) -> None:
        while not self.exceeded and (data := await reader.read(CHUNK)):
            if scales is not None:
                scales.add(data)
            writer.write(data)
            await writer.drain()


async def _first(tasks: list[asyncio.Future[None]]) -> None:
    """Wait for the first of them, and end the others."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def metered(address: str, ports: Iterable[int], most: int) -> AsyncIterator[tuple[str, Meter]]:
    """Relays to a kernel's sockets ``address-PORT``; gives the address to use in its place, and the meter."""
    with tempfile.TemporaryDirectory(prefix="ag-", dir=Path(address).parents[1]) as folder:
        own, meter = str(Path(folder) / "s"), Meter(address, most)
        servers = [await meter.listen(own, port) for port in ports]
        try:
            yield own, meter
        finally:
            for server in servers:
                server.close()
            for relay in meter.relays:
                relay.cancel()
            await asyncio.gather(*meter.relays, return_exceptions=True)
