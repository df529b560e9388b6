"""Inside the sandbox: answers the trusted side's requests, one at a time, in the kernel's main thread.

``serve`` connects to the socket in the kernel's private folder and handles requests until the other side says
goodbye: fetch a name, call it, read an attribute. Arguments and results cross by value (``codec``); an argument
that the call changed in place is sent back with the result. An object that is no data stays here, under a number.
A function of a test's stays there: here it is one that asks for the call, and waits for what it gave.

A student's code shares this process and may rewrite all of it; then it sends other data, and nothing but data.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import importlib
import inspect
import io
import linecache
import operator
import re
import socket
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import codec
import numpy as np

MAX_HEARD = 1 << 20
MAX_WARNINGS = 20
SHARED = ("builtins", "math", "numpy", "operator")  # what is the same on both sides is called on this one
OTHERS = (str(Path(__file__).parent), sys.prefix, sys.base_prefix, "/usr", "<")  # whose code is no student's
_kept: dict[int, Any] = {}
_numbers: dict[int, int] = {}
_theirs: dict[int, tuple[Any, codec.Reference]] = {}  # by id: what stands for a function of a test's

OPERATIONS = {
    "attribute": getattr,
    "item": operator.getitem,
    "set attribute": setattr,
    "set item": operator.setitem,
    "call": lambda target, args, kwargs: target(*args, **kwargs),
    "some": lambda target, count: list(islice(target, count)),
    "enter": lambda target: type(target).__enter__(target),
    "exit": lambda target: type(target).__exit__(target, None, None, None),
    "kinds": lambda target: kinds(target) if isinstance(target, type) and issubclass(target, Exception) else None,
    "source": inspect.getsource,
    "signature": lambda target: [parameter(p) for p in inspect.signature(target).parameters.values()],
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{name: getattr(operator, name) for name in ("eq", "lt", "le", "gt", "ge")},
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "matmul")},
    **{f.__name__: f for f in (len, bool, str, repr, hash, iter, next, isinstance, issubclass)},
}


def parameter(given: inspect.Parameter) -> tuple[str, int, dict[str, Any]]:
    """Its name, kind, and default where it has one."""
    return given.name, int(given.kind), {} if given.default is given.empty else {"default": given.default}


def keep(value: Any) -> codec.Reference:
    """A number for an object that stays here; the same object keeps its number."""
    if id(value) in _theirs:
        return _theirs[id(value)][1]
    number = _numbers.setdefault(id(value), len(_numbers) + 1)
    _kept[number] = value
    kind = "module" if isinstance(value, ModuleType) else type(value).__name__
    return codec.Reference(number, kind[:100], callable(value))


def resolve(reference: codec.Reference) -> Any:
    """The object that was kept under a number; below 0, a function of the other side's."""
    return _kept[reference.number] if reference.number >= 0 else theirs(reference)


def theirs(reference: codec.Reference) -> Any:
    """What stands here for a function or an iterator of a test's."""
    function: Any
    module, _, name = reference.kind.rpartition(".")
    if reference.kind == "an iterator":
        function = items(reference.number)
    elif module in SHARED:
        function = getattr(importlib.import_module(module), name)
    else:

        def function(*arguments: Any, **named: Any) -> Any:
            return call_outside(reference.number, arguments, named)

        function.__name__ = reference.kind
    _theirs[id(function)] = function, reference
    return function


def items(number: int) -> Iterator[Any]:
    """One by one, what an iterator of a test's gives."""
    while True:
        try:
            item = call_outside(number, (), {})
        except StopIteration:
            return
        yield item


class Line:
    """The connection of the moment, for functions that call back, and the names that the other side asks for."""

    exchange: Callable[[bytes], bytes]
    names: dict[str, Any]


