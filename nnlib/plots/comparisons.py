"""What accuracy costs: models against their parameters and their multiply-adds; and who is taken for whom."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.ticker import FuncFormatter

from nnlib.plots.style import BLUE, GREEN, INK, ORANGE, PALETTE, PINK, Array, Picture, axes_row, styled

__all__ = ["confusion", "tradeoffs"]

_LOOKS = (
    (PALETTE["black"], "o"),
    (BLUE, "s"),
    (ORANGE, "D"),
    (GREEN, "^"),
    (PINK, "v"),
    (PALETTE["sky"], "P"),
)


@styled
def tradeoffs(
    families: Mapping[str, Sequence[tuple[str, float, float, float]]], *, ylabel: str, alt: str
) -> Picture:
    """Models (label, parameters in millions, multiply-adds in thousand millions, y), a colour and mark a family.

    The same heights against parameters on the left and multiply-adds on the right, on logarithmic axes. Models of
    one family are joined and labelled; of a family of one the legend has the name.
    """
    figure, axes = axes_row(2, 9.6, 4.2)
    for ax, place, xlabel in zip(
        axes, (1, 2), ("parameters (millions)", "multiply-adds (thousand millions)"), strict=True
    ):
        for (name, models), (colour, marker) in zip(families.items(), cycle(_LOOKS), strict=False):
            ordered = sorted(models, key=lambda model: model[3])
            xs, ys = [model[place] for model in ordered], [model[3] for model in ordered]
            ax.plot(xs, ys, color=colour, marker=marker, linewidth=1, markersize=7, label=name)
            for k, model in enumerate(ordered if len(ordered) > 1 else ()):
                offset, side = (((5, -10), "left"), ((-5, 4), "right"))[k % 2]  # neighbours may be close
                ax.annotate(model[0], (model[place], model[3]), xytext=offset, textcoords="offset points",
                            ha=side, fontsize=8)  # fmt: skip
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.set(xlabel=xlabel)
        ax.margins(x=0.12, y=0.08)
        ax.grid(color="#dddddd", linewidth=0.8)
    axes[0].set_ylabel(ylabel)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names))
    return Picture(figure, alt)


@styled
def confusion(counts: Array, *, xlabel: str, ylabel: str, alt: str) -> Picture:
    """A confusion matrix (M, M): how often the class of a row was taken for that of a column.

    The diagonal is right, in bold on light; mistakes are the darker the more there are.
    """
    classes = len(counts)
    figure, (ax,) = axes_row(1, 0.42 * classes + 1.4, 0.42 * classes + 0.9)
    wrong = np.array(counts, float)
    np.fill_diagonal(wrong, 0)
    ax.imshow(wrong, cmap="Oranges", vmin=0, vmax=max(1.0, float(wrong.max()) * 1.3))
    for i, j in np.ndindex(counts.shape):
        if counts[i, j]:
            weight = "bold" if i == j else "normal"
            ax.text(j, i, f"{counts[i, j]}", ha="center", va="center", fontsize=9, color=INK, fontweight=weight)
    ax.set_xticks(range(classes))
    ax.set_yticks(range(classes))
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.tick_params(length=0)
    for edge in ax.spines.values():
        edge.set_visible(True)
    return Picture(figure, alt)
