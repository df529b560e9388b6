"""What a kernel says while it runs a cell, reduced to outputs a notebook may safely keep."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

import nbformat

MAX_OUTPUTS = 200
MAX_PICTURE = 4 << 20
PNG = b"\x89PNG\r\n\x1a\n"


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a {type(value).__name__} where text belongs")
    return value if len(value) <= most else value[:most] + "\n… cut"


def _picture(value: Any, _most: int) -> str:
    picture = base64.b64decode(_text(value, 2 * MAX_PICTURE), validate=False)
    if not picture.startswith(PNG) or len(picture) > MAX_PICTURE:
        raise binascii.Error("no PNG")
    return base64.b64encode(picture).decode()


# What a student's cell may show in feedback. HTML and JavaScript are left out: an instructor opens these pages.
SHOWN = {"text/plain": _text, "text/latex": _text, "image/png": _picture}


def _bundle(data: dict[str, Any], most: int) -> dict[str, str]:
    return {kind: keep(data[kind], most) for kind, keep in SHOWN.items() if kind in data}


def _stream(content: dict[str, Any], most: int) -> Any:
    name = "stderr" if content["name"] == "stderr" else "stdout"
    return nbformat.v4.new_output("stream", name=name, text=_text(content["text"], most))


def _display(content: dict[str, Any], most: int) -> Any:
    return nbformat.v4.new_output("display_data", data=_bundle(content["data"], most))


def _result(content: dict[str, Any], most: int) -> Any:
    return nbformat.v4.new_output("execute_result", data=_bundle(content["data"], most), execution_count=None)


def _error(content: dict[str, Any], most: int) -> Any:
    lines = [_text(line, most) for line in content["traceback"][:100]]
    parts = {"ename": _text(content["ename"], 200), "evalue": _text(content["evalue"], 2000)}
    return nbformat.v4.new_output("error", **parts, traceback=lines)


KINDS = {"stream": _stream, "display_data": _display, "execute_result": _result, "error": _error}


@dataclass(slots=True)
class Collected:
    """The outputs of one execution, and whether it is over. ``take`` raises for whatever is malformed."""

    parent: str
    left: int
    outputs: list[Any] = field(default_factory=list)
    ok: bool = True
    replied: bool = False
    idle: bool = False

    @property
    def finishing(self) -> bool:
        """The reply has come, the end of the outputs has not."""
        return self.replied and not self.idle

    @property
    def complete(self) -> bool:
        """Both the reply and the end of the outputs have come."""
        return self.replied and self.idle

    def take(self, message: dict[str, Any]) -> None:
        """Account for one message."""
        if message["parent_header"].get("msg_id") != self.parent:
            return
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "execute_reply":
            self.replied, self.ok = True, content.get("status") == "ok"
        elif kind == "status":
            self.idle = self.idle or content["execution_state"] == "idle"
        elif kind in KINDS:
            self._keep(KINDS[kind](content, self.left))

    def _keep(self, output: Any) -> None:
        size = len(str(output.get("text", ""))) + len(str(output.get("data", "")))
        if len(self.outputs) >= MAX_OUTPUTS or self.left <= 0:
            return
        self.left -= size if output.output_type == "stream" else 0
        last = self.outputs[-1] if self.outputs else None
        if last is not None and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            self.outputs.append(output)
