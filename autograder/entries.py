"""Files as strangers hand them in: found without following links, read up to a bound.

An entry is a path inside what was handed in, and a reader. Folders and zip archives give the same entries,
so nothing behind this module knows the difference.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.errors import AutograderError, UnreadableSubmission
from autograder.notebook_io import MAX_FILE_BYTES, MIB

MAX_DEPTH = 8
MAX_NAME = 255
MAX_FILES = 2_000  # of one student
MAX_ARCHIVE_ENTRIES = 200_000
JUNK = frozenset({"__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini"})
TOO_LARGE = f"is larger than {MAX_FILE_BYTES // MIB} MiB"


class Reader(Protocol):
    """Gives a file's bytes; raises UnreadableSubmission where it cannot or there are too many."""

    def read(self) -> bytes: ...  # noqa: D102 - the class says it


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: the ``parts`` of its path in what was handed in; ``refused`` says why it is not read, if so."""

    parts: tuple[str, ...]
    reader: Reader
    refused: str = ""


@dataclass(frozen=True, slots=True)
class FileReader:
    """A file of a folder. What became a link or a device since it was listed is not opened."""

    path: Path

    def read(self) -> bytes:
        """Return the bytes; see Reader."""
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise UnreadableSubmission(f"{self.path.name} cannot be opened: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableSubmission(f"{self.path.name} is no ordinary file")
            return _within_bounds(file.read(MAX_FILE_BYTES + 1), self.path.name)


@dataclass(frozen=True, slots=True)
class ZipReader:
    """An entry of a zip archive, unpacked to memory; what its header says of its size is not believed."""

    archive: Path
    index: int
    name: str

    def read(self) -> bytes:
        """Return the bytes; see Reader."""
        try:
            with (
                zipfile.ZipFile(self.archive) as archive,
                archive.open(archive.infolist()[self.index]) as file,
            ):
                return _within_bounds(file.read(MAX_FILE_BYTES + 1), self.name)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            RuntimeError,
            IndexError,
            ValueError,
        ) as error:
            raise UnreadableSubmission(f"{self.name} cannot be unpacked: {error}") from error


def _within_bounds(data: bytes, name: str) -> bytes:
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableSubmission(f"{name} {TOO_LARGE}")
    return data


def is_junk(name: str) -> bool:
    """Whether an operating system or an editor, not a person, put the file there."""
    return name.startswith(".") or name in JUNK


def top_level(folder: Path) -> tuple[list[str], list[Entry]]:
    """Return the names of the folders directly in ``folder``, and its other entries; both in order."""
    found = _listed(folder)
    folders = [item.name for item in found if item.is_dir(follow_symlinks=False)]
    others = [item for item in found if not item.is_dir(follow_symlinks=False)]
    return folders, [Entry((item.name,), FileReader(folder / item.name), _why_not(item)) for item in others]


def folder_entries(folder: Path) -> Iterator[Entry]:
    """Yield the files under ``folder`` in order of their names; links are listed as refused, not followed."""
    for count, entry in enumerate(_walk(folder, (), MAX_DEPTH)):
        if count >= MAX_FILES:
            yield Entry(entry.parts, entry.reader, f"and what follows: more than {MAX_FILES} files")
            return
        yield entry


def _walk(folder: Path, above: tuple[str, ...], depth: int) -> Iterator[Entry]:
    try:
        listed = _listed(folder)
    except OSError as error:
        yield Entry(above or (folder.name,), FileReader(folder), f"cannot be opened: {error.strerror}")
        return
    for item in listed:
        parts = (*above, item.name)
        path = folder / item.name
        if item.is_dir(follow_symlinks=False) and depth:
            yield from _walk(path, parts, depth - 1)
        else:
            yield Entry(parts, FileReader(path), _why_not(item))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as listing:
        return sorted((item for item in listing if not is_junk(item.name)), key=lambda item: item.name)


def _why_not(item: os.DirEntry[str]) -> str:
    """Why a listed file is not read; empty where it is."""
    if item.is_symlink():
        return "is a link; links are not followed"
    try:
        status = item.stat(follow_symlinks=False)
    except OSError as error:
        return f"cannot be opened: {error.strerror}"
    if not stat.S_ISREG(status.st_mode):
        return "is no ordinary file"
    return TOO_LARGE if status.st_size > MAX_FILE_BYTES else ""


def archive_entries(path: Path) -> list[Entry]:
    """Return the files of a zip archive in order of their names; suspicious ones are listed as refused.

    Raises AutograderError where ``path`` is no zip archive that can be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listing = list(enumerate(archive.infolist()))
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise AutograderError(f"{path} is no zip archive that can be read: {error}") from error
    if len(listing) > MAX_ARCHIVE_ENTRIES:
        raise AutograderError(f"{path} has {len(listing)} entries; at most {MAX_ARCHIVE_ENTRIES} are read")
    files = (_archived(path, index, info) for index, info in listing if not info.is_dir())
    kept = (entry for entry in files if entry.parts and not any(map(is_junk, entry.parts)))
    return sorted(kept, key=lambda entry: entry.parts)


def _archived(path: Path, index: int, info: zipfile.ZipInfo) -> Entry:
    name = _decoded(info)
    # What climbs out of the archive is refused; its remaining parts still say whose it was.
    split = name.replace("\\", "/").split("/")
    parts = tuple(part[-MAX_NAME:] for part in split if part not in ("", ".", ".."))
    return Entry(parts, ZipReader(path, index, parts[-1] if parts else "?"), _suspicion(name, info))


def _decoded(info: zipfile.ZipInfo) -> str:
    """Many platforms write UTF-8 names without the flag that says so."""
    if info.flag_bits & 0x800:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _suspicion(name: str, info: zipfile.ZipInfo) -> str:
    path = name.replace("\\", "/")
    rules = (
        (path.startswith("/") or path[1:2] == ":", "has an absolute path"),
        (".." in path.split("/"), "has a path with '..' in it"),
        ("\0" in path or max(map(len, path.split("/"))) > MAX_NAME, "has an impossible name"),
        (stat.S_ISLNK(info.external_attr >> 16), "is a link; links are not followed"),
        (bool(info.flag_bits & 0x1), "is encrypted; hand it in without a password"),
        (info.file_size > MAX_FILE_BYTES, TOO_LARGE),
        (len(path.split("/")) > MAX_DEPTH + 2, "lies in too many folders"),
    )
    return next((reason for suspicious, reason in rules if suspicious), "")
