"""A page for each student and notebook, by nbgrader's own feedback template with another head.

On top stands what was lost, where and why (``autograder.feedback_summary``); what is neither an answer nor graded
is folded. The page fits a phone.

Text, pictures and tables need nothing from the network; formulas are set by MathJax, which nbconvert's
template loads from its usual address, and stay readable as TeX without it.
"""

from __future__ import annotations

import copy
import logging
import os
from datetime import date
from functools import lru_cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import DictLoader
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.utils import is_grade, is_solution, is_task

from autograder.course_folder import CourseFolder, put
from autograder.feedback_summary import report_first, rows, summary
from autograder.gradebook import Marks, NotebookMarks
from autograder.safe_html import protect
from autograder.worker import NOTES_CELL

log = logging.getLogger(__name__)

MOST_PRINTED = 20_000  # characters of one output that a page shows
RUBRIC, END_OF_RUBRIC = ("=== BEGIN MARK SCHEME ===", "**How points are given**"), "=== END MARK SCHEME ==="
STYLE = """
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
table.points td { padding: 3px 14px 3px 0; vertical-align: top; border-top: 1px solid #ddd }
table.points td.worth { white-space: nowrap; text-align: right }
.rendered_html th, .rendered_html td { padding: 2px 8px; border-bottom: 1px solid #ddd; text-align: left }
.output_wrapper > .output, .rendered_html { overflow-x: auto }
.rendered_html pre { word-break: normal; overflow-wrap: anywhere }
.output_stream pre, .output_error pre { max-height: 26em; overflow: auto }
details.course > summary { display: list-item; color: #555; cursor: pointer; margin: 8px 0 }
@media (max-width: 700px) {
  body { padding: 0 }
  .container, div#notebook-container { padding: 4px; width: 100% }
  .panel-body { padding: 4px }
  div.nbgrader_cell .panel-heading { height: auto !important; overflow: hidden }
  .output td { display: block; white-space: normal !important; border: 0 !important }
  div.cell, div.inner_cell, div.output_area { display: block; padding: 0 }
  div.prompt { display: none }
  table.points, table.points tbody { display: block }
  table.points tr { display: flex; flex-wrap: wrap; border-top: 1px solid #ddd }
  table.points td { padding-right: 8px; border: 0 }
  table.points td.said { width: 100%; padding-left: 20px }
}
</style>
"""
# nbgrader's template extends nbconvert's, whose body is all the cells: the grandparent's here
LAYOUT = """
{%- extends 'index.html.j2' -%}
{%- block header -%}
{{ super() | replace('<meta charset="utf-8" />', '<meta charset="utf-8" />' ~ resources.nbgrader.style) }}
{%- endblock header -%}
{%- block body -%}
<body><a name="top"></a><div class="container"><div class="panel panel-default">
<div class="panel-heading">{{ resources.nbgrader.summary }}</div>
<div class="panel-body"><div id="notebook" class="border-box-sizing">
<div class="container" id="notebook-container">{{ super.super() }}</div></div></div>
</div></div></body>
{%- endblock body -%}
{%- block any_cell scoped -%}
{%- if cell.metadata.folds -%}<details class="course"><summary>{{ cell.metadata.folds }}</summary>{%- endif -%}
{{ super() }}
{%- if cell.metadata.unfolds -%}</details>{%- endif -%}
{%- endblock any_cell -%}
"""


@lru_cache(maxsize=512)  # most cells are the same for a whole class
def _highlighted(source: str, lexer: str | None) -> str:
    return str(Highlight2HTML(pygments_lexer=lexer)(source))


