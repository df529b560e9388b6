"""accuracy_interval: how sure a measured accuracy is."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np

from autograder.exercise import Aspect, Case, Exercise, Misconception
from autograder.values import Values
from nnlib.intervals import accuracy_interval

UNIT = "07_capstone"


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Shares in the middle and at the ends; other z; numbers that cannot be."""

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high))

    half, few, many = whole(40, 90), whole(5, 9), whole(9000, 10_000)
    yield Case("half of them right", (half, 2 * half, 1.96))
    yield Case("most of them right", (whole(820, 890), whole(900, 960), 1.96))
    yield Case("few images", (whole(2, 4), few, 1.96))
    yield Case("many images", (many - whole(100, 900), many, 1.96))
    yield Case("all right", (few + 40, few + 40, 1.96))
    yield Case("none right", (0, whole(20, 60), 1.96))
    yield Case("one image", (1, 1, 1.96))
    yield Case("another z", (whole(300, 350), 400, float(rng.uniform(2.3, 2.8))))
    yield Case("z left out", (whole(100, 150), whole(160, 200)))
    yield Case("more right than there are", (21 + few, 20, 1.96), raises=ValueError)
    yield Case("no images", (0, 0, 1.96), raises=ValueError)


def checked(correct: int, total: int) -> tuple[float, float]:
    """The share and the number."""
    if total < 1 or not 0 <= correct <= total:
        raise ValueError("these cannot be counts")
    return correct / total, float(total)


