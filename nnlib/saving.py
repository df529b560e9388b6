"""Models and training runs in files: arrays and their form in one `.npz`. Never a pickle, so safe to open.

The file's array `form` is JSON text: {"dict": …}, {"list": …}, {"tuple": …}, {"array": name}, or a plain value;
each array stands beside it under its path, `params.0.w`, where any tool that reads `.npz` finds it.
"""

import json
import os
import re
import secrets
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from nnlib import layers as known
from nnlib.arrays import Array
from nnlib.layers import Composite, Layer
from nnlib.nested import Nested

__all__ = ["load_data", "load_model", "save_data", "save_model"]

PathLike: TypeAlias = str | os.PathLike[str]

FORM = "form"
RESERVED = ("file", "allow_pickle")  # np.savez has arguments of these names
KINDS = "biufcSU"  # the dtypes of numbers and text, which need no pickle


def save_model(path: PathLike, model: Layer, params: Nested, state: Nested) -> None:
    """Write a model, its params and its state to the file `path`, as `save_data` does."""
    save_data(path, {"model": structure(model), "params": params, "state": state})


def load_model(path: PathLike) -> tuple[Layer, Nested, Nested]:
    """(model, params, state) from a file that `save_model` wrote.

    Raises FileNotFoundError, and ValueError where the file is damaged or holds something else.
    """
    found = load_data(path)
    if not isinstance(found, dict) or not {"model", "params", "state"} <= found.keys():
        raise ValueError(f"{path} holds no model: save_model writes model, params and state")
    try:
        return from_structure(found["model"]), found["params"], found["state"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        cause = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} holds no model that this nnlib can make: {cause}") from error


def structure(layer: Layer) -> dict[str, Any]:
    """The layer as data: {"layer": its class, "settings": {…}}, or "layers": […] of those it is made of.

    Raises TypeError for a layer that is not one of nnlib.layers, and so could not be loaded.
    """
    name = type(layer).__name__
    if getattr(known, name, None) is not type(layer):
        raise TypeError(f"cannot save {layer!r}: loading looks in nnlib.layers, where this {name} is not")
    if isinstance(layer, Composite):
        return {"layer": name, "layers": [structure(inner) for inner in layer.layers]}
    return {"layer": name, "settings": {field.name: getattr(layer, field.name) for field in fields(layer)}}


def from_structure(data: dict[str, Any]) -> Layer:
    """The layer that `structure` described. Raises KeyError, TypeError or ValueError where it describes none."""
    kind = getattr(known, data["layer"], None)
    if not (isinstance(kind, type) and issubclass(kind, Layer)):
        raise ValueError(f"no layer is called {data['layer']!r}")
    if issubclass(kind, Composite):
        return kind(*(from_structure(inner) for inner in data["layers"]))
    return kind(**data["settings"])


def save_data(path: PathLike, data: Any) -> None:
    """Write dicts with string keys, lists, tuples, arrays, numbers, strings, booleans and None to `path`.

    Arrays hold numbers or text; NumPy's scalars become Python's. The file is written beside its place and moved
    there when whole: an interruption leaves the old one. Raises TypeError, naming the place in the data, for
    anything else.
    """
    arrays = {FORM: np.array("")}  # so that no other array takes its name
    arrays[FORM] = np.array(json.dumps(_form(data, "", arrays)))
    target = Path(path)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with open(beside, "xb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def load_data(path: PathLike) -> Any:
    """What `save_data` wrote. Raises FileNotFoundError, and ValueError for a file that is damaged or another."""
    with open(path, "rb") as file:
        try:
            return _read(file)
        except Exception as error:  # of a damaged file zipfile and its decompressors raise almost anything
            raise ValueError(f"{path} is damaged, or not a file that nnlib saved: {error}") from error


def _read(file: BinaryIO) -> Any:
    if not zipfile.is_zipfile(file):
        raise ValueError("it is no whole .npz")
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        if name := arrays.zip.testzip():  # NumPy reads what an array's header asks for, not up to the checksum
            raise ValueError(f"the checksum of {name} is wrong")
        return _data(json.loads(str(arrays[FORM][()])), arrays)


def _form(data: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The data with each array replaced by its name; the array goes into `arrays`."""
    if isinstance(data, (np.number, np.bool)):
        data = data.item()
    if type(data) is np.ndarray and data.dtype.kind in KINDS:
        name = _free_name(path or "data", arrays)
        arrays[name] = data
        return {"array": name}
    inner = f"{path}." if path else ""
    if isinstance(data, dict) and all(isinstance(key, str) for key in data):
        return {"dict": {key: _form(value, inner + key, arrays) for key, value in data.items()}}
    if isinstance(data, (list, tuple)):
        kind = "list" if isinstance(data, list) else "tuple"
        return {kind: [_form(value, f"{inner}{i}", arrays) for i, value in enumerate(data)]}
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    found = f"an array of {data.dtype}" if type(data) is np.ndarray else f"a {type(data).__name__}"
    hint = ": its keys must be strings" if isinstance(data, dict) else ""
    raise TypeError(f"cannot save {path or 'this'}: {found} is neither data nor an array of numbers or text{hint}")


def _free_name(path: str, arrays: dict[str, Array]) -> str:
    """A name like `path` that no array has yet: keys may hold dots, and signs that a zip's names may not."""
    name = re.sub(r"[^\w.]", "_", path)
    while name in arrays or name in RESERVED:
        name += "_"
    return name


def _data(form: Any, arrays: Any) -> Any:
    match form:
        case {"array": str(name)}:
            return arrays[f"{name}.npy"]  # arrays[name] would be another's where one name is "a" and one "a.npy"
        case {"dict": dict(inner)}:
            return {key: _data(value, arrays) for key, value in inner.items()}
        case {"list": list(inner)}:
            return [_data(value, arrays) for value in inner]
        case {"tuple": list(inner)}:
            return tuple(_data(value, arrays) for value in inner)
        case dict() | list():
            raise ValueError("its form is none that nnlib writes")
    return form
