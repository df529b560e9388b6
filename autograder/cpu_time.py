"""How much processor time a student's code has used: asked of the system, never of the code.

In a notebook it is that of the notebook's own process. While grading, the runner puts in its place what the system
says of the sandbox's processes, from outside.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

TICK = os.sysconf("SC_CLK_TCK")  # ticks a second, of the times in /proc

Process: TypeAlias = tuple[int, int]  # its number, and when it began: numbers are used again


def own_cpu_seconds() -> float:
    """The processor time of this process, all its threads, and the processes it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


cpu_clock: contextvars.ContextVar[Callable[[], float]] = contextvars.ContextVar(
    "cpu_clock", default=own_cpu_seconds
)


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds that a process used itself, and those of its children that it has waited for."""

    own: float
    waited: float


@dataclass(slots=True)
class Ledger:
    """Adds up what a changing set of processes used, of which some end between two looks.

    A child that is waited for is in its parent's account; one that nobody waits for is in none, so what was last
    seen of it stays here. The larger of both sums counts.
    """

    last: dict[Process, float] = field(default_factory=dict)
    most: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)  # a test asks from its own thread

    def look(self, processes: Mapping[Process, Used]) -> float:
        """The seconds used up to now; they never become less."""
        with self.lock:
            self.last |= {process: used.own for process, used in processes.items()}
            accounts = sum(used.own + used.waited for used in processes.values())
            self.most = max(self.most, accounts, sum(self.last.values()))
            return self.most


def used_by(pid: int) -> tuple[Process, Used] | None:
    """What the system says of a process; None where it has ended meanwhile."""
    try:
        return parse(Path(f"/proc/{pid}/stat").read_text())
    except (OSError, ValueError, IndexError):
        return None


def parse(stat: str) -> tuple[Process, Used]:
    """A line of /proc/PID/stat (proc(5)); the process's name, in brackets, may hold anything."""
    pid, _, rest = stat.partition(" (")
    fields = rest.rpartition(")")[2].split()  # from the third on: the state
    user, system, children_user, children_system = (int(value) / TICK for value in fields[11:15])
    return (int(pid), int(fields[19])), Used(user + system, children_user + children_system)
