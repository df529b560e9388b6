"""Whose file is this? File and folder names as learning platforms write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

MAX_ID_CHARS = 64
MAX_ID_BYTES = 200  # a file name has at most 255 bytes, and an id becomes part of one
UNSAFE = re.compile(r"[\s/\\:*?\"<>|\[\]{}'`$&;#%]+")  # separators, glob and shell signs, blanks
COPY_MARKS = re.compile(r"(?i)^copy[ _]of[ _]|[ _]?\(\d+\)$|[-_ ]copy ?\d*$|[-_]checkpoint$|\.nbconvert$")

# Each pattern gives `student`, perhaps `number` (two people may have one name), `when`, and `file`.
PATTERNS = (
    re.compile(r"(?P<student>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)"),  # Moodle
    re.compile(r".+?_(?P<student>[^_]+)_attempt_(?P<when>[\d-]{10,19})_?(?P<file>.*)"),  # Blackboard
    re.compile(r"(?P<student>[^_]+)_(?:(?:late|LATE)_)?(?P<number>\d+)_(?:late_)?\d+_(?P<file>.+)"),  # Canvas
)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """What a file's name tells: the student (as written), the name it was handed in by, its version."""

    student: str
    file: str
    version: tuple[str, int] = ("", 0)
    by_platform: bool = False  # a platform wrote the name, so it does hold a student's


def parse_name(name: str, notebooks: Sequence[str]) -> NamedFile:
    """Split the name of a file or folder of a class download; ``notebooks`` are the names asked for.

    Understands Moodle, Blackboard and Canvas downloads, ``NAME_student.ipynb``, ``student_NAME.ipynb`` and
    ``student.ipynb``. Canvas ends resubmissions on ``-1``, ``-2``: the version, not part of the name.
    """
    for pattern in PATTERNS:
        if match := pattern.fullmatch(name):
            parts = match.groupdict()
            student = "_".join(filter(None, (parts["student"], parts.get("number"))))
            return _versioned(student, parts["file"], parts.get("when") or "", notebooks)
    return _plainly_named(name, notebooks)


def _versioned(student: str, file: str, when: str, notebooks: Sequence[str]) -> NamedFile:
    stem, dot, suffix = file.rpartition(".")
    match = re.fullmatch(r"(.+)-(\d{1,3})", stem)
    if dot and match and stem not in notebooks:
        return NamedFile(student, f"{match[1]}.{suffix}", (when, int(match[2])), by_platform=True)
    return NamedFile(student, file, (when, 0), by_platform=True)


def _plainly_named(name: str, notebooks: Sequence[str]) -> NamedFile:
    path = PurePosixPath(name)
    for notebook in sorted(notebooks, key=len, reverse=True):
        for pattern in (rf"{re.escape(notebook)}[ _-]+(.+)", rf"(.+?)[ _-]+{re.escape(notebook)}"):
            match = re.fullmatch(pattern, path.stem, re.IGNORECASE)
            if match and bare_stem(f"x {match[1]}") != "x" and bare_stem(f"{match[1]} x") != "x":
                return NamedFile(match[1], f"{notebook}{path.suffix}")
    file = f"{notebooks[0]}{path.suffix}" if path.suffix == ".ipynb" and len(notebooks) == 1 else name
    return NamedFile(bare_stem(path.stem), file)


def bare_stem(stem: str) -> str:
    """Return a file's stem without what browsers and people add to copies: ``x (1)``, ``Copy of x``."""
    previous = None
    while previous != stem:
        previous, stem = stem, COPY_MARKS.sub("", stem).strip()
    return stem


def safe_student_id(name: str) -> str:
    """Return ``name`` as one path component: no separators, blanks or leading dots, at most 64 characters.

    Letters of every script stay (in composed form, so that one name is one folder on every system).
    """
    composed = unicodedata.normalize("NFC", name)
    shown = "".join(char if char.isprintable() else " " for char in composed)
    safe = UNSAFE.sub("_", shown.strip()).strip("_").lstrip(".-_~+=@")[:MAX_ID_CHARS]
    while len(safe.encode("utf-8")) > MAX_ID_BYTES:
        safe = safe[:-1]
    return safe.rstrip("._ ") or "unnamed"


def unique_id(name: str, taken: set[str]) -> str:
    """Return a safe id for ``name`` that none of ``taken`` equals, upper and lower case being one."""
    wanted, count = safe_student_id(name), 2
    candidate = wanted
    while candidate.casefold() in taken:
        candidate, count = f"{wanted[: MAX_ID_CHARS - 8]}-{count}", count + 1
    taken.add(candidate.casefold())
    return candidate
