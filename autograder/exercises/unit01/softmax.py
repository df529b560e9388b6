"""softmax: from scores to probabilities, row by row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.exercises.unit01.elementwise import floating
from autograder.exercises.unit01.settings import Array, frozen, mixed, whole
from autograder.kinds import Plain
from autograder.precision import DIGITS, Precise
from nnlib.activations import sigmoid_forward, softmax

QUIET = ("result", "warnings")


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Tables of every form; then logits that exp cannot take."""
    yield Case("as many rows as classes", (mixed(rng, (3, 3)),))
    yield Case("more classes than rows", (mixed(rng, (2, 5)),))
    yield Case("one row", (mixed(rng, (1, 4)),))
    yield Case("two classes", (mixed(rng, (4, 2)),))
    yield Case("one class", (mixed(rng, (3, 1)),))
    yield Case("equal logits", (np.full((2, 4), float(rng.uniform(1, 2))),))
    yield Case("rows at other heights", (mixed(rng, (3, 4)) + np.array([[-20.0], [0.0], [20.0]]),))
    yield Case("logits of ten thousand", (1e4 + mixed(rng, (2, 3)),), looks_at=QUIET)
    yield Case("rows far apart", (mixed(rng, (2, 3)) + np.array([[5e3], [-5e3]]),), looks_at=QUIET)
    wide = mixed(rng, (2, 4)) + np.array([[1e4, -1e4, -1e4, -1e4]])
    yield Case("a wide range", (rng.permuted(wide, axis=1),), looks_at=QUIET)
    below = mixed(rng, (3, 4)) - [[0, 0, 0, 900]]
    yield Case("one logit far below", (rng.permuted(below, axis=1),), looks_at=QUIET)
    small = np.hstack([rng.uniform(-2, 0, (3, 2)), rng.uniform(-700, -520, (3, 2))])
    yield Case("small probabilities", (small,), looks_at=(DIGITS,))
    yield Case("float32", (mixed(rng, (3, 4)).astype(np.float32),))
    yield Case("integers", (whole(rng, (3, 4)),))
    yield Case("read-only arrays", (frozen(mixed(rng, (3, 4))),))
    yield Case("inputs unchanged", (mixed(rng, (3, 4)),), looks_at=("result", "inputs"))


def by_rows(logits: Array) -> Array:
    """A loop over the rows."""
    rows = [np.exp(row - np.max(row)) for row in floating(logits)]
    return np.array([row / row.sum() for row in rows])


def by_logarithm(logits: Array) -> Array:
    """exp(z − log Σ exp(z))."""
    z = floating(logits)
    return np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])


def by_product(logits: Array) -> Array:
    """Sums as a product with ones."""
    values = powers(floating(logits))
    return values / (values @ np.ones((values.shape[1], 1), values.dtype))


def powers(z: Array, axis: int = 1) -> Array:
    """exp, without overflow."""
    return np.asarray(np.exp(z - z.max(axis=axis, keepdims=True)))


def flaw(change: Function) -> Function:
    """``change`` for float arrays."""
    return lambda logits: change(floating(logits))


def shares_of(values: Array) -> Array:
    """Divided by the sum of each row."""
    return np.asarray(values / values.sum(axis=1, keepdims=True))


def in_place(logits: Array) -> Array:
    """-= on what came in."""
    result = softmax(logits)
    logits -= logits.max(axis=1, keepdims=True)
    return result


def rows_by_columns(z: Array) -> Array:
    """Sums without keepdims: they line up with the columns."""
    values = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(values / values.sum(axis=1))


def repaired(z: Array) -> Array:
    """Once more, in the safe way, where the first attempt gave nan."""
    attempt = shares_of(np.exp(z))
    return np.asarray(np.where(np.isfinite(attempt), attempt, softmax(z)))


