"""two_layer_gradients: the lecture's simple example, with matrices and a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.adapting import Adapted, number_first
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, between, draw, floating, widths
from autograder.exercises.unit02.shares import DTYPE, UNCHANGED, aspects
from autograder.kinds import Plain
from nnlib.mlp import two_layer_gradients

UNIT = "02_backpropagation"
NAMES = ("x", "t", "w1", "b1", "w2", "b2")
PARTS = ("loss", "dw1", "db1", "dw2", "db2")


def network(rng: np.random.Generator, n: int, sizes: tuple[int, int, int], **look: Any) -> list[Array]:
    """(x, t, w1, b1, w2, b2), all drawn."""
    (w1, w2), (b1, b2) = widths(rng, sizes, **look)
    return [draw(rng, n, sizes[0], **look), between(rng, n, sizes[2], **look), w1, b1, w2, b2]


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Sizes all different, equal, and 1; hidden units that are off, or just at the kink; dtypes; purity."""

    def case(
        trait: str, n: int = 5, d: int = 3, h: int = 6, m: int = 2, looks_at: tuple[str, ...] = (), **look: Any
    ) -> Case:
        return Case(trait, tuple(network(rng, n, (d, h, m), **look)), looks_at=looks_at)

    yield case("a small batch")
    yield case("one example", n=1)
    yield case("one input", d=1)
    yield case("one hidden unit", h=1)
    yield case("one output", m=1)
    yield case("all sizes the same", n=3, d=3, h=3, m=3)
    yield case("as many hidden units as outputs", h=4, m=4)
    yield case("many examples", n=14)
    x, t, w1, b1, w2, b2 = network(rng, 4, (2, 3, 2))
    yield Case("all hidden units are off", (x, t, w1, b1 - 8, w2, b2))
    yield Case("all hidden units are on", (x, t, w1, b1 + 8, w2, b2))
    w1 = w1.copy()
    x[:, 1] = w1[0] = 0.0  # an input without a weight, and a weight without an input
    yield Case("z1 is exactly 0", (x, t, w1, np.zeros_like(b1), w2, b2))
    x, t, w1, b1, w2, b2 = network(rng, 4, (2, 3, 2))
    yield Case("outputs near 0 and 1", (x, t, w1, b1, 3 * w2, b2 * 3))
    yield case("float32", dtype="float32")
    yield case("integers", n=2, d=2, h=2, dtype="int64")
    yield case("read-only arrays", awkward=True)
    yield case("inputs unchanged", looks_at=(*PARTS, "inputs"))
    yield case("called twice", looks_at=(*PARTS, "again"))


