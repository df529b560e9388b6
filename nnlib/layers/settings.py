"""What a layer's settings may be, by their names: checked when the layer is made, where the mistake is."""

from collections.abc import Callable, Mapping
from numbers import Integral
from typing import Any

from nnlib.arrays import Array
from nnlib.initialization import he_normal, small_normal, xavier_normal
from nnlib.windows import pair

__all__ = ["INITIALIZERS", "check_setting"]

INITIALIZERS: Mapping[str, Callable[..., Array]] = {
    "he": he_normal,
    "xavier": xavier_normal,
    "small": small_normal,
}
COUNTS = ("units", "filters", "groups")
SIZES = {"kernel": 1, "size": 1, "stride": 1, "dilation": 1, "padding": 0}  # an int or a pair, and the least of it
RANGES: Mapping[str, tuple[str, Callable[[float], bool]]] = {
    "p_drop": ("[0, 1)", lambda value: 0 <= value < 1),
    "momentum": ("[0, 1]", lambda value: 0 <= value <= 1),
    "eps": ("[0, ∞)", lambda value: value >= 0),
}


def check_setting(name: str, value: Any) -> None:
    """Raise ValueError, or TypeError for no number at all, where no layer can have this value for `name`."""
    if name in COUNTS and not isinstance(value, Integral):
        raise TypeError(f"{name} must be an int, got {value!r}")
    least = 1 if name in COUNTS else SIZES.get(name)
    if least is not None and min(pair(name, value)) < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    if name in RANGES and not RANGES[name][1](value):
        raise ValueError(f"{name} must lie in {RANGES[name][0]}, got {value}")
    if name == "init" and value not in INITIALIZERS:
        raise ValueError(f"init must be one of {', '.join(map(repr, INITIALIZERS))}, got {value!r}")
