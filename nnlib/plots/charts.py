"""Measured numbers: bars and lines, always with their units."""

from collections.abc import Mapping, Sequence

from matplotlib.ticker import MaxNLocator

from nnlib.plots.style import BLUE, ORANGE, Picture, axes_row, styled

__all__ = ["bars", "lines"]

_MARKERS = ("o", "s", "^", "D", "v", "P")
_FEW = 16  # points, of which each has its mark and its number on the axis


@styled
def bars(
    values: Mapping[str, float], *, xlabel: str, alt: str, log: bool = False, marked: Sequence[str] = ()
) -> Picture:
    """Horizontal bars {name: value} with the value written beside each; `marked` ones in a second colour."""
    figure, (ax,) = axes_row(1, 7.2, 0.46 * len(values) + 0.9)
    colours = [ORANGE if name in marked else BLUE for name in values]
    drawn = ax.barh(list(values), list(values.values()), color=colours, height=0.62)
    ax.bar_label(
        drawn, labels=[f" {value:,.3g}" if value < 1000 else f" {value:,.0f}" for value in values.values()]
    )
    ax.invert_yaxis()
    ax.set_xlabel(xlabel)
    if log:
        ax.set_xscale("log")
    ax.margins(x=0.18)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return Picture(figure, alt)


@styled
def lines(
    x: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    *,
    xlabel: str,
    ylabel: str,
    alt: str,
    ylim: tuple[float, float] | None = None,
) -> Picture:
    """Curves {name: values at x}; each has its own colour and its own marker, of which many points share few."""
    figure, (ax,) = axes_row(1, 7.2, 3.4)
    few = len(x) <= _FEW
    for (name, values), marker in zip(curves.items(), _MARKERS, strict=False):
        ax.plot(x, values, marker=marker, markevery=None if few else 0.1, label=name)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if few:
        ax.set_xticks(list(x))
    else:
        ax.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))  # 2.5 is no epoch
    if ylim:
        ax.set_ylim(*ylim)
    ax.grid(axis="y", color="#dddddd", linewidth=0.8)
    if len(curves) > 1:
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return Picture(figure, alt)
