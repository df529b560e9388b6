"""An nbgrader course folder: where its parts lie, and how an assignment gets into its gradebook."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.atomic_files import write_atomically
from autograder.errors import AutograderError, GraderError
from autograder.gradebook import commands_on_path

CONFIG = "nbgrader_config.py"
LOG = ".nbgrader.log"  # nbgrader's own log of a course
PLUG_IN = """
# nbgrader's own commands grade across the trust boundary too
from autograder.nbgrader_plugin import configure

configure(get_config())
"""


@dataclass(frozen=True, slots=True)
class CourseFolder:
    """A course folder, with the layout that its own configuration gives it."""

    root: Path
    config: Config
    layout: CourseDirectory

    @classmethod
    def open(cls, root: Path) -> CourseFolder:
        """The course folder at ``root``.

        Raises
        ------
        AutograderError
            Where there is no such folder or its configuration cannot be read.
        """
        if not root.is_dir():
            raise AutograderError(f"there is no course folder {root}")
        config = _read_config(root)
        return cls(root, config, CourseDirectory(config=config, root=str(root.resolve())))

    @property
    def db_url(self) -> str:
        """The address of its gradebook."""
        return str(self.layout.db_url)

    @property
    def log(self) -> Path:
        """Where warnings about its grades stay."""
        return self.root / LOG

    def journal(self, assignment: str) -> Path:
        """Where a grading run keeps what it has done."""
        return self.root / ".autograder" / f"{assignment}.jsonl"

    def source(self, assignment: str) -> Path:
        """What the instructor wrote."""
        return self._path(self.layout.source_directory, ".", assignment)

    def submitted(self, student: str, assignment: str) -> Path:
        """What a student handed in."""
        return self._path(self.layout.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """The executed notebooks."""
        return self._path(self.layout.autograded_directory, student, assignment)

    def feedback(self, student: str, assignment: str) -> Path:
        """The pages for a student."""
        return self._path(self.layout.feedback_directory, student, assignment)

    def _path(self, step: str, student: str, assignment: str) -> Path:
        return Path(self.layout.format_path(step, student, assignment))

    def release(self, assignment: str) -> None:
        """Make sure that the gradebook knows the assignment and its students' version exists.

        Raises
        ------
        AutograderError
            Where nbgrader refuses the source.
        """
        if not self._knows(assignment):
            self.generate(assignment)

    def _knows(self, assignment: str) -> bool:
        wanted = {path.stem for path in self.source(assignment).glob("*.ipynb")}
        with commands_on_path(), Gradebook(self.db_url) as book:
            try:
                found = {notebook.name for notebook in book.find_assignment(assignment).notebooks}
            except MissingEntry:
                return False
        return wanted <= found

    def generate(self, assignment: str) -> None:
        """nbgrader's ``generate_assignment``. Raises AutograderError where nbgrader refuses."""
        self.layout.assignment_id = assignment
        converter = GenerateAssignment(coursedir=self.layout, config=self.config)
        converter.force = True
        try:
            with commands_on_path():
                converter.start()
        except (SystemExit, Exception) as error:  # its converters raise many kinds, without a common base
            raise AutograderError(f"nbgrader could not generate {assignment!r}: {error}") from error


def _read_config(root: Path) -> Config:
    if not (root / CONFIG).is_file():
        return Config()
    try:
        return PyFileConfigLoader(CONFIG, path=str(root.resolve())).load_config()
    except Exception as error:  # the file is a program: it may raise anything
        raise AutograderError(f"{root / CONFIG} cannot be read: {error!r}") from error


def make_workspace(output: Path, config: str = "c = get_config()\n") -> CourseFolder:
    """A course folder at ``output``, new or as it is there. Raises GraderError where it cannot be made."""
    _make_folder(output)
    if not (output / CONFIG).exists():
        write_atomically(output / CONFIG, f"{config}{PLUG_IN}".encode())
    return CourseFolder.open(output)


def copy_course(course: Path, output: Path, assignment: str) -> CourseFolder:
    """A course folder at ``output`` with one assignment of ``course``, which itself stays untouched.

    A gradebook comes along once (names, due dates, scores given by hand); afterwards the copy is its own.
    """
    original = CourseFolder.open(course)
    _make_folder(output)
    text = (course / CONFIG).read_text() if (course / CONFIG).is_file() else "c = get_config()\n"
    write_atomically(output / CONFIG, f"{text}{PLUG_IN}".encode())
    copied = CourseFolder.open(output)
    _copy_source(original, copied, assignment)
    book, prefix = Path(original.db_url.removeprefix("sqlite:///")), "sqlite:///"
    target = Path(copied.db_url.removeprefix(prefix))
    if original.db_url.startswith(prefix) and book.is_file() and not target.exists():
        shutil.copy(book, target)
    return copied


def _copy_source(original: CourseFolder, copied: CourseFolder, assignment: str) -> None:
    source, target = original.source(assignment), copied.source(assignment)
    if not source.is_dir():
        return  # load_assignment says it better, naming the assignments that there are
    shutil.copytree(source, target, dirs_exist_ok=True)
    for beside in source.parent.glob("*.ipynb"):  # headers and footers
        shutil.copy(beside, target.parent)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GraderError(f"the output folder {path} cannot be made: {error.strerror}") from error


def put(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, whole or not at all, where it is not there already; make folders as needed.

    Raises
    ------
    GraderError
        Where the disk refuses.
    """
    _make_folder(path.parent)
    if not (path.is_file() and path.read_bytes() == data):
        write_atomically(path, data)
