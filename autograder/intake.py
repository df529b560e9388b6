"""From what a class handed in to one Submission a student, lazily.

Understood: nbgrader's ``submitted/`` (student/ASSIGNMENT/NAME.ipynb), a folder for each student, a flat
folder of notebooks as learning platforms name them, one notebook, and a zip archive of any of these.
Taken are the assignment's notebooks and the files it lists; everything left out or refused is said in the
submission's ``problems``, which never stop the class.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.entries import Entry, Reader, archive_entries, folder_entries
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.lms_names import NamedFile, bare_stem, parse_name, safe_student_id, unique_id
from autograder.notebook_io import MAX_FILE_BYTES, MIB
from autograder.source import Assignment

MAX_SUBMISSION_BYTES = 4 * MAX_FILE_BYTES
NOTEBOOK = re.compile(r"(?i)\.ipynb(\.txt|\.json)?$")  # some browsers add the second ending
MEANT_AS_WORK = re.compile(r"(?i)\.(py|pdf|html?|docx?|zip|tar|gz|7z|rar|odt|md)$")
PLATFORM_FOLDER = re.compile(r"_assignsubmission_|_attempt_\d{4}-")
TIMESTAMP = re.compile(r"[\w :.,+/-]{8,64}")
STARTUP_MODULES = frozenset({"sitecustomize", "usercustomize"})  # Python runs these unasked
OTHERS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in for an assignment.

    ``student`` is safe as a folder's name and unique in the class. ``files`` maps the assignment's own
    file names to readers. ``problems`` are sentences for student and instructor. ``timestamp`` is the text
    of nbgrader's ``timestamp.txt``.
    """

    student: str
    files: Mapping[str, Reader]
    problems: tuple[str, ...] = ()
    timestamp: str | None = None

    def read(self) -> dict[str, bytes]:
        """Return the bytes of every file. Raises UnreadableSubmission where one cannot be read."""
        contents: dict[str, bytes] = {}
        for name, reader in self.files.items():
            contents[name] = reader.read()
            if sum(map(len, contents.values())) > MAX_SUBMISSION_BYTES:
                most = MAX_SUBMISSION_BYTES // MIB
                raise UnreadableSubmission(f"the files handed in have more than {most} MiB together")
        return contents


@dataclass(frozen=True, slots=True)
class _HandedIn:
    """An entry, the path it was handed in by (without the folders of the class), and its version."""

    entry: Entry
    path: PurePosixPath
    version: tuple[str, int] = ("", 0)

    @property
    def is_notebook(self) -> bool:
        return bool(NOTEBOOK.search(self.path.name))

    @property
    def stem(self) -> str:
        return NOTEBOOK.sub("", self.path.name)


@dataclass(slots=True)
class _Picked:
    """What is taken of a submission so far, and what is to be said about it."""

    files: dict[str, Reader] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


_Student = tuple[str, Iterable[_HandedIn]]


def discover(path: Path, assignment: Assignment) -> Iterator[Submission]:
    """Yield the submissions under ``path``, folders first, each in order of their names.

    Raises AutograderError where ``path`` is nothing that holds submissions, or holds none.
    """
    folders, loose = _contents(path)
    return _submissions(path, folders, loose, assignment)


_Folders = list[tuple[str, Callable[[], Iterable[Entry]]]]


def _contents(path: Path) -> tuple[_Folders, list[Entry]]:
    """The top of what was handed in: folders, opened when their turn comes, and loose files."""
    if path.is_dir():
        top = list(folder_entries(path, depth=0))
        real = {entry.parts[0] for entry in top if not entry.refused.startswith("is a link")}
        names = [name for name in sorted(real) if (path / name).is_dir()]
        folders: _Folders = [(name, lambda name=name: folder_entries(path / name)) for name in names]
        return folders, [entry for entry in top if entry.parts[0] not in names]
    if path.suffix == ".zip" and path.is_file():
        return _archive_contents(archive_entries(path))
    if NOTEBOOK.search(path.name) and path.is_file():
        return [], [entry for entry in folder_entries(path.parent, depth=0) if entry.parts[0] == path.name]
    expected = "expected a folder, a zip archive or a notebook (.ipynb)"
    raise AutograderError(f"there are no submissions at {path}: {expected}")
