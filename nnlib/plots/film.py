"""An animation as one piece of HTML that asks no other address for anything and carries its alt text."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from matplotlib.animation import HTMLWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib.plots.style import with_colours

__all__ = ["MAX_FRAMES", "Film", "as_film"]

MAX_FRAMES = 40

# matplotlib's buttons are drawn with an icon font from a server; plain characters need no server
_ICONS = {
    "fa fa-minus": "−",
    "fa fa-fast-backward": "|◀",
    "fa fa-step-backward": "◀|",
    "fa fa-play fa-flip-horizontal": "◀",
    "fa fa-pause": "||",
    "fa fa-play": "▶",
    "fa fa-step-forward": "|▶",
    "fa fa-fast-forward": "▶|",
    "fa fa-plus": "+",
}


@dataclass(frozen=True, slots=True)
class Film:
    """An animation with buttons; shows itself as the last line of a cell."""

    html: str
    alt: str

    def __repr__(self) -> str:
        return f"[animation] {self.alt}"

    def _repr_html_(self) -> str:
        return self.html


def as_film(
    figure: Figure, draw: Callable[[int], None], frames: int, *, fps: int, alt: str, colours: int | None = None
) -> Film:
    """Draw frame 0, 1, … of at most MAX_FRAMES on `figure`; the film is HTML with the frames inside it.

    `colours`: how many different ones a frame may have; curved lines then take a fourth of the room.

    Raises ValueError for too many frames, or without alt text.
    """
    if frames > MAX_FRAMES:
        raise ValueError(f"{frames} frames are too many for one page, at most {MAX_FRAMES}: use a smaller image")
    if not alt.strip():
        raise ValueError("a film needs alt text: say in words what it shows")
    FigureCanvasAgg(figure)
    writer = HTMLWriter(fps=fps, embed_frames=True, default_mode="once")
    with TemporaryDirectory() as folder:
        page = Path(folder, "film.html")
        with writer.saving(figure, str(page), dpi=figure.dpi):
            for frame in range(frames):
                draw(frame)
                writer.grab_frame()  # type: ignore[no-untyped-call]
        html = page.read_text(encoding="utf-8")
    if colours:
        html = re.sub(r'(?<=base64,)[^"]*', lambda frame: _with_colours(frame[0], colours), html)
    return Film(_with_alt(_fixed_ids(_plain_controls(_without_addresses(html)), alt), alt), alt)


def _with_colours(encoded: str, colours: int) -> str:
    png = b64decode(re.sub(r"[\\\s]", "", encoded))
    return b64encode(with_colours(png, colours)).decode("ascii")


def _without_addresses(html: str) -> str:
    html = re.sub(r"<link\b[^>]*>", "", html)
    return re.sub(r'<i class="([^"]*)"></i>', lambda icon: _ICONS[icon[1]], html)


def _plain_controls(html: str) -> str:
    """Buttons and a slider with a name; once, again or back and forth is no choice a reader has to make."""
    once = '<input type="hidden" name="state" value="once">'
    html = re.sub(r"(<form [^>]*>).*?(</form>)", rf"\1{once}\2", html, flags=re.DOTALL)
    return html.replace('type="range"', 'type="range" aria-label="step"')


def _fixed_ids(html: str, alt: str) -> str:
    """The same film gets the same ids each time, so a notebook that is run again does not differ."""
    drawn = re.search(r"_anim_img([0-9a-f]{32})", html)
    return html.replace(drawn[1], sha256(alt.encode()).hexdigest()[:32]) if drawn else html


def _with_alt(html: str, alt: str) -> str:
    """Alt text, and the first frame as a still picture for where scripts do not run."""
    first = re.search(r'frames\[0\] = "([^"]*)"', html)
    still = re.sub(r"\\\s", "", first[1]) if first else ""
    return html.replace("<img id=", f'<img alt="{escape(alt)}" style="max-width:100%" src="{still}" id=', 1)