def by_roots(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The two solutions of (1 + z²/n) p² − (2q + z²/n) p + q² = 0."""
    q, n = checked(correct, total)
    a, b, c = 1 + z * z / n, -2 * q - z * z / n, q * q
    root = sqrt(max(0.0, b * b - 4 * a * c))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def by_counts(correct: int, total: int, z: float = 1.96) -> Any:
    """Written with the numbers of right and wrong ones; as an array."""
    checked(correct, total)
    wrong, square = total - correct, z**2
    half = z * np.sqrt(correct * wrong / total + square / 4)
    return tuple((correct + square / 2 + np.array([-1, 1]) * half) / (total + square))


def varied(
    *, middle: float = 0.5, inner: float = 0.25, shrink: bool = True, per_cent: bool = False, root: bool = True
) -> Any:
    """The formula with a part of it changed."""

    def interval(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
        q, n = checked(correct, total)
        square = z * z / n
        scale = (100 if per_cent else 1) / (1 + square if shrink else 1)
        inside = q * (1 - q) / n + inner * square / n
        half = z * (sqrt(inside) if root else inside)
        return (q + middle * square - half) * scale, (q + middle * square + half) * scale

    return interval


def simple(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The approximation by the normal distribution."""
    q, n = checked(correct, total)
    half = z * sqrt(q * (1 - q) / n)
    return q - half, q + half


def unchecked(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Computes whatever comes."""
    q, n = correct / max(total, 1), max(total, 1)
    square = z * z / n
    half = z * sqrt(max(0.0, q * (1 - q) / n + square / (4 * n))) / (1 + square)
    return (q + square / 2) / (1 + square) - half, (q + square / 2) / (1 + square) + half


def turned(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """The upper end first."""
    low, high = accuracy_interval(correct, total, z)
    return high, low


def with_half(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Middle and half width."""
    low, high = accuracy_interval(correct, total, z)
    return (low + high) / 2, (high - low) / 2


def two_deviations(correct: int, total: int, z: float = 2.0) -> tuple[float, float]:
    """Two deviations, where none are said."""
    return accuracy_interval(correct, total, z)


def refusing(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Some must be wrong."""
    if not 0 <= correct < total:
        raise ValueError("these cannot be counts")
    return accuracy_interval(correct, total, z)


def certain(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Sure of it where all are right, or none."""
    share, _ = checked(correct, total)
    return (share, share) if share in (0, 1) else accuracy_interval(correct, total, z)


def dividing(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Divides before it looks."""
    if correct / total > 1:
        raise ValueError("these cannot be counts")
    return accuracy_interval(correct, total, z)


MISCONCEPTIONS = (
    Misconception(
        "refuses that all are right",
        refusing,
        "All images may be right: then correct equals total, and there is an interval all the same.",
    ),
    Misconception(
        "is certain where all or none are right",
        certain,
        "Ten of ten right does not prove that the eleventh will be. The boxed formula needs no special case at the ends.",
    ),
    Misconception(
        "divides before it looks at total",
        dividing,
        "Without any image your function stops with a ZeroDivisionError. Look at the counts first.",
    ),
    Misconception(
        "takes the simple formula",
        simple,
        "This is q ± z √(q(1 − q)/n), the first formula of the section. It has width 0 where all are right; the boxed "
        "formula is the second one.",
    ),
    Misconception(
        "adds z²/n in the middle, not half of it",
        varied(middle=1.0),
        "The middle of your interval is too far to the right: look at what is added to q.",
    ),
    Misconception(
        "does not square z",
        lambda correct, total, z=1.96: accuracy_interval(correct, total, sqrt(z)),
        "Your interval is too narrow, as for a smaller z: s is z²/n.",
    ),
    Misconception(
        "does not divide by 1 + z²/n",
        varied(shrink=False),
        "Your interval is too far out by a factor that depends on n: the whole of it is divided by something.",
    ),
    Misconception(
        "forgets the 4 under the root",
        varied(inner=1.0),
        "Your interval is too wide, most of all for few images. Compare the second term under the root, factor by "
        "factor.",
    ),
    Misconception(
        "forgets the second term under the root",
        varied(inner=0.0),
        "Where all images are right, your interval has no width. A term is missing under the root.",
    ),
    Misconception(
        "forgets the root",
        varied(root=False),
        "Your interval is far too narrow: a variance is not a deviation yet.",
    ),
    Misconception(
        "returns per cent",
        varied(per_cent=True),
        "Your numbers are a hundred times too large. Shares lie between 0 and 1.",
    ),
    Misconception(
        "returns the upper end first",
        turned,
        "The two ends are exchanged: first the low one, then the high one.",
    ),
    Misconception(
        "returns the middle and half of the width",
        with_half,
        "Asked for are the two ends of the interval, and you return its middle and half of its width.",
    ),
    Misconception(
        "has z = 1.96 built in",
        lambda correct, total, z=1.96: accuracy_interval(correct, total),
        "With another z your interval stays the same. Use the argument.",
    ),
    Misconception(
        "has 2 in place of 1.96",
        two_deviations,
        "Without z your interval is a little too wide: what is the default in the signature?",
    ),
    Misconception(
        "cuts the share to a whole number",
        lambda correct, total, z=1.96: by_roots(checked(correct, total) and correct // total * total, total, z),
        "Your share is 0 or 1, nothing in between. Use / in place of //.",
    ),
    Misconception(
        "takes any counts",
        unchecked,
        "There are counts that cannot be: no images at all, or more right than there are. Raise a ValueError.",
    ),
)

EXERCISE = Exercise(
    name="accuracy_interval",
    unit=UNIT,
    signature="accuracy_interval(correct, total, z=1.96)",
    reference=accuracy_interval,
    kind=Values(("correct", "total", "z"), ("low", "high")),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_roots, by_counts),
    aspects=tuple(
        Aspect(name, percent, frozenset(traits))
        for name, percent, traits in (
            ("in the middle", 40, ["half of them right", "most of them right", "few images", "many images"]),
            ("at the ends", 25, ["all right", "none right", "one image"]),
            ("z", 20, ["another z", "z left out"]),
            ("what cannot be", 15, ["more right than there are", "no images"]),
        )
    ),
    reread="section 4, how sure is an accuracy: the boxed formula and the two small examples.",
)
