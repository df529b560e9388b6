"""One look for every picture of the course: palette, text sizes, and a figure that carries its alt text."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from html import escape
from io import BytesIO
from typing import Any, ParamSpec, TypeAlias, TypeVar

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "BLUE",
    "COLOURS",
    "GREEN",
    "INK",
    "ORANGE",
    "PALETTE",
    "PINK",
    "STYLE",
    "Array",
    "Picture",
    "axes_row",
    "styled",
    "with_colours",
]

Array: TypeAlias = NDArray[Any]
P = ParamSpec("P")
R = TypeVar("R")

# Okabe and Ito's palette: eight colours that stay apart with every common kind of colour vision
PALETTE: Mapping[str, str] = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "pink": "#CC79A7",
    "sky": "#56B4E9",
    "yellow": "#F0E442",
    "black": "#000000",
}
BLUE, ORANGE, GREEN, PINK = (PALETTE[name] for name in ("blue", "vermillion", "green", "pink"))
INK = "#222222"
COLOURS = 64  # enough for a few smooth lines

STYLE: Mapping[str, Any] = {
    "figure.facecolor": "white",  # a picture stays readable on a dark page
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlepad": 7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PINK, PALETTE["sky"], PALETTE["black"]]),
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "legend.frameon": False,
    "animation.embed_limit": 4,
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure and the words for those who cannot see it; shows itself as the last line of a cell.

    `colours`: how many different ones its PNG may have; curved lines then take a third of the room.
    """

    figure: Figure
    alt: str
    colours: int | None = None

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a picture needs alt text: say in words what the picture shows")

    def png(self) -> bytes:
        """The figure as the bytes of a PNG file, cropped to what is drawn."""
        buffer = BytesIO()
        self.figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
        return with_colours(buffer.getvalue(), self.colours) if self.colours else buffer.getvalue()

    def _repr_mimebundle_(self, **_kwargs: object) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """As HTML, since JupyterLab drops the alt text of a plain PNG, and as PNG for export to PDF."""
        encoded = b64encode(self.png()).decode("ascii")
        image = f'<img alt="{escape(self.alt)}" style="max-width:100%" src="data:image/png;base64,{encoded}">'
        data = {"text/html": image, "image/png": encoded, "text/plain": f"[picture] {self.alt}"}
        return data, {"image/png": {"alt": self.alt}}


def with_colours(png: bytes, colours: int) -> bytes:
    """A PNG with that many different colours at most."""
    buffer = BytesIO()
    few = Image.open(BytesIO(png)).convert("RGB").quantize(colours, Image.Quantize.MAXCOVERAGE)
    few.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a drawing function under STYLE, whatever the notebook's own settings are."""

    @wraps(draw)
    def with_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context(dict(STYLE)):
            return draw(*args, **kwargs)

    return with_style


def axes_row(
    count: int, width: float, height: float, ratios: list[float] | None = None
) -> tuple[Figure, list[Axes]]:
    """A figure of `width` by `height` inches with `count` axes side by side.

    The figure belongs to no window and no pyplot state: nothing is shown twice, nothing stays behind.
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(1, count, squeeze=False, width_ratios=ratios)
    return figure, list(np.ravel(grid))
