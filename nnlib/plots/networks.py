"""Diagrams of a neuron, and of a network of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from nnlib.plots.style import BLUE, INK, ORANGE, PALETTE, Picture, axes_row, styled

__all__ = ["network_diagram", "neuron"]

_MOST = 8  # circles in a column


@styled
def neuron(*, alt: str) -> Picture:
    """Three inputs, their weights, the sum with the bias, the activation function, the output."""
    figure, (ax,) = axes_row(1, 7.2, 2.6)
    for i, height in enumerate((1.0, 0.0, -1.0), start=1):
        _arrow(ax, (0.25, height), (2.6, 0.12 * height))
        _circle(ax, 0, height, f"$x_{i}$", "white")
        ax.text(1.25, 0.62 * height + 0.14, f"$w_{i}$", color=BLUE, ha="center", fontsize=12)
    _arrow(ax, (2.9, -1.0), (2.9, -0.32))
    ax.text(2.9, -1.18, "$b$", color=BLUE, ha="center", va="center", fontsize=12)
    _circle(ax, 2.9, 0, "Σ", PALETTE["sky"])
    _arrow(ax, (3.2, 0), (4.6, 0))
    ax.text(3.88, 0.12, "$z$", ha="center", fontsize=12)
    _circle(ax, 4.9, 0, "$f$", PALETTE["orange"])
    _arrow(ax, (5.2, 0), (6.4, 0))
    ax.text(6.5, 0, "$a = f(z)$", va="center", fontsize=12)
    ax.text(2.9, 0.55, "multiply and add", ha="center", fontsize=9)
    ax.text(4.9, 0.55, "activation", ha="center", fontsize=9)
    ax.set(xlim=(-0.4, 7.6), ylim=(-1.4, 1.35), aspect="equal")
    ax.set_axis_off()
    return Picture(figure, alt)


@styled
def network_diagram(sizes: Sequence[int], *, alt: str) -> Picture:
    """A fully connected network: a column of circles for each of `sizes`, and a line for each weight."""
    figure, (ax,) = axes_row(1, 1.75 * len(sizes) + 1, 0.34 * min(max(sizes), _MOST) + 1.1)
    columns = [_heights(size) for size in sizes]
    for place, (left, right) in enumerate(pairwise(columns)):
        for y in left:
            for other in right:
                ax.plot([place, place + 1], [y, other], color="#999999", linewidth=0.7, zorder=1)
    for place, (size, heights) in enumerate(zip(sizes, columns, strict=True)):
        inner = 0 < place < len(sizes) - 1
        face = "white" if place == 0 else PALETTE["sky"] if inner else ORANGE
        ax.plot(
            [place] * len(heights),
            heights,
            "o",
            markersize=13,
            markerfacecolor=face,
            markeredgecolor=INK,
            zorder=2,
        )
        name = f"hidden layer {place}" if inner else "input" if place == 0 else "output"
        ax.text(place, max(map(max, columns)) + 0.75, f"{name}\n{size}", ha="center", va="bottom", fontsize=9)
    top = max(map(max, columns))
    ax.set(xlim=(-0.5, len(sizes) - 0.5), ylim=(-top - 0.6, top + 2.2))
    ax.set_axis_off()
    return Picture(figure, alt)


def _heights(size: int) -> list[float]:
    """Places one above the other, the middle at 0."""
    count = min(size, _MOST)
    return list(np.arange(count) - (count - 1) / 2)


def _circle(ax: Axes, x: float, y: float, text: str, face: str) -> None:
    ax.plot([x], [y], "o", markersize=30, markerfacecolor=face, markeredgecolor=INK, zorder=2)
    ax.text(x, y, text, ha="center", va="center", fontsize=12, zorder=3)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2}, zorder=1)
