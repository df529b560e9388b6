"""What was measured while training, and how it looks."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nnlib.plots import Picture

__all__ = ["History"]


@dataclass(slots=True)
class History:
    """One row of numbers an epoch, and the loss of every step.

    A row holds `loss` and each metric as means over the epoch's batches, while the weights moved; with validation
    `val_loss` and `val_…` of the metrics, at the epoch's end; and `lr`, of the epoch's last step.
    `best_epoch` is the row with the smallest validation loss, counted from 0, or None without validation.
    """

    rows: list[dict[str, float]] = field(default_factory=list)
    step_losses: list[float] = field(default_factory=list)
    best_epoch: int | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> list[float]:
        """One number's values, epoch by epoch; KeyError, with the names there are, for another."""
        if self.rows and name not in self.rows[0]:
            raise KeyError(f"the history has no {name!r}: it holds {', '.join(self.rows[0])}")
        return [row[name] for row in self.rows]

    def is_best(self) -> bool:
        """Whether the last row has the smallest validation loss so far; then `best_epoch` says so."""
        losses = self["val_loss"]
        if losses[-1] < (math.inf if self.best_epoch is None else losses[self.best_epoch]):  # nan never is
            self.best_epoch = len(losses) - 1
        return self.best_epoch == len(losses) - 1

    def validation(self) -> str:
        """The last row's validation numbers as text."""
        last = self.rows[-1] if self.rows else {}
        return "  ".join(f"{name} {value:.4f}" for name, value in last.items() if name.startswith("val_"))

    def plot(self, name: str = "loss") -> Picture:
        """`name` in training and, where there is one, in validation, epoch by epoch."""
        from nnlib.plots import lines  # here, so that training works without matplotlib

        curves = {"training": self[name]}
        if self.rows and f"val_{name}" in self.rows[0]:
            curves["validation"] = self[f"val_{name}"]
        ends = "; ".join(f"{kind} from {v[0]:.3g} to {v[-1]:.3g}" for kind, v in curves.items() if v)
        epochs = range(1, len(self) + 1)
        return lines(epochs, curves, xlabel="epoch", ylabel=name, alt=f"{name} over {len(self)} epochs: {ends}")

    def __repr__(self) -> str:
        if not self.rows:
            return "History of no epoch yet"
        names = list(self.rows[0])
        table = [
            ["epoch", *names],
            *([str(i + 1), *(f"{v:.4g}" for v in r.values())] for i, r in enumerate(self.rows)),
        ]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in table)
