"""The trusted side of the bridge: functions and objects of a student's, used from outside of their process.

A call sends its arguments by value and gets data of the base types back. What is no data comes as a ``Handle``:
its class is ours, each operation on it is one more call by value, and it never compares equal to anything, so a
result that "equals everything" has nobody to say so to. A function that a test passes stays here, too: the
student's code asks for each call of it.
"""

from __future__ import annotations

import builtins
import math
import operator
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from inspect import Parameter, Signature, _ParameterKind
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import numpy as np

from autograder import codec, errors
from autograder.errors import GraderError, StudentError, StudentTimeout
from autograder.writing_back import write_back as write_back

Exchange = Callable[[bytes], bytes]
MAX_RECEIVED = 2 << 30  # by one test, which may keep all of it
MAX_ITEMS = 100_000
MAX_WARNINGS = 20  # that one call passes on
SHARED = (builtins, math, np, operator)  # modules that are the same on both sides


class NotDefined(StudentError, NameError):
    """A name that a test needs is not defined in the student's notebook."""


class Bridge:
    """Requests to one sandboxed process, over any ``exchange`` of a message for a message."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._own: list[Callable[..., Any]] = []  # functions of the test's
        self._handles: WeakValueDictionary[codec.Reference, Handle] = WeakValueDictionary()
        self._exceptions: dict[int, type[StudentError]] = {}
        self._usual = sys.stdout, builtins.input
        self.operations = 0
        self.received = 0

    def fetch(self, name: str) -> Any:
        """The value of a top-level name of the student's. Raises NotDefined."""
        reply = self._ask({"name": name})
        if "value" not in reply:
            raise NotDefined(f"name {name!r} is not defined: did its cell run without an error?")
        value = reply["value"]
        if isinstance(value, RemoteFunction) and value._reference.kind == "type":
            kinds = _kinds(self.run("kinds", value))
            return self._exception(kinds) if kinds else value  # an `except` of a test needs a class
        return value

    def run(self, operation: str, *arguments: Any) -> Any:
        """One operation on a student's object; arguments changed in place are changed here as well."""
        self.operations += 1
        stdout, asked = self._usual
        around: dict[str, Any] = {"hear": True} if sys.stdout is not stdout else {}
        around |= {"input": builtins.input} if builtins.input is not asked else {}
        reply = self._ask({"do": operation, "arguments": arguments, **around})
        if reply.get("changed") is not None:
            write_back(arguments, reply["changed"])
        if around.get("hear"):
            sys.stdout.write(str(reply.get("printed", "")))
        _warn(reply.get("warned"))
        if "raised" in reply:
            self._raise(reply, next_too=operation in ("next", "some"))
        return reply.get("value")

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        reply = self._exchanged(request)
        while "outside" in reply:
            reply = self._exchanged(self._called(reply))
        if "interrupted" in reply:
            raise StudentTimeout("your function was interrupted: it ran too long")
        if "raised" in reply and "do" not in request:
            self._raise(reply)
        return reply

    def _exchanged(self, request: dict[str, Any]) -> dict[str, Any]:
        message = codec.encode(request, self._reference)
        answer = self._exchange(message)
        self.received += len(answer)
        if self.received > MAX_RECEIVED:
            raise StudentError(f"your functions returned more than {MAX_RECEIVED >> 30} GiB in one test")
        try:
            reply = codec.decode(answer, self._resolve)
        except codec.CodecError as error:
            raise StudentError(f"what your code returned cannot be read as data: {error}") from None
        if type(reply) is not dict:
            raise StudentError("your notebook's process answered with something that is no answer")
        return reply

    def _called(self, reply: dict[str, Any]) -> dict[str, Any]:
        """What a function of the test's gave, called with what the student's code chose."""
        match reply:
            case {"outside": int(number), "arguments": [tuple(arguments), dict(named)]} if (
                -len(self._own) <= number < 0
            ):
                function = self._own[-number - 1]
            case _:
                raise StudentError("your notebook's process asked for something that is no call")
        try:
            answer = {"returned": function(*arguments, **named)}
        except (GraderError, StudentTimeout):
            raise
        except Exception as error:  # the student's code may expect it
            return {"raised": [kind.__name__ for kind in type(error).__mro__], "message": str(error)[:2000]}
        try:
            codec.encode(answer, self._reference)
        except (GraderError, codec.CodecError) as error:  # on what the student's code gave it
            return {"raised": ["TypeError"], "message": f"what the function gave cannot cross: {error}"}
        return answer

    def _resolve(self, reference: codec.Reference) -> Any:
        if reference.number < 0:
            if -reference.number > len(self._own):
                raise codec.CodecError("a function that was never passed")
            return self._own[-reference.number - 1]
        make = RemoteFunction if reference.callable else Handle
        return self._handles.setdefault(reference, make(self, reference))

    def _reference(self, value: Any) -> codec.Reference:
        if isinstance(value, Handle):
            return object.__getattribute__(value, "_reference")
        if isinstance(value, Iterator) and not callable(value):  # a mock is everything
            self._own.append(value.__next__)
            return codec.Reference(-len(self._own), "an iterator", callable=True)
        if not callable(value):
            kind = type(value).__name__
            raise GraderError(
                f"a test passed a {kind} to a student's function; only data, functions and iterators may cross"
            )
        known = (number for number, own in enumerate(self._own) if own is value)
        number = next(known, len(self._own))
        self._own += [value] if number == len(self._own) else []
        return codec.Reference(-number - 1, _public_name(value), callable=True)

    def _exception(self, kinds: list[tuple[str, int]], *, next_too: bool = True) -> type[StudentError]:
        """A class for what a student's code raises: a StudentError that is also the nearest built-in exception."""
        candidates = (getattr(builtins, name, None) for name, _ in kinds)
        found = (k for k in candidates if isinstance(k, type) and issubclass(k, Exception))
        nearest = next((k for k in found if not issubclass(k, BaseExceptionGroup)), Exception)
        if issubclass(nearest, StopIteration) and not next_too:
            nearest = RuntimeError  # it would end a loop of the test's before its last round
        made = _made(kinds[0][0] if kinds else "Exception", _bases(nearest))
        for name, number in reversed([pair for pair in kinds if pair[1] > 0]):
            made = self._exceptions.setdefault(number, _made(name, (made,)))
        return made

    def _raise(self, reply: dict[str, Any], *, next_too: bool = False) -> NoReturn:
        """Raise here what was raised there, with the fields that a test may read."""
        kind = self._exception(_kinds(reply["raised"]), next_too=next_too)
        error = kind(str(reply.get("message", "")), str(reply.get("traceback", "")))
        fields = reply.get("fields")
        for name, value in fields.items() if isinstance(fields, dict) else ():
            if isinstance(name, str) and not name.startswith("_") and name not in RESERVED:
                vars(error)[name] = value
            elif name == "args" and isinstance(value, tuple):
                error.args = value
        raise error


