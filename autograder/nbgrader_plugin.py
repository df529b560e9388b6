"""nbgrader's own commands, across the trust boundary.

In a course's ``nbgrader_config.py``::

    c = get_config()
    from autograder.nbgrader_plugin import configure
    configure(c)

``nbgrader autograde`` then aligns submissions to the source, runs them in a sandbox with the source's tests
outside of it, and saves the same points as ``autograder grade``. ``SandboxExecute.sandbox`` names the backend.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters.exporter import ResourcesDict
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Float, Integer, Unicode
from traitlets.config import Config

from autograder.course_folder import LOG
from autograder.errors import GraderError
from autograder.safe_html import protect
from autograder.sandbox import Limits, get_sandbox
from autograder.sanitize import sanitize
from autograder.source import Assignment, SourceNotebook, load_assignment
from autograder.worker import SandboxRun, add_notes, own_files

NOTES = "autograder_notes"
RESULTS = "autograder_results"


def _assignment(resources: ResourcesDict) -> Assignment:
    """The assignment being graded; nbgrader's converters work in the course's root."""
    return load_assignment(Path.cwd(), resources["nbgrader"]["assignment"])


def _source(assignment: Assignment, resources: ResourcesDict) -> SourceNotebook:
    wanted = resources["nbgrader"]["notebook"]
    for source in assignment.notebooks:
        if source.name == wanted:
            return source
    raise GraderError(f"the source of {assignment.name} has no notebook {wanted!r}")


class AlignToSource(NbGraderPreprocessor):
    """In place of DeduplicateIds, OverwriteKernelspec and OverwriteCells: see ``autograder.sanitize``."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Align a submitted notebook to its source; every repair is logged and kept for feedback."""
        source = _source(_assignment(resources), resources)
        clean = sanitize(nbformat.writes(nb).encode("utf-8", "replace"), source)
        for note in clean.notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        clean.notebook.metadata[NOTES] = list(clean.notes)
        return clean.notebook, resources


class SandboxExecute(NbGraderPreprocessor):
    """In place of Execute: student code in a sandbox, the source's tests outside of it."""

    sandbox = Unicode("bubblewrap", help="bubblewrap, docker, podman, or none (no protection)").tag(config=True)
    seed = Integer(None, allow_none=True, help="decides the tests' inputs; drawn where not set").tag(config=True)
    timeout = Float(Limits().cell_seconds, help="seconds for one cell").tag(config=True)
    notebook_timeout = Float(Limits().notebook_seconds, help="seconds for one notebook").tag(config=True)
    memory = Integer(Limits().memory_bytes, help="bytes of memory for one notebook").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Run an aligned notebook. Raises GraderError where the grader failed; nbgrader then saves no grade."""
        self._look_at_sandbox()
        assignment = _assignment(resources)
        source = _source(assignment, resources)
        notes = nb.metadata.pop(NOTES, [])
        seed = secrets.randbelow(2**31) if self.seed is None else self.seed
        result = self._run(assignment)(nb, source, files=self._files(assignment, resources), seed=seed)
        add_notes(result.notebook, [*notes, *result.notes])
        resources[RESULTS] = {
            cell.id: (cell, known.bonus) for cell in result.cells for known in source.cells if known.id == cell.id
        }
        return result.notebook, resources

    def _look_at_sandbox(self) -> None:
        problems = get_sandbox(self.sandbox).problems()
        if problems:
            raise GraderError(f"the sandbox {self.sandbox!r} cannot be used: {'; '.join(problems)}")
        if self.sandbox == "none":
            self.log.warning("student code runs without a sandbox (SandboxExecute.sandbox = 'none')")

    def _run(self, assignment: Assignment) -> SandboxRun:
        limits = Limits(
            cell_seconds=self.timeout, notebook_seconds=self.notebook_timeout, memory_bytes=self.memory
        )
        return SandboxRun(assignment.name, self.sandbox, limits, assignment.folder, (Path.cwd(),))

    def _files(self, assignment: Assignment, resources: ResourcesDict) -> dict[str, bytes]:
        """The files that the assignment lists, as nbgrader has copied them beside the notebook."""
        beside = Path(resources["metadata"]["path"])
        own = own_files(assignment)
        return {name: _plain_file(beside / name, data) for name, data in own.items()}


def _plain_file(path: Path, otherwise: bytes) -> bytes:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else otherwise


class SaveResults(SaveAutoGrades):
    """nbgrader's SaveAutoGrades; bonus is extra credit, and what could not be judged waits for a person."""

    def preprocess(self, nb: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
        """Save the grades of one notebook."""
        self.results = resources.pop(RESULTS, {})
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: ResourcesDict) -> None:
        super()._add_score(cell, resources)
        result, bonus = self.results.get(cell.metadata["nbgrader"]["grade_id"], (None, 0.0))
        if result is None or not (bonus or result.fraction is None):
            return
        grade = self._grade(cell)
        if result.fraction is None:
            grade.auto_score, grade.needs_manual_grade = None, True
        elif grade.manual_score is None:
            grade.extra_credit = bonus * result.fraction
        self.gradebook.db.commit()

    def _grade(self, cell: NotebookNode) -> Any:
        name = cell.metadata["nbgrader"]["grade_id"]
        return self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)


def configure(c: Config) -> None:
    """Have nbgrader's ``autograde`` use the boundary, and its pages show students' markdown harmlessly.

    Warnings go into the course's log file too, where the configuration names no other.
    """
    if "logfile" not in c.NbGrader:
        c.NbGrader.logfile = LOG
    c.Autograde.sanitize_preprocessors = [AlignToSource, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        SandboxExecute,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        SaveResults,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    protect(c)
