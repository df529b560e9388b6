"""Points of two classes in a plane, and which of them a model takes an area for; while it learns, as a film."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nnlib.plots.film import Film, as_film
from nnlib.plots.style import BLUE, INK, PALETTE, Array, Picture, styled

__all__ = ["boundary_film", "decision_boundaries"]

Extent: TypeAlias = tuple[float, float, float, float]
Layout: TypeAlias = Literal["constrained"] | None

_CLASSES = ((BLUE, "o", "class 0"), (PALETTE["orange"], "^", "class 1"))
_PALE = LinearSegmentedColormap.from_list("classes", ["#9fc8e3", "#ffffff", "#f3cf8e"])
_LEVELS = np.linspace(0, 1, 9)


@styled
def decision_boundaries(
    points: Array,
    labels: Array,
    maps: Mapping[str, Array | None],
    extent: Extent,
    *,
    alt: str,
    axes_names: Sequence[str] = ("x₁", "x₂"),
    size: float = 3.3,
) -> Picture:
    """Points (N, 2) of class 0 or 1, over maps {title: (R, R) of the probability of class 1}, None for no map.

    A map's rows go from the bottom of `extent` (left, right, bottom, top) upwards. The line is where it is ½.
    """
    figure, axes = _panels(len(maps), size, extent, axes_names)
    for ax, (title, values) in zip(axes, maps.items(), strict=True):
        ax.set_title(title)
        _draw_map(ax, values, extent)
        _draw_points(ax, points, labels)
    _legend(figure)
    return Picture(figure, alt)


@styled
def boundary_film(
    points: Array,
    labels: Array,
    maps: Mapping[str, Sequence[Array]],
    steps: Sequence[int],
    extent: Extent,
    *,
    alt: str,
    fps: int = 5,
) -> Film:
    """The same for maps {title: one (R, R) a frame}; `steps` says after how many steps each frame was taken."""
    figure, axes = _panels(len(maps), 3.3, extent, ("x₁", "x₂"), dpi=64, layout=None)
    figure.subplots_adjust(left=0.1, right=0.99, top=0.87, bottom=0.2, wspace=0.15)
    _legend(figure, loc="lower center")
    for ax in axes:
        _draw_points(ax, points, labels)
    drawn: list[Any] = []

    def draw(frame: int) -> None:
        for artist in drawn:
            artist.remove()
        drawn.clear()
        for ax, (title, values) in zip(axes, maps.items(), strict=True):
            ax.set_title(f"{title}\nstep {steps[frame]}")
            drawn.extend(_draw_map(ax, values[frame], extent))

    return as_film(figure, draw, len(steps), fps=fps, alt=alt, colours=48)


def _panels(
    count: int, size: float, extent: Extent, names: Sequence[str], dpi: float = 100, layout: Layout = "constrained"
) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(size * count + 0.4, size + 0.75), dpi=dpi, layout=layout)
    axes = list(figure.subplots(1, count, squeeze=False).ravel())
    for ax in axes:
        ax.set(xlim=extent[:2], ylim=extent[2:], aspect="equal", xlabel=names[0])
    axes[0].set_ylabel(names[1])
    return figure, axes


def _draw_map(ax: Axes, values: Array | None, extent: Extent) -> list[Any]:
    """The areas and the line between them; a map that is the same everywhere has none."""
    if values is None:
        return []
    x, y = np.linspace(*extent[:2], values.shape[1]), np.linspace(*extent[2:], values.shape[0])
    found: list[Any] = [ax.contourf(x, y, np.clip(values, 0, 1), _LEVELS, cmap=_PALE, zorder=0)]
    if values.min() < 0.5 < values.max():
        found.append(ax.contour(x, y, values, [0.5], colors=INK, linewidths=1.6, zorder=1))
    return found


def _draw_points(ax: Axes, points: Array, labels: Array) -> None:
    size = 12 if len(points) < 9 else 4.5
    for label, (colour, marker, _) in enumerate(_CLASSES):
        chosen = points[np.ravel(labels) == label]
        ax.plot(*chosen.T, marker, color=colour, markersize=size, markeredgecolor="white", markeredgewidth=0.5)


def _legend(figure: Figure, loc: str = "outside lower center") -> None:
    marks = [Line2D([], [], color=c, marker=m, linestyle="none", label=name) for c, m, name in _CLASSES]
    line = Line2D([], [], color=INK, linewidth=1.6, label="decision boundary")
    figure.legend(handles=[*marks, line], loc=loc, ncols=3)
