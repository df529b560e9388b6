"""What a network's neurons hold, layer by layer, as histograms."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from nnlib.plots.style import BLUE, Array, Picture, styled

__all__ = ["layer_histograms"]


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
    of a layer's values in it, in per cent; the standard deviation stands above.
    """
    figure = Figure(figsize=(1.75 * len(layers) + 0.9, 1.45 * len(values) + 0.6), layout="constrained")
    grid = figure.subplots(len(values), len(layers), squeeze=False, sharey="row")
    for row, (name, arrays) in zip(grid, values.items(), strict=True):
        low = min(float(np.min(a)) for a in arrays)
        high = max(float(np.max(a)) for a in arrays)
        span = (ranges or {}).get(name, (low, high))
        for ax, array in zip(row, arrays, strict=True):
            flat = np.clip(np.ravel(array), *span)
            ax.hist(flat, bins=25, range=span, weights=np.full(flat.size, 100 / flat.size), color=BLUE)
            ax.set_title(f"std {np.std(array):.2g}", fontsize=9, pad=3)
            ax.tick_params(labelsize=8)
        row[0].set_ylabel(f"{name}\nneurons (%)")
    for ax, layer in zip(grid[0], layers, strict=True):
        ax.set_title(f"{layer}\n{ax.get_title()}", fontsize=9, pad=3)
    figure.supxlabel(xlabel, fontsize=10)
    return Picture(figure, alt)
