"""Inside the sandbox: answers the trusted side's requests, one at a time, in the kernel's main thread.

``serve`` connects to the socket in the kernel's private folder and handles requests until the other side says
goodbye: fetch a name, call it, read an attribute. Arguments and results cross by value (``codec``); an argument
that the call changed in place is sent back with the result. An object that is no data stays here, under a number.

A student's code shares this process and may rewrite all of it; then it sends other data, and nothing but data.
"""

from __future__ import annotations

import linecache
import operator
import re
import socket
import sys
import traceback
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import codec

MAX_ITEMS = 10_000
OTHERS = (str(Path(__file__).parent), sys.prefix, sys.base_prefix, "/usr", "<")  # whose code is no student's
_kept: dict[int, Any] = {}
_numbers: dict[int, int] = {}

OPERATIONS = {
    "attribute": getattr,
    "item": operator.getitem,
    "set attribute": setattr,
    "set item": operator.setitem,
    "call": lambda target, args, kwargs: target(*args, **kwargs),
    "list": lambda target: list(islice(target, MAX_ITEMS)),
    **{f.__name__: f for f in (len, bool, str, next)},
}


def keep(value: Any) -> codec.Reference:
    """A number for an object that stays here; the same object keeps its number."""
    number = _numbers.setdefault(id(value), len(_numbers) + 1)
    _kept[number] = value
    kind = "module" if isinstance(value, ModuleType) else type(value).__name__
    return codec.Reference(number, kind[:100], callable(value))


def resolve(reference: codec.Reference) -> Any:
    """The object that was kept under a number."""
    return _kept[reference.number]


def own_lines(error: BaseException) -> str:
    """The student's own frames of a traceback, as text."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(OTHERS)]
    lines = [
        f"{_place(f)}:  {f.line or linecache.getline(f.filename, f.lineno or 0).strip()}" for f in frames[-6:]
    ]
    return "\n".join([*lines, f"{type(error).__name__}: {str(error)[:2000]}"])


def _place(frame: traceback.FrameSummary) -> str:
    name = re.sub(r".*ipykernel_\d+[\\/]\d+\.py$", "your cell", frame.filename)
    return f"{name}, line {frame.lineno}, in {frame.name}"


def failure(error: BaseException) -> dict[str, Any]:
    """An exception as data: the names of its classes, its message, the student's lines."""
    names = [kind.__name__ for kind in type(error).__mro__]
    return {"raised": names, "message": str(error)[:2000], "traceback": own_lines(error)[:8000]}


def look_up(names: dict[str, Any], name: str) -> dict[str, Any]:
    """A name of the notebook."""
    return {"value": names[name]} if name in names else {"missing": True}


def operate(request: dict[str, Any], message: bytes) -> dict[str, Any]:
    """Run one operation; where it changed its arguments in place, send them back."""
    result = OPERATIONS[request["do"]](*request["arguments"])
    changed = codec.encode(request, keep) != message
    return {"value": result, "changed": request["arguments"] if changed else None}


def answer(names: dict[str, Any], message: bytes) -> bytes:
    """The reply to one request; whatever goes wrong is a reply as well."""
    try:
        request = codec.decode(message, resolve)
        reply = operate(request, message) if "do" in request else look_up(names, request["name"])
        return codec.encode(reply, keep)
    except KeyboardInterrupt:
        return codec.encode({"interrupted": True})
    except BaseException as error:  # SystemExit included: the notebook goes on
        return codec.encode(failure(error))


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
        while True:
            try:
                size = int.from_bytes(read_exactly(connection, 8), "big")
                message = read_exactly(connection, size)
            except EOFError:
                return
            except KeyboardInterrupt:  # an interrupt that came too late for its call
                continue
            reply = answer(names, message)
            connection.sendall(len(reply).to_bytes(8, "big") + reply)
