"""Smooth curves: functions and their slopes side by side."""

from collections.abc import Mapping, Sequence
from itertools import cycle

from matplotlib.axes import Axes

from nnlib.plots.style import Array, Picture, axes_row, styled

__all__ = ["with_slopes"]

_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (8, 2)))


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


def _draw(ax: Axes, x: Array, values: Mapping[str, Array]) -> None:
    """Each curve with its colour and a line style of its own."""
    for (name, y), style in zip(values.items(), cycle(_STYLES)):
        ax.plot(x, y, label=name, linestyle=style)
    ax.grid(color="#dddddd", linewidth=0.8)
