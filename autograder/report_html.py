"""A report as HTML that needs no script, in JupyterLab's own colours, light or dark.

All text is escaped, since messages, names and lines of code come from students.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.report import CaseResult, Report

# JupyterLab sets these for its theme; elsewhere the page's own colours are inherited
MUTED = "color:var(--jp-content-font-color2, inherit)"
LINE = "var(--jp-border-color2, #9e9e9e)"
CODE = "font-family:var(--jp-code-font-family, monospace);font-size:0.92em"
GROUND = "background:var(--jp-layout-color2, rgba(128,128,128,0.12))"
# Okabe and Ito's colours: told apart with any colour vision, on black and on white
COLOURS = {"✓": "#009E73", "✗": "#D55E00", "◐": "#A66F00"}

BOX = f"border:1px solid {LINE};border-radius:6px;padding:10px 14px;margin:4px 0;max-width:62em;line-height:1.45"
CHIPS = "display:grid;grid-template-columns:repeat(auto-fill,minmax(15.5em,1fr));gap:1px 14px;margin:8px 0"
CELL = f"padding:3px 12px 3px 0;text-align:left;vertical-align:top;border-top:1px solid {LINE}"
PRE = f"{CODE};{GROUND};white-space:pre-wrap;border-radius:4px;padding:6px 10px;margin:4px 0"


def page(report: Report) -> str:
    """The whole report as one element."""
    parts = [_head(report)]
    if report.written and report.failures:
        parts += [_first(report.failures[0]), *_why(report), _grid(report), _others(report)]
    elif report.written:
        parts += [*_notes(report), _grid(report)]
    mark = "✓" if report.passed else "◐" if report.points else "✗"
    return f'<div style="{BOX};border-left:5px solid {COLOURS[mark]}">{"".join(parts)}</div>'


def _head(report: Report) -> str:
    name = f'<code style="{CODE};background:none;padding:0">{escape(report.name)}</code>'
    return (
        f"<div><strong>{name}: {escape(report.score)}</strong> "
        f'<span style="{MUTED}">{escape(report.verdict)}</span></div>'
    )


def _grid(report: Report) -> str:
    """All cases, or those of an aspect in a row; then how they count."""
    rule = f'<div style="{MUTED}">{escape(report.rule)}</div>' if report.failures and report.rule else ""
    if not report.marks:
        chips = "".join(f"<div>{_chip(case)}</div>" for case in report.cases)
        return f'<div style="{CHIPS}">{chips}</div>{rule}'
    rows = "".join(_aspect(label, cases) for label, cases in report.rows)
    return f'<table style="border-collapse:collapse;margin:6px 0">{rows}</table>{rule}'


def _aspect(label: str, cases: Iterable[CaseResult]) -> str:
    chips = " ".join(f'<span style="white-space:nowrap;margin-right:14px">{_chip(case)}</span>' for case in cases)
    return (
        f'<tr style="background:none"><td style="{CELL};{MUTED};white-space:nowrap">{escape(label)}</td>'
        f'<td style="{CELL}">{chips}</td></tr>'
    )


def _chip(case: CaseResult) -> str:
    return f"{_mark(case)} {escape(case.trait)}"


def _mark(case: CaseResult) -> str:
    return f'<strong style="color:{COLOURS[case.mark]}">{case.mark}</strong>'


def _first(case: CaseResult) -> str:
    lines = "\n".join(escape(line) for line in (case.summary, *case.details))
    hints = "".join(f"<div>{escape(hint)}</div>" for hint in case.hints)
    return (
        f'<div style="margin-top:8px">{_mark(case)} <strong>{escape(case.trait)}</strong> '
        f'<span style="{MUTED};{CODE}">{escape(case.call)}</span></div>'
        f'<pre style="{PRE}">{lines}</pre>{hints}'
    )


def _why(report: Report) -> Iterable[str]:
    for mistake in report.mistakes:
        yield (
            f'<div style="margin:8px 0;padding-left:10px;border-left:3px solid {COLOURS["◐"]}">'
            f"<strong>Looks like: {escape(mistake.name)}.</strong> {escape(mistake.sentence)}</div>"
        )
    yield from _notes(report)
    if report.reread:
        yield f'<div style="margin:6px 0;{MUTED}">Read again: {escape(report.reread)}</div>'


def _notes(report: Report) -> Iterable[str]:
    return (f'<div style="margin:6px 0">{escape(note)}</div>' for note in report.notes)


def _others(report: Report) -> str:
    """The other failing cases, a row for each problem."""
    rows = "".join(f'<tr style="background:none">{_row(*it)}</tr>' for it in report.told)
    left = f'<div style="{MUTED}">… and {report.untold} more</div>' if report.untold else ""
    return f'<table style="border-collapse:collapse;margin:6px 0;{MUTED}">{rows}</table>{left}' if rows else ""


def _row(cases: str, summary: str) -> str:
    return f'<td style="{CELL}">{escape(cases)}</td><td style="{CELL};{CODE}">{escape(summary)}</td>'
