"""A slider that draws a picture anew: for a page with a kernel behind it, and a still picture for all others."""

import os
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from nnlib.plots.style import Picture

__all__ = ["Explorer"]

FRONT_ENDS = ("JPY_SESSION_NAME", "VSCODE_PID", "VSCODE_CWD", "COLAB_RELEASE_TAG")  # set where a person looks on


@dataclass(frozen=True, slots=True)
class Explorer:
    """`draw(value)` for the value that a slider points at; shows itself as the last line of a cell.

    Where no front end runs, or ipywidgets is not installed, it shows `draw(start)` alone.
    """

    draw: Callable[[float], Picture]
    values: Sequence[float]
    start: float
    label: str
    form: str = "{:g}"

    def __repr__(self) -> str:
        return f"[explorer] {self.label} = {self.form.format(self.start)}: {self.draw(self.start).alt}"

    def widget(self) -> Any:
        """The slider above the picture. Raises ImportError without ipywidgets."""
        import ipywidgets

        options = [(self.form.format(value), value) for value in self.values]
        slider = ipywidgets.SelectionSlider(
            options=options,
            value=self.start,
            description=self.label,
            continuous_update=False,
            layout={"width": "90%", "max_width": "640px"},
            style={"description_width": "initial"},
        )
        picture = ipywidgets.HTML(image(self.draw(self.start)))

        def moved(change: Any) -> None:
            picture.value = image(self.draw(change["new"]))

        slider.observe(moved, names="value")
        return ipywidgets.VBox([slider, picture])

    def _ipython_display_(self) -> None:
        from IPython.display import display

        try:
            shown = self.widget() if seen() else self.draw(self.start)
        except ImportError:
            shown = self.draw(self.start)
        display(shown)


def seen() -> bool:
    """Whether this kernel belongs to a page that somebody looks at."""
    return any(name in os.environ for name in FRONT_ENDS)


def image(picture: Picture) -> str:
    """The picture as HTML, with its alt text."""
    encoded = b64encode(picture.png()).decode("ascii")
    return f'<img alt="{escape(picture.alt)}" style="max-width:100%" src="data:image/png;base64,{encoded}">'
