"""Docker or Podman: the same room inside a container, for machines where bubblewrap may not be used.

The image must hold Python with ipykernel, NumPy and matplotlib; ``AUTOGRADER_IMAGE`` names it
(docs/security.md gives a four-line Dockerfile).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

from autograder.sandbox import Room, environment

IMAGE = "autograder-kernel"


@dataclass(frozen=True, slots=True)
class Container:
    """A backend for the command line that Docker and Podman share."""

    name: str

    @property
    def image(self) -> str:
        """The image to run."""
        return os.environ.get("AUTOGRADER_IMAGE", IMAGE)

    def problems(self) -> list[str]:
        """A missing program, engine or image."""
        if shutil.which(self.name) is None:
            return [f"{self.name} is not installed: run `sudo apt-get install {self.name}`"]
        found = subprocess.run([self.name, "image", "inspect", self.image], capture_output=True, check=False)
        if found.returncode:
            return [
                f"{self.name} has no image {self.image!r}, or its engine does not run: build the image of "
                "docs/security.md, or name yours in AUTOGRADER_IMAGE"
            ]
        return []

    def end(self, room: Room) -> list[str]:
        """How to end what outlives its first process."""
        return [self.name, "kill", room.folder.name]  # the client may be gone before its container

    def command(self, kernel: list[str], room: Room) -> list[str]:
        """The kernel's command, inside."""
        limits = room.limits
        variables = [word for k, v in environment(room).items() for word in ("--env", f"{k}={v}")]
        mounts = [(room.folder, room.folder, "rw"), (room.course, "/course", "ro")]
        mounts += [(room.handed_in, "/handed", "ro")] if room.handed_in else []
        volumes = [word for source, target, mode in mounts for word in ("--volume", f"{source}:{target}:{mode}")]
        return [
            *(
                self.name,
                "run",
                "--rm",
                f"--name={room.folder.name}",
                "--init",
                "--network=none",
                "--read-only",
                "--ipc=private",
            ),
            *("--cap-drop=ALL", "--security-opt=no-new-privileges", f"--user={os.getuid()}:{os.getgid()}"),
            *(f"--memory={limits.memory_bytes}", f"--memory-swap={limits.memory_bytes}", "--cpus=1"),
            *(
                f"--pids-limit={limits.processes}",
                f"--tmpfs=/home/student:size={limits.home_bytes},mode=1777",
            ),
            *(f"--tmpfs=/tmp:size={64 << 20},mode=1777", "--workdir=/home/student", *variables, *volumes),
            *(self.image, "python3", "-P", "/course/launch.py", *kernel[1:]),
        ]
