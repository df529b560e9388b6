"""How the values of each layer are spread: one small histogram a layer, one row a setting."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlib.plots.style import BLUE, COLOURS, Array, Picture, styled

__all__ = ["histograms", "layer_histograms"]


@styled
def histograms(rows: Mapping[str, Sequence[Array]], columns: Sequence[str], *, xlabel: str, alt: str) -> Picture:
    """{name of the row: values of each column}; every histogram has its own range, with its spread above it."""
    figure = Figure(figsize=(1.75 * len(columns) + 1.2, 1.3 * len(rows) + 0.6), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for axes, (name, values) in zip(grid, rows.items(), strict=True):
        for ax, one in zip(axes, values, strict=True):
            _histogram(ax, np.ravel(one), f"spread {one.std():.2g}", bins=40)
            ax.set(yticks=[])
            ax.spines["left"].set_visible(False)
        axes[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=12)
    _name_columns(figure, grid[0], columns, xlabel)
    return Picture(figure, alt, COLOURS)


@styled
def layer_histograms(
    values: Mapping[str, Sequence[Array]],
    layers: Sequence[str],
    *,
    xlabel: str,
    alt: str,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Picture:
    """A row for each name, a column for each of `layers`: how {name: arrays, one a layer} are spread.

    Each row has one range of values, that of `ranges` or else of all its values. The height of a bar is the part
    of a layer's values in it, in per cent; the spread (standard deviation) stands above.
    """
    figure = Figure(figsize=(1.75 * len(layers) + 0.9, 1.45 * len(values) + 0.6), layout="constrained")
    grid = figure.subplots(len(values), len(layers), squeeze=False, sharey="row")
    for axes, (name, arrays) in zip(grid, values.items(), strict=True):
        low, high = min(float(np.min(a)) for a in arrays), max(float(np.max(a)) for a in arrays)
        span = (ranges or {}).get(name, (low, high))
        for ax, array in zip(axes, arrays, strict=True):
            flat = np.clip(np.ravel(array), *span)
            weights = np.full(flat.size, 100 / flat.size)
            _histogram(ax, flat, f"spread {np.std(array):.2g}", bins=25, range=span, weights=weights)
        axes[0].set_ylabel(f"{name}\nneurons (%)")
    _name_columns(figure, grid[0], layers, xlabel)
    return Picture(figure, alt, COLOURS)


def _histogram(ax: Axes, values: Array, title: str, **settings: Any) -> None:
    ax.hist(values, color=BLUE, **settings)
    ax.set_title(title, fontsize=8, pad=3)
    ax.locator_params(axis="x", nbins=3)
    ax.tick_params(labelsize=7)


def _name_columns(figure: Figure, axes: Array, names: Sequence[str], xlabel: str) -> None:
    for ax, name in zip(axes, names, strict=True):
        ax.annotate(name, (0.5, 1.38), xycoords="axes fraction", ha="center", fontweight="bold")
    figure.supxlabel(xlabel, fontsize=10)
