"""softmax_cross_entropy: stable for every size of logits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted, number_first
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import QUIET, STABLE, Array, draw, floating
from autograder.exercises.unit02.losses import UNIT, changing, common
from autograder.exercises.unit02.shares import DTYPE, UNCHANGED, aspects
from autograder.kinds import Plain
from nnlib.activations import softmax
from nnlib.losses import softmax_cross_entropy


def softmax_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Batches, logits that overflow, dtypes, purity. No label is the class of the largest logit by plan."""

    def labels(n: int, m: int) -> Array:
        return (np.arange(n) + int(rng.integers(m))) % m

    def case(trait: str, n: int, m: int, looks_at: tuple[str, ...] = (), shift: float = 0, **look: Any) -> Case:
        logits = draw(rng, n, m, **look)
        return Case(
            trait, (logits + logits.dtype.type(shift) if shift else logits, labels(n, m)), looks_at=looks_at
        )

    both = ("loss", "dlogits")
    yield case("a small batch", 4, 3)
    yield case("one example", 1, 3)
    yield case("two classes", 5, 2)
    yield case("one class", 3, 1)
    yield case("many classes", 3, 12)
    yield case("many examples", 15, 4)
    yield Case("all labels the same", (draw(rng, 4, 3), np.full(4, int(rng.integers(3)))))
    yield Case("all logits the same", (np.full((3, 4), float(rng.uniform(0.5, 2))), labels(3, 4)))
    yield Case("labels of another integer type", (draw(rng, 4, 3), labels(4, 3).astype(np.uint8)))
    yield case("logits near 10,000", 4, 3, QUIET, shift=STABLE)
    yield case("logits near −10,000", 4, 3, QUIET, shift=-STABLE)
    rows = np.array([[STABLE], [-STABLE], [0.0], [1.0]])
    yield Case("rows on different scales", (draw(rng, 4, 3) + rows, labels(4, 3)), looks_at=QUIET)
    sure = draw(rng, 3, 3) + STABLE * np.eye(3)
    yield Case("sure and wrong", (sure, (np.arange(3) + 1) % 3), looks_at=QUIET)
    yield Case("sure and right", (sure[::-1].copy(), np.arange(3)[::-1].copy()), looks_at=QUIET)
    yield case("float32", 4, 3, dtype="float32")
    yield case("integers", 4, 3, dtype="int64")
    yield case("read-only arrays", 4, 3, awkward=True)
    yield case("inputs unchanged", 4, 3, (*both, "inputs"))
    yield case("called twice", 4, 3, (*both, "again"))


