"""A search for settings: every try as a dot, against each of its settings."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from nnlib.plots.style import BLUE, COLOURS, ORANGE, Picture, axes_row, styled

__all__ = ["tries"]


@styled
def tries(settings: Mapping[str, Sequence[float]], results: Sequence[float], *, ylabel: str, alt: str) -> Picture:
    """A panel for each setting {name: its value in each try}, on a logarithmic axis, with the results as heights.

    The best try, the first of several, is a diamond with its number in every panel.
    """
    figure, axes = axes_row(len(settings), 4.0 * len(settings) + 0.6, 3.2)
    best = int(np.argmax(results))
    for ax, (name, values) in zip(axes, settings.items(), strict=True):
        ax.plot(values, results, "o", color=BLUE, markersize=6, alpha=0.75)
        ax.plot(values[best], results[best], "D", color=ORANGE, markersize=9)
        ax.annotate(
            f"{results[best]:.1f}",
            (values[best], results[best]),
            xytext=(0, 8),
            textcoords="offset points",
            ha="center",
        )
        ax.set(xlabel=name, xscale="log")
        ax.xaxis.set_major_locator(LogLocator(numticks=8))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.margins(x=0.08, y=0.14)
        ax.grid(color="#dddddd", linewidth=0.8)
    axes[0].set_ylabel(ylabel)
    return Picture(figure, alt, COLOURS)
