"""Which files of site-packages belong to the few packages a kernel may import."""

from __future__ import annotations

import sysconfig
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

NOT_NEEDED = frozenset({"debugpy", "nnlib-course"})  # a debugger nobody attaches; the answers


def _requirements(found: Distribution) -> list[str]:
    wanted = map(Requirement, found.requires or ())
    return [r.name for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]


def _closure(names: tuple[str, ...]) -> dict[str, Distribution]:
    """The named distributions and all that they need, by name."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name in NOT_NEEDED:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # optional on this platform
            continue
        waiting += _requirements(found[name])
    return found


@cache
def installed_entries(packages: tuple[str, ...]) -> tuple[Path, ...]:
    """The files and folders right below site-packages that the packages and their requirements consist of."""
    sites = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    tops = {
        (Path(str(found.locate_file(""))), file.parts[0])
        for found in _closure(packages).values()
        for file in found.files or ()
        if file.parts[0] not in ("..", "__pycache__")
    }
    paths = {site / top for site, top in tops if site in sites and not top.endswith(".pth")}
    return tuple(sorted(path for path in paths if path.exists()))