def _warn(said: Any) -> None:
    """Warn here of what NumPy warned of there: whoever listens, as `autograder.floating` does, hears it."""
    for text in said[:MAX_WARNINGS] if isinstance(said, list) else ():
        if isinstance(text, str):
            warnings.warn(text[:200], RuntimeWarning, stacklevel=3)


RESERVED = ("args", "student_traceback", "with_traceback", "add_note")


def _bases(nearest: type[Exception]) -> tuple[type[Exception], ...]:
    if nearest is NameError:
        return (NotDefined,)
    return (StudentError,) if nearest is Exception else (StudentError, nearest)


def _made(label: str, bases: tuple[type[Exception], ...]) -> Any:
    label = f"your {label}" if hasattr(errors, label) else label  # no exception of theirs passes for one of ours
    return type(label, bases, {"__module__": "builtins"})


def _kinds(said: Any) -> list[tuple[str, int]]:
    """Names and numbers of an exception's classes, of which Python's own have none."""
    pairs = (tuple(pair) for pair in said if isinstance(pair, list)) if isinstance(said, list) else ()
    forms = [pair for pair in pairs if list(map(type, pair)) == [str, int]]
    return [(name[:100].replace("\0", ""), number) for name, number in forms[:50]]


def _public_name(function: Callable[..., Any]) -> str:
    """``numpy.sin`` for what the other side has as well, and need not ask for; else just a name."""
    name = str(getattr(function, "__name__", "function")).rpartition(".")[2][:100]
    module = next((m for m in SHARED if getattr(m, name, None) is function), None)
    return f"{module.__name__}.{name}" if module and name else name


