"""``build`` writes everything that is made of the authored units; ``check_build`` says what is stale or wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.atomic_files import write_atomically
from autograder.building.authoring import notebook_text
from autograder.building.coverage import Graded, coverage_problems
from autograder.building.execution import changed, execute, fingerprints, without_outputs
from autograder.building.figures import output_problems
from autograder.building.leaks import exposed, leaks, secrets_of, stored_outputs
from autograder.building.project import Project, Unit, write_course, write_tree
from autograder.building.release import read_tree, release
from autograder.building.syllabus import SYLLABUS, stale_syllabus, syllabus_problems, syllabus_text

SOURCES = Path("build") / "nbgrader"
REBUILD = "run 'make build'"
MOST_NAMED = 3


def build(project: Project | None = None, say: Callable[[str], None] = lambda _: None) -> bool:
    """Write ``course/``, the executed notebooks, and nbgrader's source folder under ``build/nbgrader/``.

    A notebook is executed only where its text, or a module it loads, has changed since it last was. ``say``
    gets a line for each thing done. Returns whether anything changed. Raises BuildError.
    """
    project = project or Project.find()
    write_course(project.root / SOURCES, project)
    written = [path for unit in project.units() for path in _build_unit(project, unit)]
    written += _build_syllabus(project)
    written += [path for path in _orphans(project) if _remove(project.root / path)]
    for path in written:
        say(f"wrote {path}")
    return bool(written)


def _build_syllabus(project: Project) -> list[str]:
    if not (stale := stale_syllabus(project)):
        return []
    (project.root / SYLLABUS).parent.mkdir(exist_ok=True)
    write_atomically(project.root / SYLLABUS, syllabus_text(project).encode())
    return stale


def _build_unit(project: Project, unit: Unit) -> Iterator[str]:
    if write_tree(project.course / unit.name, release(unit.name, unit.files())):
        yield f"course/{unit.name}/"
    if stale := why_stale(project, unit):
        _write_executed(project, unit)
        yield f"solutions/{unit.name}.ipynb ({stale})"


def _write_executed(project: Project, unit: Unit) -> None:
    notebook, loaded = execute(unit.source(), project.solutions)
    notebook.metadata["autograder"] = {"made_of": fingerprints(project.root, (unit.path, *loaded))}
    write_atomically(project.executed(unit), notebook_text(notebook).encode())


def why_stale(project: Project, unit: Unit) -> str:
    """Why the executed notebook of ``unit`` is not what building it would give; empty where it is."""
    path = project.executed(unit)
    if not path.is_file():
        return "there is none yet"
    if (notebook := _read(path)) is None:
        return "it is no notebook: is a merge unfinished?"
    if without_outputs(notebook) != without_outputs(unit.source()):
        return f"its cells are not those of {unit.path.name}"
    recorded = notebook.metadata.get("autograder", {}).get("made_of", {})
    others = changed(project.root, recorded) if recorded else ["what it was made of is not recorded"]
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return f"changed since: {', '.join(others[:MOST_NAMED])}{more}" if others else ""


def _read(path: Path) -> NotebookNode | None:
    """None where the file is no notebook."""
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except nbformat.reader.NotJSONError:
        return None
    return notebook


def check_build(
    project: Project | None = None, exercises: Callable[[Unit], Iterable[Graded]] | None = None
) -> tuple[str, ...]:
    """Return a sentence for everything stale or wrong; none means that what is committed is what building gives.

    ``exercises`` gives the records that a unit must test (default: the registry). Nothing is written and no
    notebook is run. Raises BuildError where a unit cannot be built at all.
    """
    project = project or Project.find()
    problems = [problem for unit in project.units() for problem in _unit_problems(project, unit)]
    wanted = exercises or registered
    for unit in project.units():
        problems += [f"{unit.path.name}: {it}" for it in coverage_problems(unit.source(), wanted(unit))]
    problems += [*syllabus_problems(project), *(f"{path} is stale; {REBUILD}" for path in stale_syllabus(project))]
    return (*problems, *(f"{path} is made of nothing in solutions/; {REBUILD}" for path in _orphans(project)))


def registered(unit: Unit) -> Iterable[Graded]:
    """The exercises of ``unit``."""
    from autograder.exercises import exercises  # late: it loads every reference

    return [exercise for exercise in exercises() if exercise.unit == unit.name]


def _unit_problems(project: Project, unit: Unit) -> Iterator[str]:
    source = unit.source()
    there = {f"course/{unit.name}/{path}": it for path, it in read_tree(project.course / unit.name)}
    given = {f"course/{unit.name}/{path}": it for path, it in release(unit.name, unit.files()).items()}
    for path in sorted(given.keys() | there.keys()):
        if given.get(path) != there.get(path):
            yield f"{path} {_difference(path in given, path in there)}; {REBUILD}"
    yield from leaks(secrets_of(source), there)
    yield from (f"{unit.path.name}: {it}" for it in exposed(source))
    yield from stored_outputs(there)
    if stale := why_stale(project, unit):
        yield f"solutions/{unit.name}.ipynb is stale ({stale}); {REBUILD}"
    yield from _executed_problems(project, unit)


def _difference(meant: bool, there: bool) -> str:
    return {(True, False): "is missing", (False, True): "is not part of the unit"}.get((meant, there), "is stale")


def _executed_problems(project: Project, unit: Unit) -> list[str]:
    path = project.executed(unit)
    if not path.is_file() or (notebook := _read(path)) is None:
        return []
    return [f"{path.name}: {it}" for it in output_problems(notebook, path.stat().st_size)]


def _orphans(project: Project) -> list[str]:
    """Generated files of units that no longer are."""
    names = {unit.name for unit in project.units()}
    notebooks = [path for path in project.solutions.glob("*.ipynb") if path.stem not in names]
    given = [path for path in project.course.rglob("*") if path.is_file()]
    lost = [path for path in given if path.relative_to(project.course).parts[0] not in names]
    return [path.relative_to(project.root).as_posix() for path in sorted(notebooks + lost)]


def _remove(path: Path) -> bool:
    path.unlink()
    return True
