"""Runs one sanitized notebook: the student's cells inside a sandbox, the source's test cells outside of it."""

from __future__ import annotations

import asyncio
import copy
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from autograder.checking import grading_seed
from autograder.cpu_time import cpu_clock
from autograder.errors import StudentError
from autograder.kernel import GRACE_SECONDS, Execution, Kernel, KernelStopped, private_folder, running
from autograder.ownership import ownership
from autograder.remote import Bridge, SocketExchange
from autograder.report import Report
from autograder.sandbox import Limits, Room, Sandbox
from autograder.source import SourceCell, SourceNotebook
from autograder.trusted import TestRun, TrustedNames, run_test
from autograder.verdicts import CellResult, judge, stopped_outputs

__all__ = ["CellResult", "Limits", "RunResult", "run_notebook"]

MAX_STARTS = 8  # a notebook whose process had to be ended goes on without the cell that was to blame
CONNECT_SECONDS = 10.0
SERVE = "import bridge as _bridge; _bridge.serve({path!r}, get_ipython().user_ns)"


@dataclass(frozen=True, slots=True)
class RunResult:
    """A notebook, executed: its outputs, the result of each test cell, notes for the student."""

    notebook: NotebookNode
    cells: tuple[CellResult, ...]
    notes: tuple[str, ...]
    seconds: float


@dataclass(slots=True)
class Attempt:
    """What is kept over the starts of one notebook's sandbox."""

    notebook: NotebookNode
    source: SourceNotebook
    limits: Limits
    seed: int
    folder: Path | None
    deadline: float
    results: dict[int, CellResult] = field(default_factory=dict)
    to_blame: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def source_cell(self, cell: NotebookNode) -> SourceCell | None:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id")
        return next((c for c in self.source.cells if c.id == grade_id), None)

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()


def run_notebook(
    sanitized: NotebookNode,
    source: SourceNotebook,
    *,
    sandbox: Sandbox,
    course: Path,
    limits: Limits | None = None,
    files: Mapping[str, bytes] | None = None,
    packages: tuple[str, ...] | None = None,
    private: tuple[Path, ...] = (),
    seed: int = 0,
    folder: Path | None = None,
) -> RunResult:
    """Run ``sanitized`` and judge the test cells of ``source``.

    ``course`` is a furnished course folder (``sandbox.room``), ``files`` what may lie beside the notebook,
    ``folder`` where the source's own helper modules are, ``private`` folders no room may show. ``seed`` decides
    the inputs that the checks draw. Raises GraderError where the infrastructure failed.
    """
    start = time.monotonic()
    limits = limits or Limits()
    deadline = start + limits.notebook_seconds
    attempt = Attempt(copy.deepcopy(sanitized), source, limits, seed, folder, deadline)
    asyncio.run(_run(attempt, sandbox, Rooms(course, dict(files or {}), packages, private, limits)))
    cells = tuple(attempt.results[index] for index in sorted(attempt.results))
    return RunResult(attempt.notebook, cells, tuple(attempt.notes), time.monotonic() - start)


@dataclass(frozen=True, slots=True)
class Rooms:
    """Makes a new room for each start."""

    course: Path
    files: dict[str, bytes]
    packages: tuple[str, ...] | None
    private: tuple[Path, ...]
    limits: Limits

    def new(self) -> Room:
        folder = private_folder()
        handed_in = folder / "handed_in" if self.files else None
        for name, content in self.files.items():
            path = folder / "handed_in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return Room(folder, self.course, handed_in, self.packages, self.private, self.limits)


async def _run(attempt: Attempt, sandbox: Sandbox, rooms: Rooms) -> None:
    for _ in range(MAX_STARTS):
        room = rooms.new()
        with closing(_listen(room.folder)) as listener:
            async with running(sandbox, room) as kernel:
                if await Session(attempt, kernel, listener).run():
                    return
    _fail_the_rest(attempt, "its process had to be stopped too often")


def _listen(folder: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(folder / "bridge"))
    listener.listen(4)
    return listener


def _fail_the_rest(attempt: Attempt, reason: str) -> None:
    for index, cell in enumerate(attempt.notebook.cells):
        known = attempt.source_cell(cell)
        if known is not None and known.kind == "test" and index not in attempt.results:
            run = TestRun(error=StudentError(f"not reached: {reason}"))
            attempt.results[index], cell.outputs = judge(known, run)


