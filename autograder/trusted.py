"""Runs the source's test cells on the trusted side, in a namespace where a student's name is a proxy."""

from __future__ import annotations

import ast
import builtins
import contextlib
import ctypes
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.ownership import Binding, Ownership, as_python, importing_from, parse
from autograder.remote import Bridge, Handle, NotDefined, RemoteFunction

PACKAGE = Path(__file__).parent
__all__ = ["Handle", "RemoteFunction", "TestRun", "TrustedNames", "run_test", "time_limit"]


class TestTookTooLong(BaseException):
    """The test itself (not a call of the student's) ran out of time; no `except Exception` may catch it."""

    __test__ = False  # pytest takes classes called Test… for tests


@dataclass(slots=True)
class TestRun:
    """What a test cell did: what it printed, its last value, how it failed.

    ``fault``: it failed inside of the grader's own code, so nobody knows what the student's work is worth.
    """

    __test__ = False

    printed: list[str] = field(default_factory=list)
    value: Any = None
    error: Exception | None = None
    lines: tuple[str, ...] = ()
    fault: bool = False

    @property
    def missing(self) -> bool:
        """It failed for want of a name that the student's notebook does not define (yet)."""
        return isinstance(self.error, NotDefined)


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """A function that the student's notebook does not define: whoever calls it learns so, others are not hurt."""

    error: NotDefined

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Raise NotDefined."""
        raise self.error

    def __eq__(self, other: object) -> bool:
        raise self.error

    def __getattr__(self, name: str) -> Any:
        raise self.error

    __hash__ = None  # type: ignore[assignment]


class TrustedNames(dict[str, Any]):
    """The globals of test cells: an unknown name is looked up where the source says that it comes from."""

    def __init__(self, ownership: Ownership, folder: Path | None = None) -> None:
        super().__init__({"__name__": "__main__", "__builtins__": builtins, "print": self._print})
        self._ownership, self._folder = ownership, folder
        self._bridge: Bridge | None = None
        self._cell = -1
        self.lenient = False  # a name that is missing for good stands for a function that says so when called
        self._done: set[int] = set()
        self._older: dict[str, Any] = {}
        self._printed: list[str] = []

    def begin(self, cell: int, bridge: Bridge, printed: list[str]) -> None:
        """Get ready for the test in ``cell``: forget what the source binds or changes since the last one."""
        for binding in self._ownership.bindings:
            if self._cell < binding.cell < cell:
                for name in (binding.names | binding.changes) & self.keys():
                    self._older[name] = self.pop(name)
        self._cell, self._bridge, self._printed = cell, bridge, printed
        self |= {"print": self._print, "display": self._print, "get_ipython": lambda: Shell(self)}

    def _print(self, *values: Any, sep: str | None = " ", end: str | None = "\n", **_: Any) -> None:
        text = (" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end)
        if sum(map(len, self._printed)) < 100_000:
            self._printed.append(text[:100_000])

    def __missing__(self, name: str) -> Any:
        students = self._ownership.owner(self._cell, name)
        if students is None:
            raise KeyError(name) if hasattr(builtins, name) else GraderError(NOBODYS.format(name))
        return self._fetch(name) if students else self._make(name)

    def _make(self, name: str) -> Any:
        """What the instructor's statements make of a name."""
        if name in self._older:
            self[name] = self._older.pop(name)  # what the newer statement may read
        for binding in self._ownership.before(self._cell, name):
            self._run(binding, needed=name in binding.names)
        if name in self:
            return self[name]
        raise KeyError(name)

    def _fetch(self, name: str) -> Any:
        if self._bridge is None:
            raise KeyError(name)
        try:
            return self._bridge.fetch(name)
        except NotDefined as error:
            if not self.lenient:
                raise
            return Absent(error)

    def _run(self, binding: Binding, *, needed: bool) -> None:
        """Run one statement of the source, once. Where it only changes what a name means, it may fail."""
        if id(binding) in self._done:
            return
        self._done.add(id(binding))
        allowed = () if needed else (StudentError, AssertionError)
        with importing_from(self._folder), contextlib.suppress(*allowed):
            exec(binding.code, self)


NOBODYS = (
    "a test uses {!r}, which no cell of the source before it binds: "
    "of what a cell does, only assignments, definitions and imports count"
)


@dataclass(frozen=True, slots=True)
class Shell:
    """What ``%magic`` in a test cell reaches, since it must not be the student's IPython."""

    names: TrustedNames

    def run_line_magic(self, magic: str, line: str, **_: Any) -> None:
        """``%time f()`` runs it; ``%matplotlib inline`` does nothing. Raises GraderError for any other."""
        if magic in ("time", "timeit"):
            exec(compile(line, "<test>", "exec"), self.names)
        elif magic not in ("matplotlib", "config", "load_ext", "autoreload", "precision"):
            raise GraderError(f"a test of the source uses the magic {magic!r}, which cannot run outside a kernel")

    def __getattr__(self, name: str) -> Any:
        raise GraderError(f"a test of the source uses IPython ({name}), which cannot run outside a kernel")


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TestTookTooLong in this thread after ``seconds`` (between two steps of the interpreter)."""
    thread = ctypes.c_ulong(threading.get_ident())
    fire = ctypes.pythonapi.PyThreadState_SetAsyncExc
    timer = threading.Timer(seconds, fire, (thread, ctypes.py_object(TestTookTooLong)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        fire(thread, None)  # what it raised too late


def run_test(source: str, cell: int, names: TrustedNames, bridge: Bridge, seconds: float) -> TestRun:
    """Run a test cell; its last expression is its value. Raises GraderError where the grader is at fault."""
    run = TestRun()
    names.begin(cell, bridge, run.printed)
    try:
        with time_limit(seconds):
            run.value = _run_cell(source, names)
    except GraderError:
        raise
    except TestTookTooLong:
        run.error = StudentError(f"the test did not finish within {seconds:g} s on what your code returned")
    except Exception as error:  # a failed test; what it says is for the student
        run.error = error
        run.lines = _test_lines(error, source)
        run.fault = _is_ours(error)
    return run


def _run_cell(source: str, names: TrustedNames) -> Any:
    try:
        tree = parse(source)
    except SyntaxError as error:
        raise GraderError(f"a test cell of the source is not Python: {error}") from error
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<test>", "exec"), names)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "<test>", "eval"), names)
    return None


def _is_ours(error: Exception) -> bool:
    """Whether it broke inside of a check, on whatever the student's code gave it; what a check says of its
    arguments is the test's affair, and what crosses the boundary is the student's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    path = Path(last.filename)
    said = last.name in ("grade", "check", "find") or path.stem in ("remote", "codec", "trusted")
    return path.is_relative_to(PACKAGE) and not said and not isinstance(error, StudentError)


def _test_lines(error: Exception, source: str) -> tuple[str, ...]:
    """The test's own lines on the way to the error."""
    lines = as_python(source).splitlines()
    frames = (f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<test>")
    numbers = [f.lineno for f in frames if f.lineno and f.lineno <= len(lines)]
    return tuple(f"line {n} of the test:  {lines[n - 1].strip()}" for n in numbers)
