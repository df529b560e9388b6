"""Images before and after they were changed, and the windows that a frame leaves room for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlib.plots.grids import draw_grid, outline
from nnlib.plots.style import BLUE, INK, ORANGE, Array, Picture, axes_row, styled

__all__ = ["crop_window", "image_rows"]


@styled
def image_rows(
    rows: Mapping[str, Array],
    labels: Sequence[Any],
    *,
    alt: str,
    changed: Mapping[str, Sequence[int]] | None = None,
) -> Picture:
    """Rows {name: images (N, C, H, W) in [0, 1]} below each other, with a label above each column.

    Grey images show ink dark on white, as paper. `changed` names the images of a row that get a coloured frame.
    """
    count = len(labels)
    high, wide = next(iter(rows.values())).shape[2:]
    size = min(0.95, 7.6 / count)
    figure = Figure(figsize=(size * count + 1.3, len(rows) * size * high / wide + 0.3), layout="constrained")
    grid = figure.subplots(len(rows), count, squeeze=False)
    for row, (name, images) in zip(grid, rows.items(), strict=True):
        for n, (ax, image) in enumerate(zip(row, images, strict=True)):
            _draw(ax, image, ORANGE if n in (changed or {}).get(name, ()) else "#bbbbbb")
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6)
    for ax, label in zip(grid[0], labels, strict=True):
        ax.set_title(str(label))
    return Picture(figure, alt)


def _draw(ax: Axes, image: Array, colour: str) -> None:
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set(visible=True, color=colour, linewidth=1 if colour != ORANGE else 2.5)
    if len(image) == 3:
        ax.imshow(np.moveaxis(image, 0, -1), interpolation="nearest")
    else:
        ax.imshow(image[0], cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")


@styled
def crop_window(image: Array, padding: int, place: tuple[int, int], *, alt: str) -> Picture:
    """An image (H, W), its frame of zeros with the window at `place` (top, left), and what is cut out."""
    (top, left), (h, w) = place, image.shape
    framed = np.pad(image, padding)
    figure, axes = axes_row(
        3, 0.46 * (2 * w + framed.shape[1]) + 1.6, 0.46 * len(framed) + 0.6, [w, framed.shape[1], w]
    )
    room = float(len(framed))
    for ax, values, title in zip(
        axes,
        (image, framed, framed[top : top + h, left : left + w]),
        ("image", f"framed, window at ({top}, {left})", "cut out"),
        strict=True,
    ):
        draw_grid(ax, values, title, room=(room, values.shape[1]))
    outline(axes[1], padding, padding, h, w, INK, 1.2)
    outline(axes[1], top, left, h, w, BLUE)
    outline(axes[2], 0, 0, h, w, BLUE)
    return Picture(figure, alt)
