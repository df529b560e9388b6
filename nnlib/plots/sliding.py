"""The kernel on its way over the image: one window at a time, as a picture or as a film."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nnlib.plots.film import Film, as_film
from nnlib.plots.grids import draw_grid, outline
from nnlib.plots.style import BLUE, ORANGE, Array, Picture, axes_row, styled

__all__ = ["sliding_film", "sliding_step"]


@styled
def sliding_step(
    image: Array, kernel: Array, out: Array, position: int, *, stride: int = 1, padding: int = 0, alt: str
) -> Picture:
    """One step: the window for output number `position` (row by row), the products, and the output so far."""
    figure, axes = _panels(image, kernel, out, padding)
    _draw_step(axes, np.pad(image, padding), kernel, out, position, stride)
    return Picture(figure, alt)


@styled
def sliding_film(image: Array, kernel: Array, out: Array, *, stride: int = 1, padding: int = 0, alt: str) -> Film:
    """All steps as an animation with buttons: image (H, W), kernel (KH, KW), out (OH, OW) as computed."""
    figure, axes = _panels(image, kernel, out, padding)
    padded = np.pad(image, padding)
    _draw_step(axes, padded, kernel, out, 0, stride)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once: the panels stay where they are in all frames

    def draw(position: int) -> None:
        for ax in axes:
            for artist in [*ax.patches, *ax.texts]:
                artist.remove()
        _draw_step(axes, padded, kernel, out, position, stride)

    return as_film(figure, draw, out.size, fps=1, alt=alt)


def _panels(image: Array, kernel: Array, out: Array, padding: int) -> tuple[Figure, list[Axes]]:
    widths = [float(a) for a in (image.shape[1] + 2 * padding, kernel.shape[1], kernel.shape[1], out.shape[1])]
    rows = max(image.shape[0] + 2 * padding, kernel.shape[0], out.shape[0])
    return axes_row(4, 0.46 * sum(widths) + 2.6, 0.46 * rows + 0.9, widths)


def _draw_step(axes: list[Axes], padded: Array, kernel: Array, out: Array, position: int, stride: int) -> None:
    kh, kw = kernel.shape
    i, j = divmod(position, out.shape[1])
    top, left = i * stride, j * stride
    window = padded[top : top + kh, left : left + kw]
    high = float(max(len(padded), kh, len(out)))
    draw_grid(axes[0], padded, "image", room=(high, padded.shape[1]))
    outline(axes[0], top, left, kh, kw, BLUE)
    draw_grid(axes[1], kernel, "kernel", room=(high, kw))
    draw_grid(axes[2], window * kernel, "window × kernel", room=(high, kw))
    outline(axes[2], 0, 0, kh, kw, BLUE)
    later = np.arange(out.size).reshape(out.shape) > position
    draw_grid(axes[3], out, "output so far", hidden=later, room=(high, out.shape[1]))
    outline(axes[3], i, j, 1, 1, ORANGE)
    axes[2].text(
        kw / 2,
        kh + 0.35,
        f"sum = {_sum(window * kernel)}",
        ha="center",
        va="center",
        color=ORANGE,
        fontsize=11,
    )


def _sum(products: Array) -> str:
    return f"{products.sum():g}".replace("-", "−")
