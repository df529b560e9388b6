"""Guard and table: every statement of the syllabus is taught by a cell, and its exercises are named.

``solutions/syllabus.toml`` lists what the lecture states and names; cells say ``teaches=["id"]``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.building.coverage import checked
from autograder.building.markers import BuildError
from autograder.building.project import Project, Unit

SYLLABUS = "docs/syllabus.md"

HEAD = """# What is taught where

Every statement and every named system of the lecture, the cells that teach it (their ids, in the unit's notebook),
and what checks it: exercises by name, questions that a person marks. Made by `make build` from
`solutions/syllabus.toml` and the cells' own words; `make check` refuses a statement without a cell.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A statement, the cells that teach it, and what checks it."""

    id: str
    statement: str
    cells: tuple[str, ...]
    checks: tuple[str, ...]


def statements(project: Project) -> dict[str, dict[str, str]]:
    """Unit → id → statement; empty where the project has no syllabus. Raises BuildError for a broken one."""
    path = project.solutions / "syllabus.toml"
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BuildError(f"{path.name} cannot be read: {error}") from error


def rows(unit: Unit, wanted: dict[str, str]) -> list[Row]:
    """The rows of a unit, in the syllabus's order."""
    source = unit.source()
    exercises = {test.cell: test.exercise for test in checked(source)}
    found = []
    for name, statement in wanted.items():
        cells = [cell for cell in source.cells if name in _taught(cell)]
        checks = {cell.id: _check(cell, exercises) for cell in cells}
        teaching = tuple(cell for cell, check in checks.items() if not check)
        found.append(Row(name, statement, teaching, tuple(filter(None, checks.values()))))
    return found


def syllabus_text(project: Project) -> str:
    """The table of all units that are written, as Markdown."""
    lines = [HEAD]
    for unit, wanted in _written(project):
        title = next(line for line in unit.source().cells[0].source.splitlines() if line.startswith("# "))
        lines += [f"#{title}", "", "| statement | cells | checked by |", "|---|---|---|"]
        lines += [
            f"| {row.statement} | {', '.join(f'`{cell}`' for cell in row.cells)} | {', '.join(row.checks)} |"
            for row in rows(unit, wanted)
        ]
        lines.append("")
    return "\n".join(lines)


def stale_syllabus(project: Project) -> list[str]:
    """The table's path, where the project has a syllabus and the file is not what building gives."""
    path = project.root / SYLLABUS
    there = path.read_text(encoding="utf-8") if path.is_file() else None
    return [SYLLABUS] if statements(project) and there != syllabus_text(project) else []


def syllabus_problems(project: Project) -> Iterator[str]:
    """A sentence for each statement that no cell teaches, and each word that is no statement."""
    for unit, wanted in _written(project):
        taught = {name for cell in unit.source().cells for name in _taught(cell)}
        for row in rows(unit, wanted):
            if not row.cells:
                yield f'{unit.path.name}: no cell teaches "{row.statement}"; say teaches=["{row.id}"] in one'
        for name in taught - wanted.keys():
            yield f"{unit.path.name}: a cell teaches {name!r}, which solutions/syllabus.toml does not list"


def _written(project: Project) -> Iterator[tuple[Unit, dict[str, str]]]:
    known = statements(project)
    return ((unit, known[unit.name]) for unit in project.units() if unit.name in known)


def _taught(cell: NotebookNode) -> list[str]:
    found: list[str] = cell.metadata.get("autograder", {}).get("teaches", [])
    return found


def _check(cell: NotebookNode, exercises: dict[str, str]) -> str:
    """What a cell checks: an exercise, a question; nothing where it only teaches."""
    if cell.id in exercises:
        return f"`{exercises[cell.id]}`"
    graded = cell.metadata.get("nbgrader", {})
    return f"question `{cell.id}`" if graded.get("grade") and graded.get("solution") else ""
