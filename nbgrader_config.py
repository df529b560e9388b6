"""For nbgrader's own commands in this folder; ``make build`` writes the sources to build/."""

from pathlib import Path

from autograder.nbgrader_plugin import configure

c = get_config()  # noqa: F821 - nbgrader defines it
c.CourseDirectory.root = str(Path(__file__).resolve().parent / "build" / "nbgrader")
c.ClearMarkScheme.enforce_metadata = False  # a rubric may stand in the locked cell that asks the question
configure(c)
