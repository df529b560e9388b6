"""Make the image that ``--sandbox podman`` and ``--sandbox docker`` run, from this machine's own Python.

    .venv/bin/python tools/kernel_image.py podman [NAME]

No registry is needed, and the versions inside are those of the grader. It holds the interpreter, the packages
that a kernel needs, the shared libraries of both and a few commands; nothing else of this machine.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder.sandbox.container import IMAGE
from autograder.sandbox.packages import installed_entries
from autograder.sandbox.room import PACKAGES

COMMANDS = ("sh", "env", "ls", "cat", "sleep")  # what `!ls` in a notebook needs
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib", "usr/lib64": "lib"}
EMPTY = ("dev", "etc", "proc", "run", "sys", "var", "course", "handed")
WRITABLE = ("tmp", "home/student")  # an engine gives what it mounts there the mode of the folder below
NOT_NEEDED = re.compile(
    r"(^|/)(site-packages|dist-packages|test|tests|idlelib|ensurepip|tkinter|config-[^/]*)(/|$)"
)
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
LIBRARY = f"usr/local/lib/{VERSION}"
LINKED = re.compile(r"(?:=> )?(/\S+) \(0x")


def main(engine: str, name: str = IMAGE) -> int:
    """Stream the image into the engine; its exit code."""
    arguments = ["import", "--change", "ENV PATH=/usr/local/bin:/usr/bin", "-", name]
    with subprocess.Popen([engine, *arguments], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with tarfile.open(fileobj=process.stdin, mode="w|") as tar:
            fill(tar)
        process.stdin.close()
    return process.returncode


def fill(tar: tarfile.TarFile) -> None:
    """The whole file system."""
    for path in EMPTY:
        add(tar, path, tarfile.DIRTYPE)
    for path in WRITABLE:
        add(tar, path, tarfile.DIRTYPE, mode=0o1777)
    for path, target in LINKS.items():
        add(tar, path, tarfile.SYMTYPE, target)
    pairs = list(python_files())
    pairs += [(Path(found), f"usr/bin/{name}") for name in COMMANDS if (found := shutil.which(name))]
    for source, path in [*pairs, *shared_libraries(source for source, _ in pairs)]:
        add_file(tar, source, path)
    add(tar, "usr/local/bin/python", tarfile.SYMTYPE, "python3")
    add(tar, f"{LIBRARY}/dist-packages", tarfile.SYMTYPE, "site-packages")  # Debian's name for it


def add(tar: tarfile.TarFile, path: str, kind: bytes, target: str = "", mode: int = 0o755) -> None:
    """A folder or a link."""
    entry = tarfile.TarInfo(path)
    entry.type, entry.linkname, entry.mode = kind, target, mode
    tar.addfile(entry)


def add_file(tar: tarfile.TarFile, source: Path, path: str) -> None:
    """A file, owned by root and readable by all; its time stays, since compiled modules are known by it."""
    content = source.read_bytes()
    entry = tarfile.TarInfo(path)
    entry.size, entry.mtime = len(content), int(source.stat().st_mtime)
    entry.mode = 0o755 if os.access(source, os.X_OK) else 0o644
    tar.addfile(entry, io.BytesIO(content))


def python_files() -> Iterator[tuple[Path, str]]:
    """The interpreter, its standard library and the packages: each file with its place in the image."""
    yield Path(sys.executable).resolve(), "usr/local/bin/python3"
    standard = Path(sysconfig.get_path("stdlib"))
    for path in files_below(standard):
        if not NOT_NEEDED.search(str(path.relative_to(standard))):
            yield path, f"{LIBRARY}/{path.relative_to(standard)}"
    sites = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    for entry in installed_entries(PACKAGES):
        site = next(site for site in sites if entry.is_relative_to(site))
        for path in files_below(entry):
            if "/tests/" not in str(path):
                yield path, f"{LIBRARY}/site-packages/{path.relative_to(site)}"


def files_below(path: Path) -> Iterable[Path]:
    """A file itself, or all files of a folder."""
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def shared_libraries(sources: Iterable[Path]) -> list[tuple[Path, str]]:
    """What the programs and extension modules are linked to, beside what the packages bring themselves."""
    binaries = [str(path) for path in sources if path.read_bytes()[:4] == b"\x7fELF"]
    listing = subprocess.run(["ldd", *binaries], capture_output=True, text=True, check=False).stdout
    own = [Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")]
    found = map(Path, LINKED.findall(listing))
    outside = {path.name: path for path in found if not any(map(path.resolve().is_relative_to, own))}
    return sorted((path, f"usr/lib/{name}") for name, path in outside.items())


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
