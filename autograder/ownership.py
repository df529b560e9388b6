"""Whose name is it? What a source notebook binds at its top level, cell by cell.

A test cell uses names of three kinds: its own, the instructor's (imports, data, helper functions) and the
student's. The source notebook tells them apart: the last cell before the test that binds a name owns it. Cells
that students write (solution and manual cells) make it the student's; every other cell makes it the
instructor's, and then the statements of the *source* are what counts, whatever a submission says in that cell.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType

import numpy as np
from IPython.core.inputtransformer2 import TransformerManager

from autograder.errors import GraderError
from autograder.source import SourceNotebook

Cell = tuple[str | None, int, str, str, str]  # id, index, cell_type, kind, source
TIMED = re.compile(r"\A\s*%%(time|timeit|capture)\b.*\n")  # what is below runs as any cell does
STUDENTS = frozenset({"solution", "manual"})
GENERATORS = (np.random.Generator, np.random.RandomState, random.Random)
DRAWS = frozenset(name for kind in GENERATORS for name in dir(kind) if not name.startswith("_"))


@dataclass(frozen=True, slots=True)
class Binding:
    """One top-level statement of the source, the names it binds, and those whose objects it may change."""

    cell: int
    names: frozenset[str]
    changes: frozenset[str]
    code: CodeType
    students: bool
    is_class: bool = False


@contextlib.contextmanager
def importing_from(folder: Path | None) -> Iterator[None]:
    """Let the source import the helper modules that lie beside it."""
    if folder is None or str(folder) in sys.path:
        yield
        return
    sys.path.append(str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))


def as_python(source: str) -> str:
    """A cell with IPython's shorthands (``%magic``, ``!command``) written out, and without ``%%time``."""
    return str(TransformerManager().transform_cell(TIMED.sub("\n", source, count=1)))


def parse(source: str) -> ast.Module:
    """A cell as Python. Raises SyntaxError."""
    return ast.parse(as_python(source))


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a top-level statement binds."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield node.name
            yield from (n for inner in ast.walk(node) if isinstance(inner, ast.Global) for n in inner.names)
            return  # what else it binds is its own
        case ast.ClassDef():
            yield node.name
            return
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            yield from _exported(node)
            return
        case ast.alias():
            yield (node.asname or node.name).split(".")[0]
    for child in ast.iter_child_nodes(node):
        yield from _names(child)


def _exported(statement: ast.ImportFrom) -> list[str]:
    """What ``from module import *`` binds. Raises GraderError where the module is missing on this side."""
    name = statement.module or ""
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise GraderError(
            f"the source says `from {name} import *`, and {name} cannot be imported where tests run: {error}"
        ) from error
    public = [n for n in vars(module) if not n.startswith("_")]
    return [str(n) for n in getattr(module, "__all__", public)]


def _changed(statement: ast.stmt, imported: set[str]) -> Iterator[str]:
    """The names whose objects a statement may change: ``x[0] = …``, ``x.append(…)``, ``… = rng.normal()``.

    Of what is imported, only global random numbers count: ``np.random.seed(0)`` decides what is drawn after it.
    """
    alone = {id(node.value) for node in ast.walk(statement) if isinstance(node, ast.Expr)}
    for node in ast.walk(statement):
        match node:
            case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                yield from _root(node)
            case ast.Call(func=ast.Attribute(attr=method) as function):
                (root,) = tuple(_root(function)) or ("",)
                drawn = method in DRAWS and (root not in imported or "random" in ast.unparse(function).split("."))
                if drawn or (id(node) in alone and root not in imported):
                    yield root


def _root(node: ast.expr) -> Iterator[str]:
    """``x`` of ``x.y[0].z``."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _statements(cell_type: str, source: str) -> list[ast.stmt]:
    try:
        return parse(source).body if cell_type == "code" else []
    except SyntaxError:  # a cell of another language, or an exercise in reading errors
        return []


def _bindings(cells: tuple[Cell, ...]) -> Iterator[Binding]:
    imported: set[str] = set()
    for name, index, cell_type, kind, source in cells:
        for statement in _statements(cell_type, source):
            names = frozenset(_names(statement))
            imports = isinstance(statement, ast.Import | ast.ImportFrom)
            imported = imported | names if imports else imported - names
            changes = frozenset(_changed(statement, imported)) - names
            if names or changes:
                code = compile(ast.Module([statement], []), f"<source, cell {name or index}>", "exec")
                students = kind in STUDENTS and not imports
                yield Binding(index, names, changes, code, students, isinstance(statement, ast.ClassDef))


@dataclass(frozen=True, slots=True)
class Ownership:
    """The bindings of one source notebook, in order."""

    bindings: tuple[Binding, ...]

    def before(self, cell: int, name: str) -> list[Binding]:
        """The instructor's statements that make ``name`` what it is for the test in ``cell``.

        Empty where the student owns it (or nobody binds it). After a statement that assigns anew, what came
        before no longer matters, but it may read the older value: all are given, in order.
        """
        if self.owner(cell, name) is not False:
            return []
        earlier = (b for b in self.bindings if b.cell < cell and not b.students)
        return [b for b in earlier if name in b.names or name in b.changes]

    def owner(self, cell: int, name: str) -> bool | None:
        """Whether the last to bind ``name`` before ``cell`` is the student; None where nobody does.

        A student's cell may also stand below the test: that one is judged again at the end.
        """
        binders = [b for b in self.bindings if name in b.names]
        found = [b.students for b in binders if b.cell < cell] or [True for b in binders if b.students]
        return found[-1] if found else None


def ownership(source: SourceNotebook, folder: Path | None = None) -> Ownership:
    """The bindings of a source notebook; ``folder`` holds its own helper modules.

    Raises GraderError where it imports everything of a module that is not there.
    """
    return _ownership(tuple((c.id, c.index, c.cell_type, c.kind, c.source) for c in source.cells), folder)


@lru_cache(maxsize=64)
def _ownership(cells: tuple[Cell, ...], folder: Path | None) -> Ownership:
    with importing_from(folder):
        return Ownership(tuple(_bindings(cells)))
