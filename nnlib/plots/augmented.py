"""Images before and after they were changed, and the windows that a frame leaves room for."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

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
    high, wide = next(iter(rows.values())).shape[2:]
    height, step = high / wide, 1.12  # an image is 1 wide
    size = min(0.9, 7.0 / len(labels))  # inches
    beside = 0.3 + 0.085 * max(map(len, rows))  # inches for the names, and for the labels
    above = 0.2 + 0.16 * max(str(label).count("\n") + 1 for label in labels)
    figure = Figure(figsize=(size * step * len(labels) + beside, size * (height + 0.12) * len(rows) + above))
    ax = figure.add_axes((0, 0, 1, 1))  # one for all: dozens of axes take seconds
    ax.set_axis_off()
    for row, (name, images) in enumerate(rows.items()):
        top = row * (height + 0.12)
        ax.text(-0.15, top + height / 2, name, ha="right", va="center")
        for n, image in enumerate(images):
            _draw(ax, image, (n * step, top, height), marked=n in (changed or {}).get(name, ()))
    for n, label in enumerate(labels):
        ax.text(n * step + 0.5, -0.1, str(label), ha="center", va="bottom")
    ax.set(
        xlim=(-beside / size, step * len(labels)),
        ylim=((height + 0.12) * len(rows), -above / size),
        aspect="equal",
    )
    return Picture(figure, alt)


def _draw(ax: Axes, image: Array, place: tuple[float, float, float], *, marked: bool) -> None:
    """One image at (left, top), 1 wide and `height` high."""
    left, top, height = place
    pixels = np.moveaxis(image, 0, -1) if len(image) == 3 else image[0]
    shown = ax.imshow(
        pixels, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest", aspect="equal",
        extent=(left, left + 1, top + height, top),
    )  # fmt: skip
    shown.set_clip_on(False)
    colour, width = (ORANGE, 2.5) if marked else ("#bbbbbb", 0.8)
    ax.add_artist(Rectangle((left, top), 1, height, fill=False, edgecolor=colour, linewidth=width))


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
