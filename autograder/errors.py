"""The errors that cross rooms: whose fault it was decides what a mark may say."""

from __future__ import annotations


class AutograderError(Exception):
    """Any error this package raises on purpose."""


class GraderError(AutograderError):
    """The grader failed (sandbox, disk, a broken test cell): never the student's fault, never a zero."""


class UnreadableSubmission(AutograderError):
    """What was handed in cannot be read as the assignment's notebook; the message says why."""


class StudentError(AutograderError):
    """A student's function raised.

    Across the boundary the class raised is also a subclass of the nearest built-in exception of what the
    student raised, so ``except ValueError`` in a test works as it would in one process.
    ``student_traceback`` holds the student's own lines, as text.
    """

    def __init__(self, message: str = "", student_traceback: str = "") -> None:
        Exception.__init__(self, message)
        self._said = message
        self.student_traceback = student_traceback

    def __str__(self) -> str:
        return self._said


class StudentTimeout(StudentError, TimeoutError):
    """A student's function did not return within its time limit."""
