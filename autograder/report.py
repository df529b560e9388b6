"""What a check says: short text for a terminal, a table for a notebook, points for nbgrader."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass

from autograder.exercise import Exercise, Result

MAX_TEXT = 600


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one check. Plain data: it can be stored and sent.

    ``cases`` holds a Result for each trait; ``mistakes`` the recognised misconceptions as (name, sentence).
    """

    name: str
    points: float
    max_points: float
    cases: tuple[Result, ...]
    mistakes: tuple[tuple[str, str], ...] = ()
    reread: str = ""
    bonus: bool = False

    @property
    def passed(self) -> bool:
        """Whether every trait is right."""
        return all(case.passed for case in self.cases)

    @property
    def failures(self) -> tuple[Result, ...]:
        """The traits that are not right."""
        return tuple(case for case in self.cases if not case.passed)

    @property
    def headline(self) -> str:
        """One line: points, and how many of the cases are right."""
        right = sum(case.passed for case in self.cases)
        unit = "bonus points" if self.bonus else "points"
        return f"{self.points:g} of {self.max_points:g} {unit}, {right} of {len(self.cases)} cases right"

    @property
    def text(self) -> str:
        """The whole report for a terminal."""
        return "\n".join([f"{self.name}: {self.headline}", *_grid(self.cases), *_explained(self)])

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return _page(self)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Under stock nbgrader, a bare number: what it takes for partial credit."""
        number = os.environ.get("NBGRADER_EXECUTION") in ("autograde", "validate")
        return {"text/plain": repr(self.points) if number else self.text, "text/html": _page(self)}


def report(exercise: Exercise, results: list[Result]) -> Report:
    """The report on an exercise's results: points are partial, each trait counts the same."""
    right = sum(result.passed for result in results)
    sentences = {m.name: m.sentence for m in exercise.misconceptions}
    named = dict.fromkeys(result.mistake for result in results if result.mistake)
    return Report(
        exercise.name,
        round(exercise.points * right / len(results), 2),
        exercise.points,
        tuple(results),
        tuple((name, sentences[name]) for name in named),
        exercise.reread,
        exercise.bonus,
    )


def _grid(cases: tuple[Result, ...]) -> list[str]:
    """The traits, three in a row, each with its sign."""
    signs = [f"{'✓' if case.passed else '✗'} {case.trait}"[:34].ljust(36) for case in cases]
    return ["  " + "".join(signs[i : i + 3]).rstrip() for i in range(0, len(signs), 3)]


def _first(report: Report) -> Result | None:
    """The failure to explain: the first that is not only the consequence of another."""
    failures = report.failures
    return next((f for f in failures if f.detail or f.traceback), failures[0] if failures else None)


def _explained(report: Report) -> list[str]:
    first = _first(report)
    if first is None:
        return []
    lines = [f"first, “{first.trait}”" + (f" with {first.inputs}" if first.inputs else "") + ":"]
    lines += [f"  {part}" for part in (first.problem, first.detail) if part]
    lines += [f"  {line}" for line in first.traceback[:MAX_TEXT].splitlines()]
    lines += [f"→ {sentence}" for _, sentence in report.mistakes]
    if first.hint and not report.mistakes:
        lines.append(f"→ perhaps {first.hint}")
    return lines + ([f"(see {report.reread})"] if report.reread else [])


# JupyterLab's colours, which follow its theme, and others where there is no JupyterLab.
STYLE = {
    "box": "font-family:var(--jp-ui-font-family,sans-serif);font-size:13px;line-height:1.45;max-width:52em;"
    "color:var(--jp-ui-font-color1,inherit);border-left:4px solid {colour};padding:.3em .9em;margin:.3em 0",
    "cell": "display:inline-block;margin:.15em .35em .15em 0;padding:.05em .55em;border-radius:.8em;"
    "border:1px solid {colour};white-space:nowrap",
    "code": "font-family:var(--jp-code-font-family,monospace);font-size:12px;white-space:pre-wrap;margin:.4em 0;"
    "padding:.4em .6em;background:var(--jp-layout-color2,rgba(127,127,127,.12));color:inherit",
}
RIGHT, WRONG = "var(--jp-success-color1,#2e7d32)", "var(--jp-warn-color1,#c2570c)"


def _page(report: Report) -> str:
    colour = RIGHT if report.passed else WRONG
    cells = "".join(
        f'<span style="{STYLE["cell"].format(colour=RIGHT if c.passed else WRONG)}">'
        f"{'✓' if c.passed else '✗'} {html.escape(c.trait)}</span>"
        for c in report.cases
    )
    title = f"<b>{html.escape(report.name)}</b> — {html.escape(report.headline)}"
    body = f"<div>{title}</div><div style='margin:.35em 0'>{cells}</div>{_story(report)}"
    return f'<div style="{STYLE["box"].format(colour=colour)}">{body}</div>'


def _story(report: Report) -> str:
    """The first failure in full, and the sentence that helps."""
    first = _first(report)
    if first is None:
        return ""
    where = f"<b>{html.escape(first.trait)}</b>" + (f" with {html.escape(first.inputs)}" if first.inputs else "")
    parts = [html.escape(part) for part in (first.problem, first.detail) if part]
    story = f"<div>First, {where}:<br>{'<br>'.join(parts)}</div>"
    if first.traceback:
        story += f'<pre style="{STYLE["code"]}">{html.escape(first.traceback[:MAX_TEXT])}</pre>'
    advice = [sentence for _, sentence in report.mistakes] or ([f"perhaps {first.hint}"] if first.hint else [])
    story += "".join(f"<div style='margin-top:.3em'>→ {html.escape(a)}</div>" for a in advice)
    if report.reread:
        story += f"<div style='opacity:.75;margin-top:.3em'>(see {html.escape(report.reread)})</div>"
    return story
