"""What nbgrader's gradebook stored of an assignment when it was generated; read, never written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from autograder.errors import AutograderError


@dataclass(frozen=True, slots=True)
class StoredCell:
    """A cell's stored text (hidden tests included) and, for a graded cell, its points."""

    source: str
    points: float | None


CELLS = """
    SELECT notebook.name, source_cell.name, source_cell.source
    FROM source_cell
    JOIN notebook ON notebook.id = source_cell.notebook_id
    JOIN assignment ON assignment.id = notebook.assignment_id
    WHERE assignment.name = :assignment
"""
POINTS = """
    SELECT notebook.name, base_cell.name, graded.max_score
    FROM (SELECT id, max_score FROM grade_cells UNION ALL SELECT id, max_score FROM task_cells) AS graded
    JOIN base_cell ON base_cell.id = graded.id
    JOIN notebook ON notebook.id = base_cell.notebook_id
    JOIN assignment ON assignment.id = notebook.assignment_id
    WHERE assignment.name = :assignment
"""


def stored_cells(db_url: str, assignment: str) -> Mapping[str, Mapping[str, StoredCell]]:
    """Return the gradebook's cells of ``assignment``: notebook name → grade_id → cell.

    Empty where there is no gradebook or it does not know the assignment. nbgrader's own Gradebook class
    would create tables and a course on opening, so the tables are read by query, SQLite files read-only.
    Raises AutograderError for a file that is no gradebook, or one of an older nbgrader.
    """
    url = _read_only(db_url)
    if url is None:
        return {}
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return _read(connection, assignment)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        message = f"the gradebook {db_url} cannot be read ({reason})"
        raise AutograderError(f"{message}; if an older nbgrader made it, run 'nbgrader db upgrade'") from error
    finally:
        engine.dispose()


def _read_only(db_url: str) -> str | None:
    url = make_url(db_url)
    if url.get_backend_name() != "sqlite":
        return db_url
    if not url.database or not Path(url.database).is_file() or Path(url.database).stat().st_size == 0:
        return None
    return f"sqlite:///file:{quote(str(Path(url.database).resolve()))}?mode=ro&uri=true"


def _read(connection: Connection, assignment: str) -> dict[str, dict[str, StoredCell]]:
    wanted = {"assignment": assignment}
    points = {(row[0], row[1]): float(row[2]) for row in connection.execute(text(POINTS), wanted)}
    cells: dict[str, dict[str, StoredCell]] = defaultdict(dict)
    for notebook, name, source in connection.execute(text(CELLS), wanted):
        cells[notebook][name] = StoredCell(source or "", points.get((notebook, name)))
    return dict(cells)
