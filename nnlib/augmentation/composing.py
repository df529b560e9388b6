"""Several changes, one after another."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

__all__ = ["compose"]

Change: TypeAlias = Callable[..., Any]


def compose(*changes: Change) -> Change:
    """One change out of several: x -> the last one's result. Each is called as change(x, rng=rng).

    `compose(partial(random_crop, padding=1), partial(flip_horizontal, p=0.5))` is what `nnlib.training.fit` takes
    as augment. A change that draws nothing takes rng all the same: lambda x, rng: translate(x, 1, 0).
    """

    def augment(x: Any, *, rng: np.random.Generator) -> Any:
        for change in changes:
            x = change(x, rng=rng)
        return x

    return augment
