"""Marks and feedback back to the learning platform that the submissions came from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.atomic_files import write_atomically
from autograder.course_folder import CourseFolder
from autograder.errors import AutograderError
from autograder.gradebook import final_marks
from autograder.lms_names import safe_student_id
from autograder.lms_sheets import Filled, fill_sheet, read_sheet

MOST_NAMED = 20


def fill(root: Path, assignment: str, sheet: Path, column: str = "", *, all_marks: bool = False) -> list[str]:
    """Write the filled table into ``root``, where the class was graded, and say what became of it, line by line.

    From a table of Moodle, also write a zip of the feedback pages, as it takes them back. Raises AutograderError
    where there is nothing to fill in, or the table cannot be read; GraderError where the disk refuses.
    """
    course = CourseFolder.open(root)
    marks = final_marks(course.db_url, assignment)
    if not marks:
        raise AutograderError(f"nobody's {assignment} is in the gradebook of {root}; grade it first")
    filled = fill_sheet(read_sheet(sheet.read_bytes()), assignment, marks, column, all_marks=all_marks)
    return [*_write(course, assignment, sheet.stem, filled), *_said(filled, len(marks))]


def _write(course: CourseFolder, assignment: str, name: str, filled: Filled) -> Iterator[str]:
    path = course.root / f"{name}_filled.csv"
    write_atomically(path, filled.sheet.raw)
    yield f"table     {path.resolve()}"
    pages = dict(_pages(course, assignment, filled))
    if pages:
        path = course.root / f"{name}_feedback.zip"
        write_atomically(path, _zipped(pages))
        yield f"feedback  {path.resolve()}"


def _pages(course: CourseFolder, assignment: str, filled: Filled) -> Iterator[tuple[str, bytes]]:
    """The feedback pages, under the names by which Moodle knows whose they are."""
    number = filled.sheet.column("identifier")
    name = filled.sheet.column("full name")
    if number is None:
        return
    for student, line in filled.lines.items():
        row = filled.sheet.lines[line]
        whose = safe_student_id(row[name]) if name is not None and row[name].strip() else "Participant"
        # Moodle cuts the name at its underscores
        folder = f"{whose.replace('_', ' ')}_{row[number].split()[-1]}_assignsubmission_file_"
        for page in sorted(course.feedback(student, assignment).glob("*.html")):
            yield f"{folder}/{page.name}", page.read_bytes()


def _zipped(pages: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in pages.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _said(filled: Filled, marks: int) -> Iterator[str]:
    yield f"{len(filled.lines)} of {marks} marks went into the column {filled.column!r}"
    if filled.scaled:
        yield "scaled from {:g} points to the platform's {:g}".format(*filled.scaled)
    if filled.waiting:
        yield f"left out, since points are still to be given by hand (--all takes them): {_named(filled.waiting)}"
    if filled.unplaced:
        yield f"left out, since no line of the table, or more than one, fits: {_named(filled.unplaced)}"


def _named(students: tuple[str, ...]) -> str:
    more = len(students) - MOST_NAMED
    return ", ".join(students[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
