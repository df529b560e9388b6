"""Curves through points: the points that a curve was fitted to, and others that it has never seen."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from nnlib.plots.style import BLUE, COLOURS, INK, ORANGE, Picture, axes_row, styled

__all__ = ["fits"]

Points: TypeAlias = tuple[Sequence[float], Sequence[float]]


@styled
def fits(
    curves: Mapping[str, Points],
    seen: Points,
    unseen: Points | None = None,
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    ylim: tuple[float, float] | None = None,
) -> Picture:
    """A panel for each curve {title: (x, y)}, with the points it was fitted to, and `unseen` ones."""
    figure, axes = axes_row(len(curves), 3.0 * len(curves) + 0.6, 3.2)
    for ax, (title, (x, y)) in zip(axes, curves.items(), strict=True):
        ax.plot(x, y, color=INK, linewidth=1.8, label="the curve")
        if unseen:
            ax.plot(*unseen, "s", color=ORANGE, markersize=5, markerfacecolor="white", label="new points")
        ax.plot(*seen, "o", color=BLUE, markersize=6, label="points it was fitted to")
        ax.set(title=title, xlabel=xlabel)
        if ylim:
            ax.set_ylim(*ylim)
    axes[0].set_ylabel(ylabel)
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return Picture(figure, alt, COLOURS)
