"""Data that came along in code: a classifier that is to learn here may have been trained elsewhere.

What cannot be decided for sure is not decided here: a note asks the person who grades to look. Data that is hidden
well (weights spelled as words) is not seen.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

from autograder.source import SourceNotebook

NUMBER = re.compile(r"(?<![\w.])\d[\w.]*")
UNBROKEN = re.compile(r"[\w+/=\\-]{50,}|\S{120,}")  # as base64 and hexadecimal digits come
MOST_NUMBERS, MOST_CHARACTERS = 600, 1_500  # a whole unit of solutions has 150 numbers
FEW_SIGNS = 10  # a ruled line in a comment has one or two


def carried_notes(notebook: NotebookNode, source: SourceNotebook) -> tuple[str, ...]:
    """A note where the code of a student holds many numbers, or long texts without a blank; else none."""
    given = {cell.source for cell in source.cells} | {cell.release for cell in source.cells}
    own = [c.source for c in notebook.cells if c.cell_type == "code" and c.source not in given]
    numbers = sum(len(NUMBER.findall(code)) for code in own)
    runs = (run for code in own for run in UNBROKEN.findall(code))
    characters = sum(len(run) for run in runs if len(set(run)) > FEW_SIGNS)
    if numbers <= MOST_NUMBERS and characters <= MOST_CHARACTERS:
        return ()
    return (
        f"its code holds {numbers:,} numbers, and {characters:,} characters in texts without a blank: whoever "
        "grades is asked to look whether something that was learned elsewhere came along",
    )
