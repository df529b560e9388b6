"""Tables that a benchmark writes into a document, between two marks that name it."""

from __future__ import annotations

from pathlib import Path


def write(document: Path, name: str, lines: list[str]) -> None:
    """Replace what stands between ``<!-- name: begin -->`` and ``<!-- name: end -->``."""
    begin, end = (f"<!-- {name}: {word} -->" for word in ("begin", "end"))
    before, _, rest = document.read_text(encoding="utf-8").partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise SystemExit(f"{document} needs the lines {begin} and {end}, with what is to be replaced between them")
    document.write_text(before + "\n".join([begin, *lines, end]) + after, encoding="utf-8")
