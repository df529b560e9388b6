"""From what a class handed in to one Submission a student, lazily.

Understood: nbgrader's ``submitted/`` (student/ASSIGNMENT/NAME.ipynb), a folder for each student, a flat
folder of notebooks as learning platforms name them, one notebook, and a zip archive of any of these.
Taken are the assignment's notebooks and the files it lists; everything left out or refused is said in the
submission's ``problems``, which never stop the class.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from autograder.entries import Entry, FileReader, Reader, archive_entries, folder_entries, top_level
from autograder.errors import AutograderError, UnreadableSubmission
from autograder.lms_names import parse_name, safe_student_id, unique_id
from autograder.notebook_io import MAX_FILE_BYTES, MIB
from autograder.picking import NOTEBOOK, HandedIn, pick
from autograder.source import Assignment

MAX_SUBMISSION_BYTES = 4 * MAX_FILE_BYTES
WORK = re.compile(r"(?i)\.(ipynb|ipynb\.txt|ipynb\.json|py|pdf|html?|docx?|zip|tar|gz|7z|rar|odt)$")
PLATFORM_FOLDER = re.compile(r"_assignsubmission_|_attempt_\d{4}-")


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


_Students = Iterator[tuple[str, list[HandedIn]]]
_Folders = list[tuple[str, Callable[[], Iterable[Entry]]]]


def discover(path: Path, assignment: Assignment) -> Iterator[Submission]:
    """Yield the submissions under ``path``, folders first, each in order of their names.

    Raises AutograderError where ``path`` is nothing that holds submissions, or holds none.
    """
    folders, loose = _contents(path, assignment)
    return _submissions(path, folders, loose, assignment)


def _submissions(
    path: Path, folders: _Folders, loose: Iterable[Entry], assignment: Assignment
) -> Iterator[Submission]:
    taken: set[str] = set()
    students = itertools.chain(_by_folder(folders, assignment), _by_name(loose, assignment))
    for student, handed_in in students:
        yield _submission(student, handed_in, assignment, taken)
    if not taken:
        expected = f"a folder for each student, or notebooks of {assignment.name} named by student"
        raise AutograderError(f"there are no submissions in {path}: expected {expected}")


def _contents(path: Path, assignment: Assignment) -> tuple[_Folders, list[Entry]]:
    """The top of what was handed in: folders, opened when their turn comes, and loose files."""
    if path.is_dir():
        names, loose = top_level(path)
        return [(name, partial(folder_entries, path / name)) for name in names], loose
    if path.suffix.lower() == ".zip" and path.is_file():
        return _archive_contents(archive_entries(path), assignment)
    if NOTEBOOK.search(path.name) and path.is_file():
        return [], [Entry((path.name,), FileReader(path))]
    expected = "expected a folder, a zip archive or a notebook (.ipynb)"
    raise AutograderError(f"there are no submissions at {path}: {expected}")


def _archive_contents(entries: list[Entry], assignment: Assignment) -> tuple[_Folders, list[Entry]]:
    while _is_wrapped(entries, assignment):
        entries = [replace(entry, parts=entry.parts[1:]) for entry in entries]
    loose = [entry for entry in entries if len(entry.parts) == 1]
    inside = (entry for entry in entries if len(entry.parts) > 1)
    grouped = itertools.groupby(inside, key=lambda entry: entry.parts[0])
    return [(name, partial(_without_top, list(group))) for name, group in grouped], loose


def _without_top(entries: list[Entry]) -> list[Entry]:
    return [replace(entry, parts=entry.parts[1:]) for entry in entries]


def _is_wrapped(entries: list[Entry], assignment: Assignment) -> bool:
    """Whether all lies in one folder that is the class's, not a student's."""
    if len({entry.parts[0] for entry in entries}) != 1 or any(len(entry.parts) < 2 for entry in entries):
        return False
    below = {entry.parts[1] for entry in entries}
    own = {f"{notebook.name}.ipynb" for notebook in assignment.notebooks}
    return not below & {*own, assignment.name}


def _by_folder(folders: _Folders, assignment: Assignment) -> _Students:
    """Folders by student; a platform may make two folders for one student's files and texts."""
    others = _other_assignments(assignment)
    for student, group in itertools.groupby(folders, key=lambda folder: _folder_student(folder[0])):
        entries = [entry for _, opened in group for entry in opened()]
        tops = {entry.parts[0] for entry in entries if len(entry.parts) > 1}
        if assignment.name in tops:
            entries = _without_top([entry for entry in entries if entry.parts[0] == assignment.name])
        elif tops and tops <= others and not any(len(entry.parts) == 1 for entry in entries):
            continue  # nbgrader's layout, and nothing was handed in for this assignment
        yield student, [HandedIn(entry, PurePosixPath(*entry.parts)) for entry in entries if entry.parts]


def _folder_student(name: str) -> str:
    return parse_name(name, ()).student if PLATFORM_FOLDER.search(name) else name


def _other_assignments(assignment: Assignment) -> set[str]:
    siblings = assignment.folder.parent
    return {entry.name for entry in siblings.iterdir()} - {assignment.name} if siblings.is_dir() else set()


def _by_name(loose: Iterable[Entry], assignment: Assignment) -> _Students:
    names = [notebook.name for notebook in assignment.notebooks]
    students: dict[str, list[HandedIn]] = {}
    for entry in loose:
        named = parse_name(NOTEBOOK.sub(".ipynb", entry.parts[0]), names)
        if named.by_platform or _is_work(entry):
            handed_in = HandedIn(entry, PurePosixPath(named.file or "."), named.version)
            students.setdefault(named.student, []).append(handed_in)
    yield from sorted(students.items())


def _is_work(entry: Entry) -> bool:
    """Whether a loose file without a student's name was handed in, or is the instructor's (a list, say)."""
    return bool(entry.refused or WORK.search(entry.parts[0]))


def _submission(
    student: str, handed_in: Sequence[HandedIn], assignment: Assignment, taken: set[str]
) -> Submission:
    name = unique_id(student, taken)
    names = [notebook.name for notebook in assignment.notebooks]
    picked = pick(handed_in, names, assignment.files)
    if name != safe_student_id(student):
        picked.problems.insert(0, f"another submission has the same name; this one is called {name!r}")
    return Submission(name, picked.files, tuple(picked.problems), picked.timestamp)
