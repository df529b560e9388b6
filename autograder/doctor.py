"""Looks at a machine: what grading needs, what is there, how to get the rest."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from autograder.sandbox import get_sandbox

PYTHON = (3, 11)
GIB = 1 << 30
ROOM = GIB  # for executed notebooks and feedback of a class
MODULES = ("numpy", "matplotlib", "nbgrader", "nbconvert", "nbclient", "nbformat", "ipykernel", "alembic", "rich")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``missing`` is empty where all is well, else what is missing and how to get it."""

    name: str
    missing: str = ""
    needed: bool = True


def _python() -> str:
    have = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, PYTHON))
    return "" if sys.version_info >= PYTHON else f"this is Python {have}; install {wanted} or newer"


def _packages() -> str:
    lost = [name for name in MODULES if importlib.util.find_spec(name) is None]
    return f"{', '.join(lost)} cannot be imported: run `make .venv`, or pip install the project" if lost else ""


def _alembic() -> str:
    beside = Path(sys.executable).with_name("alembic")
    found = beside.is_file() or shutil.which("alembic")
    return "" if found else "nbgrader calls the command `alembic`: reinstall the package alembic"


def _sandbox(name: str) -> str:
    return "; ".join(get_sandbox(name).problems())


def _other_sandbox() -> str:
    lost = [_sandbox(name) for name in ("docker", "podman")]
    nearest = [words for words in lost if "is not installed" not in words] or lost[:1]
    return "" if "" in lost else f"only needed with --sandbox docker or podman: {'; '.join(nearest)}"


def _disk() -> str:
    free = shutil.disk_usage(Path.cwd()).free
    return "" if free >= ROOM else f"{free / GIB:.1f} GiB free here; a class needs about {ROOM / GIB:.0f}"


def _browser() -> str:
    found = any(map(shutil.which, BROWSERS))
    return "" if found else "only the browser tests need it: `sudo apt-get install chromium`"


Look = Callable[[], str]
LOOKS: tuple[tuple[str, Look, bool], ...] = (
    ("Python", _python, True),
    ("packages", _packages, True),
    ("alembic command", _alembic, True),
    ("bubblewrap and namespaces", lambda: _sandbox("bubblewrap"), True),
    ("disk space", _disk, True),
    ("container sandbox", _other_sandbox, False),
    ("chromium", _browser, False),
)


def examine(looks: Sequence[tuple[str, Look, bool]] = LOOKS) -> tuple[Finding, ...]:
    """Look at everything; a look that itself breaks is a finding too."""
    return tuple(Finding(name, _safely(look), needed) for name, look, needed in looks)


def _safely(look: Look) -> str:
    try:
        return look()
    except Exception as error:  # whatever is wrong with the machine is what was asked for
        return f"could not be looked at: {error}"


def can_grade(findings: Sequence[Finding]) -> bool:
    """Whether everything needed is there."""
    return not any(finding.missing and finding.needed for finding in findings)


def table(findings: Sequence[Finding]) -> Table:
    """The findings for a terminal."""
    grid = Table(show_header=False, box=None, pad_edge=False)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in findings:
        state = _state(finding)
        grid.add_row(finding.name, state, Text(finding.missing))
    return grid


def _state(finding: Finding) -> Text:
    if not finding.missing:
        return Text("ok", style="green")
    return Text("missing", style="bold red") if finding.needed else Text("optional", style="yellow")
