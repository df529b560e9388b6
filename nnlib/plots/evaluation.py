"""How good a classifier is: intervals around what was measured."""

from collections.abc import Mapping, Sequence

from nnlib.plots.style import BLUE, INK, ORANGE, Picture, axes_row, styled

__all__ = ["intervals"]


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
