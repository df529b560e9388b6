"""Users who own nothing: where the grader is root, each kernel runs as one of its own."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

FIRST, COUNT = 200_000, 50_000  # beyond the accounts of Debian and Ubuntu, and below their subordinate ids
_numbers = itertools.count(os.getpid() * 64)


def give_to_a_stranger(folder: Path) -> int:
    """The number of a user who owns nothing on this machine but ``folder``, as it is now."""
    uid = FIRST + next(_numbers) % COUNT
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, uid, follow_symlinks=False)
    return uid
