"""A page for each student and notebook, by nbgrader's own feedback template.

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
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbgrader.converters import GenerateFeedback
from nbgrader.utils import is_grade, is_solution, is_task

from autograder.course_folder import CourseFolder, put
from autograder.gradebook import Marks, NotebookMarks
from autograder.safe_html import protect

log = logging.getLogger(__name__)


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
        self._exporter = PageExporter(config=converter.config)
        self._exporter.register_preprocessor(CSSHTMLHeaderPreprocessor, enabled=True)

    def write(self, student: str, marks: Marks) -> list[Path]:
        """Write a page for each executed notebook of ``student``; return where they are.

        Raises
        ------
        GraderError
            Where the disk refuses.
        """
        folder = self._course.autograded(student, self._assignment)
        names = [name for name in sorted(marks.notebooks) if (folder / f"{name}.ipynb").is_file()]
        return [self._write(student, name, folder, marks.notebooks[name]) for name in names]

    def _write(self, student: str, name: str, folder: Path, marks: NotebookMarks) -> Path:
        notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
        path = self._course.feedback(student, self._assignment) / f"{name}.html"
        put(path, self._page(notebook, student, name, marks).encode("utf-8", "replace"))
        return path

    def _page(self, notebook: NotebookNode, student: str, name: str, marks: NotebookMarks) -> str:
        try:
            return self.page(notebook, student, name, marks)
        except Exception as error:  # one notebook that cannot be shown must not stop the class
            log.exception("%s: no feedback page for %s", student, name)
            points = f"{marks.score - marks.penalty:g} of {marks.max_score:g} points"
            return f"<p>{escape(name)}: {points}. This page could not be made ({escape(repr(error)[:200])}).</p>"

    def page(self, notebook: NotebookNode, student: str, name: str, marks: NotebookMarks) -> str:
        """The page as HTML."""
        place_marks(notebook, marks)
        said = {"assignment": self._assignment, "notebook": name, "student": student}
        totals = {"score": marks.score - marks.penalty, "max_score": marks.max_score}
        resources = {
            "nbgrader": {**said, **totals, "late_penalty": marks.penalty},
            "metadata": {"name": name, "path": os.curdir, "modified_date": date.today().isoformat()},
        }
        html, _ = self._exporter.from_notebook_node(notebook, resources=resources)
        return str(html)


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
