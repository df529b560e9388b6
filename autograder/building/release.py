"""Source notebooks → what students get, by nbgrader's own ``generate_assignment``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.building.markers import BuildError

COURSE_CONFIG = '''"""nbgrader's configuration of this course."""

c = get_config()

# A question's rubric stands in the locked cell that asks it; nbgrader expects rubrics in task cells only.
c.ClearMarkScheme.enforce_metadata = False
'''


def release(name: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that students get of the assignment whose source files are ``files``.

    Paths are relative to the assignment's folder. No gradebook is written (as with nbgrader's ``--no-db``).
    Raises BuildError where nbgrader refuses a notebook.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for path, content in files.items():
            target = root / "source" / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        _generate(root, name)
        return dict(read_tree(root / "release" / name))


def read_tree(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the relative path and content of every file under ``folder``, in the order of the paths."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if ".ipynb_checkpoints" not in path.parts:  # JupyterLab's, wherever someone opened a notebook
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _generate(root: Path, name: str) -> None:
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = name
    config.SaveCells.enabled = False
    config.GenerateAssignment.no_database = True
    config.ClearMarkScheme.enforce_metadata = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    try:
        with _quiet(converter):
            converter.start()
    except (NbGraderException, SystemExit) as error:
        raise BuildError(f"nbgrader cannot make the students' version of {name}: {error}") from error


@contextmanager
def _quiet(converter: GenerateAssignment) -> Iterator[None]:
    """nbgrader logs each file it copies; only what stops it is worth a line here, and that is raised."""
    level = converter.log.level
    converter.log.setLevel("CRITICAL")
    try:
        yield
    finally:
        converter.log.setLevel(level)
