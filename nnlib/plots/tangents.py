"""A number against one knob, and its slope at the place where the knob stands."""

from collections.abc import Mapping, Sequence

import numpy as np

from nnlib.plots.style import BLUE, ORANGE, Picture, axes_row, styled

__all__ = ["slopes"]


@styled
def slopes(
    knobs: Mapping[str, tuple[Sequence[float], Sequence[float], float]],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
) -> Picture:
    """Small curves side by side, {name: (x, y, slope in the middle)}, with the tangent in the middle of each."""
    figure, axes = axes_row(len(knobs), 2.7 * len(knobs), 2.6)
    low = min(min(y) for _, y, _ in knobs.values())
    high = max(max(y) for _, y, _ in knobs.values())
    for ax, (name, (x, y, slope)) in zip(axes, knobs.items(), strict=True):
        middle = len(x) // 2
        reach = np.array([-0.55, 0.55]) * (x[-1] - x[middle])
        ax.plot(x, y, color=BLUE)
        ax.plot(x[middle] + reach, y[middle] + slope * reach, color=ORANGE, linestyle="--")
        ax.plot(x[middle], y[middle], "o", color=ORANGE, markersize=8)
        ax.set(title=f"{name}\nslope {slope:+z.2f}".replace("-", "−"), xlabel=xlabel)
        ax.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    axes[0].set_ylabel(ylabel)
    return Picture(figure, alt)
