"""A class compared by what a check measured: who reads best within the budget. Without names, unless asked for.

Accuracy decides; where it is the same, fewer parameters do. Processor time does not: it is measured, and never
twice the same. Who is alike in both shares a place. Over the budget there is no place.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from autograder.course_folder import CourseFolder, put
from autograder.leaderboard_html import page
from autograder.outcome import Outcome
from autograder.summary import as_csv

Naming: TypeAlias = Literal["pseudonyms", "ranks", "names"]
NAMINGS: tuple[Naming, ...] = get_args(Naming)

WORDS = (
    "able amber brave brisk calm civil clear clever cosy eager early fair fine gentle glad golden "
    "honest jolly keen kind lively lucky merry mild neat noble patient proud quick quiet silver steady",
    "badger beaver bison crane dolphin eagle falcon finch fox gecko hare heron ibis jackdaw koala lark "
    "lynx marten newt osprey otter owl panda puffin raven robin salmon seal stork swift tern wombat",
)
FIRST, SECOND = (line.split() for line in WORDS)


@dataclass(frozen=True, slots=True)
class Result:
    """What a check measured. ``accuracy``, ``low`` and ``high`` (its interval) in per cent."""

    accuracy: float
    low: float
    high: float
    images: int
    parameters: int
    cpu_seconds: float
    over_budget: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One line of the leaderboard, and of ``leaderboard.csv``. No rank: over the budget, or without a result."""

    rank: int | None
    name: str
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    images: int | None = None
    parameters: int | None = None
    cpu_seconds: float | None = None
    note: str = ""


def result_of(outcome: Outcome) -> Result | None:
    """The first result among the cells of a submission; None where nothing was measured."""
    for cell in outcome.cells:
        found = dict(cell.measured)
        if {"accuracy", "parameters", "cpu_seconds"} <= found.keys():
            accuracy = found["accuracy"]
            return Result(
                accuracy=round(accuracy, 2),
                low=round(found.get("low", accuracy), 2),
                high=round(found.get("high", accuracy), 2),
                images=int(found.get("images", 0)),
                parameters=int(found["parameters"]),
                cpu_seconds=round(found["cpu_seconds"], 2),
                over_budget=bool(found.get("over_budget", 0)),
            )
    return None


def places(results: Mapping[str, Result | None], names: Mapping[str, str]) -> tuple[Place, ...]:
    """All students, the best first; then those over the budget, then those without a result.

    ``names`` says what each is called. Within a place, the order is that of these names.
    """
    have = {student: result for student, result in results.items() if result}
    within = {student: _key(result) for student, result in have.items() if not result.over_budget}
    better = {key: sum(other < key for other in within.values()) for key in within.values()}
    ranked = sorted(within, key=lambda student: (within[student], names[student]))
    over = sorted(have.keys() - within.keys(), key=lambda student: (_key(have[student]), names[student]))
    without = sorted(results.keys() - have.keys(), key=names.__getitem__)
    return (
        *(_place(have[student], names[student], 1 + better[within[student]]) for student in ranked),
        *(_place(have[student], names[student], None, "over the budget") for student in over),
        *(Place(None, names[student], note="no result") for student in without),
    )


def _key(result: Result) -> tuple[float, int]:
    return -result.accuracy, result.parameters


def _place(result: Result, name: str, rank: int | None, note: str = "") -> Place:
    return Place(rank, name, result.accuracy, result.low, result.high, result.images, result.parameters,
                 result.cpu_seconds, note)  # fmt: skip


def pseudonym(student: str, salt: bytes) -> str:
    """Two words and a number, always the same for a student; without the salt nobody can tell for whom."""
    return _spelled(student, salt, 3)


def pseudonyms(students: Iterable[str], salt: bytes) -> dict[str, str]:
    """A pseudonym for each student. Where two would have the same, their numbers are longer."""
    found = {student: pseudonym(student, salt) for student in students}
    times = Counter(found.values())
    return {s: name if times[name] == 1 else _spelled(s, salt, 9) for s, name in found.items()}


def _spelled(student: str, salt: bytes, digits: int) -> str:
    number = int.from_bytes(hmac.digest(salt, student.encode("utf-8", "replace"), hashlib.sha256), "big")
    number, first = divmod(number, len(FIRST))
    number, second = divmod(number, len(SECOND))
    return f"{FIRST[first]} {SECOND[second]} {number % 10**9:09}"[: -9 + digits or None]


def called(students: Iterable[str], naming: Naming, salt: bytes) -> dict[str, str]:
    """What each student is called on the leaderboard; with ranks alone, nothing."""
    if naming == "pseudonyms":
        return pseudonyms(students, salt)
    return {student: student if naming == "names" else "" for student in students}


def salt_of(course: CourseFolder) -> bytes:
    """The course's secret, made once: who has it can tell whose a pseudonym is."""
    path = course.root / ".autograder" / "salt"
    if not path.is_file():
        _put_privately(path, secrets.token_hex(16).encode())
    return path.read_bytes().strip()


def _put_privately(path: Path, data: bytes) -> None:
    """For the instructor alone."""
    put(path, data)
    path.chmod(0o600)


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the instructor's key to the pseudonyms."""

    student: str
    name: str


def write(course: CourseFolder, title: str, results: Mapping[str, Result | None], naming: Naming) -> list[Path]:
    """Write ``leaderboard.csv`` and ``.html``, and the key to its pseudonyms; return where the first two are.

    Nothing is written where nobody has a result. Raises GraderError where the disk refuses.
    """
    if not any(results.values()):
        return []
    names = called(results, naming, salt_of(course))
    board = places(results, names)
    files = {
        "leaderboard.csv": as_csv(Place, board),
        "leaderboard.html": page(f"Leaderboard · {title}", board).encode(),
    }
    for name, data in files.items():
        put(course.root / name, data)
    if naming == "pseudonyms":
        key = as_csv(Key, [Key(student, names[student]) for student in sorted(names)])
        _put_privately(course.root / ".autograder" / "leaderboard_key.csv", key)
    return [course.root / name for name in files]
