"""One measurement, repeated: each result, their mean, and how far they spread."""

from collections.abc import Mapping, Sequence

import numpy as np

from nnlib.plots.style import BLUE, COLOURS, ORANGE, Picture, axes_row, styled

__all__ = ["spreads"]


@styled
def spreads(
    values: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    alt: str,
    level: tuple[float, str] | None = None,
    marked: Sequence[str] = (),
) -> Picture:
    """A row for each {name: results}: a dot for each, a large one for their mean, a line of ± one deviation.

    `level` is a value to compare with, and its name; `marked` rows have a second colour.
    """
    figure, (ax,) = axes_row(1, 7.2, 0.44 * len(values) + 1.0)
    for row, (name, results) in enumerate(values.items()):
        colour = ORANGE if name in marked else BLUE
        mean, spread = np.mean(results), np.std(results, ddof=1)
        ax.plot([mean - spread, mean + spread], [row, row], color=colour, linewidth=2.5, alpha=0.55)
        ax.plot(results, [row] * len(results), "o", color=colour, markersize=3.5, alpha=0.6)
        ax.plot(mean, row, "D" if name in marked else "o", color=colour, markersize=8)
        ax.annotate(
            f"{mean:.1f} ± {spread:.1f}", (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=9
        )
    if level:
        ax.axvline(level[0], color="#777777", linewidth=1, linestyle="--", zorder=1)
        ax.annotate(level[1], (level[0], -0.75), ha="center", va="bottom", fontsize=9, color="#555555")
    ax.set(xlabel=xlabel, ylim=(len(values) - 0.4, -0.8))
    ax.set_yticks(range(len(values)), list(values))
    ax.grid(axis="x", color="#dddddd", linewidth=0.8)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return Picture(figure, alt, COLOURS)
