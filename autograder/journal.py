"""A run's memory: one JSON line for each thing done, on disk before anything builds on it.

A line is written whole and synced, so after kill -9 at worst the last one is torn; it is cut off when the
journal is opened again. Kinds of line: ``run`` (the seed), ``checked`` (a source that passed its self-check),
``graded`` (an outcome, under the key of what was graded), ``saved`` (that outcome is in the gradebook).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from autograder import outcome as outcomes
from autograder.errors import AutograderError
from autograder.outcome import Outcome


def content_key(student: str, files: Mapping[str, bytes], circumstances: str) -> str:
    """A key that changes when the submission, or anything that decides its points, changes."""
    digest = hashlib.sha256()
    for part in (student, circumstances, *(x for name in sorted(files) for x in (name, files[name]))):
        raw = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


class Journal:
    """An append-only file. Holds offsets, not outcomes: memory does not grow with what was recorded.

    Raises
    ------
    AutograderError
        On opening, where another run is writing to the same journal.
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("a+b")
        self._lock(path)
        if fresh:
            self._file.truncate(0)
        self._offsets: dict[str, int] = {}
        self.saved: set[str] = set()
        self.checked: set[str] = set()
        self.seed: int | None = None
        self._read()

    def _lock(self, path: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise AutograderError(f"another grading run is writing to {path.parent}; wait for it") from error

    def _read(self) -> None:
        self._file.seek(0)
        good = 0
        for line in self._file:
            try:
                entry = json.loads(line) if line.endswith(b"\n") else None
            except ValueError:
                entry = None
            if entry is not None:
                self._note(entry, good)
            elif not line.endswith(b"\n"):
                self._file.truncate(good)
                break
            good += len(line)
        self._file.seek(0, os.SEEK_END)

    def _note(self, entry: dict[str, Any], offset: int) -> None:
        match entry:
            case {"kind": "graded", "key": key, "verdict": verdict}:
                # What the grader could not judge is tried again by the next run.
                self.saved.discard(key)
                self._offsets.pop(key, None)
                if verdict != "grader-failed":
                    self._offsets[key] = offset
            case {"kind": "saved", "key": key}:
                self.saved.add(key)
            case {"kind": "checked", "key": key}:
                self.checked.add(key)
            case {"kind": "run", "seed": int(seed)}:
                self.seed = seed

    def _append(self, entry: dict[str, Any]) -> None:
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._note(entry, offset)

    def __contains__(self, key: str) -> bool:
        return key in self._offsets

    def outcome(self, key: str) -> Outcome:
        """What was recorded under ``key``."""
        self._file.seek(self._offsets[key])
        return outcomes.from_json(json.loads(self._file.readline())["outcome"])

    def start(self, seed: int) -> None:
        """Record the seed, so that a resumed run asks everybody the same."""
        self._append({"kind": "run", "seed": seed})

    def add(self, key: str, outcome: Outcome) -> None:
        """Record an outcome; the executed notebooks must be on disk already."""
        entry = {"kind": "graded", "key": key, "verdict": outcome.verdict}
        self._append({**entry, "outcome": outcomes.to_json(outcome)})

    def mark_saved(self, key: str) -> None:
        """Record that the gradebook holds this outcome."""
        self._append({"kind": "saved", "key": key})

    def mark_checked(self, key: str) -> None:
        """Record that the source with this digest passed its self-check."""
        self._append({"kind": "checked", "key": key})

    def close(self) -> None:
        """Let another run have the journal."""
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
