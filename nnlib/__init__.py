"""A NumPy reference of the course: pure functions, one module a concept.

The contract, everywhere: `NAME_forward(inputs…) -> (out, cache)` and `NAME_backward(dout, cache) -> gradients`
in the order of the inputs, where `dout` is ∂L/∂out and has out's shape. Only a loss averages over the batch.
Nothing is changed in place. Floating-point inputs keep their dtype; integers are computed in float64; a gradient
has the dtype of the array it belongs to.

Symbols: N batch, D features in, M features out, C channels in, F filters, H W image, KH KW kernel, OH OW output.

Modules load when first used, so a module that is not there breaks nothing else.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlib import (
        activations,
        arrays,
        convolution,
        data,
        dense,
        gradients,
        losses,
        plots,
        pooling,
        windows,
    )

_MODULES = (
    "activations",
    "arrays",
    "convolution",
    "data",
    "dense",
    "gradients",
    "losses",
    "plots",
    "pooling",
    "windows",
)

__all__ = [name for name in _MODULES if find_spec(f"{__name__}.{name}")]  # noqa: PLE0604


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    missing = f"nnlib.{name} is not part of this copy of nnlib (it may be what the unit asks you to write)"
    raise AttributeError(missing if name in _MODULES else f"module 'nnlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
