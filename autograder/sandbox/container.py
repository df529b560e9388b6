"""Docker or Podman: the same room inside a container, for machines where bubblewrap may not be used.

The image must hold Python with ipykernel, NumPy and matplotlib; ``AUTOGRADER_IMAGE`` names it. From a clone,
``tools/kernel_image.py`` makes it of the machine's own Python; docs/security.md has a Dockerfile.

Memory and processes are bounded by the container's own control group, which counts all that runs inside; the
client that the grader sees is none of it. So a machine that cannot bind them there is reported as a problem.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import Room, environment
from autograder.sandbox.bubblewrap import HOME
from autograder.sandbox.strangers import give_to_a_stranger

IMAGE = "autograder-kernel"
BUILD = "make one with `.venv/bin/python tools/kernel_image.py {engine}` or the Dockerfile of docs/security.md"
UNKNOWN = ("no such image", "image not known")  # Docker's words, and Podman's
PROBE_SECONDS = 60.0
SMALL = 64 << 20
PROXIES = [f"{kind}_proxy" for kind in ("http", "https", "ftp", "all", "no")]

# Stands where launch.py will stand, and is started in the same way.
PROBE = """
import os, socket, sys

for path in (os.environ["HOME"], "/tmp"):
    if not os.access(path, os.W_OK):
        sys.exit(f"{path} is not writable: the image must have it as a folder of mode 1777")
import ipykernel, matplotlib, numpy

def least(*names):
    for name in names:
        if os.path.exists(path := "/sys/fs/cgroup/" + name):
            text = open(path).read().strip()
            return int(text) if text.isdigit() else 1 << 62
    return 1 << 62

folder, memory, processes = sys.argv[2:]
if os.getuid() == 0:
    sys.exit("its processes run as root")
if least("memory.max", "memory/memory.limit_in_bytes") > int(memory):
    sys.exit("the engine does not limit memory here (no memory control group)")
if least("pids.max", "pids/pids.max") > int(processes) + 1:
    sys.exit("the engine does not limit processes here (no pids control group)")
socket.socket(socket.AF_UNIX).bind(folder + "/probe")
socket.socket(socket.AF_UNIX).connect(folder + "/bridge")
"""


@dataclass(frozen=True, slots=True)
class Container:
    """A backend for the command line that Docker and Podman share."""

    name: str

    @property
    def image(self) -> str:
        """The image to run."""
        return os.environ.get("AUTOGRADER_IMAGE", IMAGE)

    def problems(self) -> list[str]:
        """A missing program, engine or image, or a container that is not as closed as it must be."""
        if shutil.which(self.name) is None:
            package = {"docker": "docker.io", "podman": "podman catatonit"}[self.name]
            return [f"{self.name} is not installed: run `sudo apt-get install {package}`"]
        if words := _complaint([self.name, "image", "inspect", "--format={{.Id}}", self.image]):
            if any(unknown in words.lower() for unknown in UNKNOWN):
                build = BUILD.format(engine=self.name)
                return [f"{self.name} has no image {self.image!r}: {build}, or name yours in AUTOGRADER_IMAGE"]
            return [f"{self.name} does not work here: {words}"]
        words = self._probe()
        return [f"{self.name} cannot run a kernel in the image {self.image!r}: {words}"] if words else []

    def _probe(self) -> str:
        """Run what a kernel needs, in a room like a kernel's; what is wrong with it."""
        temporary = tempfile.TemporaryDirectory
        with temporary(dir="/tmp") as course, temporary(prefix="ag-", dir="/tmp") as folder, _listening(folder):
            Path(course).chmod(0o755)
            Path(course, "launch.py").write_text(PROBE)
            room = Room(Path(folder), Path(course))
            limits = (str(room.limits.memory_bytes), str(room.limits.processes))
            return _complaint(self.command(["python", "-f", folder, *limits], room), self.end(room))

    def end(self, room: Room) -> list[str]:
        """How to end what outlives its first process: the client may be gone before its container."""
        return [self.name, "rm", "--force", room.folder.name]

    def command(self, kernel: list[str], room: Room) -> list[str]:
        """The kernel's command, inside."""
        return [
            *(self.name, "run", "--rm", "--init", f"--name={room.folder.name}", "--pull=never"),
            *("--stop-timeout=0", "--log-driver=none"),  # a log would grow on the grader's disk without limit
            *("--network=none", "--read-only", "--ipc=private"),
            *("--cap-drop=ALL", "--security-opt=no-new-privileges"),
            *(self._podman(room) if self.name == "podman" else []),
            *_user(room),
            *self._limits(room),
            *_variables(room),
            *_folders(room),
            *("--entrypoint=python3", self.image, "-P", "/course/launch.py", *kernel[1:]),
        ]

    def _podman(self, room: Room) -> list[str]:
        """What Podman does unless told otherwise, and Docker does not."""
        seconds = int(room.limits.notebook_seconds) * 2 + 60  # also where the grader was killed
        own = [] if os.geteuid() == 0 else ["--userns=keep-id"]
        return ["--read-only-tmpfs=false", "--http-proxy=false", "--no-hosts", f"--timeout={seconds}", *own]

    def _limits(self, room: Room) -> list[str]:
        limits = room.limits
        # a user's own Podman is seldom given the right to limit the processor
        cpus = ["--cpus=1"] if self.name == "docker" or os.geteuid() == 0 else []
        return [
            *(f"--memory={limits.memory_bytes}", f"--memory-swap={limits.memory_bytes}", *cpus),
            *(f"--pids-limit={limits.processes + 1}", f"--shm-size={SMALL}"),  # 1: the init
            *(f"--ulimit={name}={value}:{value}" for name, value in _ulimits(room).items()),
        ]