def _operation(name: str) -> Callable[..., Any]:
    wanted = {"str": str, "repr": str, "len": int, "hash": int}.get(name, bool if name in DECIDED else object)

    def operate(self: Handle, *arguments: Any) -> Any:
        result = self._bridge.run(name, self, *arguments)
        if not isinstance(result, wanted):
            raise StudentError(f"{name}() of {_described(self)} gave a {type(result).__name__}")
        return result

    return operate


def _between(name: str) -> Callable[..., Any]:
    """An operator for two objects of the student's, who alone decides what becomes of them."""
    operation = _operation(name)

    def operate(self: Handle, other: object) -> Any:
        if not isinstance(other, Handle):
            return NotImplemented
        return operation(self, other)

    return operate


def _described(handle: Handle) -> str:
    return f"<a {handle._reference.kind} in the student's process>"


DECIDED = ("bool", "eq", "lt", "le", "gt", "ge", "isinstance", "issubclass")

READABLE = ("__name__", "__qualname__")


class Handle:
    """An object that stayed in the student's process."""

    __array_ufunc__ = None  # NumPy leaves arithmetic to the operators below, and there are none
    __slots__ = ("__weakref__", "_bridge", "_reference")
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
            return bool(_operation("eq")(self, other))
        what = f"{_described(self)} is no data"
        raise StudentError(f"{what} and cannot be compared; was a number, array or text expected?")

    def __deepcopy__(self, _memo: Any) -> Any:
        return self._bridge.run("deepcopy", self)

    def __iter__(self) -> Iterator[Any]:
        """One by one at first: a generator may be endless, or be asked by others in between."""
        bridge, items, count = self._bridge, self._bridge.run("iter", self), 0
        most = bridge.received + codec.MAX_BYTES
        while count < MAX_ITEMS and bridge.received < most:
            wanted = 1 if count < 100 else 100
            some = bridge.run("some", items, wanted)
            yield from (some := some if isinstance(some, list) else [])
            count += len(some)
            if len(some) < wanted:
                return
        raise StudentError(f"{_described(self)} gave more than {MAX_ITEMS:,} items, or too large ones")

    def __enter__(self) -> Any:
        return self._bridge.run("enter", self)

    def __exit__(self, *_: object) -> None:
        """Never swallows what was raised, which may be the test's own."""
        self._bridge.run("exit", self)

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise StudentError(f"{_described(self)} is no array; was one expected?")

    # What gives a value that a test then compares. Arithmetic and comparison are for two objects of the student's:
    # otherwise the object itself would decide how far it is from what was expected.
    __lt__, __le__, __gt__, __ge__ = (_between(name) for name in ("lt", "le", "gt", "ge"))
    __add__, __sub__, __mul__ = (_between(name) for name in ("add", "sub", "mul"))
    __truediv__, __matmul__ = (_between(name) for name in ("truediv", "matmul"))
    __hash__ = _operation("hash")  # to be found is not to be equal
    __copy__ = _operation("copy")
    __str__ = _operation("str")
    __repr__ = _operation("repr")
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

    @property
    def __signature__(self) -> Signature:
        """For ``inspect.signature``: names, kinds and defaults."""
        said = self._bridge.run("signature", self)
        try:
            return Signature([Parameter(name, _ParameterKind(kind), **more) for name, kind, more in said])
        except (TypeError, ValueError) as error:
            raise StudentError(f"{_described(self)} has no signature: {error}") from None

    def __instancecheck__(self, other: Any) -> Any:
        return isinstance(other, Handle) and _operation("isinstance")(other, self)

    def __subclasscheck__(self, other: Any) -> Any:
        return isinstance(other, Handle) and _operation("issubclass")(other, self)


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
