"""Where the authored units lie, and where what is made of them goes."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

import autograder
from autograder.atomic_files import write_atomically
from autograder.building.authoring import notebook_text, source_from_text
from autograder.building.release import COURSE_CONFIG, read_tree
from autograder.errors import AutograderError

UNIT_FILES = "[0-9][0-9]_*.py"


@dataclass(frozen=True, slots=True)
class Unit:
    """One authored unit: ``solutions/NN_topic.py`` and, where there is one, the folder beside it.

    What lies in the folder ``solutions/NN_topic/`` is given out to students with the notebook.
    """

    path: Path

    @property
    def name(self) -> str:
        """Its name, which is that of its assignment and of its notebook."""
        return self.path.stem

    def source(self) -> NotebookNode:
        """The source notebook. Raises BuildError."""
        return source_from_text(self.path.read_text(encoding="utf-8"), self.path.name)

    def files(self) -> dict[str, bytes]:
        """Every file of nbgrader's source folder: path in the folder → content. Raises BuildError."""
        beside = dict(read_tree(self.path.with_suffix("")))
        return {**beside, f"{self.name}.ipynb": notebook_text(self.source()).encode()}


@dataclass(frozen=True, slots=True)
class Project:
    """The folder that holds ``solutions/`` and ``course/``."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """The project around ``start`` (the working folder), else the one this package was installed from.

        Raises AutograderError where neither has authored units.
        """
        here = (start or Path.cwd()).resolve()
        package = Path(autograder.__file__).resolve().parents[1]
        for folder in (here, *here.parents, package):
            if next((folder / "solutions").glob(UNIT_FILES), None) is not None:
                return cls(folder)
        message = f"there are no authored units (solutions/{UNIT_FILES}) in {here} or above it"
        raise AutograderError(f"{message}; run this in a clone of the course, or name a course with --course")

    @property
    def solutions(self) -> Path:
        """What instructors write and read."""
        return self.root / "solutions"

    @property
    def course(self) -> Path:
        """What students get."""
        return self.root / "course"

    def units(self) -> tuple[Unit, ...]:
        """Every unit, in order."""
        return tuple(Unit(path) for path in sorted(self.solutions.glob(UNIT_FILES)))

    def unit(self, name: str) -> Unit:
        """The unit ``name``. Raises AutograderError, with the nearest names, where there is none."""
        known = {unit.name: unit for unit in self.units()}
        if name in known:
            return known[name]
        close = difflib.get_close_matches(name, known, n=1) or list(known)
        raise AutograderError(f"there is no unit {name!r}; did you mean {' or '.join(close)}?")

    def executed(self, unit: Unit) -> Path:
        """Where the executed notebook of a unit lies."""
        return self.solutions / f"{unit.name}.ipynb"


def write_source(name: str, folder: Path, project: Project | None = None) -> bool:
    """Make ``folder`` the source folder of the unit ``name``; return whether anything in it changed.

    Raises AutograderError where there is no such unit, BuildError where it cannot be built.
    """
    unit = (project or Project.find()).unit(name)
    return write_tree(folder, unit.files())


def write_course(folder: Path, project: Project | None = None) -> Path:
    """Make ``folder`` an nbgrader course folder with every unit's source, and return it.

    A configuration that is there is left alone. Raises as ``write_source``.
    """
    project = project or Project.find()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "nbgrader_config.py"
    if not config.exists():
        write_atomically(config, COURSE_CONFIG.encode())
    for unit in project.units():
        write_source(unit.name, folder / "source" / unit.name, project)
    return folder


def write_tree(folder: Path, files: dict[str, bytes]) -> bool:
    """Make the files under ``folder`` exactly ``files``; return whether anything changed."""
    there = dict(read_tree(folder))
    if there == files:
        return False
    for path in there.keys() - files.keys():
        (folder / path).unlink()
    for path, content in files.items():
        if there.get(path) != content:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(folder / path, content)
    return True
