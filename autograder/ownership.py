"""Whose name is it? What a source notebook binds at its top level, cell by cell.

A test cell uses names of three kinds: its own, the instructor's (imports, data, helper functions) and the
student's. The source notebook tells them apart: the last cell before the test that binds a name owns it. Cells
that students write (solution and manual cells) make it the student's; every other cell makes it the
instructor's, and then the statement of the *source* is what counts, whatever a submission says in that cell.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from IPython.core.inputtransformer2 import TransformerManager

from autograder.source import SourceNotebook

Cell = tuple[str | None, int, str, str, str]  # id, index, cell_type, kind, source
STUDENTS = frozenset({"solution", "manual"})


@dataclass(frozen=True, slots=True)
class Binding:
    """One top-level statement of the source, and the names it binds."""

    cell: int
    names: frozenset[str]
    code: CodeType
    students: bool


def as_python(source: str) -> str:
    """A cell with IPython's shorthands (``%magic``, ``!command``) written out."""
    return str(TransformerManager().transform_cell(source))


def parse(source: str) -> ast.Module:
    """A cell as Python. Raises SyntaxError."""
    return ast.parse(as_python(source))


def bound_names(statement: ast.stmt) -> frozenset[str]:
    """The names that a top-level statement binds."""
    return frozenset(_names(statement))


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return  # what it binds inside is its own
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).split(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _statements(cell_type: str, source: str) -> list[ast.stmt]:
    try:
        return parse(source).body if cell_type == "code" else []
    except SyntaxError:  # a cell of another language, or an exercise in reading errors
        return []


def _bindings(cell: Cell) -> Iterator[Binding]:
    name, index, cell_type, kind, source = cell
    for statement in _statements(cell_type, source):
        if names := bound_names(statement):
            imports = isinstance(statement, ast.Import | ast.ImportFrom)
            code = compile(ast.Module([statement], []), f"<source, cell {name or index}>", "exec")
            yield Binding(index, names, code, kind in STUDENTS and not imports)


@dataclass(frozen=True, slots=True)
class Ownership:
    """The bindings of one source notebook, in order."""

    bindings: tuple[Binding, ...]

    def before(self, cell: int, name: str) -> list[Binding]:
        """The instructor's statements that make ``name`` what it is for the test in ``cell``.

        Empty where the student owns it (or nobody binds it). After a statement that assigns anew, what came
        before no longer matters, but it may read the older value: all are given, in order.
        """
        found = [b for b in self.bindings if b.cell < cell and name in b.names]
        return [b for b in found if not b.students] if found and not found[-1].students else []

    def is_students(self, cell: int, name: str) -> bool:
        """Whether the test in ``cell`` means a student's object by ``name``."""
        found = [b for b in self.bindings if b.cell < cell and name in b.names]
        return found[-1].students if found else not hasattr(builtins, name)


def ownership(source: SourceNotebook) -> Ownership:
    """The bindings of a source notebook."""
    return _ownership(tuple((c.id, c.index, c.cell_type, c.kind, c.source) for c in source.cells))


@lru_cache(maxsize=64)
def _ownership(cells: tuple[Cell, ...]) -> Ownership:
    return Ownership(tuple(b for cell in cells for b in _bindings(cell)))
