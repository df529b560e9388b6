"""Smooth curves: a function and its slope side by side, and measurements over several powers of ten."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes

from nnlib.plots.style import Array, Picture, axes_row, styled

__all__ = ["graph", "with_slopes"]

_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (8, 2)))
_MARKERS = ("o", "s", "^", "D", "v", "P")


@styled
def with_slopes(
    z: Array,
    functions: Mapping[str, tuple[Array, Array]],
    *,
    alt: str,
    ylim: tuple[float, float] | None = None,
    marked: Sequence[float] = (),
) -> Picture:
    """Functions {name: (values, slopes)} of z: the values on the left, the slopes on the right.

    `marked`: values of z at which a thin line runs through both, to compare.
    """
    figure, axes = axes_row(2, 8.6, 3.3)
    for panel, (ax, title) in enumerate(zip(axes, ("value a = f(z)", "slope f′(z)"), strict=True)):
        _draw(ax, z, {name: pair[panel] for name, pair in functions.items()})
        for place in marked:
            ax.axvline(place, color="#555555", linewidth=1.2, linestyle=":", zorder=1)
        ax.set(xlabel="z, the input of the neuron", title=title)
    if ylim:
        axes[0].set_ylim(*ylim)
    if len(functions) > 1:
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=min(len(names), 6))
    return Picture(figure, alt)


@styled
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
    """Curves {name: values at x}. `log`: the axes with a logarithmic scale, "x", "y" or "xy".

    `points`: few measured values, each marked, at ticks of their own.
    """
    figure, (ax,) = axes_row(1, 7.2, 3.4)
    _draw(ax, x, values, points)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    for axis, set_scale in (("x", ax.set_xscale), ("y", ax.set_yscale)):
        if axis in log:
            set_scale("log")
    if points:
        ax.set_xticks(list(x), [f"{value:g}" for value in x])
        ax.set_xticks([], minor=True)
    if ylim:
        ax.set_ylim(*ylim)
    if len(values) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return Picture(figure, alt)


def _draw(
    ax: Axes, x: Sequence[float] | Array, values: Mapping[str, Sequence[float] | Array], points: bool = False
) -> None:
    """Each curve with its colour, and a line style or a marker of its own."""
    for (name, y), style, marker in zip(values.items(), cycle(_STYLES), cycle(_MARKERS)):
        ax.plot(np.asarray(x), np.asarray(y), label=name, linestyle=style, marker=marker if points else None)
    ax.grid(color="#dddddd", linewidth=0.8)
