"""A NumPy reference of the course: pure functions, one module a concept.

The contract: `NAME_forward(inputs…) -> (out, cache)` and `NAME_backward(dout, cache) -> gradients` in the
order of the inputs, where `dout` is ∂L/∂out and has out's shape. Only a loss averages over the batch. What keeps
running statistics takes them as an argument and returns the new ones behind the cache.
Nothing is changed in place. Floating-point inputs keep their dtype, integers are computed in float64, and a
gradient has the dtype of the array it belongs to.

Symbols: N batch, D features in, M features out, C channels in, F filters (channels out), H W image,
KH KW kernel, OH OW output.

Modules load when first used, so a module that is not there breaks nothing else.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlib import activations as activations
    from nnlib import arrays as arrays
    from nnlib import augmentation as augmentation
    from nnlib import autodiff as autodiff
    from nnlib import batches as batches
    from nnlib import checkpointing as checkpointing
    from nnlib import convolution as convolution
    from nnlib import costs as costs
    from nnlib import data as data
    from nnlib import dense as dense
    from nnlib import depthwise as depthwise
    from nnlib import descent as descent
    from nnlib import dropout as dropout
    from nnlib import early_stopping as early_stopping
    from nnlib import gradients as gradients
    from nnlib import inception as inception
    from nnlib import initialization as initialization
    from nnlib import intervals as intervals
    from nnlib import layers as layers
    from nnlib import lenet as lenet
    from nnlib import linear as linear
    from nnlib import losses as losses
    from nnlib import metrics as metrics
    from nnlib import mlp as mlp
    from nnlib import models as models
    from nnlib import nested as nested
    from nnlib import normalization as normalization
    from nnlib import optimizers as optimizers
    from nnlib import plots as plots
    from nnlib import pooling as pooling
    from nnlib import regularization as regularization
    from nnlib import residual as residual
    from nnlib import response_normalization as response_normalization
    from nnlib import saving as saving
    from nnlib import schedules as schedules
    from nnlib import training as training
    from nnlib import windows as windows

_MODULES = (
    "activations",
    "arrays",
    "augmentation",
    "autodiff",
    "batches",
    "checkpointing",
    "convolution",
    "costs",
    "data",
    "dense",
    "depthwise",
    "descent",
    "dropout",
    "early_stopping",
    "gradients",
    "inception",
    "initialization",
    "intervals",
    "layers",
    "lenet",
    "linear",
    "losses",
    "metrics",
    "models",
    "mlp",
    "nested",
    "normalization",
    "optimizers",
    "plots",
    "pooling",
    "regularization",
    "residual",
    "response_normalization",
    "saving",
    "schedules",
    "training",
    "windows",
)

__all__ = [name for name in _MODULES if find_spec(f"{__name__}.{name}")]  # those that this copy has


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    if name in _MODULES:
        raise AttributeError(f"nnlib.{name} is not in this copy of nnlib: it may be what you are asked to write")
    raise AttributeError(f"module 'nnlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
