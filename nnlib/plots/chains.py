"""A chain of steps: values on the way forward, gradients on the way back, and which activations are kept."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nnlib.plots.film import Film, as_film
from nnlib.plots.style import BLUE, INK, ORANGE, PALETTE, Picture, axes_row, styled

__all__ = ["backprop_film", "backprop_picture", "checkpoint_picture"]


@styled
def backprop_picture(
    names: Sequence[str],
    values: Sequence[float],
    factors: Sequence[float],
    gradients: Sequence[float],
    *,
    alt: str,
) -> Picture:
    """Nodes in a row: above each its value, below it the gradient of the last node with respect to it.

    factors[i], between nodes i and i + 1, is the slope of that step.
    """
    figure, (ax,) = axes_row(1, 1.5 * len(names), 2.5)
    _draw(ax, names, values, factors, gradients, len(names), len(names))
    return Picture(figure, alt)


@styled
def backprop_film(
    names: Sequence[str],
    values: Sequence[float],
    factors: Sequence[float],
    gradients: Sequence[float],
    *,
    alt: str,
) -> Film:
    """The same as an animation: node by node forward, then node by node back."""
    figure, (ax,) = axes_row(1, 1.5 * len(names), 2.5)
    count = len(names)

    def draw(frame: int) -> None:
        ax.clear()
        _draw(ax, names, values, factors, gradients, min(frame + 1, count), max(frame + 1 - count, 0))

    return as_film(figure, draw, 2 * count, fps=1, alt=alt)


def _draw(
    ax: Axes,
    names: Sequence[str],
    values: Sequence[float],
    factors: Sequence[float],
    gradients: Sequence[float],
    forward: int,
    back: int,
) -> None:
    """The first `forward` values and the last `back` gradients."""
    first = len(names) - back
    for i, name in enumerate(names):
        colour = ORANGE if i >= first else BLUE if i < forward else "#aaaaaa"
        ax.plot(i, 0, "o", markersize=30, markerfacecolor="white", markeredgecolor=colour, markeredgewidth=2)
        ax.text(i, 0, name, ha="center", va="center", fontsize=11)
        if i < forward:
            ax.text(i, 0.62, _short(values[i]), ha="center", va="center", color=BLUE)
        if i >= first:
            ax.text(i, -0.66, _short(gradients[i]), ha="center", va="center", color=ORANGE)
    for i, factor in enumerate(factors):
        _arrow(ax, i + 0.27, i + 0.73, 0.12, BLUE if i + 1 < forward else "#cccccc")
        if i >= first:
            _arrow(ax, i + 0.73, i + 0.27, -0.12, ORANGE)
            ax.text(i + 0.5, -0.34, f"· {_short(factor)}", ha="center", va="center", fontsize=9, color=ORANGE)
    ax.text(-0.55, 0.62, "value", ha="right", va="center", color=BLUE)
    ax.text(-0.55, -0.66, "gradient", ha="right", va="center", color=ORANGE)
    ax.set(xlim=(-1.3, len(names) - 0.5), ylim=(-0.95, 0.9))
    ax.set_axis_off()


def _arrow(ax: Axes, start: float, end: float, height: float, colour: str) -> None:
    style = {"arrowstyle": "->", "color": colour, "linewidth": 1.8}
    ax.annotate("", (end, height), (start, height), arrowprops=style)


def _short(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


@styled
def checkpoint_picture(depth: int, every: int, *, alt: str) -> Picture:
    """Which layers' inputs are in memory: all of them; only the checkpoints; and while a stretch goes back."""
    figure, (ax,) = axes_row(1, 0.42 * depth + 3.6, 2.9)
    last = (depth - 1) // every * every
    rows: list[tuple[str, set[int], set[int]]] = [
        ("nothing forgotten", set(range(depth)), set()),
        ("after the way forward", set(range(0, depth, every)), set()),
        ("the last stretch goes back", set(range(0, depth, every)), set(range(last + 1, depth))),
        ("then the one before it", set(range(0, last, every)), set(range(last - every + 1, last))),
    ]
    for row, (name, kept, again) in enumerate(rows):
        for k in range(depth):
            face = BLUE if k in kept else PALETTE["orange"] if k in again else "white"
            hatch = "///" if k in again else None
            ax.add_patch(Rectangle((k + 0.06, row + 0.15), 0.88, 0.7, facecolor=face, edgecolor=INK, hatch=hatch))
        ax.text(-0.4, row + 0.5, name, ha="right", va="center")
        ax.text(depth + 0.4, row + 0.5, f"{len(kept | again)}", va="center")
    ax.text(depth + 0.4, -0.3, "in memory", va="center")
    for k in range(0, depth, max(1, depth // 16)):
        ax.text(k + 0.5, len(rows) + 0.35, str(k + 1), ha="center", va="center", fontsize=8)
    ax.text(-0.4, len(rows) + 0.35, "input of layer", ha="right", va="center", fontsize=8)
    ax.set(xlim=(-7.5, depth + 4.2), ylim=(len(rows) + 0.7, -0.7))
    ax.set_axis_off()
    return Picture(figure, alt)
