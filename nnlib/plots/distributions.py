"""How the values of each layer are spread: one small histogram a layer, one row a setting."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlib.plots.style import BLUE, COLOURS, Array, Picture, styled

__all__ = ["histograms"]

_BINS = 40


@styled
def histograms(rows: Mapping[str, Sequence[Array]], columns: Sequence[str], *, xlabel: str, alt: str) -> Picture:
    """{name of the row: values of each column}; every histogram has its own range, with its spread above it."""
    figure = Figure(figsize=(1.75 * len(columns) + 1.2, 1.3 * len(rows) + 0.6), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for axes, (name, values) in zip(grid, rows.items(), strict=True):
        for ax, one in zip(axes, values, strict=True):
            _histogram(ax, np.ravel(one))
        axes[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=12)
    for ax, title in zip(grid[0], columns, strict=True):
        ax.annotate(title, (0.5, 1.38), xycoords="axes fraction", ha="center", fontweight="bold")
    figure.supxlabel(xlabel, fontsize=10)
    return Picture(figure, alt, COLOURS)


def _histogram(ax: Axes, values: Array) -> None:
    ax.hist(values, bins=_BINS, color=BLUE)
    ax.set_title(f"spread {values.std():.2g}", fontsize=8, pad=3)
    ax.set(yticks=[])
    ax.locator_params(axis="x", nbins=3)
    ax.tick_params(axis="x", labelsize=7)
    ax.spines["left"].set_visible(False)
