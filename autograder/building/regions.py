"""The parts of a cell that students must not see, between a BEGIN and an END line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    """A kind of hidden part, with the words of its first and last line (nbgrader's own defaults)."""

    name: str
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Parts:
    """The text of a cell outside and inside the regions of one kind; the lines that delimit are in neither."""

    outside: str
    inside: str
    found: bool


SOLUTION = Region("solution", "BEGIN SOLUTION", "END SOLUTION")
HIDDEN_TESTS = Region("hidden tests", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
MARK_SCHEME = Region("mark scheme", "BEGIN MARK SCHEME", "END MARK SCHEME")
REGIONS = (SOLUTION, HIDDEN_TESTS, MARK_SCHEME)


def cut(text: str, region: Region) -> Parts:
    """Separate the regions of one kind from the rest of ``text``.

    Raises ValueError for a region inside a region, one that does not end, and an end without a beginning.
    """
    outside: list[str] = []
    inside: list[str] = []
    is_open, found = False, False
    for line in text.split("\n"):
        if region.begin in line or region.end in line:
            begins = region.begin in line
            if begins == is_open:
                raise ValueError(f"{line.strip()!r} {'inside a region' if begins else 'without a beginning'}")
            is_open, found = begins, True
        else:
            (inside if is_open else outside).append(line)
    if is_open:
        raise ValueError(f"a line with {region.begin!r}, but none with {region.end!r}")
    return Parts("\n".join(outside).strip("\n"), "\n".join(inside).strip("\n"), found)
