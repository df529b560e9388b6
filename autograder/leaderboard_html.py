"""The leaderboard as a page of its own, without a script: it can be printed, mailed, or put on a course's site.

All text is escaped, since with ``--leaderboard names`` it holds what students are called.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.leaderboard import Place

STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.45 system-ui, sans-serif; margin: 24px auto; max-width: 860px; padding: 0 14px }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { padding: 5px 12px 5px 0; text-align: left; border-bottom: 1px solid #8886; white-space: nowrap }
.n { text-align: right; font-variant-numeric: tabular-nums }
.bar { display: block; width: 160px; height: 14px }
.out { opacity: 0.75 }
p { max-width: 42em }
"""
HEAD = (
    '<tr><th class="n">rank</th><th>name</th><th class="n">right</th><th>95 % interval</th>'
    '<th class="n">parameters</th><th class="n">CPU seconds</th></tr>'
)
EXPLAINED = (
    "Accuracy decides, and fewer parameters where it is the same; who is alike in both shares a place. The bar "
    "shows where the accuracy on new images of this kind may lie. Where two overlap much, the order is chance."
)
LEAST = 60.0  # per cent: the left end of a bar


def page(title: str, board: Sequence[Place]) -> str:
    """The whole page."""
    shown = [place for place in board if place.accuracy is not None]
    start = min([LEAST, *(place.low or 0.0 for place in shown)])
    rows = "".join(_row(place, start) for place in board)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1><p>{escape(_counts(board))}</p>"
        f'<div class="wide"><table>{HEAD}{rows}</table></div><p>{escape(EXPLAINED)}</p></body></html>\n'
    )


def _counts(board: Sequence[Place]) -> str:
    ranked = sum(place.rank is not None for place in board)
    images = max((place.images or 0 for place in board), default=0)
    over = sum(place.note == "over the budget" for place in board)
    without = sum(place.accuracy is None for place in board)
    parts = [f"{ranked} within the budget, asked about the same {images} images"]
    parts += [f"{over} over the budget"] if over else []
    parts += [f"{without} without a result"] if without else []
    return "; ".join(parts) + "."


def _row(place: Place, start: float) -> str:
    rank = "–" if place.rank is None else str(place.rank)
    name = " · ".join(filter(None, (place.name, place.note)))
    cells = f'<td class="n">{rank}</td><td>{escape(name)}</td>'
    if place.accuracy is None:
        return f'<tr class="out">{cells}<td></td><td></td><td></td><td></td></tr>'
    measured = (
        f'<td class="n">{place.accuracy:.1f} %</td><td>{_bar(place, start)}</td>'
        f'<td class="n">{place.parameters or 0:,}</td><td class="n">{place.cpu_seconds or 0.0:.1f}</td>'
    )
    return f"<tr{'' if place.rank else ' class=out'}>{cells}{measured}</tr>"


def _bar(place: Place, start: float) -> str:
    """The interval as a line from its low to its high end, with a dot at the accuracy."""
    low, dot, high = (160 * ((value or 0.0) - start) / (100 - start) for value in _ends(place))
    words = f"{place.low:.1f} to {place.high:.1f} %"
    return (
        f'<svg class="bar" role="img" aria-label="{words}" viewBox="0 0 160 14"><title>{words}</title>'
        f'<path d="M0 7H160" stroke="currentColor" stroke-opacity="0.2"/>'
        f'<path d="M{low:.1f} 7H{high:.1f}" stroke="#0072B2" stroke-width="5"/>'
        f'<circle cx="{dot:.1f}" cy="7" r="3" fill="#D55E00"/></svg>'
    )


def _ends(place: Place) -> tuple[float | None, float | None, float | None]:
    return place.low, place.accuracy, place.high
