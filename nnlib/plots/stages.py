"""Feature maps as boxes: how the pixels become fewer and the channels more on the way through a network."""

from collections.abc import Sequence
from math import log2

from matplotlib.axes import Axes
from matplotlib.patches import Polygon

from nnlib.plots.style import INK, PALETTE, Picture, axes_row, styled

__all__ = ["volumes"]

_GAP, _PITCH, _TALLEST = 1.0, 2.6, 2.6
_FACES = (PALETTE["sky"], "#a9d8f3", "#d4ecf9")  # front, side, top


@styled
def volumes(stages: Sequence[tuple[str, tuple[int, int, int]]], *, alt: str) -> Picture:
    """Boxes for stages (name, (C, H, W)): as high as H, the deeper the more channels, H × W × C written below."""
    tallest = max(h for _, (_, h, _) in stages)
    scale = _TALLEST / tallest
    figure, (ax,) = axes_row(1, 2.1 * len(stages) + 0.6, 3.1)
    left = 0.0
    for number, (name, (channels, h, w)) in enumerate(stages):
        height, width = (max(0.12, size * scale) for size in (h, w))
        depth = 0.1 + 0.13 * log2(channels + 1)
        right = left + width * 0.55
        _box(ax, left, right, height, depth)
        middle = (left + right + depth * 0.7) / 2
        ax.text(middle, -_TALLEST / 2 - 0.35, f"{h}×{w}×{channels}", ha="center", va="top", fontsize=10)
        ax.text(middle, -_TALLEST / 2 - 0.8, f"{h * w * channels:,} values", ha="center", va="top", fontsize=8)
        ax.text(middle, _TALLEST / 2 + 0.95, name, ha="center", va="bottom", fontsize=9)
        end = right + depth * 0.7
        following = max(end + _GAP, left + _PITCH)
        if number < len(stages) - 1:
            arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.2}
            ax.annotate("", (following - 0.25, 0), (end + 0.25, 0), arrowprops=arrow)
        left = following
    ax.set(xlim=(-0.4, left), ylim=(-_TALLEST / 2 - 1.2, _TALLEST / 2 + 1.4))
    ax.set_aspect("equal")
    ax.set_axis_off()
    return Picture(figure, alt)


def _box(ax: Axes, left: float, right: float, height: float, depth: float) -> None:
    """A box whose front is centred at height 0, leaning back to the upper right."""
    low, high, dx, dy = -height / 2, height / 2, depth * 0.7, depth * 0.5
    front = [(left, low), (right, low), (right, high), (left, high)]
    side = [(right, low), (right + dx, low + dy), (right + dx, high + dy), (right, high)]
    top = [(left, high), (right, high), (right + dx, high + dy), (left + dx, high + dy)]
    for corners, colour in zip((front, side, top), _FACES, strict=True):
        ax.add_patch(Polygon(corners, closed=True, facecolor=colour, edgecolor=INK, linewidth=0.9))
