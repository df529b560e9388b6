"""Diagrams of who is connected with whom: dense, local, shared; receptive fields; windows along one axis."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nnlib.plots.style import BLUE, GREEN, INK, ORANGE, PALETTE, Picture, axes_row, styled

__all__ = ["connectivity", "receptive_field", "windows_along"]

_INPUTS, _KERNEL = 7, 3
_SHARED = (BLUE, ORANGE, GREEN)


@styled
def connectivity(*, alt: str) -> Picture:
    """Seven inputs and five outputs, connected in three ways; shared weights have one colour each."""
    figure, axes = axes_row(3, 9.6, 2.5)
    outputs = _INPUTS - _KERNEL + 1
    grey: Callable[[int, int], str] = lambda _i, _o: "#777777"  # noqa: E731 - the three rules side by side
    shared: Callable[[int, int], str] = lambda i, o: _SHARED[i - o]  # noqa: E731
    _wires(axes[0], f"dense: 7 × {outputs} = {7 * outputs} weights", _INPUTS, grey)
    _wires(axes[1], f"local: 3 × {outputs} = {3 * outputs} weights", _KERNEL, grey)
    _wires(axes[2], "local and shared: 3 weights", _KERNEL, shared)
    return Picture(figure, alt)


def _wires(ax: Axes, title: str, reach: int, colour: Callable[[int, int], str]) -> None:
    outputs = _INPUTS - _KERNEL + 1
    for o in range(outputs):
        first = o if reach < _INPUTS else 0
        for i in range(first, first + reach):
            ax.plot([i, o + 1], [0, 1], color=colour(i, o), linewidth=1.6 if reach < _INPUTS else 0.8, zorder=1)
    _nodes(ax, 0, range(_INPUTS), "white")
    _nodes(ax, 1, range(1, outputs + 1), "white")
    ax.text(-0.6, 0, "input", ha="right", va="center")
    ax.text(-0.6, 1, "output", ha="right", va="center")
    ax.set(title=title, xlim=(-1.9, _INPUTS - 0.4), ylim=(-0.25, 1.25))
    ax.set_axis_off()


@styled
def receptive_field(*, alt: str) -> Picture:
    """Two layers of 3-wide windows, one above the other: what one value of the second layer depends on."""
    figure, (ax,) = axes_row(1, 6.4, 2.6)
    seen = [range(2, 7), range(3, 6), range(4, 5)]
    rows = [("image", range(9)), ("layer 1", range(1, 8)), ("layer 2", range(2, 7))]
    for level, (name, places) in enumerate(rows):
        if level:
            for p in places:
                for below in (p - 1, p, p + 1):
                    lit = p in seen[level] and below in seen[level - 1]
                    ax.plot(
                        [below, p],
                        [level - 1, level],
                        color=ORANGE if lit else "#cccccc",
                        linewidth=2 if lit else 0.8,
                        zorder=2 if lit else 1,
                    )
        _nodes(ax, level, places, "white")
        _nodes(ax, level, seen[level], ORANGE)
        ax.text(-0.6, level, name, ha="right", va="center")
        ax.text(8.6, level, f"{len(seen[level])} wide", ha="left", va="center", color=ORANGE)
    ax.set(xlim=(-2, 10), ylim=(-0.3, 2.3))
    ax.set_axis_off()
    return Picture(figure, alt)


def _nodes(ax: Axes, height: float, places: range, colour: str) -> None:
    ax.plot(
        list(places),
        [height] * len(places),
        "o",
        markersize=11,
        markerfacecolor=colour,
        markeredgecolor=INK,
        linestyle="none",
        zorder=3,
    )


@styled
def windows_along(size: int, kernel: int, stride: int = 1, padding: int = 0, *, alt: str) -> Picture:
    """One axis of an image: its pixels, the padding, and every window that fits, one below the other."""
    starts = range(0, size + 2 * padding - kernel + 1, stride)
    covered = starts[-1] + kernel
    figure, (ax,) = axes_row(1, 0.5 * (size + 2 * padding) + 2.4, 0.36 * len(starts) + 0.9)
    for p in range(size + 2 * padding):
        inside = padding <= p < padding + size
        _cell(ax, p, "0" if not inside else str(p - padding), inside, p >= covered)
    for row, start in enumerate(starts, start=1):
        colour = (BLUE, PALETTE["sky"])[row % 2]
        ax.add_patch(Rectangle((start + 0.06, row * 0.62 + 0.58), kernel - 0.12, 0.42, color=colour))
        ax.text(size + 2 * padding + 0.2, row * 0.62 + 0.79, f"output {row - 1}", va="center", fontsize=9)
    ax.set(xlim=(-0.1, size + 2 * padding + 2), ylim=(len(starts) * 0.62 + 1.2, -0.65))
    ax.set_title(
        f"size {size}, kernel {kernel}, stride {stride}, padding {padding}: {len(starts)} outputs", loc="left"
    )
    ax.set_axis_off()
    return Picture(figure, alt)


def _cell(ax: Axes, place: int, text: str, inside: bool, left_over: bool) -> None:
    face = "#dddddd" if inside else "white"
    ax.add_patch(
        Rectangle(
            (place, 0),
            1,
            0.8,
            facecolor=face,
            edgecolor=INK,
            hatch="//" if left_over else None,
            linestyle="-" if inside else ":",
        )
    )
    plate = {"facecolor": face, "edgecolor": "none", "pad": 1.5}  # a number stays readable on the hatching
    ax.text(place + 0.5, 0.4, text, ha="center", va="center", fontsize=9, bbox=plate if left_over else None)
    if left_over:
        ax.text(place + 0.5, -0.22, "left over", ha="center", va="center", fontsize=8, color=ORANGE)
