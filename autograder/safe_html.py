"""Students' markdown as HTML that cannot act: nbgrader's pages show it to instructors who are logged in.

The templates of formgrader and feedback put markdown into the page as it is, ``<script>`` included. This
filter takes the place of ``markdown2html`` there (nbconvert's ``HTMLExporter.filters``). Outputs need none: a
student's cell keeps text and pictures only.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape
from typing import Any

import bleach  # type: ignore[import-untyped]  # ships no types
from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]  # the same
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from traitlets.config import Config

# Beyond these a text is shown as it is: it is none to read, and could keep the parser busy for minutes.
MOST_CHARACTERS = 50_000
MOST_OPENINGS = 1_000
FILTERS = {"markdown2html": "autograder.safe_html.safe_markdown"}
TEXT = {"a", "abbr", "b", "br", "code", "del", "em", "i", "kbd", "mark", "s", "small", "span", "strong"}
BLOCKS = {"blockquote", "center", "details", "div", "hr", "img", "p", "pre", "sub", "summary", "sup", "u"}
LISTS = {"dd", "dl", "dt", "li", "ol", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
TABLES = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
TAGS = TEXT | BLOCKS | LISTS | TABLES
PLAIN = frozenset({"class", "title", "align", "style", "colspan", "rowspan", "width", "height", "alt", "start"})
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")


def _allowed(tag: str, name: str, value: str) -> bool:
    """No ids (the page's own scripts look things up by id), no data addresses but a picture's."""
    if value.lstrip().lower().startswith("data:"):
        return tag == "img" and name == "src" and PICTURE.fullmatch(value.strip()) is not None
    return name in PLAIN or (tag, name) in {("a", "href"), ("img", "src")}


def clean(html: str) -> str:
    """``html`` with every tag, attribute and address outside a short list turned into text or left out."""
    return bleach.clean(
        html,
        tags=TAGS,
        attributes=_allowed,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSSSanitizer(),
    )


class _Renderer(IPythonRenderer):
    """nbconvert's, but a picture that was not handed in along with its cell is no error."""

    def image(self, text: str, url: str, title: str | None = None) -> str:
        try:
            return str(super().image(text, url, title))
        except (InvalidNotebook, StopIteration):
            return f"[picture {escape(text)} is missing]"


@pass_context
def safe_markdown(context: Any, source: str) -> str:
    """Markdown to HTML, like nbconvert's filter of that place, harmless and for any text."""
    attachments = context.get("cell", {}).get("attachments", {})
    return _rendered(source, json.dumps(attachments))


@lru_cache(maxsize=512)  # most cells are the same for a whole class
def _rendered(source: str, attachments: str) -> str:
    if len(source) > MOST_CHARACTERS or max(map(source.count, "[<")) > MOST_OPENINGS:
        return _as_it_is(source)
    renderer = _Renderer(escape=False, attachments=json.loads(attachments), exclude_anchor_links=True)
    try:
        return clean(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # a text built to break the parser
        return _as_it_is(source)


def _as_it_is(source: str) -> str:
    """The text itself; nbconvert's next filter would look for links at every bracket."""
    return f"<pre>{escape(source).replace('[', '&#91;')}</pre>"


def protect(config: Config) -> None:
    """Have every page that nbconvert makes under ``config`` use the filter."""
    config.HTMLExporter.filters = FILTERS