def sigmoid(z: Array) -> Array:
    """Without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))


def squared(y: Array) -> Array:
    """The derivative of the sigmoid."""
    return y * (1 - y)


def passes(
    loss: Function = lambda y, t: ((y - t) ** 2).sum() / (2 * len(y)),
    output: Function = lambda y, t, z2: (y - t) / len(y) * squared(y),
    hidden: Function = lambda delta, w2: delta @ w2.T,
    gate: Function = lambda z1, z2: z1 > 0,
    weight: Function = lambda a, delta: a.T @ delta,
    bias: Function = lambda delta: delta.sum(axis=0),
    relu: Function = lambda z: np.maximum(z, 0),
    last: Function = sigmoid,
) -> Function:
    """Both passes, in parts that can be done otherwise."""

    def gradients(x: Array, t: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
        x, t, w1, b1, w2, b2 = (floating(a) for a in (x, t, w1, b1, w2, b2))
        z1 = x @ w1 + b1
        h = relu(z1)
        z2 = h @ w2 + b2
        y = last(z2)
        delta2 = output(y, t, z2)
        delta1 = hidden(delta2, w2) * gate(z1, z2)
        found = (weight(x, delta1), bias(delta1), weight(h, delta2), bias(delta2))
        return (loss(y, t), *(np.asarray(g).astype(a.dtype) for g, a in zip(found, (w1, b1, w2, b2), strict=True)))

    return gradients


def by_examples(x: Array, t: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    """One example at a time, in columns as the lecture writes them."""
    arrays = [floating(a) for a in (w1, b1, w2, b2)]
    totals, loss = [np.zeros_like(a) for a in arrays], 0.0
    w1, b1, w2, b2 = arrays
    for column, target in zip(floating(x), floating(t), strict=True):
        z1 = w1.T @ column + b1
        h = np.maximum(z1, 0)
        y = sigmoid(w2.T @ h + b2)
        delta2 = (y - target) * squared(y)
        delta1 = (w2 @ delta2) * (z1 > 0)
        for total, share in zip(
            totals, (np.outer(column, delta1), delta1, np.outer(h, delta2), delta2), strict=True
        ):
            total += share / len(x)
        loss += 0.5 * ((y - target) ** 2).sum() / len(x)
    return (loss, *totals)


def changing(change: Function) -> Function:
    """The right results, changed as a whole: ``change(results, arguments)``."""
    return lambda *arguments: change(two_layer_gradients(*arguments), arguments)


def square_hidden(delta: Array, w2: Array) -> Array:
    """w2 as it is, wherever that runs."""
    return delta @ (w2 if w2.shape[0] == w2.shape[1] else w2.T)


def moving_x(x: Array, *others: Array) -> Any:
    """Centres x, in place."""
    found = two_layer_gradients(x, *others)
    x += x.dtype.type(1)
    return found


def subtracting_target(x: Array, t: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    """A step with w1, in place."""
    found = two_layer_gradients(x, t, w1, b1, w2, b2)
    w1 -= w1.dtype.type(1)
    return found


WRONG = {
    "forgets the derivative of the sigmoid": passes(output=lambda y, t, z2: (y - t) / len(y)),
    "applies the sigmoid to y again": passes(output=lambda y, t, z2: (y - t) / len(y) * squared(sigmoid(y))),
    "forgets the derivative of ReLU": passes(gate=lambda z1, z2: np.ones_like(z1)),
    "takes 1 for ReLU's derivative at 0": passes(gate=lambda z1, z2: z1 >= 0),
    "transposes w2 only where it must": passes(hidden=square_hidden),
    "keeps the last example only": passes(weight=lambda a, d: np.outer(a[-1], d[-1]), bias=lambda d: d[-1]),
    "divides by N once more": passes(weight=lambda a, d: a.T @ d / len(d), bias=lambda d: d.sum(axis=0) / len(d)),
    "does not divide by N": passes(output=lambda y, t, z2: (y - t) * squared(y)),
    "averages over all numbers": passes(
        loss=lambda y, t: ((y - t) ** 2).mean() / 2, output=lambda y, t, z2: (y - t) / y.size * squared(y)
    ),
    "leaves out ReLU": passes(relu=lambda z: z, gate=lambda z1, z2: np.ones_like(z1)),
    "looks at the first unit's sign only": passes(gate=lambda z1, z2: z1[:, :1] > 0),
    "turns the whole example off": passes(gate=lambda z1, z2: (z1 > 0).all(axis=1, keepdims=True)),
    "uses the first output's error for all": passes(
        output=lambda y, t, z2: np.broadcast_to(((y - t) / len(y) * squared(y))[:, :1], y.shape)
    ),
    "takes the absolute error": passes(output=lambda y, t, z2: np.abs(y - t) / len(y) * squared(y)),
}

EXERCISE = Exercise(
    name="two_layer_gradients",
    unit=UNIT,
    signature="two_layer_gradients(x, t, w1, b1, w2, b2)",
    reference=two_layer_gradients,
    kind=Adapted(Plain(NAMES, PARTS), number_first),
    cases=cases,
    points=4,
    misconceptions=(
        Misconception(
            "forgets the derivative of the sigmoid",
            WRONG["forgets the derivative of the sigmoid"],
            "δ2 = (y − t)/N belongs to cross-entropy. With squared error the sigmoid's derivative stays in: "
            "(y − t) ⊙ y ⊙ (1 − y) / N.",
        ),
        Misconception(
            "applies the sigmoid to y again",
            WRONG["applies the sigmoid to y again"],
            "y is already σ(z2), so σ'(z2) = y (1 − y). You apply the sigmoid twice.",
        ),
        Misconception(
            "forgets the derivative of ReLU",
            WRONG["forgets the derivative of ReLU"],
            "The gradient passes a hidden unit only where its ReLU was on: multiply by (z1 > 0).",
        ),
        Misconception(
            "takes 1 for ReLU's derivative at 0",
            WRONG["takes 1 for ReLU's derivative at 0"],
            "At exactly 0 the derivative of ReLU is taken to be 0 in this course: z1 > 0, not z1 >= 0.",
            seen=23,
        ),
        Misconception(
            "leaves out ReLU",
            WRONG["leaves out ReLU"],
            "There is no ReLU in your forward pass: h = max(z1, 0).",
        ),
        Misconception(
            "transposes w2 only where it must",
            WRONG["transposes w2 only where it must"],
            "For a square w2, δ2 @ w2 runs too, and is wrong. The way back uses the transpose, whatever the sizes.",
        ),
        Misconception(
            "does not divide by N",
            WRONG["does not divide by N"],
            "The loss is a mean over the batch, so 1/N is a factor of every gradient. Put it into δ2, once.",
        ),
        Misconception(
            "divides by N once more",
            WRONG["divides by N once more"],
            "The gradients are N times too small: δ2 contains 1/N already.",
        ),
        Misconception(
            "averages over all numbers",
            WRONG["averages over all numbers"],
            wording.MEAN_OF_ALL.format("x"),
            seen=4,
        ),
        Misconception(
            "forgets the half",
            passes(loss=lambda y, t: ((y - t) ** 2).sum() / len(y)),
            "The loss is twice too large: the half in front is missing.",
        ),
        Misconception(
            "doubles the gradient",
            passes(output=lambda y, t, z2: 2 * (y - t) / len(y) * squared(y)),
            "All gradients are twice too large: the 2 from the square and the half in front cancel.",
        ),
        Misconception(
            "has the sign wrong",
            passes(output=lambda y, t, z2: (t - y) / len(y) * squared(y)),
            "The sign of all gradients is wrong: the error is y − t.",
        ),
        Misconception(
            "makes the bias gradients rows",
            passes(bias=lambda d: d.sum(axis=0, keepdims=True)),
            wording.ROW.format("db1", "b1, and db2 that of b2"),
            seen=8,
        ),
        Misconception(
            "sums the bias gradients over the units",
            passes(bias=lambda d: d.sum(axis=1)),
            "A bias has one gradient for each unit, and all examples contribute: sum over axis 0.",
            seen=4,
        ),
        Misconception(
            "transposes the weight gradients",
            passes(weight=lambda a, d: d.T @ a),
            "dw1 and dw2 must have the shapes of w1 and w2: inputs first, (D, H) and (H, M).",
        ),
        Misconception(
            "keeps the last example only",
            WRONG["keeps the last example only"],
            "Only the last example counts in your gradients: each has its share, += in place of =.",
            seen=25,
        ),
        Misconception(
            "returns gradients without the loss",
            changing(lambda found, _: found[1:]),
            "Five things are asked for: return loss, dw1, db1, dw2, db2.",
        ),
        Misconception(
            "returns the output layer first",
            changing(lambda found, _: (found[0], *found[3:], *found[1:3])),
            "The way back meets layer 2 first, but the results come in the order of the parameters: w1, b1, w2, b2.",
        ),
        Misconception(
            "returns float64 for float32",
            changing(lambda found, _: (found[0], *(g.astype(np.float64) for g in found[1:]))),
            wording.FLOAT64,
        ),
        Misconception(
            "makes gradients of integers",
            changing(
                lambda found, given: (
                    found[0],
                    *(g.astype(a.dtype) for g, a in zip(found[1:], given[2:], strict=False)),
                )
            ),
            wording.INTEGERS,
            seen=30,
        ),
        Misconception(
            "squeezes a single output",
            changing(
                lambda found, given: (*found[:3], *(g.squeeze() if given[5].size == 1 else g for g in found[3:]))
            ),
            "With one output, w2 is still a matrix (H, 1) and b2 an array (1,), and so are their gradients: no squeeze.",
            seen=8,
        ),
        Misconception(
            "squeezes a single input",
            changing(lambda found, given: (found[0], found[1][0] if len(given[2]) == 1 else found[1], *found[2:])),
            "With one input, w1 is still a matrix (1, H), and so is dw1: no squeeze, no np.dot of plain rows.",
            seen=8,
        ),
        Misconception(
            "changes x in place",
            moving_x,
            wording.IN_PLACE.format("x"),
            seen=27,
        ),
        Misconception("changes w1 in place", subtracting_target, wording.IN_PLACE.format("w1"), seen=27),
    ),
    alternatives=(passes(), by_examples),
    worth={"loss": 1, "dw1": 2, "db1": 1, "dw2": 1, "db2": 1},
    aspects=aspects(
        basics=(
            25,
            ("a small batch", "one example", "one input", "one hidden unit", "one output", "many examples"),
        ),
        equal_sizes=(18, ("all sizes the same", "as many hidden units as outputs")),
        ReLU_on_and_off=(
            19,
            ("all hidden units are off", "all hidden units are on", "outputs near 0 and 1"),
        ),
        at_the_kink=(18, ("z1 is exactly 0",)),
        dtype=(10, DTYPE),
        nothing_changed=(10, UNCHANGED),
    ),
    reread="section 5, from numbers to matrices: the table with the lecture's columns and our rows.",
)
