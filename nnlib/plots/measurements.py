"""Curves of many points: losses by step, schedules, measurements over several powers of ten."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from nnlib.plots.style import COLOURS, Array, Picture, axes_row, styled

__all__ = ["curves", "graph"]

FEW = 16  # points that get a marker each
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
_MARKERS = ("o", "s", "^", "D", "v", "P")
_BEHIND: Mapping[str, Any] = {"color": "#b0b0b0", "linewidth": 0.9, "zorder": 1.5}


@styled
def curves(
    values: Mapping[str, tuple[Sequence[float] | Array, Sequence[float] | Array]],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    logx: bool = False,
    logy: bool = False,
    ylim: tuple[float, float] | None = None,
    level: tuple[float, str] | None = None,
    ticks: Sequence[float] | Array = (),
    behind: Sequence[str] = (),
) -> Picture:
    """Curves {name: (x, y)}, each with its own colour and its own kind of line; few points get markers.

    `logx` and `logy` make an axis logarithmic. `level` is a height to compare with, and its name. `ticks`: the
    places along x that get a number, where not the usual ones. `behind`: names of curves that lie thin and grey
    behind the others; they come last in `values`.
    """
    figure, (ax,) = axes_row(1, 7.2, 3.4)
    for (name, (x, y)), line, marker in zip(values.items(), cycle(_LINES), cycle(_MARKERS), strict=False):
        look = _BEHIND if name in behind else {"linestyle": line, "marker": marker if len(x) <= FEW else None}
        ax.plot(x, y, label=name, **look)
    if level:
        _mark_level(ax, *level)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if ylim:
        ax.set_ylim(*ylim)
    if logx:
        ax.set_xscale("log")
        _plain_numbers(ax.xaxis)
    elif all(float(point).is_integer() for x, _ in values.values() for point in x):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    if len(ticks):
        ax.set_xticks(list(ticks), [f"{value:g}" for value in ticks])
        ax.set_xticks([], minor=True)
    if logy:
        ax.set_yscale("log")
        _plain_numbers(ax.yaxis)
    ax.grid(axis="y", color="#dddddd", linewidth=0.8)
    if len(values) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), handlelength=3)
    return Picture(figure, alt, COLOURS)


def graph(
    x: Sequence[float] | Array,
    values: Mapping[str, Sequence[float] | Array],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    log: str = "",
    points: bool = False,
    ylim: tuple[float, float] | None = None,
) -> Picture:
    """`curves` over one x, {name: values at x}. `log`: the axes with a logarithmic scale, "x", "y" or "xy".

    `points`: few measured values, at ticks of their own.
    """
    return curves(
        {name: (x, y) for name, y in values.items()},
        xlabel=xlabel,
        ylabel=ylabel,
        alt=alt,
        logx="x" in log,
        logy="y" in log,
        ylim=ylim,
        ticks=x if points else (),
    )


def _mark_level(ax: Axes, height: float, name: str) -> None:
    """A thin line across, with its name above its right end."""
    ax.axhline(height, color="#777777", linewidth=1, zorder=1)
    ax.annotate(
        name,
        (1, height),
        xycoords=("axes fraction", "data"),
        xytext=(0, 4),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
        zorder=3,
    )


def _plain_numbers(axis: Axis) -> None:
    """On a logarithmic axis plain numbers rather than powers, where they are short."""
    low, high = sorted(axis.get_data_interval())
    decades = np.log10(high / low)
    if decades <= 5 and low > 1e-4:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
