"""A computational graph: what is made of what, with the way back below each arrow."""

from collections.abc import Mapping, Sequence

from nnlib.plots.style import BLUE, INK, ORANGE, Picture, axes_row, styled

__all__ = ["batchnorm_graph", "computation"]

_BATCHNORM_NODES = {
    "$x$": (0, 1),
    r"$\mu$": (1, 0),
    "$c$": (2, 1),
    "$v$": (3, 2),
    "$s$": (4, 2),
    r"$\hat{x}$": (5, 1),
    "out": (6.4, 1),
}
_BATCHNORM_ARROWS = (
    ("$x$", r"$\mu$", "mean", r"$d\mu\,/\,N$"),
    ("$x$", "$c$", "", "$dc$"),
    (r"$\mu$", "$c$", "subtract", r"$-\Sigma\, dc$"),
    ("$c$", "$v$", "mean of squares", r"$dv \cdot 2c\,/\,N$"),
    ("$v$", "$s$", r"$\sqrt{v + \epsilon}$", r"$ds\,/\,(2s)$"),
    ("$s$", r"$\hat{x}$", "divide", r"$-\Sigma\, g\hat{x}\,/\,s$"),
    ("$c$", r"$\hat{x}$", "", r"$g\,/\,s$"),
    (r"$\hat{x}$", "out", r"$\gamma \hat{x} + \beta$", r"$g = \gamma \cdot$ dout"),
)


@styled
def computation(
    nodes: Mapping[str, tuple[float, float]], arrows: Sequence[tuple[str, str, str, str]], *, alt: str
) -> Picture:
    """Nodes {text: (column, row)}, and arrows (from, to, what is done forward, what goes back).

    Texts may hold TeX between dollar signs. Row 0 is the lowest.
    """
    columns, rows = (max(place[axis] for place in nodes.values()) + 1 for axis in (0, 1))
    figure, (ax,) = axes_row(1, 1.4 * columns, 1.2 * rows + 0.3)
    for name, (x, y) in nodes.items():
        ax.plot(
            x, y, "o", markersize=34, markerfacecolor="white", markeredgecolor=INK, markeredgewidth=1.6, zorder=3
        )
        ax.text(x, y, name, ha="center", va="center", fontsize=14, zorder=4)
    for start, end, forward, back in arrows:
        (x0, y0), (x1, y1) = nodes[start], nodes[end]
        style = {"arrowstyle": "->", "color": "#777777", "linewidth": 1.5, "shrinkA": 18, "shrinkB": 18}
        ax.annotate("", (x1, y1), (x0, y0), arrowprops=style, zorder=1)
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        plate = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        ax.annotate(forward, middle, (0, 9), textcoords="offset points", ha="center", va="center", fontsize=12,
                    color=BLUE, bbox=plate, zorder=2)  # fmt: skip
        ax.annotate(back, middle, (0, -10), textcoords="offset points", ha="center", va="center", fontsize=12,
                    color=ORANGE, bbox=plate, zorder=2)  # fmt: skip
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(-0.5, rows - 0.5))
    ax.set_axis_off()
    return Picture(figure, alt)


def batchnorm_graph(*, alt: str) -> Picture:
    """Batch norm in training: from x by way of mean μ, centred c, variance v and std s to out, and back."""
    return computation(_BATCHNORM_NODES, _BATCHNORM_ARROWS, alt=alt)