MISCONCEPTIONS = (
    Misconception(
        "overflows",
        flaw(lambda z: shares_of(np.exp(z))),
        "exp of a large logit is inf, and inf / inf is nan; of a very negative row it is 0 / 0. Take the largest logit "
        "of each row away first: the result stays the same.",
        seen=3,
    ),
    Misconception(
        "overflows first and repairs it afterwards",
        flaw(repaired),
        "exp of the logits as they are overflows, even if the nan that come of it are replaced later. Shift each row "
        "before exp: then nothing needs a repair.",
    ),
    Misconception(
        "subtracts the largest logit of all",
        flaw(lambda z: shares_of(np.exp(z - z.max()))),
        "You subtract the largest logit of the whole table. A row that lies far below it becomes all zeros, and 0 / 0 "
        "is nan: each row has a maximum of its own.",
    ),
    Misconception(
        "subtracts the mean",
        flaw(lambda z: shares_of(np.exp(z - z.mean(axis=1, keepdims=True)))),
        "The mean can lie far below the largest logit, and exp overflows again. What must you subtract so that no "
        "exponent is above 0?",
    ),
    Misconception(
        "subtracts the smallest logit",
        flaw(lambda z: shares_of(np.exp(z - z.min(axis=1, keepdims=True)))),
        "After subtracting the smallest logit all exponents are positive, and exp overflows. Subtract the other end.",
    ),
    Misconception(
        "cuts logits off at 500",
        flaw(lambda z: shares_of(np.exp(np.clip(z, -500, 500)))),
        "Cutting the logits off changes the result: all logits above 500 then count the same, and all below −500.",
    ),
    Misconception(
        "adds a small number to the sum",
        flaw(lambda z: powers(z) / (powers(z).sum(axis=1, keepdims=True) + z.dtype.type(1e-3))),
        "Something is added to the sum, and the row no longer adds up to 1. With the maximum subtracted the sum is at "
        "least 1: nothing can be divided by 0.",
    ),
    Misconception(
        "adds up over the rows",
        flaw(lambda z: powers(z, 0) / powers(z, 0).sum(axis=0)),
        "The columns add up to 1. Each row is an example, so each row must: add up over the classes, axis 1.",
        seen=4,
    ),
    Misconception(
        "adds up over the rows, after the row's largest",
        flaw(lambda z: powers(z) / powers(z).sum(axis=0)),
        "The columns add up to 1. You take the largest of each row, which is right, but the sum runs down the columns: it "
        "must run over the classes too, axis 1.",
    ),
    Misconception(
        "adds up everything",
        flaw(lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()),
        "The whole table adds up to 1. Each row must, by itself.",
        seen=4,
    ),
    Misconception(
        "forgets keepdims",
        flaw(rows_by_columns),
        "The sums have shape (N,), and NumPy lines them up with the columns. Keep the axis: keepdims=True gives (N, 1).",
        seen=8,
    ),
    Misconception(
        "forgets to divide",
        flaw(powers),
        "These are the powers. Divide by their sum, so that each row adds up to 1.",
    ),
    Misconception(
        "divides by the largest logit's power times the number of classes",
        flaw(lambda z: powers(z) / z.dtype.type(z.shape[1])),
        "You divide by the number of classes, not by the sum of the powers.",
    ),
    Misconception(
        "forgets exp",
        flaw(lambda z: shares_of(z - z.min(axis=1, keepdims=True) + 1)),
        "There is no exp in it: shares of the logits themselves are something else.",
    ),
    Misconception(
        "has the sign wrong in exp",
        flaw(lambda z: softmax(-z)),
        "The smallest logit gets the largest probability: the sign in exp is wrong.",
    ),
    Misconception(
        "takes the sigmoid of each logit",
        flaw(lambda z: sigmoid_forward(z)[0]),
        "Each logit is turned into a number between 0 and 1 by itself. In softmax the classes of a row compete.",
    ),
    Misconception(
        "returns 0 and 1",
        flaw(lambda z: (z == z.max(axis=1, keepdims=True)).astype(z.dtype)),
        "Only the largest logit of a row gets anything. Softmax is softer: each class gets its share.",
    ),
    Misconception(
        "returns logarithms",
        flaw(lambda z: z - z.max(axis=1, keepdims=True) - np.log(powers(z).sum(axis=1, keepdims=True))),
        "These are the logarithms of the probabilities. Asked for are the probabilities.",
    ),
    Misconception(
        "does the first row only",
        flaw(lambda z: np.vstack([softmax(z[:1]), np.zeros_like(z[1:])])),
        "Only the first row is right, the others stay 0. Does `return` stand inside the loop?",
    ),
    Misconception("returns float64 for float32", lambda z: softmax(z).astype(np.float64), wording.FLOAT64),
    Misconception("keeps integers", lambda z: softmax(z).astype(z.dtype), wording.INTEGERS, seen=30),
    Misconception("changes logits in place", in_place, wording.IN_PLACE.format("logits"), seen=27),
)

EXERCISE = Exercise(
    name="softmax",
    unit="01_activations",
    signature="softmax(logits)",
    reference=softmax,
    kind=Precise(Plain(("logits",)), softmax),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_rows, by_logarithm, by_product),
    aspects=shares.SOFTMAX,
    reread="section 10, softmax: the formula, and why a row may be shifted.",
)
