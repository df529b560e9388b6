"""Pictures of pictures: galleries with one scale, and two paths through a diagram."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from nnlib.plots.style import ORANGE, Array, Picture, styled

__all__ = ["gallery", "two_paths"]


@styled
def gallery(
    images: Mapping[str, Array], *, alt: str, columns: int = 4, signed: bool = False, size: float = 2.3
) -> Picture:
    """Images {title: (H, W) or (3, H, W)} in rows of `columns`; `size` is one image's width in inches.

    Grey images run from their smallest to their largest value. With `signed`, blue is negative, white is
    zero, red is positive, on one scale for all of them, which is drawn beside them.
    """
    rows = -(-len(images) // columns)
    columns = min(columns, len(images))
    height, width = np.shape(next(iter(images.values())))[-2:]
    figure = Figure(figsize=(size * columns, rows * (size * height / width + 0.35)), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    limit = max(float(np.abs(image).max()) for image in images.values())
    for ax in grid[len(images) :]:
        ax.set_axis_off()
    for ax, (title, image) in zip(grid, images.items(), strict=False):
        draw_image(ax, image, title, limit if signed else None)
    if signed:
        draw_scale(figure, list(grid), limit)
    return Picture(figure, alt)


def draw_scale(figure: Figure, axes: list[Axes], limit: float) -> None:
    """The colours from −limit to limit, beside the images drawn with them."""
    colours = ScalarMappable(Normalize(-limit, limit), "RdBu_r")
    bar = figure.colorbar(colours, ax=axes, ticks=[-limit, 0, limit], aspect=12, pad=0.02, shrink=0.9)
    bar.set_ticklabels([f"−{limit:.2g}", "0", f"{limit:.2g}"])
    bar.outline.set_visible(False)


def draw_image(ax: Axes, image: Array, title: str, limit: float | None = None) -> None:
    """One image (H, W) in grey, (3, H, W) in colour; with `limit`, blue to red on −limit … limit."""
    ax.set_axis_off()
    pixels = np.moveaxis(image, 0, -1) if np.ndim(image) == 3 else image
    look = {"cmap": "gray"} if limit is None else {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit}
    ax.imshow(pixels, interpolation="nearest", **look)
    ax.set_title(title)


@styled
def two_paths(image: Array, upper: Mapping[str, Array], lower: Mapping[str, Array], *, alt: str) -> Picture:
    """From one image, two ways of two steps each {arrow: result (H, W)}, and the difference of their ends."""
    figure = Figure(figsize=(9.6, 4.4), layout="constrained")
    axes = figure.subplots(2, 4)
    limit = max(float(np.abs(list(path.values())[-1]).max()) for path in (upper, lower))
    for row, path in zip(axes, (upper, lower), strict=True):
        draw_image(row[0], image, "the image")
        for ax, (arrow, result) in zip(row[1:3], path.items(), strict=True):
            draw_image(ax, result, f"→ {arrow}", limit if float(np.min(result)) < 0 else None)
    one, other = (list(path.values())[-1] for path in (upper, lower))
    _difference(axes[0, 3], axes[1, 3], one, other, limit)
    return Picture(figure, alt)


def _difference(ax: Axes, below: Axes, one: Array, other: Array, limit: float) -> None:
    gap = np.abs(one - other)
    draw_image(ax, gap, "|difference| of the two ends", limit)
    below.set_axis_off()
    below.text(
        0.5, 0.6, f"largest difference\n{gap.max():.2g}", ha="center", va="center", color=ORANGE, fontsize=12
    )
