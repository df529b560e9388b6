"""The trusted side of the bridge: functions and objects of a student's, used from outside of their process.

A call sends its arguments by value and gets data of the base types back. What is no data comes as a ``Handle``:
its class is ours, each operation on it is one more call by value, and it never compares equal to anything, so a
result that "equals everything" has nobody to say so to.
"""

from __future__ import annotations

import builtins
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from autograder import codec, errors
from autograder.errors import StudentError, StudentTimeout

Exchange = Callable[[bytes], bytes]


class NotDefined(StudentError, NameError):
    """A name that a test needs is not defined in the student's notebook."""


class Bridge:
    """Requests to one sandboxed process, over any ``exchange`` of a message for a message."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def fetch(self, name: str) -> Any:
        """The value of a top-level name of the student's. Raises NotDefined."""
        reply = self._ask({"name": name})
        if "value" not in reply:
            raise NotDefined(f"name {name!r} is not defined: did its cell run without an error?")
        return reply["value"]

    def run(self, operation: str, *arguments: Any) -> Any:
        """One operation on a student's object; arguments changed in place are changed here as well."""
        reply = self._ask({"do": operation, "arguments": arguments})
        if reply.get("changed") is not None:
            write_back(arguments, reply["changed"])
        return reply.get("value")

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        message = codec.encode(request, _own_reference)
        try:
            reply = codec.decode(self._exchange(message), self._resolve)
        except codec.CodecError as error:
            raise StudentError(f"what your code returned cannot be read as data: {error}") from None
        if type(reply) is not dict:
            raise StudentError("your notebook's process answered with something that is no answer")
        if "raised" in reply:
            _raise(reply)
        if "interrupted" in reply:
            raise StudentTimeout("your function was interrupted: it ran too long")
        return reply

    def _resolve(self, reference: codec.Reference) -> Handle:
        return (RemoteFunction if reference.callable else Handle)(self, reference)


def _own_reference(value: Any) -> codec.Reference:
    if isinstance(value, Handle):
        return object.__getattribute__(value, "_reference")
    raise codec.CodecError(f"a test passed a {type(value).__name__} to a student's function; only data may cross")


def _raise(reply: dict[str, Any]) -> NoReturn:
    """Raise here what was raised there: a StudentError that is also the nearest built-in exception."""
    names = [n for n in reply["raised"] if isinstance(n, str)] if isinstance(reply["raised"], list) else []
    candidates = (getattr(builtins, name, None) for name in names)
    kinds = (k for k in candidates if isinstance(k, type) and issubclass(k, Exception))
    nearest = next(kinds, Exception)
    label = names[0][:100] if names else "Exception"
    label = f"your {label}" if hasattr(errors, label) else label  # no exception of theirs passes for one of ours
    bases = (StudentError,) if nearest in (Exception, NameError) else (StudentError, nearest)
    bases = (NotDefined,) if nearest is NameError else bases
    kind = type(label, bases, {"__module__": "builtins"})
    raise kind(str(reply.get("message", "")), str(reply.get("traceback", "")))


