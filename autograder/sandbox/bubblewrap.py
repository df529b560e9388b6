"""Bubblewrap: Linux namespaces for one process, without a daemon and without an image.

The room sees ``/usr`` and the Python installation read-only, its own empty home, and nothing else: no network,
no other process, no folder of the grader's. Where the grader is root, the kernel runs as a user that owns
nothing (a limit on processes does not bind root); elsewhere a user namespace maps it to nobody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

from autograder.sandbox import Room, environment
from autograder.sandbox.packages import installed_entries
from autograder.sandbox.strangers import give_to_a_stranger

HOME = "/home/student"
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")

NAMESPACES = ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
CAPABILITIES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")


@cache
def _help() -> str:
    return subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=False).stdout


def _works(*namespaces: str) -> bool:
    command = ["bwrap", "--ro-bind", "/", "/", *namespaces, "--", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@cache
def privileged() -> bool:
    """Whether the grader is root and may make namespaces as root."""
    return os.geteuid() == 0 and shutil.which("setpriv") is not None and _works(*NAMESPACES)


class Bubblewrap:
    """The default sandbox."""

    name = "bubblewrap"

    def problems(self) -> list[str]:
        """A missing program, or a kernel that forbids namespaces."""
        if shutil.which("bwrap") is None:
            return ["bubblewrap is not installed: run `sudo apt-get install bubblewrap`"]
        if privileged() or _works("--unshare-all"):
            return []
        return [
            "bubblewrap may not make namespaces here: allow unprivileged user namespaces "
            "(`sudo sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`), "
            "or, inside a container, start it with `--security-opt seccomp=unconfined --cap-add SYS_ADMIN`"
        ]

    def end(self, room: Room) -> list[str]:  # noqa: ARG002 - the protocol's signature
        """How to end what outlives its first process."""
        return []  # it ends with its first process

    def command(self, kernel: list[str], room: Room) -> list[str]:
        """The kernel's command, inside."""
        variables = [word for pair in environment(room).items() for word in ("--setenv", *pair)]
        return [
            *("bwrap", "--die-with-parent", "--new-session", "--clearenv", *variables),
            *_folders(room),
            *("--chdir", HOME),
            *_isolation(room),
            *(kernel[0], "-P", "/course/launch.py", *kernel[1:]),
        ]


def _isolation(room: Room) -> list[str]:
    """Namespaces, and the user to run as, up to the ``--`` before the command."""
    if not privileged():
        nested = ["--disable-userns"] if "--disable-userns" in _help() else []
        return ["--unshare-all", "--unshare-user", *nested, "--uid", "65534", "--gid", "65534", "--"]
    uid = str(give_to_a_stranger(room.folder))
    keep = [word for name in CAPABILITIES for word in ("--cap-add", name)]
    drop = ["setpriv", "--reuid", uid, "--regid", uid, "--clear-groups", "--no-new-privs"]
    return [*NAMESPACES, "--cap-drop", "ALL", *keep, "--", *drop, "--inh-caps=-all", "--bounding-set=-all"]


def _folders(room: Room) -> list[str]:
    """Mounts, in order: a later one lies over an earlier one, and Python itself may be installed below /tmp."""
    small = str(64 << 20)
    return [
        *_system(),
        *("--dev", "/dev", "--proc", "/proc"),
        *_empty("/tmp", small),
        *_empty("/dev/shm", small),
        *_parents(Path(HOME)),
        *_empty(HOME, str(room.limits.home_bytes)),
        *_python(room),
        *_parents(room.folder),
        *("--bind", str(room.folder), str(room.folder)),
        *("--ro-bind", str(room.course), "/course"),
        *(("--ro-bind", str(room.handed_in), "/handed") if room.handed_in else ()),
    ]


def _empty(path: str, size: str) -> list[str]:
    limit = ["--size", size] if "--size" in _help() else []
    return ["--perms", "1777", *limit, "--tmpfs", path]


def _parents(path: Path) -> list[str]:
    """Make the folders above a mount point, so that a user who owns nothing may pass through them."""
    above = [str(p) for p in reversed(path.parents) if p != Path("/")]
    return [word for p in above for word in ("--perms", "0755", "--dir", p)]


def _system() -> list[str]:
    words: list[str] = []
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            words += ["--ro-bind", str(path), str(path)]
    return words + [word for path in SETTINGS for word in ("--ro-bind-try", path, path)]


def _python(room: Room) -> list[str]:
    """The Python installation, without the packages, sources and folders that the room must not see."""
    words: list[str] = []
    roots = {Path(sys.base_prefix), Path(sys.prefix)}
    for root in sorted(roots, key=lambda p: len(p.parts)):
        if not root.is_relative_to("/usr"):
            words += [*_parents(root), "--ro-bind", str(root), str(root)]
        words += [w for path in _hidden(root, room) for w in ("--tmpfs", str(path))]
    words += [w for path in _hidden(Path("/usr"), room) for w in ("--tmpfs", str(path))]
    if room.packages is None:
        return words
    return words + [w for path in installed_entries(room.packages) for w in ("--ro-bind", str(path), str(path))]


def _hidden(root: Path, room: Room) -> list[Path]:
    """Folders inside ``root`` to cover with an empty one."""
    active = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}
    found = (*root.glob("lib*/python3*/*-packages"), *root.glob("local/lib/python3*/*-packages"), root / "src")
    others = {path.resolve() for path in found}  # lib64 may be a link to lib
    own = {site / name for site in active for name in ("nnlib", "autograder")}
    closed = (others - active) | own | set(room.private) if room.packages is None else others | set(room.private)
    prefixes = (Path(sys.prefix), Path(sys.base_prefix))
    return sorted(
        path
        for path in closed
        if path.is_dir() and path.is_relative_to(root) and not any(p.is_relative_to(path) for p in prefixes)
    )
