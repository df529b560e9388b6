"""A loss of two weights as a map with contour lines, and the paths of optimizers on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from nnlib.plots.film import Film, as_film
from nnlib.plots.style import COLOURS, INK, PALETTE, Array, Picture, axes_row, styled

__all__ = ["Landscape", "descent_film", "descents"]

_COLOURS = [PALETTE[name] for name in ("blue", "vermillion", "green", "pink", "black", "sky")]
_MARKERS = ("o", "s", "^", "D", "v", "P")
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))


@dataclass(frozen=True, slots=True)
class Landscape:
    """Heights (len(w2), len(w1)) over a grid of two weights; `goal` is the place that is looked for.

    `spread` below 1 puts more contour lines near the lowest place.
    """

    w1: Array
    w2: Array
    heights: Array
    goal: tuple[float, float] | None = None
    spread: float = 0.35

    @property
    def levels(self) -> Array:
        """The heights of the contour lines."""
        low, high = float(self.heights.min()), float(self.heights.max())
        levels: Array = low + (high - low) * np.linspace(0.02, 1, 14) ** (1 / self.spread)
        return levels


@styled
def descents(
    landscape: Landscape, paths: Mapping[str, Mapping[str, Array]], *, alt: str, legend: bool = True
) -> Picture:
    """Maps side by side, {title: {name: path}}: a path is (steps, 2), from its start to its end.

    Several names are told in a legend, unless `legend` is False, since the titles tell them.
    """
    figure, axes = axes_row(len(paths), min(3.4 * len(paths) + 1.2, 8.6), 3.3)  # wider has too small a print
    names = list(dict.fromkeys(name for inside in paths.values() for name in inside))
    for ax, (title, inside) in zip(axes, paths.items(), strict=True):
        draw_map(ax, landscape, title, first=ax is axes[0])
        for name, path in inside.items():
            draw_path(ax, name, names.index(name), path)
    if legend and len(names) > 1:
        axes[-1].legend(loc="center left", bbox_to_anchor=(1.02, 0.5), handlelength=3)
    return Picture(figure, alt, COLOURS)


@styled
def descent_film(
    landscape: Landscape, paths: Mapping[str, Array], *, title: str, alt: str, every: int = 1
) -> Film:
    """Paths {name: (steps, 2)} that grow together by `every` steps a frame.

    Raises ValueError for more frames than a film may have.
    """
    figure, (ax,) = axes_row(1, 6.6, 3.6)
    draw_map(ax, landscape, title)
    drawn = [draw_path(ax, name, number, path) for number, (name, path) in enumerate(paths.items())]
    ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), handlelength=3)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once: nothing moves but the paths
    steps = max(len(path) for path in paths.values()) - 1
    count = ax.text(0.02, 0.03, "", transform=ax.transAxes, fontsize=9, bbox={"facecolor": "white", "pad": 2})

    def draw(frame: int) -> None:
        reached = min(frame * every, steps)
        count.set_text(f"step {reached}")
        for (line, dot), path in zip(drawn, paths.values(), strict=True):
            line.set_data(*path[: reached + 1].T)
            dot.set_data(*path[min(reached, len(path) - 1)][:, None])

    return as_film(figure, draw, -(-steps // every) + 1, fps=6, alt=alt, colours=COLOURS)


def draw_map(ax: Axes, landscape: Landscape, title: str, *, first: bool = True) -> None:
    """Contour lines, grey, and the goal as a star."""
    w1, w2 = landscape.w1, landscape.w2
    ax.contour(
        w1, w2, landscape.heights, landscape.levels, colors="#a8a8a8", linewidths=0.8, linestyles="solid", zorder=1
    )
    if landscape.goal:
        ax.plot(*landscape.goal, marker="*", markersize=15, color=PALETTE["yellow"], markeredgecolor=INK, zorder=3)
    ax.set(xlim=(w1[0], w1[-1]), ylim=(w2[0], w2[-1]), xlabel="weight $w_1$ (no unit)")
    ax.set_title(title)
    if first:
        ax.set_ylabel("weight $w_2$ (no unit)")
    else:
        ax.tick_params(labelleft=False)


def draw_path(ax: Axes, name: str, number: int, path: Sequence[Sequence[float]] | Array) -> tuple[Line2D, Line2D]:
    """A line with its own colour and dashes, and a dot with its own form where it ends."""
    colour, points = _COLOURS[number % len(_COLOURS)], np.asarray(path, float)
    (line,) = ax.plot(*points.T, color=colour, linestyle=_LINES[number % len(_LINES)], linewidth=1.6, zorder=4)
    (dot,) = ax.plot(
        *points[-1:].T,
        color=colour,
        marker=_MARKERS[number % len(_MARKERS)],
        markersize=8,
        markeredgecolor="white",
        linestyle=_LINES[number % len(_LINES)],
        label=name,
        zorder=5,
    )
    return line, dot
