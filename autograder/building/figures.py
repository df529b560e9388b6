"""Guard: an executed notebook is small, self-contained, and can be read by people who cannot see its figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from nbformat import NotebookNode

MAX_BYTES = 3_000_000
PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "image/gif")
NAMED = ("alt", "aria-label", "title")

# what an output must not contain → what is wrong with it
FORBIDDEN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"https?://(?!www\.w3\.org/)[^\s\"'<>)]+|(?<=[\"'(])//[\w.-]+\.\w{2,}/"), "an outside address"),
    (
        re.compile(r"(?<![\w./])/(?:home|root|Users|mnt|opt|srv|tmp|var|work)/[^\s\"'<>]+"),
        "a path of this machine",
    ),
    (re.compile(r"\bat 0x[0-9a-f]{6,}"), "an address in memory, which is another on each run"),
)


def output_problems(notebook: NotebookNode, size: int) -> list[str]:
    """Return a sentence for each thing wrong with the outputs of an executed notebook of ``size`` bytes."""
    problems = [f"it has {size:,} bytes; at most {MAX_BYTES:,} are meant"] if size > MAX_BYTES else []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            problems += [f"cell {cell.id!r} shows {problem}" for problem in _problems(output)]
    return problems


def _problems(output: Mapping[str, Any]) -> Iterator[str]:
    data: Mapping[str, Any] = output.get("data", {})
    if output["output_type"] == "error":
        yield f"an error: {output['ename']}"
    for kind in PICTURES:
        if kind in data and not _alt_text(output.get("metadata", {}), kind):
            yield f"a picture ({kind}) without alt text; give it metadata {{{kind!r}: {{'alt': ...}}}}"
    yield from _unnamed(_text(data.get("text/html", "")))
    for text in (_text(output.get("text", "")), *(_text(data[kind]) for kind in data if kind not in PICTURES)):
        for pattern, what in FORBIDDEN:
            if found := pattern.search(text):
                yield f"{what}: {found.group()[:80]!r}"


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else value if isinstance(value, str) else repr(value)


def _alt_text(metadata: Mapping[str, Any], kind: str) -> str:
    return str(metadata.get(kind, {}).get("alt", "") or metadata.get("alt", "")).strip()


class _Pictures(HTMLParser):
    """Collects the pictures of a page that say nothing to a screen reader."""

    def __init__(self) -> None:
        super().__init__()
        self.unnamed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One opening tag."""
        names = dict(attrs)
        if tag in ("img", "video", "canvas") and not any((names.get(name) or "").strip() for name in NAMED):
            self.unnamed.append(tag)


def _unnamed(html: str) -> Iterator[str]:
    pictures = _Pictures()
    pictures.feed(html)
    yield from (f"an HTML <{tag}> without alt text" for tag in pictures.unnamed)
