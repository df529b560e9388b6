"""How good a classifier is, and where it is wrong: intervals around what was measured, and mix-ups by class."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from nnlib.plots.style import BLUE, INK, ORANGE, Array, Picture, axes_row, styled

__all__ = ["intervals", "mixups"]


@styled
def intervals(
    values: Mapping[str, tuple[float, float, float]],
    *,
    xlabel: str,
    alt: str,
    level: tuple[float, str] | None = None,
    marked: Sequence[str] = (),
    xlim: tuple[float, float] | None = None,
) -> Picture:
    """Horizontal lines {name: (low, middle, high)} with a dot in each; `marked` ones in a second colour.

    `level` is a value to compare with, and its name. Of more than 30 lines the names are left out.
    """
    many = len(values) > 30
    figure, (ax,) = axes_row(1, 7.2, (0.05 if many else 0.42) * len(values) + 1.0)
    for row, (name, (low, middle, high)) in enumerate(values.items()):
        colour = ORANGE if name in marked else BLUE
        ax.plot([low, high], [row, row], color=colour, linewidth=1.5 if many else 3, solid_capstyle="butt")
        ax.plot(
            [middle], [row], marker="s" if name in marked else "o", color=colour, markersize=2.5 if many else 7
        )
        if not many:
            ax.annotate(f"{middle:.1f}", (high, row), xytext=(6, 0), textcoords="offset points", va="center")
    if level:
        ax.axvline(level[0], color=INK, linewidth=1, linestyle="--", zorder=1)
        ax.annotate(
            level[1], (level[0], 1), xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=9
        )
    ax.set(xlabel=xlabel, yticks=[] if many else range(len(values)))
    if not many:
        ax.set_yticklabels(list(values))
    if xlim:
        ax.set_xlim(*xlim)
    ax.margins(x=0.1, y=0.02 if many else 0.08)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#dddddd", linewidth=0.8)
    return Picture(figure, alt)


@styled
def mixups(counts: Array, *, alt: str, classes: Sequence[str] | None = None) -> Picture:
    """Which class was taken for which: counts (M, M), right class by row, answer by column.

    Right answers, on the diagonal, are left blank, so that the wrong ones show. Beside it each class's own share
    of wrong answers, in per cent.
    """
    names = list(classes or map(str, range(len(counts))))
    figure, (ax, beside) = axes_row(2, 8.4, 4.4, [1.55, 1])
    _squares(ax, counts, names)
    total = counts.sum(axis=1)
    wrong = 100 * (total - np.diag(counts)) / np.maximum(total, 1)
    drawn = beside.barh(range(len(names)), wrong, color=ORANGE, height=0.62)
    beside.bar_label(drawn, labels=[f" {value:.1f}" for value in wrong])
    beside.set(xlabel="read wrongly (%)", ylabel="right class", yticks=range(len(names)), yticklabels=names)
    beside.invert_yaxis()
    beside.margins(x=0.2)
    return Picture(figure, alt)


def _squares(ax: Axes, counts: Array, names: list[str]) -> None:
    wrong = counts - np.diag(np.diag(counts))
    ax.imshow(wrong, cmap="Blues", vmin=0, vmax=max(1, int(wrong.max())))
    for i, j in np.argwhere(wrong > 0):
        shade = "white" if wrong[i, j] > 0.6 * wrong.max() else INK
        ax.text(j, i, str(int(wrong[i, j])), ha="center", va="center", color=shade)
    for k in range(len(names)):
        ax.text(k, k, "·", ha="center", va="center", color="#999999")
    ticks = range(len(names))
    ax.set(xticks=ticks, yticks=ticks, xticklabels=names, yticklabels=names)
    ax.set(xlabel="read as (class)", ylabel="right class", title="images read wrongly (number)")
    ax.tick_params(length=0)
