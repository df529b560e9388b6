"""Nested containers of arrays, as layers keep their parameters: dicts and lists, arrays at the leaves.

A leaf's path is the keys on the way to it, joined by dots: the weights of a model's third layer are `2.w`.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from nnlib.arrays import Array

__all__ = ["Nested", "count", "items", "leaves", "mapped"]

Nested: TypeAlias = (
    Any  # dict[str, Nested] | list[Nested] | Array; mypy knows no recursive check of that worth its casts
)


def items(nested: Nested, path: str = "") -> Iterator[tuple[str, Array]]:
    """(path, array) of every leaf, in the containers' order."""
    if not isinstance(nested, (dict, list)):
        yield path, nested
        return
    pairs = nested.items() if isinstance(nested, dict) else enumerate(nested)
    for key, inner in pairs:
        yield from items(inner, f"{path}.{key}" if path else str(key))


def leaves(nested: Nested) -> list[Array]:
    """Every array, in the containers' order."""
    return [array for _, array in items(nested)]


def count(nested: Nested) -> int:
    """How many numbers all the arrays hold."""
    return sum(array.size for array in leaves(nested))


def mapped(function: Callable[..., Any], nested: Nested, *others: Nested) -> Nested:
    """`function` of each leaf, and of the leaves at its place in `others`, in containers of the same form."""
    if isinstance(nested, dict):
        return {key: mapped(function, inner, *(other[key] for other in others)) for key, inner in nested.items()}
    if isinstance(nested, list):
        return [mapped(function, *inner) for inner in zip(nested, *others, strict=True)]
    return function(nested, *others)
