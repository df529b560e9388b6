"""The bonus, backward_rule: the gradient of each operation on a tape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from autograder.adapting import Adapted, tupled
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, draw, floating
from autograder.exercises.unit02.shares import UNCHANGED, aspects
from autograder.kinds import Plain
from nnlib import autodiff

UNIT = "02_backpropagation"
Parents: TypeAlias = Sequence[tuple[int, ...]]


OPERATIONS: Mapping[str, autodiff.Operation] = {
    "add": autodiff.add,
    "mul": autodiff.multiply,
    "matmul": autodiff.matmul,
    "relu": autodiff.relu,
    "sum": autodiff.sum,
}


def backward_rule(op: str, dout: Array, inputs: tuple[Array, ...]) -> tuple[Array, ...]:
    """The gradient of each input, by nnlib's own tape."""
    variables = [autodiff.Variable(floating(array)) for array in inputs]
    return tuple(autodiff.gradients(OPERATIONS[op](*variables), variables, np.asarray(dout)))


def rule_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Each operation by itself; the same value twice; a bias; dtypes; purity."""

    def case(
        trait: str,
        op: str,
        *shapes: tuple[int, ...],
        out: tuple[int, ...] | None = None,
        looks_at: tuple[str, ...] = (),
        **look: Any,
    ) -> Case:
        inputs = tuple(draw(rng, *shape, **look) for shape in shapes)
        floats = {**look, "dtype": "float32" if look.get("dtype") == "float32" else "float64"}
        return Case(
            trait, (op, draw(rng, *(shapes[0] if out is None else out), **floats), inputs), looks_at=looks_at
        )

    found = ("gradients",)
    yield case("add", "add", (3, 2), (3, 2))
    yield case("add a bias", "add", (4, 3), (3,))
    yield case("add a bias, one example", "add", (1, 3), (3,))
    yield case("mul", "mul", (2, 3), (2, 3))
    square = draw(rng, 3)
    yield Case("a value times itself", ("mul", draw(rng, 3), (square, square.copy())))
    yield case("matmul", "matmul", (4, 2), (2, 3), out=(4, 3))
    yield case("matmul of square matrices", "matmul", (3, 3), (3, 3))
    yield case("relu", "relu", (3, 4))
    kink = draw(rng, 2, 3)
    kink[0] = 0.0
    yield Case("relu at exactly 0", ("relu", draw(rng, 2, 3), (kink,)))
    yield case("sum", "sum", (3, 2), out=())
    yield case("sum of one number", "sum", (1,), out=())
    yield case("float32", "matmul", (4, 2), (2, 3), out=(4, 3), dtype="float32")
    yield case("integers", "mul", (2, 3), (2, 3), dtype="int64")
    yield case("read-only arrays", "mul", (2, 3), (2, 3), awkward=True)
    yield case("inputs unchanged", "relu", (2, 3), looks_at=(*found, "inputs"))
    yield case("called twice", "mul", (2, 3), (2, 3), looks_at=(*found, "again"))


def rule_by_einsum(op: str, dout: Array, inputs: tuple[Array, ...]) -> Any:
    """One operation after the other, as a list."""
    a = floating(inputs[0])
    if op == "relu":
        return [np.where(a > 0, dout, 0).astype(a.dtype)]
    if op == "sum":
        return [np.full(a.shape, dout, a.dtype)]
    b = floating(inputs[1])
    if op == "add":
        return [dout, np.einsum("nm->m", dout) if b.ndim < dout.ndim else dout]
    if op == "mul":
        return [dout * b, dout * a]
    return [np.einsum("nm,dm->nd", dout, b), np.einsum("nd,nm->dm", a, dout)]


def rule_by_loops(op: str, dout: Array, inputs: tuple[Array, ...]) -> Any:
    """Element by element where it can be."""
    found = tuple(np.zeros_like(floating(v)) for v in inputs)
    for i in np.ndindex(np.shape(inputs[0])):
        if op == "add":
            found[0][i] += dout[i]
            found[1][i[-inputs[1].ndim :]] += dout[i]
        elif op == "mul":
            found[0][i] += dout[i] * inputs[1][i]
            found[1][i] += dout[i] * inputs[0][i]
        elif op == "relu":
            found[0][i] = dout[i] if inputs[0][i] > 0 else 0
        elif op == "sum":
            found[0][i] = dout
        else:
            found[0][i] = dout[i[0]] @ inputs[1][i[1]]
            found[1][i[1]] += inputs[0][i] * dout[i[0]]
    return found


def other(op: str, change: Function) -> Function:
    """A wrong rule for one operation: ``change(right, dout, inputs)``."""

    def wrong(name: str, dout: Array, inputs: tuple[Array, ...]) -> Any:
        right = backward_rule(name, dout, inputs)
        return tuple(change(right, dout, inputs)) if name == op else right

    return wrong


def doubling_dout(op: str, dout: Array, inputs: tuple[Array, ...]) -> Any:
    """dout *= …"""
    found = backward_rule(op, dout, inputs)
    dout *= dout.dtype.type(2)
    return found


EXERCISE = Exercise(
    name="backward_rule",
    unit=UNIT,
    signature="backward_rule(op, dout, inputs)",
    reference=backward_rule,
    kind=Adapted(Plain(("op", "dout", "inputs"), ("gradients",)), tupled),
    cases=rule_cases,
    points=2,
    bonus=True,
    misconceptions=(
        Misconception(
            "multiplies by its own factor",
            other("mul", lambda right, dout, inputs: right[::-1]),
            "mul: the slope of a · b along a is b, the other factor. The two are exchanged.",
        ),
        Misconception(
            "passes dout through mul",
            other("mul", lambda right, dout, inputs: (dout, dout)),
            "mul: dout alone is the rule of add. A product passes dout times the other factor.",
        ),
        Misconception(
            "gives all to the first summand",
            other("add", lambda right, dout, inputs: (right[0], np.zeros_like(right[1]))),
            "add: both summands enter with the factor 1, so both get a gradient.",
        ),
        Misconception(
            "does not add up a bias",
            other("add", lambda right, dout, inputs: (dout, dout)),
            "add: a bias is added to every row, so its gradient is the sum over the rows, of its own shape.",
        ),
        Misconception(
            "keeps the axis of a bias",
            other("add", lambda right, dout, inputs: (dout, right[1][None] if inputs[1].ndim == 1 else right[1])),
            wording.ROW.format("add: the gradient", "the bias"),
            seen=8,
        ),
        Misconception(
            "forgets to transpose",
            other(
                "matmul",
                lambda right, dout, inputs: (
                    (dout @ inputs[1], inputs[0] @ dout)
                    if dout.shape == inputs[1].shape == inputs[0].shape
                    else right
                ),
            ),
            "matmul: on square matrices your products run without a transpose, and are wrong.",
        ),
        Misconception(
            "exchanges the gradients of matmul",
            other("matmul", lambda right, dout, inputs: right[::-1]),
            "matmul: the gradients come in the order of the inputs, and each has the shape of its input.",
        ),
        Misconception(
            "takes 1 for ReLU's derivative at 0",
            other("relu", lambda right, dout, inputs: (dout * (inputs[0] >= 0),)),
            "relu: at exactly 0 the derivative is taken to be 0 in this course.",
            seen=23,
        ),
        Misconception(
            "looks at the sign of dout",
            other("relu", lambda right, dout, inputs: (np.maximum(dout, 0),)),
            "relu: what passes is decided by the input, not by the sign of dout. A gradient may be negative.",
        ),
        Misconception(
            "does not spread the sum",
            other("sum", lambda right, dout, inputs: (dout,)),
            "sum: every element gets dout, so the gradient has the shape of the input.",
        ),
        Misconception(
            "divides the sum",
            other("sum", lambda right, dout, inputs: (right[0] / (2 * right[0].size),)),
            "sum: every element enters with the factor 1, not with its share of a mean.",
        ),
        Misconception(
            "returns an array where a tuple belongs",
            lambda op, dout, inputs: (lambda g: g if len(g) > 1 else g[0])(backward_rule(op, dout, inputs)),
            "The result is a tuple, with one gradient for each input, also where there is one input: return (da,).",
        ),
        Misconception(
            "returns float64 for float32",
            lambda op, dout, inputs: tuple(g.astype(np.float64) for g in backward_rule(op, dout, inputs)),
            wording.FLOAT64,
        ),
        Misconception(
            "makes gradients of integers",
            lambda op, dout, inputs: tuple(
                g.astype(v.dtype) for g, v in zip(backward_rule(op, dout, inputs), inputs, strict=True)
            ),
            wording.INTEGERS,
            seen=30,
        ),
        Misconception("changes dout in place", doubling_dout, wording.IN_PLACE.format("dout"), seen=27),
    ),
    alternatives=(rule_by_einsum, rule_by_loops),
    aspects=aspects(
        add=(12, ("add",)),
        bias=(12, ("add a bias", "add a bias, one example")),
        mul=(14, ("mul", "a value times itself")),
        matmul=(18, ("matmul", "matmul of square matrices")),
        relu=(12, ("relu", "relu at exactly 0")),
        sum=(8, ("sum", "sum of one number")),
        float32=(8, ("float32",)),
        whole_numbers=(8, ("integers",)),
        nothing_changed=(8, UNCHANGED),
    ),
    reread="section 9, the rules: the table with a line for each operation.",
)