def _complaint(command: list[str], end: list[str] | None = None) -> str:
    """What a command says as it fails; nothing where it works."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        if end:
            subprocess.run(end, capture_output=True, check=False)
        return f"no answer within {PROBE_SECONDS:g} s"
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1] if done.returncode else ""


def _listening(folder: str) -> socket.socket:
    """A socket like the grader's own; a container in a virtual machine cannot reach it."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/bridge")
    listener.listen()
    return listener


def _user(room: Room) -> list[str]:
    """Never root inside, and one who may write to the room's folder, while no other user of this machine may."""
    if os.geteuid() != 0:
        return [f"--user={os.getuid()}:{os.getgid()}"]
    uid = give_to_a_stranger(room.folder)
    return [f"--user={uid}:{uid}"]


def _ulimits(room: Room) -> dict[str, int]:
    """From the start on, since an engine's own defaults may be higher than it may set."""
    limits = room.limits.for_process()
    processes = {"nproc": limits["processes"]} if os.geteuid() == 0 else {}
    return {"nofile": limits["open_files"], "core": limits["core_bytes"], **processes}


def _variables(room: Room) -> list[str]:
    limits = room.limits.for_process()
    if os.geteuid() != 0:
        del limits["processes"]  # it would count all that the grader's user runs; --pids-limit does not
    empty = {name: "" for proxy in PROXIES for name in (proxy, proxy.upper())}  # Docker's client passes its own
    variables = {**empty, **environment(room, AUTOGRADER_LIMITS=json.dumps(limits))}
    return [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]


def _folders(room: Room) -> list[str]:
    mounts = [(room.folder, room.folder, "rw"), (room.course, "/course", "ro")]
    mounts += [(room.handed_in, "/handed", "ro")] if room.handed_in else []
    return [
        *(f"--tmpfs={HOME}:size={room.limits.home_bytes},mode=1777", f"--tmpfs=/tmp:size={SMALL},mode=1777"),
        f"--workdir={HOME}",
        *(word for source, target, mode in mounts for word in ("--volume", f"{source}:{target}:{mode}")),
    ]
