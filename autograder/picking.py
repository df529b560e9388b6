"""What is taken of the files a student handed in: the assignment's notebooks and the files it lists."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.entries import Entry, Reader
from autograder.errors import UnreadableSubmission
from autograder.lms_names import bare_stem

NOTEBOOK = re.compile(r"(?i)\.ipynb(\.txt|\.json)?$")  # some browsers add the second ending
TIMESTAMP = re.compile(r"[\w :.,+/-]{8,64}")
STARTUP_MODULES = frozenset({"sitecustomize", "usercustomize", "__main__"})  # Python runs these unasked
OTHERS_SHOWN = 3
MAX_PROBLEMS = 20
MAX_PROBLEM_CHARS = 200
MAX_PATH_CHARS = 100


@dataclass(frozen=True, slots=True)
class HandedIn:
    """An entry, the path it was handed in by (without the folders of the class), and its version."""

    entry: Entry
    path: PurePosixPath
    version: tuple[str, int] = ("", 0)

    @property
    def is_notebook(self) -> bool:
        """Whether its name says it is one."""
        return bool(NOTEBOOK.search(self.path.name))

    @property
    def stem(self) -> str:
        """Its name without the ending of a notebook."""
        return NOTEBOOK.sub("", self.path.name)


@dataclass(slots=True)
class Picked:
    """What is taken of a submission so far, and what is to be said about it."""

    files: dict[str, Reader] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    timestamp: str | None = None


def pick(handed_in: Sequence[HandedIn], notebooks: Sequence[str], files: Sequence[str]) -> Picked:
    """Choose, of what one student handed in, the ``notebooks`` (by name) and listed ``files``."""
    picked = Picked()
    picked.problems += [f"{_clipped(item.path)} {item.entry.refused}" for item in handed_in if item.entry.refused]
    readable = [item for item in handed_in if not item.entry.refused]
    _pick_notebooks(picked, readable, notebooks)
    _pick_files(picked, readable, files)
    picked.timestamp = _timestamp(picked, readable)
    _note_left_out(picked, readable)
    picked.problems = [_shown(problem) for problem in picked.problems[:MAX_PROBLEMS]]
    return picked


def _shown(problem: str) -> str:
    """File names are a stranger's text: no control characters, nothing that cannot be written, no novels."""
    shown = "".join(char if char.isprintable() else "?" for char in problem)
    return shown if len(shown) <= MAX_PROBLEM_CHARS else f"{shown[: MAX_PROBLEM_CHARS - 1]}…"


def _clipped(path: PurePosixPath) -> str:
    shown = str(path)
    return shown if len(shown) <= MAX_PATH_CHARS else f"…{shown[1 - MAX_PATH_CHARS :]}"


def _pick_notebooks(picked: Picked, readable: Sequence[HandedIn], names: Sequence[str]) -> None:
    """Give each notebook asked for the candidate that fits best: newest attempt, then name, then version."""
    candidates = [(index, item) for index, item in enumerate(readable) if item.is_notebook]
    ranked = [(_rank(item, name), name, index) for name in names for index, item in candidates]
    least = 0 if len(names) == 1 else 1  # a lone notebook may have any name
    for rank, name, index in sorted(ranked, reverse=True):
        file = f"{name}.ipynb"
        if rank[1] >= least and file not in picked.files and index not in picked.used:
            picked.files[file] = readable[index].entry.reader
            picked.used.add(index)
            _note_choice(picked, readable[index], name, candidates)
    missing = [f"{name}.ipynb" for name in names if f"{name}.ipynb" not in picked.files]
    if missing:
        picked.problems.append(f"no notebook was handed in for {', '.join(missing)}")


_Rank = tuple[str, int, int, int]


def _rank(item: HandedIn, name: str) -> _Rank:
    when, number = item.version
    return (when, _fit(item.stem, name), number, -len(item.path.parts))


def _fit(stem: str, name: str) -> int:
    """How well a file's name fits the notebook's: 4 the same … 0 not at all."""
    wanted, plain, bare = _plain(name), _plain(stem), _plain(bare_stem(stem))
    rules = ((4, stem == name), (3, plain == wanted), (2, bare == wanted), (1, wanted in plain))
    return next((fit for fit, holds in rules if holds), 0)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _note_choice(picked: Picked, item: HandedIn, name: str, candidates: Sequence[tuple[int, HandedIn]]) -> None:
    rivals = [other for _, other in candidates if other is not item and _fit(other.stem, name) > 0]
    resubmitted = [other for other in rivals if other.version != item.version]
    if resubmitted:
        shown = item.entry.parts[-1]
        picked.problems.append(f"handed in {len(resubmitted) + 1} times; the newest, {shown!r}, was taken")
    elif rivals:
        picked.problems.append(f"{len(rivals) + 1} notebooks fit {name}.ipynb; {_clipped(item.path)!r} was taken")
    elif _fit(item.stem, name) < 3:
        picked.problems.append(f"{_clipped(item.path)!r} was taken for {name}.ipynb")


def _pick_files(picked: Picked, readable: Sequence[HandedIn], listed: Sequence[str]) -> None:
    """Take the files that the assignment lists, where they lie as deep or deeper in what was handed in."""
    for file in listed:
        parts = PurePosixPath(file).parts
        fitting = [i for i, item in enumerate(readable) if item.path.parts[-len(parts) :] == parts]
        if not fitting:
            continue
        picked.used.update(fitting)
        best = max(fitting, key=lambda i: (readable[i].version, -len(readable[i].path.parts)))
        if shadowed := _shadowed_module(parts):
            picked.problems.append(f"{file} was refused: it would be imported in place of {shadowed!r}")
        else:
            picked.files[file] = readable[best].entry.reader


def _shadowed_module(parts: Sequence[str]) -> str | None:
    """The importable module that a file (or its folder) would hide from the notebook, if any."""
    suffixes = tuple(importlib.machinery.all_suffixes())
    stem = parts[0] if len(parts) > 1 else parts[0].split(".")[0] if parts[0].endswith(suffixes) else ""
    if stem in sys.stdlib_module_names | STARTUP_MODULES:
        return stem
    return stem if stem.isidentifier() and importlib.util.find_spec(stem) else None


def _timestamp(picked: Picked, readable: Sequence[HandedIn]) -> str | None:
    for index, item in enumerate(readable):
        if item.path == PurePosixPath("timestamp.txt"):
            picked.used.add(index)
            with contextlib.suppress(UnreadableSubmission):
                text = item.entry.reader.read()[:100].decode("utf-8", "replace").strip()
                if TIMESTAMP.fullmatch(text):
                    return text
            picked.problems.append("timestamp.txt holds no date")
    return None


def _note_left_out(picked: Picked, readable: Sequence[HandedIn]) -> None:
    left = [_clipped(item.path) for index, item in enumerate(readable) if index not in picked.used]
    left = [path for path in left if not NOTEBOOK.search(path) and not path.startswith(".")]
    if left:
        shown = ", ".join(left[:OTHERS_SHOWN])
        more = f" and {len(left) - OTHERS_SHOWN} more" if len(left) > OTHERS_SHOWN else ""
        picked.problems.append(f"left out, as the assignment does not list it: {shown}{more}")
