"""Early stopping: when to stop training, and which epoch was the best.

`nnlib.training.fit` does the same while it trains.
Prechelt, "Early stopping, but when?" (Neural Networks: Tricks of the Trade, 1998).
"""

import math
from collections.abc import Sequence

__all__ = ["early_stopping"]


def early_stopping(val_losses: Sequence[float], patience: int) -> tuple[int, int]:
    """(stop_epoch, best_epoch) of a run with these validation losses, both counted from 0.

    An epoch is the best so far where its loss is smaller than every one before it; an equal loss is none, and nan
    is none. Training stops after the first epoch at which the best one is `patience` epochs ago, else after the
    last one. What would have come after the stop counts for nothing.
    Raises ValueError where there is no epoch, or where patience is below 1.
    """
    if not len(val_losses) or patience < 1:
        raise ValueError(
            f"at least one epoch and a patience of at least 1 are needed, got {len(val_losses)} and {patience}"
        )
    best_epoch, smallest = 0, math.inf
    for epoch, loss in enumerate(val_losses):
        if loss < smallest:
            best_epoch, smallest = epoch, loss
        if epoch - best_epoch >= patience:
            return epoch, best_epoch
    return len(val_losses) - 1, best_epoch