def write_back(old: Any, new: Any) -> None:
    """Give arrays, lists and dicts in ``old`` the contents they have in ``new``, where the forms still agree."""
    if isinstance(old, np.ndarray):
        if (
            isinstance(new, np.ndarray)
            and old.shape == new.shape
            and old.dtype == new.dtype
            and old.flags.writeable
        ):
            np.copyto(old, new)
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for a, b in zip(old, new, strict=False):
            write_back(a, b)
    elif isinstance(old, list) and isinstance(new, list):
        _write_back_list(old, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        _write_back_dict(old, new)


def _merged(a: Any, b: Any) -> Any:
    """``a`` with the contents of ``b`` where both are containers of one kind, else ``b``."""
    if isinstance(a, Handle) and isinstance(b, Handle):
        return a
    if type(a) is type(b) and isinstance(a, np.ndarray | list | dict | tuple):
        write_back(a, b)
        return a if not isinstance(a, np.ndarray) or (a.shape == b.shape and a.dtype == b.dtype) else b
    return b


def _write_back_list(old: list[Any], new: list[Any]) -> None:
    old[:] = [_merged(a, b) for a, b in zip(old, new, strict=False)] + new[len(old) :]


def _write_back_dict(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    merged = {key: _merged(old[key], value) if key in old else value for key, value in new.items()}
    old.clear()
    old.update(merged)


def _operation(name: str) -> Callable[..., Any]:
    wanted = {"bool": bool, "str": str, "len": int}.get(name, object)

    def operate(self: Handle, *arguments: Any) -> Any:
        result = self._bridge.run(name, self, *arguments)
        if not isinstance(result, wanted):
            raise StudentError(f"{name}() of {self!r} gave a {type(result).__name__}")
        return result

    return operate


READABLE = ("__name__", "__qualname__")


class Handle:
    """An object that stayed in the student's process."""

    __array_ufunc__ = None  # NumPy leaves arithmetic to the operators below, and there are none
    __slots__ = ("_bridge", "_reference")
    _bridge: Bridge
    _reference: codec.Reference

    def __init__(self, bridge: Bridge, reference: codec.Reference) -> None:
        object.__setattr__(self, "_bridge", bridge)
        object.__setattr__(self, "_reference", reference)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") and name not in READABLE:
            raise AttributeError(f"{name} of a student's object cannot be read from outside")
        return self._bridge.run("attribute", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._bridge.run("set attribute", self, name, value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Handle):
            return self._reference.number == other._reference.number
        raise StudentError(f"{self!r} is no data and cannot be compared; was a number, array or text expected?")

    __hash__ = None  # type: ignore[assignment]  # as for anything that compares by value

    def __repr__(self) -> str:
        return f"<a {self._reference.kind} in the student's process>"

    def __iter__(self) -> Iterator[Any]:
        items = self._bridge.run("list", self)
        return iter(items if isinstance(items, list) else [])

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise StudentError(f"{self!r} is no array; was one expected?")

    # What gives a value that a test then compares. Arithmetic, comparison and membership are left out: there
    # the object itself would decide how far it is from what was expected.
    __str__ = _operation("str")
    __len__ = _operation("len")
    __bool__ = _operation("bool")
    __next__ = _operation("next")
    __getitem__ = _operation("item")
    __setitem__ = _operation("set item")


class RemoteFunction(Handle):
    """A function or class of the student's."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; returns data or handles. Raises StudentError, as the nearest built-in exception too."""
        return self._bridge.run("call", self, args, kwargs)


# read from the object itself, in place of what these classes say of themselves
Handle.__doc__ = property(lambda handle: handle._bridge.run("attribute", handle, "__doc__"))  # type: ignore[assignment]
RemoteFunction.__doc__ = Handle.__doc__


class SocketExchange:
    """Messages over one connection, each call within ``seconds``, all of them before ``until`` (monotonic).

    ``interrupt`` raises KeyboardInterrupt in the student's code; ``end`` kills its process.
    """

    def __init__(
        self,
        connection: socket.socket,
        *,
        seconds: float,
        until: float,
        grace: float,
        interrupt: Callable[[], None],
        end: Callable[[str], None],
        gone: Callable[[], str],
    ) -> None:
        self._connection = connection
        self._seconds, self._until, self._grace = seconds, until, grace
        self._interrupt, self._end, self._gone = interrupt, end, gone

    def __call__(self, message: bytes) -> bytes:
        """The reply. Raises StudentTimeout past the time, StudentError where the process has ended."""
        start = time.monotonic()
        if start >= self._until:
            raise StudentTimeout("your functions used up the time that this test has")
        try:
            return self._reply(message, min(start + self._seconds, self._until))
        except TimeoutError:
            self._interrupt()
        try:
            self._read(time.monotonic() + self._grace)
        except (TimeoutError, OSError, EOFError):
            self._end(f"a call ran longer than {self._seconds:g} s and could not be interrupted")
        seconds = min(self._seconds, self._until - start)
        raise StudentTimeout(f"your function did not return within {seconds:.3g} s: is there an endless loop?")

    def _reply(self, message: bytes, deadline: float) -> bytes:
        try:
            self._connection.settimeout(max(0.01, deadline - time.monotonic()))
            self._connection.sendall(len(message).to_bytes(8, "big") + message)
            return self._read(deadline)
        except TimeoutError:
            raise
        except (OSError, EOFError):
            raise StudentError(f"your notebook's process was stopped: {self._gone()}") from None

    def _read(self, deadline: float) -> bytes:
        size = int.from_bytes(self._exactly(8, deadline), "big")
        if size > codec.MAX_BYTES + (1 << 20):
            self._end("it sent a larger answer than may cross")
            raise EOFError
        return self._exactly(size, deadline)

    def _exactly(self, count: int, deadline: float) -> bytes:
        parts = []
        while count:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            part = self._connection.recv(min(count, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            count -= len(part)
        return b"".join(parts)
