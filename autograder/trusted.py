"""Runs the source's test cells on the trusted side, in a namespace where a student's name is a proxy."""

from __future__ import annotations

import ast
import builtins
import contextlib
import ctypes
import doctest
import faulthandler
import inspect
import io
import multiprocessing
import os
import resource
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn
from unittest.mock import patch

from autograder.errors import GraderError, StudentError
from autograder.ownership import Binding, Ownership, as_python, importing_from, parse
from autograder.remote import Bridge, Handle, NotDefined, RemoteFunction

PACKAGE = Path(__file__).parent
MORE_MEMORY = 2 << 30  # that a test may take, with what it makes of a student's values
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
    error: BaseException | None = None
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
        self._fetched: dict[str, tuple[int, Any]] = {}
        self._printed: list[str] = []
        self._stdout = sys.stdout

    def begin(self, cell: int, bridge: Bridge, printed: list[str]) -> None:
        """Get ready for the test in ``cell``: forget what the source binds or changes since the last one."""
        for binding in self._ownership.bindings:
            if self._cell < binding.cell < cell:
                for name in (binding.names | binding.changes) & self.keys():
                    self._older[name] = self.pop(name)
        self._cell, self._bridge, self._printed, self._stdout = cell, bridge, printed, sys.stdout
        self._fetched.clear()
        self |= {"print": self._print, "display": self._print, "get_ipython": lambda: Shell(self)}

    def _print(self, *values: Any, sep: str | None = " ", end: str | None = "\n", **more: Any) -> None:
        if more.get("file") is not None or sys.stdout is not self._stdout:  # for the test itself to read
            return print(*values, sep=sep, end=end, **more)
        text = (" " if sep is None else sep).join(map(str, values)) + ("\n" if end is None else end)
        if sum(map(len, self._printed)) < 100_000:
            self._printed.append(text[:100_000])
        return None

    def __contains__(self, name: object) -> bool:
        """As for ``'x' in globals()``: whether it is there, or can be had."""
        try:
            return dict.__contains__(self, name) or (isinstance(name, str) and self[name] is not None)
        except (KeyError, NotDefined, GraderError):
            return False

    def get(self, name: str, default: Any = None) -> Any:
        """As for ``globals().get('x')``."""
        return self[name] if self.__contains__(name) else default

    def classes(self) -> list[str]:
        """What tests and the source so far call a class, and any other name that is there already."""
        earlier = (b for b in self._ownership.bindings if b.cell < self._cell and not b.students)
        return [*self, *(name for b in earlier if b.is_class for name in b.names)]

    def __missing__(self, name: str) -> Any:
        students = self._ownership.owner(self._cell, name)
        if students is None:
            raise KeyError(name) if hasattr(builtins, name) else GraderError(NOBODYS.format(name))
        return self._fetch(name) if students else self._make(name)

    def _make(self, name: str) -> Any:
        """What the instructor's statements make of a name."""
        there = super().__contains__
        if name in self._older:
            self[name] = self._older.pop(name)  # what the newer statement may read
        for binding in self._ownership.before(self._cell, name):
            self._run(binding, needed=name in binding.names)
        if there(name):
            return self[name]
        raise KeyError(name)

    def _fetch(self, name: str) -> Any:
        if self._bridge is None:
            raise KeyError(name)
        try:
            return self._read(name, self._bridge)
        except NotDefined as error:
            if not self.lenient:
                raise
            return Absent(error)

    def _read(self, name: str, bridge: Bridge) -> Any:
        """One object until the student's code runs again: what a test does to it stays, and it cannot waver."""
        operations, value = self._fetched.get(name, (-1, None))
        if operations != bridge.operations:
            value = bridge.fetch(name)
            self._fetched[name] = bridge.operations, value
        return value

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


class Main(ModuleType):
    """What ``__main__`` is for a test: its own names, since ``unittest.main()`` looks for its classes there."""

    def __init__(self, names: TrustedNames) -> None:
        super().__init__("__main__")
        self.__names = names

    def __dir__(self) -> list[str]:
        return self.__names.classes()

    def __getattr__(self, name: str) -> Any:
        if name not in self.__names:
            raise AttributeError(name)
        return self.__names[name]


def _refuse_doctests(*_: Any, **__: Any) -> NoReturn:
    """A docstring of the student's is the student's code: run on this side it would be free to do anything."""
    raise GraderError("a test of the source runs doctests; these are the student's, and run on no trusted side")


_source = inspect.getsource


def _get_source(thing: Any) -> str:
    return str(thing._bridge.run("source", thing)) if isinstance(thing, Handle) else _source(thing)


@contextlib.contextmanager
def last_resort(seconds: float) -> Iterator[None]:
    """End this process where one step of a test's (``sum(range(n))`` of a student's ``n``) takes far too long.

    Only a worker, which is replaced, and its other submissions are tried again.
    """
    if multiprocessing.parent_process() is None:
        yield
        return
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def memory_limit(more: int) -> Iterator[None]:
    """Let this process take ``more`` bytes than it has; past them Python raises MemoryError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    wanted = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (wanted if soft < 0 else min(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


class Nowhere(io.TextIOBase):
    """Where a test's errors go: what unittest says there names paths and quotes students."""

    def write(self, text: str) -> int:
        """Keep nothing."""
        return len(text)


@contextlib.contextmanager
def _main_is(module: ModuleType) -> Iterator[None]:
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before  # that one alone: what a test imports stays imported


@contextlib.contextmanager
def as_notebook(names: TrustedNames) -> Iterator[None]:
    """What a test's libraries find in this process is what they would find in a notebook's."""
    with (
        contextlib.redirect_stderr(Nowhere()),
        warnings.catch_warnings(action="always"),
        _main_is(Main(names)),
        patch.object(doctest.DocTestFinder, "find", _refuse_doctests),
        patch.object(doctest.DocTestRunner, "run", _refuse_doctests),
        patch.object(inspect, "getsource", _get_source),
    ):
        yield


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
        with last_resort(2 * seconds), as_notebook(names), memory_limit(MORE_MEMORY), time_limit(seconds):
            run.value = _run_cell(source, names)
    except (GraderError, KeyboardInterrupt):
        raise
    except TestTookTooLong:
        run.error = StudentError(f"the test did not finish within {seconds:g} s on what your code returned")
    except SystemExit as error:  # unittest.main()
        run.error = AssertionError(f"the test ended with {error.code}") if error.code else None
    except BaseException as error:  # a failed test (pytest's own are no Exception)
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


def _is_ours(error: BaseException) -> bool:
    """Whether it broke inside of a check, on whatever the student's code gave it; what a check says of its
    arguments is the test's affair, and what crosses the boundary is the student's."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    path = Path(last.filename)
    said = last.name in ("grade", "check", "find") or path.stem in ("remote", "codec", "trusted")
    return path.is_relative_to(PACKAGE) and not said and not isinstance(error, StudentError)


def _test_lines(error: BaseException, source: str) -> tuple[str, ...]:
    """The test's own lines on the way to the error."""
    lines = as_python(source).splitlines()
    frames = (f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<test>")
    numbers = [f.lineno for f in frames if f.lineno and f.lineno <= len(lines)]
    return tuple(f"line {n} of the test:  {lines[n - 1].strip()}" for n in numbers)