@dataclass(slots=True)
class Session:
    """One start of a sandbox, from the first cell to the last or to the one that ended it."""

    attempt: Attempt
    kernel: Kernel
    listener: socket.socket
    names: TrustedNames = field(init=False)
    loop: asyncio.AbstractEventLoop = field(init=False)
    waiting: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = TrustedNames(ownership(self.attempt.source, self.attempt.folder), self.attempt.folder)
        self.loop = asyncio.get_running_loop()

    async def run(self) -> bool:
        """Run every cell; False where the process had to be ended and a new start may do better."""
        for index, cell in enumerate(self.attempt.notebook.cells):
            if not await self._cell(index, cell, last_try=False):
                return False
        for index in self.waiting:  # a test that stands before the cell it needs
            if not await self._cell(index, self.attempt.notebook.cells[index], last_try=True):
                return False
        return True

    async def _cell(self, index: int, cell: NotebookNode, *, last_try: bool) -> bool:
        if cell.cell_type != "code" or index in self.attempt.to_blame or not cell.source.strip():
            return True
        known = self.attempt.source_cell(cell)
        if self.attempt.seconds_left() <= 0:
            _fail_the_rest(self.attempt, "the notebook used up its time")
            return True
        try:
            if known is not None and known.kind == "test":
                await self._test(index, cell, known, last_try)
            elif not _only_shows(cell, known):
                await self._student(cell)
        except KernelStopped:
            pass
        return not self.kernel.stopped or self._blame(index, cell, known)

    def _blame(self, index: int, cell: NotebookNode, known: SourceCell | None) -> bool:
        """Remember which cell the process ended in; False: start anew without it."""
        reason = self.kernel.stopped
        self.attempt.to_blame[index] = reason
        self.attempt.notes.append(f"cell {_label(cell, index)}: stopped, since {reason}")
        if known is None or known.kind != "test":
            cell.outputs = stopped_outputs(reason)
        elif index not in self.attempt.results:
            run = TestRun(error=StudentError(f"your notebook's process was stopped: {reason}"))
            self.attempt.results[index], cell.outputs = judge(known, run)
        return False

    async def _student(self, cell: NotebookNode) -> None:
        limits = self.attempt.limits
        seconds = min(limits.cell_seconds, max(1.0, self.attempt.seconds_left()))
        done = await self.kernel.execute(cell.source, seconds)
        cell.outputs = done.outputs
        if done.interrupted:
            cell.outputs = [*done.outputs, *stopped_outputs(f"it ran longer than {seconds:g} s")]
            self.attempt.notes.append(f"cell {_label(cell, 0)}: interrupted after {seconds:g} s")

    async def _test(self, index: int, cell: NotebookNode, known: SourceCell, last_try: bool) -> None:
        if index in self.attempt.results and index not in self.waiting:
            return  # judged before an earlier start ended
        self.names.lenient = last_try
        run, said = await self._trusted(known)
        if last_try and not isinstance(run.value, Report):  # only a check tells what is missing from what is right
            self.names.lenient = False
            run, said = await self._trusted(known)
        if run.missing and not last_try:
            self.waiting.append(index)
        self.attempt.results[index], cell.outputs = judge(known, run, said.outputs)

    async def _trusted(self, known: SourceCell) -> tuple[TestRun, Execution]:
        """Let the kernel answer calls, and run the source's test meanwhile, in a thread of the trusted side."""
        path = str(self.kernel.room.folder / "bridge")
        seconds = self._most_seconds() + CONNECT_SECONDS
        serving = asyncio.ensure_future(self.kernel.execute(SERVE.format(path=path), seconds, silent=True))
        try:
            connection = await self._connected(serving)
            with closing(connection):
                run = await asyncio.to_thread(self._run_test, known, connection)
            return run, await serving
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _connected(self, serving: asyncio.Future[Execution]) -> socket.socket:
        accepting = asyncio.ensure_future(asyncio.to_thread(self._accept))
        await asyncio.wait((accepting, serving), return_when=asyncio.FIRST_COMPLETED)
        if not accepting.done():  # the kernel is done with serving, and nobody ever called
            await self.kernel.stop("it no longer answers calls")
        connection = await accepting
        if connection is None:
            await self.kernel.stop("it no longer answers calls")
            raise KernelStopped(self.kernel.stopped)
        return connection

    def _accept(self) -> socket.socket | None:
        deadline = time.monotonic() + CONNECT_SECONDS
        self.listener.settimeout(0.2)
        while time.monotonic() < deadline and not self.kernel.stopped:
            try:
                return self.listener.accept()[0]
            except TimeoutError:
                continue
        return None

    def _most_seconds(self) -> float:
        """How long a test cell may take in all: a call that begins just before its end has its time as well."""
        limits = self.attempt.limits
        return limits.cell_seconds + limits.call_seconds + 2 * GRACE_SECONDS

    def _run_test(self, known: SourceCell, connection: socket.socket) -> TestRun:
        loop, limits = self.loop, self.attempt.limits
        exchange = SocketExchange(
            connection,
            seconds=limits.call_seconds,
            until=time.monotonic() + limits.cell_seconds,
            grace=GRACE_SECONDS,
            interrupt=lambda: asyncio.run_coroutine_threadsafe(self.kernel.interrupt(), loop).result(5),
            end=lambda reason: asyncio.run_coroutine_threadsafe(self.kernel.stop(reason), loop).result(5),
            gone=lambda: self.kernel.stopped or "it ended",
        )
        grading_seed.set(self.attempt.seed)
        cpu_clock.set(self.kernel.provisioner.cpu_seconds)
        return run_test(known.source, known.index, self.names, Bridge(exchange), self._most_seconds())


def _label(cell: NotebookNode, index: int) -> str:
    return repr(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id") or index)


def _only_shows(cell: NotebookNode, known: SourceCell | None) -> bool:
    """A figure or experiment of the source that the student left as it was: not run while grading."""
    shows = known is not None and (known.other_metadata or {}).get("autograder", {}).get("show")
    return bool(shows) and known is not None and cell.source.strip() == known.release.strip()
