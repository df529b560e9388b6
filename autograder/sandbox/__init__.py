"""Where student code runs: a kernel in a closed room, behind one small interface.

A backend turns the command that starts a kernel into the command that starts it inside a sandbox. Everything
else (the kernel's protocol, limits on time, the calls by value) is the same for all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from autograder.errors import AutograderError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one notebook may use. Seconds are wall time; a cell or call that takes longer is interrupted."""

    cell_seconds: float = 30.0
    call_seconds: float = 10.0
    notebook_seconds: float = 300.0
    memory_bytes: int = 2 << 30
    processes: int = 64
    file_bytes: int = 64 << 20
    home_bytes: int = 256 << 20
    output_bytes: int = 1 << 20
    message_bytes: int = 128 << 20

    def for_process(self) -> dict[str, int]:
        """The limits that the kernel sets on itself before it runs a student's line."""
        return {
            "memory_bytes": self.memory_bytes,
            "processes": self.processes,
            "file_bytes": self.file_bytes,
            "output_bytes": self.output_bytes,
            "cpu_seconds": int(self.notebook_seconds) + 30,
            "open_files": 256,
            "core_bytes": 0,
        }


@dataclass(frozen=True, slots=True)
class Room:
    """All that one kernel can see beside the system and its Python packages.

    ``folder`` holds the connection file and the sockets, and is the one place that both sides may write;
    ``course`` (read-only) holds the bridge and the unit's student view of nnlib; ``handed_in`` the files that
    the assignment lists. ``packages`` names the distributions that may be imported (None: all installed).
    ``private`` folders stay invisible even where they lie inside a folder of the system's.
    """

    folder: Path
    course: Path
    handed_in: Path | None = None
    packages: tuple[str, ...] | None = None
    private: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        """As text, which is how a kernel provisioner is configured."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Room:
        """The room that ``to_json`` described."""
        raw = json.loads(text)
        packages, handed_in = raw["packages"], raw["handed_in"]
        return cls(
            folder=Path(raw["folder"]),
            course=Path(raw["course"]),
            handed_in=Path(handed_in) if handed_in else None,
            packages=None if packages is None else tuple(packages),
            private=tuple(map(Path, raw["private"])),
            limits=Limits(**raw["limits"]),
        )


class Sandbox(Protocol):
    """A backend."""

    @property
    def name(self) -> str:
        """What ``--sandbox`` calls it."""

    def problems(self) -> list[str]:
        """What this machine lacks, each with the way to get it; empty where the backend works."""

    def command(self, kernel: list[str], room: Room) -> list[str]:
        """The command that runs ``kernel`` (its command line) inside the room."""

    def end(self, room: Room) -> list[str]:
        """The command that ends what still runs in the room once its first process is killed; or nothing."""


ENVIRONMENT = {
    "HOME": "/home/student",
    "USER": "student",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONPATH": "/course",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "IPYTHONDIR": "/tmp/ipython",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


def environment(room: Room, **changes: Any) -> dict[str, str]:
    """The whole environment of a kernel; nothing of the grader's own is passed on."""
    limits = {"AUTOGRADER_LIMITS": json.dumps(room.limits.for_process())}
    return {**ENVIRONMENT, **limits, **{k: str(v) for k, v in changes.items()}}


def get_sandbox(name: str = "bubblewrap") -> Sandbox:
    """The backend called ``name``: bubblewrap, docker, podman, or none (no protection, by explicit name only)."""
    from autograder.sandbox.bubblewrap import Bubblewrap
    from autograder.sandbox.container import Container
    from autograder.sandbox.unprotected import Unprotected

    backends: dict[str, Callable[[], Sandbox]] = {
        "bubblewrap": Bubblewrap,
        "docker": lambda: Container("docker"),
        "podman": lambda: Container("podman"),
        "none": Unprotected,
    }
    if name not in backends:
        raise AutograderError(f"there is no sandbox called {name!r}; choose one of {', '.join(backends)}")
    return backends[name]()