def log_softmax(logits: Array) -> Array:
    """Without overflow."""
    shifted = floating(logits) - logits.max(axis=1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def softmax_by_loops(logits: Array, labels: Array) -> Any:
    """Row by row."""
    gradient = np.zeros_like(floating(logits))
    total = 0.0
    for n, label in enumerate(labels):
        row = log_softmax(logits[n : n + 1])[0]
        total -= float(row[label])
        gradient[n] = np.exp(row) / len(labels)
        gradient[n, label] -= 1 / len(labels)
    return total / len(labels), gradient


def softmax_by_one_hot(logits: Array, labels: Array) -> Any:
    """With targets as rows of 0 and 1."""
    log_p = log_softmax(logits)
    targets = np.eye(logits.shape[1], dtype=log_p.dtype)[labels]
    # where a target is 0, its term is left out: 0 times −inf would be nan
    loss = -np.where(targets > 0, log_p, 0).sum() / len(labels)
    return loss, (np.exp(log_p) - targets) / len(labels)


def by_logaddexp(logits: Array, labels: Array) -> Any:
    """NumPy's own function for it."""
    z = floating(logits)
    total = np.logaddexp.reduce(z, axis=1, keepdims=True)
    p = np.exp(z - total)
    p[np.arange(len(z)), labels] -= 1
    return (total[:, 0] - z[np.arange(len(z)), labels]).mean(), p / len(z)


def from_probabilities(probabilities: Function, log: Function = np.log) -> Function:
    """Cross-entropy of probabilities as they are computed, with a logarithm of their own."""

    def wrong(logits: Array, labels: Array) -> Any:
        p, rows = probabilities(floating(logits)), np.arange(len(labels))
        loss = -log(p[rows, labels]).mean()
        p[rows, labels] -= 1
        return loss, p / len(labels)

    return wrong


def shifted_by(shift: Function) -> Function:
    """A safe form, but for the number that is subtracted from each row: ``shift(z)``."""

    def wrong(logits: Array, labels: Array) -> Any:
        z, rows = floating(logits) - shift(floating(logits)), np.arange(len(labels))
        powers = np.exp(z)
        total = powers.sum(axis=1, keepdims=True)
        p = powers / total
        p[rows, labels] -= 1
        return (np.log(total[:, 0]) - z[rows, labels]).mean(), p / len(labels)

    return wrong


def exponentials(shift: Function) -> Function:
    """exp(z − shift(z)) over its sum."""

    def probabilities(z: Array) -> Array:
        powers = np.exp(z - shift(z))
        result: Array = powers / powers.sum(axis=1, keepdims=True)
        return result

    return probabilities


def with_a_second_attempt(logits: Array, labels: Array) -> Any:
    """The logarithm of the softmax, and where that is −inf the safe form."""
    loss, gradient = softmax_cross_entropy(logits, labels)
    p = softmax(floating(logits))[np.arange(len(labels)), labels]
    return np.where(np.isfinite(-np.log(p).mean()), -np.log(p).mean(), loss).astype(p.dtype), gradient


def in_whole_columns(gradient: Array, labels: Array) -> Array:
    """dlogits[:, labels] -= 1, where dlogits[np.arange(N), labels] is meant."""
    p = gradient * len(labels)
    p[np.arange(len(labels)), labels] += 1
    p[:, labels] -= 1
    return np.asarray(p / len(labels))


def argmax_for_labels(logits: Array, labels: Array) -> Any:
    """Compares the prediction with itself."""
    return softmax_cross_entropy(logits, logits.argmax(axis=1))


MISTAKES = (
    Misconception(
        "takes exp of the logits as they are",
        from_probabilities(exponentials(lambda z: z.dtype.type(0))),
        wording.EXP_OVERFLOWS
        + " The largest logit of each row may be subtracted from the row: softmax does not change.",
        seen=3,
    ),
    Misconception(
        "subtracts the largest of all logits",
        shifted_by(lambda z: z.max()),
        "You subtract one number from all rows. A row that lies far below it then has a sum of exponentials of 0. Each "
        "row needs its own largest logit: axis=1, keepdims=True.",
    ),
    Misconception(
        "takes the logarithm of the softmax",
        from_probabilities(softmax),
        "A probability can be so small that it is stored as 0, and log(0) is −inf. Work out log(softmax) on paper first: "
        "the exponential of the label's logit goes away, and so does the trouble.",
    ),
    Misconception(
        "takes the logarithm of 0 and repairs it afterwards",
        with_a_second_attempt,
        "The result is right, but log got a 0 on the way, and NumPy warns. Where the probability is too small to be "
        "stored, its logarithm is not: work out log(softmax) on paper, and use that form everywhere.",
    ),
    Misconception(
        "adds a small number in the logarithm",
        from_probabilities(softmax, lambda p: np.log(p + p.dtype.type(1e-12))),
        "The small number inside the logarithm hides how wrong the network is: beyond 27 the loss no longer grows. Write "
        "log(softmax) without an exponential of the label's logit.",
    ),
    Misconception(
        "forgets to subtract 1 at the label",
        changing(
            softmax_cross_entropy,
            gradient=lambda g, p, t: g + np.eye(p.shape[1])[t] / len(p),
        ),
        "dlogits is the softmax alone here, so no logit is ever pulled up. At the label, 1 is subtracted.",
    ),
    Misconception(
        "takes the softmax along the batch",
        from_probabilities(lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0)),
        "The probabilities of one example, a row, add up to 1: the sum runs along axis 1.",
        seen=4,
    ),
    Misconception(
        "picks a table in place of one number a row",
        changing(softmax_cross_entropy, loss=lambda v, p, t: -log_softmax(p)[:, t].mean()),
        "log_p[:, labels] picks every label in every row. One number a row is meant: log_p[np.arange(N), labels].",
    ),
    Misconception(
        "subtracts 1 in whole columns",
        changing(softmax_cross_entropy, gradient=lambda g, p, t: in_whole_columns(g, t)),
        "p[:, labels] -= 1 subtracts in every row, in each column that is anybody's label. One place a row is meant: "
        "p[np.arange(N), labels].",
    ),
    Misconception(
        "averages over the classes too",
        changing(softmax_cross_entropy, lambda v, p, t: v / p.shape[1], lambda g, p, t: g / p.shape[1]),
        "You divide by N · M. Each example has one label and one loss: divide by N.",
    ),
    Misconception(
        "multiplies by the derivative of a sigmoid",
        changing(softmax_cross_entropy, gradient=lambda g, p, t: g * softmax(p) * (1 - softmax(p))),
        "p (1 − p) is not needed: it is already in p − t, where it has cancelled against the derivative of the logarithm.",
    ),
    Misconception(
        "uses the prediction as label",
        argmax_for_labels,
        "The labels are not used: you compare the network's prediction with itself.",
    ),
    Misconception(
        "skips label 0",
        changing(
            softmax_cross_entropy,
            loss=lambda v, p, t: float(-(log_softmax(p)[np.arange(len(p)), t] * (t > 0)).sum() / len(p)),
        ),
        "Examples of class 0 have no loss here: 0 is a class like any other.",
    ),
)

EXERCISE = Exercise(
    name="softmax_cross_entropy",
    unit=UNIT,
    signature="softmax_cross_entropy(logits, labels)",
    reference=softmax_cross_entropy,
    kind=Adapted(Plain(("logits", "labels"), ("loss", "dlogits")), number_first),
    cases=softmax_cases,
    points=4,
    misconceptions=(
        *MISTAKES,
        *common(softmax_cross_entropy, "softmax_cross_entropy", "dlogits", "logits"),
    ),
    alternatives=(softmax_by_loops, softmax_by_one_hot, by_logaddexp),
    aspects=aspects(
        basics=(
            25,
            (
                *("a small batch", "one example", "two classes", "one class", "many classes", "many examples"),
                *("all labels the same", "all logits the same", "labels of another integer type"),
            ),
        ),
        large_logits=(12, ("logits near 10,000", "logits near −10,000")),
        different_scales=(10, ("rows on different scales",)),
        sure=(18, ("sure and wrong", "sure and right")),
        dtype=(18, DTYPE),
        nothing_changed=(17, UNCHANGED),
    ),
    reread="section 3, softmax and cross-entropy: the derivation of p − y, and the paragraph on large logits.",
)
