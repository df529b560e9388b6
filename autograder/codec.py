"""The data-only codec of the trust boundary: what may cross, and in which bytes.

A message is ``[8-byte length of header][header: JSON][the arrays' raw bytes, one after another]``. The
header holds a tree of tagged values and a table of arrays (dtype, shape, writeable). Nothing is pickled, no
class is named, and decoding builds objects of Python's and NumPy's base types alone, so a decoded value has
no behaviour that its sender chose. Sizes, depth and dtypes are bounded before anything is allocated.

A random generator crosses as its state, which is data.

A value that is no data stays on its own side; its place in the tree is taken by a ``Reference`` (a number
and a type name), which can be sent back to mean the same object.

This module runs on both sides of the boundary, and therefore imports the standard library and NumPy alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

MAX_BYTES = 64 << 20
MAX_DEPTH = 24
MAX_NODES = 100_000
MAX_DIMENSIONS = 32
MAX_SEPARATORS = 20 * MAX_NODES  # a parsed value takes far more memory than its text: counted before parsing
KINDS = "biufcSUmM"  # bool, integers, floats, complex, fixed-width text, time spans and dates


class CodecError(ValueError):
    """A value or a message is outside of what may cross the boundary; the message says why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Stands for an object that stayed on the side where it was made."""

    number: int
    kind: str
    callable: bool = False


@dataclass(slots=True)
class _Writer:
    spill: Callable[[Any], Reference] | None
    arrays: list[list[Any]]
    chunks: list[bytes]
    nodes: int = 0
    size: int = 0

    def node(self, value: Any, depth: int = 0) -> Any:
        """One value as a JSON-able ``[tag, …]``; ``None``, bool, int, float and str stand for themselves."""
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise CodecError(f"nested deeper than {MAX_DEPTH} levels, or more than {MAX_NODES:,} values")
        if value is None or value is True or value is False:
            return value
        for kind, write in _WRITERS:
            if isinstance(value, kind):
                return write(self, value, depth)
        return self.reference(value)

    def reference(self, value: Any) -> list[Any]:
        if isinstance(value, Reference):
            reference = value
        elif self.spill is None:
            raise CodecError(f"a {type(value).__name__} is no data and cannot cross the boundary")
        else:
            reference = self.spill(value)
        return ["h", reference.number, reference.kind, reference.callable]

    def array(self, value: np.ndarray[Any, Any], tag: str) -> list[Any]:
        if value.dtype.kind not in KINDS or value.dtype.itemsize > 4096 or value.dtype.char in "gG":
            return self.reference(value)
        self.size += value.nbytes
        if self.size > MAX_BYTES:
            raise CodecError(f"more than {MAX_BYTES >> 20} MiB of array data (shape {value.shape})")
        self.chunks.append(np.ascontiguousarray(value).tobytes())
        self.arrays.append([value.dtype.str, list(value.shape), bool(value.flags.writeable)])
        return [tag, len(self.arrays) - 1]

    def items(self, tag: str, values: Any, depth: int) -> list[Any]:
        return [tag, [self.node(v, depth + 1) for v in values]]


def _plain(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array itself, without the methods of a subclass."""
    return np.ndarray.view(value, np.ndarray)


def _pairs(writer: _Writer, value: dict[Any, Any], depth: int) -> list[Any]:
    return ["d", [[writer.node(k, depth + 1), writer.node(v, depth + 1)] for k, v in dict.items(value)]]


def _bounds(writer: _Writer, value: range, _depth: int) -> list[Any]:
    """As data where a list of as many would be data; what is longer stays behind."""
    return ["r", value.start, value.stop, value.step] if not value[MAX_NODES:] else writer.reference(value)


