"""An assignment as its instructor wrote it: the only copy of a test that grading believes.

``load_assignment`` reads any nbgrader course folder. Where the course's gradebook knows the assignment, the
text of restored cells is the one stored there when the assignment was generated (hidden tests included,
autotests instantiated), as in nbgrader's own OverwriteCells; else it is the source notebook's.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import AutograderError
from autograder.source_notebook import ANSWERS as ANSWERS
from autograder.source_notebook import GRADED as GRADED
from autograder.source_notebook import RESTORED as RESTORED
from autograder.source_notebook import Kind as Kind
from autograder.source_notebook import SourceCell as SourceCell
from autograder.source_notebook import SourceNotebook as SourceNotebook
from autograder.source_notebook import blank_notebook as blank_notebook
from autograder.source_notebook import release_texts as release_texts
from autograder.source_notebook import source_notebook as source_notebook
from autograder.stored_cells import StoredCell, stored_cells


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment: its notebooks, and ``files``, the other files of its folder as relative paths."""

    name: str
    notebooks: tuple[SourceNotebook, ...]
    files: tuple[str, ...]
    folder: Path
    view: str


def load_assignment(course: Path, name: str) -> Assignment:
    """Return the assignment ``name`` of the nbgrader course folder ``course``.

    The folder's own ``nbgrader_config.py`` says where sources lie and what a stub looks like. Raises
    AutograderError where there is no such assignment (with the nearest names), no notebook in it, or
    where a notebook of it cannot be used.
    """
    config = _course_config(course)
    layout = CourseDirectory(config=config, root=str(course.resolve()))
    folder = _assignment_folder(layout, name)
    paths = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    if not paths:
        raise AutograderError(f"{folder} holds no notebook (*.ipynb), so there is nothing to grade")
    stored = stored_cells(layout.db_url, name)
    notebooks = tuple(_load(path, config, stored.get(path.stem), bool(stored)) for path in paths)
    return Assignment(name, notebooks, _other_files(folder, layout.ignore), folder, view=name)


def _course_config(course: Path) -> Config:
    if not course.is_dir():
        raise AutograderError(f"there is no course folder {course}")
    path = course / "nbgrader_config.py"
    if not path.is_file():
        return Config()
    try:
        return PyFileConfigLoader(path.name, path=str(course.resolve())).load_config()
    except Exception as error:  # the file is a program: it may raise anything
        raise AutograderError(f"{path} cannot be read as nbgrader's configuration: {error!r}") from error


def _assignment_folder(layout: CourseDirectory, name: str) -> Path:
    folder = Path(layout.format_path(layout.source_directory, ".", name))
    is_name = name not in ("", ".", "..") and Path(name).name == name
    if is_name and folder.is_dir():
        return folder
    sources = folder.parent if is_name else Path(layout.root, layout.source_directory)
    known = sorted(entry.name for entry in sources.glob("*") if entry.is_dir()) if sources.is_dir() else []
    raise AutograderError(_unknown_assignment(name, sources, known))


def _unknown_assignment(name: str, sources: Path, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3)
    if close:
        return f"there is no assignment {name!r} in {sources}; did you mean {' or '.join(close)}?"
    there = ", ".join(known[:10]) or "no assignment at all"
    return f"there is no assignment {name!r} in {sources}, which holds {there}"


def _other_files(folder: Path, ignore: Sequence[str]) -> tuple[str, ...]:
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _ignored(name, ignore)]
        kept = (name for name in files if not name.endswith(".ipynb") and not _ignored(name, ignore))
        found += [Path(parent, name).relative_to(folder).as_posix() for name in kept]
    return tuple(sorted(found))


def _ignored(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _load(path: Path, config: Config, stored: Mapping[str, StoredCell] | None, known: bool) -> SourceNotebook:
    try:
        # ids that are missing stay missing here: converting within format 4 would draw random ones
        notebook = nbformat.convert(nbformat.reader.reads(path.read_text(encoding="utf-8")), 4)
        source = source_notebook(path.stem, notebook, config=config, stored=stored or {})
    except (ValueError, OSError, AttributeError, KeyError, TypeError) as error:
        raise AutograderError(f"{path} cannot be read as a source notebook: {error}") from error
    _refuse_unknown_to_gradebook(source, stored or {}, known)
    return source


def _refuse_unknown_to_gradebook(source: SourceNotebook, stored: Mapping[str, Any], known: bool) -> None:
    """A graded cell added after the assignment was generated has nowhere to put its points."""
    graded = (cell.id for cell in source.cells if cell.kind in GRADED)
    missing = [name for name in graded if name not in stored]
    if known and missing:
        message = f"the gradebook does not know {', '.join(map(str, missing))} of {source.name}"
        raise AutograderError(f"{message}; run 'nbgrader generate_assignment' again")
