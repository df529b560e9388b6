"""Changes that a student's function made in place, made here as well."""

from __future__ import annotations

from typing import Any

import numpy as np

CONTAINERS = (np.ndarray, np.random.Generator, list, dict, tuple)


def write_back(old: Any, new: Any) -> None:
    """Give arrays, lists and dicts in ``old`` the contents they have in ``new``, where the forms still agree;
    and random generators the state, so that what was drawn there is not drawn again.
    """
    if isinstance(old, np.ndarray):
        if (
            isinstance(new, np.ndarray)
            and old.shape == new.shape
            and old.dtype == new.dtype
            and old.flags.writeable
        ):
            np.copyto(old, new)
    elif isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        old.bit_generator.state = new.bit_generator.state
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for a, b in zip(old, new, strict=False):
            write_back(a, b)
    elif isinstance(old, list) and isinstance(new, list):
        _write_back_list(old, new)
    elif isinstance(old, dict) and isinstance(new, dict):
        _write_back_dict(old, new)


def _merged(a: Any, b: Any) -> Any:
    """``a`` with the contents of ``b`` where both are containers of one kind, else ``b``."""
    if type(a) is type(b) and isinstance(a, CONTAINERS):
        write_back(a, b)
        return a if not isinstance(a, np.ndarray) or (a.shape == b.shape and a.dtype == b.dtype) else b
    return b


def _write_back_list(old: list[Any], new: list[Any]) -> None:
    old[:] = [_merged(a, b) for a, b in zip(old, new, strict=False)] + new[len(old) :]


def _write_back_dict(old: dict[Any, Any], new: dict[Any, Any]) -> None:
    merged = {key: _merged(old[key], value) if key in old else value for key, value in new.items()}
    old.clear()
    old.update(merged)
