"""Folders and archives as people hand them in: what the tests of intake share."""

import zipfile
from pathlib import Path

from autograder.intake import discover
from autograder.source import Assignment, SourceNotebook

UNIT = "05_convolution"


def assignment(*names, files=(), folder=Path("/nonexistent/source/unit")):
    notebooks = tuple(SourceNotebook(name, (), {}, "{}") for name in names or (UNIT,))
    return Assignment(UNIT, notebooks, tuple(files), folder, UNIT)


def put(folder, *paths, content=b"notebook"):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def pack(path, names, content=b"notebook"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return path


def found(path, unit=None):
    return {submission.student: submission for submission in discover(path, unit or assignment())}
