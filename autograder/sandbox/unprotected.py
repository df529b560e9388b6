"""No sandbox, for a machine that can have none: only by explicit name, and never for strangers' code."""

from __future__ import annotations

import json
import os
import sys

from autograder.sandbox import Room, environment

WARNING = (
    "sandbox 'none': student code ran with the grader's own rights, and could read and change everything "
    "the grader can. Points still come from the trusted side alone."
)


class Unprotected:
    """Runs the kernel as an ordinary process; limits on time, memory and output still hold."""

    name = "none"

    def problems(self) -> list[str]:
        """None: it needs nothing, and gives nothing."""
        return []

    def end(self, room: Room) -> list[str]:  # noqa: ARG002 - the protocol's signature
        """How to end what outlives its first process."""
        return []  # it ends with its first process

    def command(self, kernel: list[str], room: Room) -> list[str]:
        """The kernel's command, inside."""
        limits = room.limits.for_process()
        del limits["processes"]  # outside of a sandbox it would count all that the user runs
        changes = {
            "AUTOGRADER_LIMITS": json.dumps(limits),
            "PYTHONPATH": room.course,
            "HOME": room.folder,
            "IPYTHONDIR": room.folder / "ipython",
            "MPLCONFIGDIR": room.folder / "matplotlib",
            "PATH": os.environ.get("PATH", ""),
        }
        variables = [f"{name}={value}" for name, value in environment(room, **changes).items()]
        handed_in = [f"AUTOGRADER_HANDED_IN={room.handed_in}"] if room.handed_in else []
        launch = [sys.executable, "-P", str(room.course / "launch.py"), *kernel[1:]]
        return ["env", "-i", f"--chdir={room.folder}", *variables, *handed_in, *launch]
