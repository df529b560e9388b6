"""What the marker line of an authored cell may say, and what nbgrader needs it to say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from autograder.building.regions import HIDDEN_TESTS, MARK_SCHEME, REGIONS, SOLUTION, Region, cut
from autograder.errors import AutograderError

Role = Literal["plain", "solution", "test", "question", "predict", "locked"]
ROLES: tuple[Role, ...] = get_args(Role)[1:]
VALID_ID = re.compile(r"[a-z0-9_-]{1,64}")


class BuildError(AutograderError):
    """An authored notebook cannot be built; the message names the notebook, the cell and the fix."""


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """One authored cell: its text and what its marker line says."""

    id: str
    cell_type: str
    source: str
    role: Role = "plain"
    points: float = 0.0
    bonus: float = 0.0
    show: bool = False
    promise: bool = False
    tags: tuple[str, ...] = ()
    teaches: tuple[str, ...] = ()

    def has(self, region: Region) -> bool:
        """Whether the text has a region of that kind."""
        return cut(self.source, region).found


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_points(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_tags(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(tag, str) for tag in value)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and VALID_ID.fullmatch(value) is not None


# marker → (what its value must be, in code, in words)
MARKERS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "id": (_is_id, 'of 1 to 64 characters a-z, 0-9, "_" and "-"'),
    **dict.fromkeys(ROLES, (_is_flag, "true or false")),
    "show": (_is_flag, "true or false"),
    "promise": (_is_flag, "true or false"),
    "points": (_is_points, "a number of points, not negative"),
    "bonus": (_is_points, "a number of points, not negative"),
    "tags": (_is_tags, 'a list of words, as in tags=["hide-input"]'),
    "teaches": (_is_tags, 'a list of statements of solutions/syllabus.toml, as in teaches=["relu"]'),
}

# what would make a cell impossible to grade → what to say about it
RULES: tuple[tuple[Callable[[MarkedCell], bool], str], ...] = (
    (lambda c: c.role == "test" and c.cell_type != "code", "a test must be code; take [markdown] out"),
    (
        lambda c: c.role == "solution" and c.cell_type != "code",
        "a solution must be code; a written answer is marked question=true",
    ),
    (lambda c: c.role == "question" and c.cell_type != "markdown", "a question must be text: add [markdown]"),
    (
        lambda c: c.role == "test" and c.points == 0 and c.bonus == 0,
        "the test has no points; say points=N, or points=0 bonus=N",
    ),
    (lambda c: c.role == "question" and c.points == 0, "the question has no points; say points=N"),
    (
        lambda c: c.points > 0 and c.role not in ("test", "question"),
        "points belong to a test or a question; mark the cell test=true or take the points out",
    ),
    (lambda c: c.bonus > 0 and c.role != "test", "a bonus belongs to a test; mark the cell test=true"),
    (lambda c: c.bonus > 0 and c.points > 0, "a test has points or a bonus, not both; say points=0 bonus=N"),
    (
        lambda c: c.role == "solution" and not cut(c.source, SOLUTION).inside.strip(),
        "no solution region; put the answer between '### BEGIN SOLUTION' and '### END SOLUTION'",
    ),
    (
        lambda c: c.has(SOLUTION) and c.role not in ("solution", "question"),
        "a solution region in a cell that is no solution; mark the cell solution=true",
    ),
    (
        lambda c: c.role == "question" and not cut(c.source, MARK_SCHEME).inside.strip(),
        "no rubric; put it between '=== BEGIN MARK SCHEME ===' and '=== END MARK SCHEME ==='",
    ),
    (
        lambda c: c.role == "question" and not cut(c.source, SOLUTION).inside.strip(),
        "no model answer; put it between '### BEGIN SOLUTION' and '### END SOLUTION'",
    ),
    (
        lambda c: c.has(MARK_SCHEME) and c.role != "question",
        "a mark scheme in a cell that is no question; mark the cell question=true",
    ),
    (
        lambda c: c.has(HIDDEN_TESTS) and c.role != "test",
        "hidden tests in a cell that is no test; mark the cell test=true",
    ),
    (
        lambda c: c.show and (c.role != "plain" or c.cell_type != "code"),
        "show=true is for a code cell that only shows; a cell with another role always runs",
    ),
    (lambda c: c.promise and c.cell_type != "code", "only code has an output to promise"),
)


def read_marker(where: str, cell_type: str, source: str, marker: Mapping[str, Any]) -> MarkedCell:
    """Return the cell that ``marker`` (the metadata of its marker line) describes.

    ``where`` names the cell in a message until its id is known. Raises BuildError.
    """
    if "id" not in marker:
        raise BuildError(f'{where} has no id; say id="..." in its marker line')
    where = f"{where} ({marker['id']})"
    _refuse_unknown(where, marker)
    roles = [role for role in ROLES if marker.get(role)]
    if len(roles) > 1:
        raise BuildError(f"{where}: a cell has one role, not {' and '.join(roles)}")
    values = {key: value for key, value in marker.items() if key not in ROLES}
    values |= {name: tuple(marker.get(name, ())) for name in ("tags", "teaches")}
    cell = MarkedCell(cell_type=cell_type, source=source, role=roles[0] if roles else "plain", **values)
    _refuse_broken(where, cell)
    return cell


def _refuse_unknown(where: str, marker: Mapping[str, Any]) -> None:
    for key, value in marker.items():
        if key not in MARKERS:
            raise BuildError(f"{where}: unknown marker {key!r}; known are {', '.join(MARKERS)}")
        fits, words = MARKERS[key]
        if not fits(value):
            raise BuildError(f"{where}: {key} must be {words}; it is {value!r}")


def _refuse_broken(where: str, cell: MarkedCell) -> None:
    for region in REGIONS:
        try:
            cut(cell.source, region)
        except ValueError as error:
            raise BuildError(f"{where}: {region.name} region: {error}") from error
    for is_broken, message in RULES:
        if is_broken(cell):
            raise BuildError(f"{where}: {message}")