def call_outside(number: int, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Have the other side call its function. While it does, it may call ours."""
    reply = codec.encode({"outside": number, "arguments": [arguments, named]}, keep)
    while True:
        message = Line.exchange(reply)
        said = codec.decode(message, resolve)
        if "returned" in said:
            return said["returned"]
        if "raised" in said:
            found = (getattr(builtins, name, None) for name in said["raised"])
            raise next((kind for kind in found if kind), Exception)(said["message"])
        reply = answer(Line.names, message)


def own_lines(error: BaseException) -> str:
    """The student's own frames of a traceback, as text."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(OTHERS)]
    lines = [
        f"{_place(f)}:  {f.line or linecache.getline(f.filename, f.lineno or 0).strip()}" for f in frames[-6:]
    ]
    return "\n".join([*lines, f"{type(error).__name__}: {words(error)}"])


def words(error: BaseException) -> str:
    """What an exception says; a student's own kind may fail to say it."""
    try:
        return str(error)[:2000]
    except Exception:
        return ""


def _place(frame: traceback.FrameSummary) -> str:
    name = re.sub(r".*ipykernel_\d+[\\/]\d+\.py$", "your cell", frame.filename)
    return f"{name}, line {frame.lineno}, in {frame.name}"


def failure(error: BaseException) -> dict[str, Any]:
    """An exception as data: its classes, its message, what a test may read of it, the student's lines."""
    said = {"message": words(error), "traceback": own_lines(error)[:8000]}
    fields = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    return {"raised": kinds(type(error)), "fields": {**fields, "args": error.args}, **said}


def kinds(kind: type) -> list[Any]:
    """The names of a class and its bases, each with a number where it is none of Python's own."""
    return [[k.__name__, 0 if getattr(builtins, k.__name__, 0) is k else keep(k).number] for k in kind.__mro__]


def look_up(names: dict[str, Any], name: str) -> dict[str, Any]:
    """A name of the notebook."""
    return {"value": names[name]} if name in names else {"missing": True}


class Tee(io.StringIO):
    """Text that is printed, and kept as well."""

    def __init__(self, printed: Any) -> None:
        super().__init__()
        self.printed = printed

    def write(self, text: str) -> int:
        """Print it; keep it up to a limit."""
        if self.tell() < MAX_HEARD:
            super().write(text)
        self.printed.write(text)
        return len(text)


@contextlib.contextmanager
def surroundings(request: dict[str, Any]) -> Iterator[Tee]:
    """What a test has put in place of ``input``, and of where a function prints to."""
    tee, asked = Tee(sys.stdout), builtins.input
    builtins.input = request.get("input", asked)
    try:
        with contextlib.redirect_stdout(tee) if request.get("hear") else contextlib.nullcontext():
            yield tee
    finally:
        builtins.input = asked


@contextlib.contextmanager
def noting() -> Iterator[list[str]]:
    """What NumPy warns of (an overflow, a division by 0), as texts for the other side, and not shown here."""
    noted: list[str] = []
    with warnings.catch_warnings(), np.errstate(all="warn", under="ignore"):
        show = warnings.showwarning

        def note(message: Warning, category: type[Warning], *where: Any, **more: Any) -> None:
            if category is not RuntimeWarning:
                show(message, category, *where, **more)
            elif len(noted) < MAX_WARNINGS:
                noted.append(words(message)[:200])

        warnings.showwarning = note  # type: ignore[assignment]
        warnings.filterwarnings("default", category=RuntimeWarning)
        yield noted


def operate(request: dict[str, Any], message: bytes) -> dict[str, Any]:
    """Run one operation; where it changed its arguments in place, send them back."""
    with surroundings(request) as heard, noting() as warned:
        try:
            reply = {"value": OPERATIONS[request["do"]](*request["arguments"])}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit included: the notebook goes on
            reply = failure(error)
    changed = codec.encode(request, keep) != message
    beside = {"printed": heard.getvalue(), "warned": warned}
    return {**reply, "changed": request["arguments"] if changed else None, **beside}


def answer(names: dict[str, Any], message: bytes) -> bytes:
    """The reply to one request; whatever goes wrong is a reply as well."""
    try:
        request = codec.decode(message, resolve)
        reply = operate(request, message) if "do" in request else look_up(names, request["name"])
        return codec.encode(reply, keep)
    except KeyboardInterrupt:
        return codec.encode({"interrupted": True})
    except BaseException as error:  # an exception, too, can hold what cannot cross
        return codec.encode({**failure(error), "fields": {}})


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """``count`` bytes. Raises EOFError where the other side has closed."""
    parts = []
    while count:
        part = connection.recv(min(count, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def serve(path: str, names: dict[str, Any]) -> None:
    """Answer until the trusted side closes the connection."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)

        def receive() -> bytes:
            return read_exactly(connection, int.from_bytes(read_exactly(connection, 8), "big"))

        def send(message: bytes) -> None:
            connection.sendall(len(message).to_bytes(8, "big") + message)

        def exchange(message: bytes) -> bytes:
            send(message)
            return receive()

        _theirs.clear()  # of an earlier test, whose numbers mean something else now
        Line.names, Line.exchange = names, staticmethod(exchange)
        while True:
            try:
                message = receive()
            except EOFError:
                return
            except KeyboardInterrupt:  # an interrupt that came too late for its call
                continue
            send(answer(names, message))
