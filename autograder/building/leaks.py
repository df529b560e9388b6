"""Guard: nothing that students must not see is in what they get."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from autograder.building.regions import REGIONS, Region, cut

MIN_CHARACTERS = 8  # without white space: shorter lines ("else:", "return x") say nothing about an answer
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a source notebook keeps from students: line → what it is, and everything they may see."""

    lines: Mapping[str, str]
    public: str


def secrets_of(source: NotebookNode) -> Secrets:
    """Return the lines of solutions, hidden tests, mark schemes and model answers of ``source``.

    A line that also stands outside of them is no secret, nor is one of fewer than ``MIN_CHARACTERS``
    characters other than white space.
    """
    hidden: dict[str, str] = {}
    public = []
    for cell in source.cells:
        outside, inside = _parts(cell)
        public.append(outside)
        for what, text in inside:
            hidden |= dict.fromkeys(_telling_lines(text), f"{what} of {cell.id}")
    seen = "\n".join(public)
    return Secrets({line: what for line, what in hidden.items() if line not in seen}, seen)


def _parts(cell: NotebookNode) -> tuple[str, list[tuple[str, str]]]:
    """What students may see of a cell, and what they may not, by kind."""
    flags = cell.metadata.get("nbgrader", {})
    if flags.get("grade") and flags.get("solution"):
        return "", [("model answer", cell.source)]
    outside, inside = cell.source, []
    for region in REGIONS:
        parts = cut(outside, region)
        outside = parts.outside
        inside.append((region.name, parts.inside))
    return outside, inside


def _telling_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if len("".join(line.split())) >= MIN_CHARACTERS:
            yield line.strip()


def leaks(secrets: Secrets, files: Files) -> list[str]:
    """Return a sentence for each secret that is somewhere in ``files`` (path → content), outputs included."""
    return [
        f"{path} shows a line of the {what}: {line!r}"
        for path, content in files.items()
        for text in ["\n".join(_strings(path, content))]
        for line, what in (*secrets.lines.items(), *_delimiters(REGIONS))
        if line in text
    ]


def exposed(source: NotebookNode) -> list[str]:
    """Return a sentence for each hidden part of which students see more than half of the lines elsewhere.

    One line in a hint is help. A function whose lines stand in the open, in a figure's cell say, is given away.
    """
    public = secrets_of(source).public
    problems = []
    for cell in source.cells:
        for what, text in _parts(cell)[1]:
            lines = list(_telling_lines(text))
            shown = sum(line in public for line in lines)
            if shown > len(lines) / 2:
                problems.append(f"{shown} of {len(lines)} lines of the {what} of {cell.id} stand in the open too")
    return problems


def _delimiters(regions: Iterable[Region]) -> Iterator[tuple[str, str]]:
    for region in regions:
        yield region.begin, f"beginning of a {region.name}"
        yield region.end, f"end of a {region.name}"


def stored_outputs(files: Files) -> list[str]:
    """Return a sentence for each code cell of a notebook that carries an output or a count of executions."""
    return [
        f"{path}: cell {cell.get('id')!r} has a stored output"
        for path, content in files.items()
        if path.endswith(".ipynb")
        for cell in _parsed(content, otherwise={"cells": []})["cells"]
        if cell.get("outputs") or cell.get("execution_count") is not None
    ]


def _strings(path: str, content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", "replace")
    yield from _texts(_parsed(content, otherwise=text)) if path.endswith(".ipynb") else [text]


def _parsed(content: bytes, otherwise: Any) -> Any:
    """``otherwise`` where it is no JSON: such a file is stale, and checked for that."""
    try:
        return json.loads(content)
    except ValueError:
        return otherwise


def _texts(value: Any) -> Iterator[str]:
    """Every string in a JSON value; a list of lines is one string."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        yield "".join(value)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
