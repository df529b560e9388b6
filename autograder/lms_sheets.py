"""Marks into the table that a learning platform gives for grading, ready to be uploaded there again.

All that stands in the table stays as it is, down to encoding and separator, but for one column: the points.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from autograder.errors import AutograderError
from autograder.gradebook import FinalMark
from autograder.lms_names import safe_student_id

MARKS_OF_ORDER = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
NUMBERED = re.compile(r".+_(\d+)(?:-\d+)?")  # as lms_names reads Moodle's and Canvas's file names
IDS = frozenset(("identifier", "id", "sis user id", "sis login id", "integration id", "username", "student id"))
NAMES = frozenset(("email address", "email", "full name", "student", "name", "student name"))
POSSIBLE = re.compile(r"\[Total Pts: ([\d.,]+)")  # Blackboard writes the points into the heading
COLUMNS = re.compile(r".+ \(\d+\)|.*\[Total Pts: .*\].*")  # of one assignment: Canvas, Blackboard


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as a platform wrote it: the headings, the lines below, and how they were written."""

    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"
    separator: str = ","
    end: str = "\n"

    def column(self, *names: str) -> int | None:
        """The first column with one of these headings."""
        plain = [head.strip().casefold() for head in self.heads]
        return next((plain.index(name) for name in names if name in plain), None)

    @property
    def raw(self) -> bytes:
        """The table as a file."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.separator, lineterminator=self.end).writerows([self.heads, *self.lines])
        return text.getvalue().encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled table, and what became of the class. ``lines``: the number of each student's line in the table."""

    sheet: Sheet
    column: str
    lines: dict[str, int] = field(default_factory=dict)
    scaled: tuple[float, float] | None = None  # our points, theirs
    waiting: tuple[str, ...] = ()  # points still to be given by hand
    unplaced: tuple[str, ...] = ()  # no line, or more than one, fits


def read_sheet(raw: bytes) -> Sheet:
    """Raises AutograderError where ``raw`` is no table with headings."""
    text, encoding = _decoded(raw)
    first = text.partition("\n")[0]
    separator = max("\t;,", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise AutograderError(f"the table cannot be read as CSV: {error}") from None
    heads = lines.pop(0) if lines else []
    if len(heads) < 2:
        raise AutograderError("the table is empty or has one column only; export it from the platform as CSV")
    wide = (tuple(line + [""] * (len(heads) - len(line))) for line in lines)
    return Sheet(tuple(heads), tuple(wide), encoding, separator, "\r\n" if first.endswith("\r") else "\n")


def _decoded(raw: bytes) -> tuple[str, str]:
    """The text, and its encoding: by the mark of byte order, else UTF-8, else that of Windows in the West."""
    marked = next((name for mark, name in MARKS_OF_ORDER.items() if raw.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise AutograderError("the table is in no encoding that is known here; save it as CSV in UTF-8")


def fill_sheet(
    sheet: Sheet, assignment: str, marks: Sequence[FinalMark], column: str = "", *, all_marks: bool = False
) -> Filled:
    """The marks in their column; ``column`` names it where it cannot be told.

    Students who wait for points by hand are left out, unless ``all_marks``. Where the platform says how many
    points there are, marks are scaled to them. Raises AutograderError where the column cannot be told.
    """
    at = _column(sheet, assignment, column)
    placed = _placed(sheet, [mark.student for mark in marks])
    ready = [mark for mark in marks if mark.student in placed and (all_marks or not mark.waiting)]
    possible = _possible(sheet, at)
    lines = [list(line) for line in sheet.lines]
    scaled = None
    for mark in ready:
        line = placed[mark.student]
        most, shown = possible(line) or (mark.max_score, "")
        lines[line][at] = _written(mark.score * most / (mark.max_score or most), comma="," in shown)
        scaled = (mark.max_score, most) if most != mark.max_score else scaled
    return Filled(
        replace(sheet, lines=tuple(map(tuple, lines))),
        sheet.heads[at],
        {mark.student: placed[mark.student] for mark in ready},
        scaled,
        waiting=tuple(mark.student for mark in marks if mark.waiting and not all_marks),
        unplaced=tuple(mark.student for mark in marks if mark.student not in placed),
    )


def _column(sheet: Sheet, assignment: str, wanted: str) -> int:
    """The column of the points."""
    if wanted:
        found = [i for i, head in enumerate(sheet.heads) if _plain(wanted) in _plain(head)]
        exact = [i for i in found if _plain(wanted) == _plain(sheet.heads[i])]
        found = exact or found
    elif sheet.column("identifier") is not None and (grade := sheet.column("grade")) is not None:  # Moodle
        return grade
    else:
        found = [i for i, h in enumerate(sheet.heads) if COLUMNS.fullmatch(h) and _plain(assignment) in _plain(h)]
    if len(found) == 1:
        return found[0]
    many = "more than one column fits" if found else "no column fits"
    raise AutograderError(f"{many}; say which with --column. The table has: {', '.join(sheet.heads)}")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _placed(sheet: Sheet, students: Sequence[str]) -> dict[str, int]:
    """Each student's line: by an id, else by a name; who fits more than one line, or shares one, has none."""
    found: dict[str, int] = {}
    for headings, keys in ((IDS, _id_keys), (NAMES, _name_keys)):
        lines = _lines_by_key(sheet, headings)
        fits = {s: set().union(*(lines.get(key, set()) for key in keys(s))) for s in students if s not in found}
        taken = Counter(line for its in fits.values() for line in its)
        taken.update(found.values())
        found |= {s: min(its) for s, its in fits.items() if len(its) == 1 and taken[min(its)] == 1}
    return found


def _id_keys(student: str) -> set[str]:
    match = NUMBERED.fullmatch(student)
    return {student.casefold(), match[1]} if match else {student.casefold()}


def _name_keys(student: str) -> set[str]:
    return {student.casefold(), re.sub(r"_\d+$", "", student).casefold()}


def _lines_by_key(sheet: Sheet, headings: frozenset[str]) -> dict[str, set[int]]:
    columns = [i for i, head in enumerate(sheet.heads) if head.strip().casefold() in headings]
    lines = defaultdict(set)
    for number, line in enumerate(sheet.lines):
        for key in (key for i in columns for key in _keys(line[i])):
            lines[key].add(number)
    return lines


def _keys(value: str) -> Iterator[str]:
    """An id as it is, the number in Moodle's "Participant 12345", an address up to its @, a name turned round."""
    value = value.strip()
    last, _, first = value.partition(",")
    number = re.fullmatch(r"\D+ (\d+)", value)
    forms = (value, value.partition("@")[0], f"{first} {last}", number[1] if number else "")
    yield from {safe_student_id(form).casefold() for form in forms if form.strip()}


def _possible(sheet: Sheet, at: int) -> Callable[[int], tuple[float, str] | None]:
    """How many points the platform says there are in a line, as a number and as written, if it does."""
    most = sheet.column("maximum grade", "maximum score")  # Moodle
    common = [line[at] for line in sheet.lines if line[0].strip() == "Points Possible"]  # Canvas
    common += POSSIBLE.findall(sheet.heads[at])

    def possible(number: int) -> tuple[float, str] | None:
        texts = common if most is None else [sheet.lines[number][most]]
        return next(((value, text) for text in texts if (value := _number(text)) > 0), None)

    return possible


def _number(text: str) -> float:
    """0 where it is none."""
    return float(text.strip().replace(",", ".")) if re.fullmatch(r"\s*\d+([.,]\d+)?\s*", text) else 0.0


def _written(points: float, *, comma: bool) -> str:
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text
