"""The blocks that networks are built of, as diagrams from left to right: residual, inception, separable."""

from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from nnlib.plots.style import BLUE, INK, ORANGE, PALETTE, Picture, axes_row, styled

__all__ = ["inception_module", "residual_block", "separable_convolution"]

Place = tuple[float, float]
_WIDE, _HIGH = 1.5, 0.52
_PLAIN, _FILL = "white", "#dcecf7"


@styled
def residual_block(*, projection: bool = False, alt: str) -> Picture:
    """Two 3×3 convolutions, and the shortcut around them: x itself, or a projection."""
    figure, (ax,) = axes_row(1, 8.6, 2.3)
    steps = [
        ("x", _PLAIN),
        ("conv 3×3", _FILL),
        ("ReLU", _PLAIN),
        ("conv 3×3", _FILL),
        ("+", _PLAIN),
        ("ReLU", _PLAIN),
    ]
    places = [0.0, 1.9, 3.7, 5.5, 7.2, 8.7]
    for (text, face), at in zip(steps, places, strict=True):
        _node(ax, (at, 0), text, face, width=0.62 if len(text) == 1 else 1.2)
    for (one, start), (other, end) in pairwise(zip(steps, places, strict=True)):
        _arrow(ax, (start + _half(one[0]), 0), (end - _half(other[0]), 0))
    _arrow(ax, (places[-1] + 0.6, 0), (places[-1] + 1.25, 0))
    ax.text(places[-1] + 1.35, 0, "out", va="center")
    ax.plot([0, 0, 7.2], [0.28, 1.15, 1.15], color=ORANGE, linewidth=2.2, zorder=1)
    _arrow(ax, (7.2, 1.15), (7.2, 0.3), ORANGE, 2.2)
    if projection:
        _node(ax, (3.6, 1.15), "conv 1×1, stride", _FILL, width=2.2)
    else:
        ax.text(3.6, 1.24, "the shortcut: x itself", ha="center", va="bottom", color=ORANGE)
    ax.text(3.7, -0.42, "the body", ha="center", va="top", color=BLUE)
    _frame(ax, (-0.6, 10.8), (-0.85, 1.65))
    return Picture(figure, alt)


@styled
def inception_module(branches: Sequence[Sequence[str]], *, channels: Sequence[int], alt: str) -> Picture:
    """Branches of steps between an input and a concatenation; `channels` says how many each branch gives."""
    figure, (ax,) = axes_row(1, 8.2, 0.72 * len(branches) + 0.5)
    colours = (BLUE, ORANGE, PALETTE["green"], PALETTE["pink"], PALETTE["black"])
    middle = (len(branches) - 1) / 2
    longest = max(map(len, branches))
    end = 1.9 * (longest + 1) + 0.6
    _node(ax, (0, -middle), "x", _PLAIN, width=0.6)
    for row, (branch, count) in enumerate(zip(branches, channels, strict=True)):
        colour = colours[row % len(colours)]
        spots = [1.9 * (i + 1) for i in range(len(branch))]
        _arrow(ax, (0.32, -middle), (spots[0] - _WIDE / 2, -row), colour)
        for text, at in zip(branch, spots, strict=True):
            _node(ax, (at, -row), text, _FILL, width=_WIDE)
        for one, other in pairwise(spots):
            _arrow(ax, (one + _WIDE / 2, -row), (other - _WIDE / 2, -row), colour)
        ax.plot([spots[-1] + _WIDE / 2, end - 0.9], [-row, -row], color=colour, linewidth=1.4, zorder=1)
        _arrow(ax, (end - 0.9, -row), (end - 0.12, -row), colour)
        ax.text(end - 0.85, -row + 0.08, f"{count}", ha="left", va="bottom", fontsize=9, color=colour)
    ax.plot([end, end], [0.4, -len(branches) + 0.6], color=INK, linewidth=3)
    ax.text(end + 0.2, -middle, f"one behind\nthe other:\n{sum(channels)} channels", va="center")
    _frame(ax, (-0.6, end + 2.1), (-len(branches) + 0.4, 0.6))
    return Picture(figure, alt)


@styled
def separable_convolution(channels: int = 3, filters: int = 4, *, alt: str) -> Picture:
    """Who sees whom: in a full convolution, a depthwise one, and a 1×1 behind a depthwise one."""
    figure, axes = axes_row(2, 8.6, 2.6, [1.0, 1.6])
    _columns(axes[0], "full 3×3: every filter sees every channel", [channels, filters], ["all"])
    _columns(axes[1], "depthwise 3×3, then 1×1", [channels, channels, filters], ["own", "all"])
    return Picture(figure, alt)


def _columns(ax: Axes, title: str, counts: Sequence[int], links: Sequence[str]) -> None:
    heights = [[(count - 1) / 2 - i for i in range(count)] for count in counts]
    for k, link in enumerate(links):
        for i, low in enumerate(heights[k]):
            for j, high in enumerate(heights[k + 1]):
                if link == "all" or i == j:
                    thick = 2.4 if link == "own" or len(links) == 1 else 0.9
                    colour = ORANGE if link == "own" or len(links) == 1 else "#777777"
                    ax.plot([2 * k, 2 * k + 2], [low, high], color=colour, linewidth=thick, zorder=1)
        size = "1×1" if len(links) == 2 and link == "all" else "3×3"
        ax.text(2 * k + 1, -max(counts) / 2 - 0.35, f"{size} weights" if link == "all" else "3×3, one each",
                ha="center", va="top", fontsize=9)  # fmt: skip
    for k, column in enumerate(heights):
        ax.plot([2 * k] * len(column), column, "s", markersize=17, markerfacecolor=_FILL, markeredgecolor=INK)
    ax.set(title=title, xlim=(-0.5, 2 * len(counts) - 1.5), ylim=(-max(counts) / 2 - 0.9, max(counts) / 2 + 0.1))
    ax.set_axis_off()


def _half(text: str) -> float:
    return 0.31 if len(text) == 1 else 0.6


def _node(ax: Axes, place: Place, text: str, face: str, *, width: float) -> None:
    x, y = place
    shape = FancyBboxPatch(
        (x - width / 2, y - _HIGH / 2),
        width,
        _HIGH,
        boxstyle="round,pad=0,rounding_size=0.1",
        facecolor=face,
        edgecolor=INK,
        zorder=3,
    )
    ax.add_patch(shape)
    ax.text(x, y, text, ha="center", va="center", fontsize=9.5, zorder=4)


def _arrow(ax: Axes, start: Place, end: Place, colour: str = INK, width: float = 1.4) -> None:
    arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=arrow, zorder=2)


def _frame(ax: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    ax.set(xlim=x, ylim=y)
    ax.set_axis_off()
