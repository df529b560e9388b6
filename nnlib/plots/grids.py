"""Small arrays as grids of numbers: what a student computes by hand, drawn."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from nnlib.plots.style import INK, PALETTE, Array, Picture, axes_row, styled

__all__ = ["draw_grid", "number_grids", "outline", "pooling_picture"]

_BLOCK_COLOURS = [PALETTE[name] for name in ("sky", "orange", "green", "pink", "yellow", "blue", "vermillion")]


def draw_grid(
    ax: Axes,
    values: Array,
    title: str = "",
    *,
    colours: Mapping[tuple[int, int], str] | None = None,
    hidden: Array | None = None,
    room: tuple[float, float] | None = None,
) -> None:
    """Draw values (rows, columns) as numbered cells: grey by value or `colours`, blank if `hidden`.

    `room` (rows, columns) is the space around: grids that get as many rows of it have cells of one size.
    """
    rows, columns = values.shape
    high, wide = room or (rows, columns)
    above, beside = (high - rows) / 2, (wide - columns) / 2
    span = float(np.nanmax(np.abs(values))) or 1.0
    for cell in np.ndindex(rows, columns):
        blank = hidden is not None and bool(hidden[cell])
        shade = "white" if blank else str(1 - 0.3 * abs(float(values[cell])) / span)
        text = "" if blank else _number(float(values[cell]))
        _draw_cell(ax, cell, (colours or {}).get(cell, shade), text)
    ax.set(xlim=(-0.08 - beside, columns + beside + 0.08), ylim=(rows + above + 0.08, -0.08 - above))
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.set_title(title, y=1 - above / (high + 0.16))  # a fixed place: looking for a free one is slow
    ax.set_axis_off()


def _draw_cell(ax: Axes, cell: tuple[int, ...], face: str, text: str) -> None:
    """One square with its number. Neither counts for the layout: measuring hundreds of texts takes seconds."""
    row, column = cell
    square = ax.add_artist(Rectangle((column, row), 1, 1, facecolor=face, edgecolor="#999999", linewidth=0.7))
    label = ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=INK, fontsize=10)
    square.set_in_layout(False)
    label.set_in_layout(False)


def outline(
    ax: Axes, row: float, column: float, height: float, width: float, colour: str, line: float = 3
) -> None:
    """A coloured frame around a window of a grid."""
    frame = Rectangle((column, row), width, height, fill=False, edgecolor=colour, linewidth=line)
    frame.set_clip_on(False)
    ax.add_artist(frame)


@styled
def number_grids(arrays: Mapping[str, Array], *, alt: str, signs: Sequence[str] = ()) -> Picture:
    """Grids side by side, {title: array (rows, columns)}; `signs` are written between them ("→", "=")."""
    values = [np.atleast_2d(np.asarray(a)) for a in arrays.values()]
    widths = [max(float(v.shape[1]), 0.2 * len(title), 2.6) for title, v in zip(arrays, values, strict=True)]
    figure, axes = axes_row(len(values), sum(widths) * 0.46 + 0.5 * len(values), _height(values), widths)
    for ax, title, value, width in zip(axes, arrays, values, widths, strict=True):
        draw_grid(ax, value, title, room=(_rows(values), width))
    for ax, sign in zip(axes[1:], signs, strict=False):
        ax.text(-0.12, 0.5, sign, transform=ax.transAxes, ha="right", va="center", fontsize=16)
    return Picture(figure, alt)


@styled
def pooling_picture(x: Array, outputs: Mapping[str, Array], size: int, *, alt: str) -> Picture:
    """An image (H, W) with its blocks of `size` coloured, and what pooling makes of it, {title: (OH, OW)}."""
    arrays = [np.asarray(x), *(np.asarray(o) for o in outputs.values())]
    titles = ["input", *outputs]
    widths = [max(float(a.shape[1]), 0.2 * len(title)) for title, a in zip(titles, arrays, strict=True)]
    figure, axes = axes_row(len(arrays), sum(widths) * 0.5 + 0.5 * len(arrays), _height(arrays), widths)
    columns = arrays[1].shape[1]
    for ax, title, values, width in zip(axes, titles, arrays, widths, strict=True):
        colours = _block_colours(values.shape, size if ax is axes[0] else 1, columns)
        draw_grid(ax, values, title, colours=colours, room=(_rows(arrays), width))
    return Picture(figure, alt)


def _block_colours(shape: tuple[int, ...], step: int, columns: int) -> dict[tuple[int, int], str]:
    """A light colour for each cell, the same within a block of step × step."""
    blocks = {(i, j): (i // step) * columns + j // step for i, j in np.ndindex(shape)}
    return {cell: _BLOCK_COLOURS[block % len(_BLOCK_COLOURS)] + "99" for cell, block in blocks.items()}


def _height(arrays: Sequence[Array]) -> float:
    return 0.46 * _rows(arrays) + 0.5


def _rows(arrays: Sequence[Array]) -> float:
    return float(max(len(a) for a in arrays))


def _number(value: float) -> str:
    """A cell's number, short: integers without a point, a true minus sign."""
    text = f"{value:.3g}"
    return text.replace("-", "−") if text != "-0" else "0"
