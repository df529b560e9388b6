"""Windows as rows of a matrix, and where the gradient of one weight comes from."""

import numpy as np
from matplotlib.axes import Axes

from nnlib.plots.grids import draw_grid, outline
from nnlib.plots.style import BLUE, ORANGE, PALETTE, Array, Picture, axes_row, styled

__all__ = ["im2col_picture", "weight_gradient"]

_WINDOW_COLOURS = [PALETTE[name] for name in ("blue", "vermillion", "green", "pink")]


@styled
def im2col_picture(image: Array, kernel: Array, columns: Array, *, alt: str) -> Picture:
    """image (H, W), kernel (KH, KW), im2col's columns (OH·OW, KH·KW): a window has the colour of its row."""
    kh, kw = kernel.shape
    ow = image.shape[1] - kw + 1
    out = columns @ kernel.reshape(-1, 1)
    wide, high = [float(image.shape[1]), float(columns.shape[1]), 1.6, 1.6], float(max(image.shape[0], kh * kw))
    figure, axes = axes_row(4, 0.44 * sum(wide) + 2.2, 0.44 * high + 0.5, wide)
    draw_grid(axes[0], image, "image", room=(high, wide[0]))
    draw_grid(axes[1], columns, "columns: one row a window", colours=_row_colours(columns), room=(high, wide[1]))
    draw_grid(axes[2], kernel.reshape(-1, 1), "kernel", room=(high, wide[2]))
    draw_grid(axes[3], out, "output", colours=_row_colours(out), room=(high, wide[3]))
    for row in range(len(columns)):
        inset = 0.09 * row
        top, left = divmod(row, ow)
        outline(axes[0], top + inset, left + inset, kh - 2 * inset, kw - 2 * inset, _colour(row), 2)
    for ax, sign in ((axes[2], "@"), (axes[3], "=")):
        ax.text(0, 0.5, sign, transform=ax.transAxes, ha="right", va="center", fontsize=15)
    return Picture(figure, alt)


@styled
def weight_gradient(image: Array, dout: Array, dw: Array, weight: tuple[int, int], *, alt: str) -> Picture:
    """The pixels one weight met (stride 1): image (H, W), dout (OH, OW), dw (KH, KW), one entry marked."""
    u, v = weight
    oh, ow = dout.shape
    high, widths = float(image.shape[0]), [float(a.shape[1]) for a in (image, dout, dw)]
    figure, axes = axes_row(3, 0.46 * sum(widths) + 3.2, 0.46 * high + 0.6, widths)
    draw_grid(axes[0], image, f"pixels that w[{u}, {v}] met", room=(high, widths[0]))
    outline(axes[0], u, v, oh, ow, BLUE)
    draw_grid(axes[1], dout, "dout", room=(high, widths[1]))
    outline(axes[1], 0, 0, oh, ow, BLUE)
    draw_grid(axes[2], dw, f"dw, and in it dw[{u}, {v}]", room=(high, widths[2]))
    outline(axes[2], u, v, 1, 1, ORANGE)
    _sign(axes[1], "×  ")
    _sign(axes[2], "sum =  ")
    return Picture(figure, alt)


def _sign(ax: Axes, text: str) -> None:
    ax.text(0, 0.5, text, transform=ax.transAxes, ha="right", va="center", fontsize=12)


def _row_colours(values: Array) -> dict[tuple[int, int], str]:
    return {(i, j): _colour(i) + "44" for i, j in np.ndindex(values.shape)}


def _colour(row: int) -> str:
    return _WINDOW_COLOURS[row % len(_WINDOW_COLOURS)]
