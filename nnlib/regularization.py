"""Penalties on large weights: `NAME_penalty(weights, lam) -> (penalty, gradients)`, to be added to a loss.

`weights` is a list of arrays (the weights of all layers; biases are commonly left out), the gradients a list of
arrays of the same shapes and dtypes.
"""

from collections.abc import Sequence

import numpy as np

from nnlib.arrays import Array, as_float

__all__ = ["l1_penalty", "l2_penalty"]


def l2_penalty(weights: Sequence[Array], lam: float) -> tuple[float, list[Array]]:
    """λ Σ w² over all arrays, and its gradients 2 λ w."""
    arrays = [as_float(f"weights[{i}]", w) for i, w in enumerate(weights)]
    return float(lam * sum(np.square(w).sum() for w in arrays)), [w.dtype.type(2 * lam) * w for w in arrays]


def l1_penalty(weights: Sequence[Array], lam: float) -> tuple[float, list[Array]]:
    """λ Σ |w| over all arrays, and its gradients λ sign(w), taken to be 0 at w = 0.

    The pull towards 0 is as strong on small weights as on large ones: that is why L1 makes exact zeros.
    """
    arrays = [as_float(f"weights[{i}]", w) for i, w in enumerate(weights)]
    return float(lam * sum(np.abs(w).sum() for w in arrays)), [w.dtype.type(lam) * np.sign(w) for w in arrays]