def _state(writer: _Writer, value: np.random.Generator, _depth: int) -> list[Any]:
    """The numbers that decide what it draws; of another kind than NumPy's own, it stays behind."""
    state = value.bit_generator.state
    if type(value.bit_generator) is not np.random.PCG64:
        return writer.reference(value)
    return ["n", state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"]]


# Order matters: the first type that fits decides. Subclasses are reduced to their base type.
_WRITERS: tuple[tuple[Any, Callable[[_Writer, Any, int], Any]], ...] = (
    (Reference, lambda w, v, d: w.reference(v)),
    (np.ndarray, lambda w, v, d: w.array(_plain(v), "a")),
    (np.generic, lambda w, v, d: w.array(np.asarray(v), "g")),
    (str, lambda w, v, d: str.__str__(v)),
    (int, lambda w, v, d: int.__int__(v)),
    (float, lambda w, v, d: float.__float__(v)),
    (complex, lambda w, v, d: ["c", v.real, v.imag]),
    (bytes, lambda w, v, d: ["y", bytes(v).hex()]),
    (tuple, lambda w, v, d: w.items("t", tuple.__iter__(v), d)),
    (list, lambda w, v, d: w.items("l", list.__iter__(v), d)),
    (dict, _pairs),
    (np.random.Generator, _state),
    (range, _bounds),
    (frozenset, lambda w, v, d: w.items("z", frozenset.__iter__(v), d)),
    (set, lambda w, v, d: w.items("S", set.__iter__(v), d)),
)


def encode(value: Any, spill: Callable[[Any], Reference] | None = None) -> bytes:
    """``value`` as bytes.

    ``spill(object) -> Reference`` keeps what is no data; without it such a value raises.
    Raises CodecError for what is too large, too deep, or no data.
    """
    writer = _Writer(spill, [], [])
    tree = writer.node(value)
    try:
        header = json.dumps({"tree": tree, "arrays": writer.arrays}, separators=(",", ":")).encode()
    except (ValueError, RecursionError) as error:  # an integer of more digits than Python prints
        raise CodecError(f"cannot be written as data: {error}") from None
    if len(header) + writer.size > MAX_BYTES:
        raise CodecError(f"larger than {MAX_BYTES >> 20} MiB")
    return b"".join([len(header).to_bytes(8, "big"), header, *writer.chunks])


@dataclass(slots=True)
class _Reader:
    arrays: list[np.ndarray[Any, Any]]
    resolve: Callable[[Reference], Any]
    nodes: int = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise CodecError("nested too deep, or too many values")
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not list or not node or type(node[0]) is not str or node[0] not in _READERS:
            raise CodecError("a malformed value")
        return _READERS[node[0]](self, node, depth)

    def items(self, node: list[Any], depth: int) -> list[Any]:
        return [self.value(item, depth + 1) for item in node[1]]


def _scalar(reader: _Reader, node: list[Any], _depth: int) -> Any:
    return reader.arrays[node[1]][()]


def _reference(reader: _Reader, node: list[Any], _depth: int) -> Any:
    _, number, kind, is_callable = node
    if type(number) is not int or type(kind) is not str or type(is_callable) is not bool:
        raise CodecError("a malformed reference")
    return reader.resolve(Reference(number, kind[:100], is_callable))


def _generator(_reader: _Reader, node: list[Any], _depth: int) -> np.random.Generator:
    _, state, inc, has_half, half = node
    bits = np.random.PCG64(0)
    numbers: Any = {"state": state, "inc": inc}
    bits.state = {"bit_generator": "PCG64", "state": numbers, "has_uint32": has_half, "uinteger": half}
    return np.random.Generator(bits)


def _range(_reader: _Reader, node: list[Any], _depth: int) -> range:
    _, start, stop, step = node
    found = range(start, stop, step)
    if found[MAX_NODES:]:
        raise CodecError("a range of too many values")
    return found


_READERS: dict[str, Callable[[_Reader, list[Any], int], Any]] = {
    "a": lambda r, n, d: r.arrays[n[1]],
    "g": _scalar,
    "c": lambda r, n, d: complex(n[1], n[2]),
    "y": lambda r, n, d: bytes.fromhex(n[1]),
    "t": lambda r, n, d: tuple(r.items(n, d)),
    "l": lambda r, n, d: r.items(n, d),
    "d": lambda r, n, d: {r.value(k, d + 1): r.value(v, d + 1) for k, v in n[1]},
    "n": _generator,
    "r": _range,
    "S": lambda r, n, d: set(r.items(n, d)),
    "z": lambda r, n, d: frozenset(r.items(n, d)),
    "h": _reference,
}


def _read_array(entry: Any, body: memoryview, start: int) -> np.ndarray[Any, Any]:
    code, shape, writeable = entry
    dtype = np.dtype(str(code))
    if dtype.kind not in KINDS or dtype.hasobject or dtype.fields or dtype.subdtype or dtype.char in "gG":
        raise CodecError(f"dtype {str(code)[:40]!r} may not cross the boundary")
    if len(shape) > MAX_DIMENSIONS or any(type(n) is not int or n < 0 for n in shape):
        raise CodecError("a malformed shape")
    count = math.prod(shape) * dtype.itemsize
    if start + count > len(body):
        raise CodecError("an array is longer than its message")
    array = np.frombuffer(body[start : start + count], dtype).reshape(shape).copy()
    array.flags.writeable = bool(writeable)
    return array


def _read_arrays(entries: Any, body: memoryview) -> list[np.ndarray[Any, Any]]:
    arrays: list[np.ndarray[Any, Any]] = []
    start = 0
    for entry in entries:
        if len(arrays) >= MAX_NODES:
            raise CodecError("too many arrays")
        arrays.append(_read_array(entry, body, start))
        start += arrays[-1].nbytes
    return arrays


def _countable(header: bytes) -> bytes:
    if sum(map(header.count, (b",", b"[", b"{"))) > MAX_SEPARATORS:
        raise CodecError("too many values")
    return header


def _keep(reference: Reference) -> Reference:
    return reference


def decode(message: bytes, resolve: Callable[[Reference], Any] = _keep) -> Any:
    """The value in ``message``, made of base types alone; ``resolve`` gives what a Reference stands for.

    Raises CodecError, and nothing else, for whatever is malformed or out of bounds.
    """
    if len(message) > MAX_BYTES + (1 << 20) or len(message) < 8:
        raise CodecError(f"a message of {len(message):,} bytes; at most {MAX_BYTES >> 20} MiB may cross")
    end = 8 + int.from_bytes(message[:8], "big")
    try:
        header = json.loads(_countable(message[8:end]))
        arrays = _read_arrays(header["arrays"], memoryview(message)[end:])
        return _Reader(arrays, resolve).value(header["tree"])
    except CodecError:
        raise
    except Exception as error:  # every way of being malformed: one answer
        raise CodecError(f"a malformed message ({type(error).__name__})") from None
