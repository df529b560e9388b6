"""Curves of many points: losses by step, schedules, measurements over several powers of ten."""

from collections.abc import Mapping, Sequence
from itertools import cycle

from nnlib.plots.style import Picture, axes_row, styled

__all__ = ["curves"]

FEW = 12  # points that get a marker each
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P")


@styled
def curves(
    values: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    logx: bool = False,
    logy: bool = False,
    ylim: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None,
) -> Picture:
    """Curves {name: (x, y)}, each with its own colour and its own kind of line; few points get markers.

    `logx` and `logy` make an axis logarithmic. `level` is a height to compare with, and its name.
    """
    figure, (ax,) = axes_row(1, 7.2, 3.4)
    for (name, (x, y)), line, marker in zip(values.items(), cycle(_LINES), cycle(_MARKERS), strict=False):
        ax.plot(x, y, linestyle=line, marker=marker if len(x) <= FEW else None, label=name)
    if level:
        ax.axhline(level[0], color="#777777", linewidth=1, zorder=1)
        ax.annotate(level[1], (1, level[0]), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if logx:
        ax.set_xscale("log")
    if logy:
        ax.set_yscale("log")
    if ylim:
        ax.set_ylim(*ylim)
    ax.grid(axis="y", color="#dddddd", linewidth=0.8)
    if len(values) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=3)
    return Picture(figure, alt)
