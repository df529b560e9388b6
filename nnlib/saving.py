"""Models and training runs in files: arrays and their form in one `.npz`. Never a pickle, so safe to open.

The file's array `form` is JSON text: {"dict": …}, {"list": …}, {"tuple": …}, {"array": name}, or a plain value;
each array stands beside it under its path, `params.0.w`, where any tool that reads `.npz` finds it.
"""

import json
import os
import tempfile
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from nnlib import layers as known
from nnlib.arrays import Array
from nnlib.layers import Composite, Layer
from nnlib.nested import Nested

__all__ = ["load_data", "load_model", "save_data", "save_model"]

PathLike: TypeAlias = str | os.PathLike[str]

FORM = "form"


def save_model(path: PathLike, model: Layer, params: Nested, state: Nested) -> None:
    """Write a model, its params and its state to the file `path`, as `save_data` does."""
    save_data(path, {"model": structure(model), "params": params, "state": state})


def load_model(path: PathLike) -> tuple[Layer, Nested, Nested]:
    """(model, params, state) from a file that `save_model` wrote.

    Raises FileNotFoundError, and ValueError where the file is damaged or holds something else.
    """
    found = load_data(path)
    try:
        return from_structure(found["model"]), found["params"], found["state"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} holds no model that this nnlib can make: {error}") from error


def structure(layer: Layer) -> dict[str, Any]:
    """The layer as data: {"layer": its class, "settings": {…}}, or "layers": […] of those it is made of."""
    name = type(layer).__name__
    if isinstance(layer, Composite):
        return {"layer": name, "layers": [structure(inner) for inner in layer.layers]}
    return {"layer": name, "settings": {field.name: getattr(layer, field.name) for field in fields(layer)}}


def from_structure(data: dict[str, Any]) -> Layer:
    """The layer that `structure` described. Raises KeyError or TypeError where it describes none."""
    kind = getattr(known, data["layer"], None)
    if not (isinstance(kind, type) and issubclass(kind, Layer)):
        raise KeyError(f"no layer is called {data['layer']!r}")
    if issubclass(kind, Composite):
        return kind(*(from_structure(inner) for inner in data["layers"]))
    return kind(**data["settings"])


def save_data(path: PathLike, data: Any) -> None:
    """Write dicts with string keys, lists, tuples, arrays, numbers, strings, booleans and None to `path`.

    The file is written beside its place and moved there when whole: an interruption leaves the old one. Raises
    TypeError, naming the place in the data, for anything else.
    """
    arrays: dict[str, Array] = {}
    form = json.dumps(_form(data, "", arrays))
    target = Path(path)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **{FORM: np.array(form)}, **arrays)  # type: ignore[arg-type]
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def load_data(path: PathLike) -> Any:
    """What `save_data` wrote. Raises FileNotFoundError, and ValueError for a file that is damaged or another."""
    try:
        with open(path, "rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is no whole .npz")
            with np.load(file, allow_pickle=False) as arrays:
                return _data(json.loads(str(arrays[FORM][()])), arrays)
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is damaged, or not a file that nnlib saved: {error}") from error


def _form(data: Any, path: str, arrays: dict[str, Array]) -> Any:
    """The data with each array replaced by its name; the array goes into `arrays`."""
    if isinstance(data, np.ndarray) and not data.dtype.hasobject:
        arrays[path or "data"] = data
        return {"array": path or "data"}
    inner = f"{path}." if path else ""
    if isinstance(data, dict) and all(isinstance(key, str) for key in data):
        return {"dict": {key: _form(value, inner + key, arrays) for key, value in data.items()}}
    if isinstance(data, (list, tuple)):
        return {type(data).__name__: [_form(value, f"{inner}{i}", arrays) for i, value in enumerate(data)]}
    if data is None or isinstance(data, (bool, int, float, str)):
        return data
    raise TypeError(
        f"cannot save {path or 'this'}: a {type(data).__name__} is neither data nor an array of numbers"
    )


def _data(form: Any, arrays: Any) -> Any:
    if not isinstance(form, dict):
        return form
    ((kind, value),) = form.items()
    if kind == "array":
        return arrays[value]
    if kind == "dict":
        return {key: _data(inner, arrays) for key, inner in value.items()}
    inner = [_data(item, arrays) for item in value]
    return tuple(inner) if kind == "tuple" else inner