class PageExporter(HTMLExporter):
    """nbconvert's exporter without its last step, which parses the whole page anew to add alt texts to pictures.

    That step takes most of the time; ``place_marks`` adds the texts to the notebook instead.
    """

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and what came with it."""
        language = nb.metadata.get("language_info", {})
        lexer = language.get("pygments_lexer", language.get("name"))
        self.register_filter("highlight_code", lambda source, **_: _highlighted(source, lexer))
        said = self._init_resources(resources)
        page, said = super(HTMLExporter, self).from_notebook_node(nb, said, **kw)
        return str(page), said


class FeedbackWriter:
    """Makes the pages of one assignment; its template is read once for the class."""

    def __init__(self, course: CourseFolder, assignment: str) -> None:
        self._course, self._assignment = course, assignment
        config = copy.deepcopy(course.config)
        protect(config)
        converter = GenerateFeedback(coursedir=course.layout, config=config)
        own = converter.config.HTMLExporter.template_name == "feedback"  # an instructor's template stays as it is
        layout = {"template_file": "page.html.j2", "exclude_input_prompt": True} if own else {}
        loaders = [DictLoader({"page.html.j2": LAYOUT})]
        self._exporter = PageExporter(config=converter.config, extra_loaders=loaders, **layout)
        self._exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)

    def write(self, student: str, marks: Marks, alias: str = "") -> list[Path]:
        """Write a page for each executed notebook of ``student``; return where they are.

        ``alias``: what the student is called on the class's leaderboard.

        Raises
        ------
        GraderError
            Where the disk refuses.
        """
        folder = self._course.autograded(student, self._assignment)
        names = [name for name in sorted(marks.notebooks) if (folder / f"{name}.ipynb").is_file()]
        return [self._write(student, name, folder, marks.notebooks[name], alias) for name in names]

    def _write(self, student: str, name: str, folder: Path, marks: NotebookMarks, alias: str) -> Path:
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        path = self._course.feedback(student, self._assignment) / f"{name}.html"
        put(path, self._page(notebook, student, name, marks, alias).encode("utf-8", "replace"))
        return path

    def _page(self, notebook: NotebookNode, student: str, name: str, marks: NotebookMarks, alias: str) -> str:
        try:
            return self.page(notebook, student, name, marks, alias)
        except Exception as error:  # one notebook that cannot be shown must not stop the class
            log.exception("%s: no feedback page for %s", student, name)
            points = f"{marks.score - marks.penalty:g} of {marks.max_score:g} points"
            return f"<p>{escape(name)}: {points}. This page could not be made ({escape(repr(error)[:200])}).</p>"

    def page(self, notebook: NotebookNode, student: str, name: str, marks: NotebookMarks, alias: str = "") -> str:
        """The page as HTML."""
        place_marks(notebook, marks)
        head = summary(student, name, marks, rows(notebook, marks))
        head += f"<p>Your name on the leaderboard: <b>{escape(alias)}</b></p>" if alias else ""
        tidy(notebook)
        fold(notebook)
        said = {"assignment": self._assignment, "notebook": name, "student": student}
        totals = {"score": marks.score - marks.penalty, "max_score": marks.max_score}
        resources = {
            "nbgrader": {**said, **totals, "late_penalty": marks.penalty, "summary": head, "style": STYLE},
            "metadata": {"name": name, "path": os.curdir, "modified_date": date.today().isoformat()},
        }
        html, _ = self._exporter.from_notebook_node(notebook, resources=resources)
        return str(html)


def tidy(notebook: NotebookNode) -> None:
    """In a test cell the report comes first; what nothing is left of (active content was taken out) goes.

    A rubric gets a heading in place of nbgrader's markers.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and not is_solution(cell):
            cell.source = cell.source.replace(*RUBRIC).replace(END_OF_RUBRIC, "")
        if cell.cell_type == "code":
            cell.outputs = [_shortened(output) for output in cell.outputs if output.get("data", True)]
            if is_grade(cell):
                report_first(cell)


def _shortened(output: NotebookNode) -> NotebookNode:
    """What was printed, without its middle where it is long; the executed notebook holds all that was kept."""
    text = str(output.get("text", ""))
    if len(text) > MOST_PRINTED:
        half = MOST_PRINTED // 2
        output.text = f"{text[:half]}\n… {len(text) - 2 * half:,} characters left out …\n{text[-half:]}"
    return output


def fold(notebook: NotebookNode) -> None:
    """Mark where a fold begins and ends: around cells that are no part of an exercise, nor the grader's notes."""
    for cell in notebook.cells:
        for name in ("folds", "unfolds"):
            cell.metadata.pop(name, None)
    for between, run in groupby(notebook.cells, _between):
        cells = list(run)
        if between:
            cells[0].metadata["folds"] = _label(cells)
            cells[-1].metadata["unfolds"] = True


def _between(cell: NotebookNode) -> bool:
    return "nbgrader" not in cell.metadata and cell.get("id") != NOTES_CELL


def _label(cells: list[NotebookNode]) -> str:
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    failed = ", an error among them" if any(o.output_type == "error" for o in outputs) else ""
    return f"{len(cells)} cell{'s' * (len(cells) > 1)} of text, pictures and scratch work{failed}"


def place_marks(notebook: NotebookNode, marks: NotebookMarks) -> None:
    """Put scores and comments where nbgrader's template looks for them, as its ``GetGrades`` does."""
    for cell in notebook.cells:
        cell.metadata.setdefault("alt", "picture drawn by this cell")
        settings: dict[str, Any] = cell.metadata.get("nbgrader", {})
        name = settings.get("grade_id", "")
        if is_solution(cell) or is_task(cell):
            settings["comment"] = marks.comments.get(name)
        if is_grade(cell) or is_task(cell):
            settings["score"], settings["points"] = marks.cells.get(name, (0.0, settings.get("points", 0.0)))
