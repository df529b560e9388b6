"""dense_backward: the three gradients of a dense layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, draw, floating
from autograder.exercises.unit02.shares import DTYPE, aspects
from autograder.kinds import Backward
from nnlib.dense import dense_backward, dense_forward

UNIT = "02_backpropagation"
PARTS = ("dx", "dw", "db")


def remember(x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:
    """The documented cache."""
    return x, w, b


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """A layer with three different sizes; sizes that are equal, or 1; images; dtypes; purity."""

    def case(trait: str, n: int, d: Any, m: int, looks_at: tuple[str, ...] = (), **look: Any) -> Case:
        inputs = d if isinstance(d, tuple) else (d,)
        dtype = look.get("dtype", "float64")
        layer = draw(rng, n, *inputs, **look), draw(rng, int(np.prod(inputs)), m, **look), draw(rng, m, **look)
        dout = draw(rng, n, m, **{**look, "dtype": "float64" if dtype == "int64" else dtype})
        return Case(trait, layer, dout, looks_at=looks_at)

    yield case("a small batch", 5, 3, 4)
    yield case("one example", 1, 3, 4)
    yield case("one input", 5, 1, 3)
    yield case("one output", 5, 3, 1)
    yield case("as many inputs as outputs", 5, 3, 3)
    yield case("as many examples as outputs", 4, 3, 4)
    yield case("many examples", 13, 3, 4)
    yield case("images", 4, (2, 3, 2), 5)
    yield case("rows of rows", 3, (2, 2), 2)
    yield case("float32", 5, 3, 4, dtype="float32")
    yield case("integers", 5, 3, 4, dtype="int64")
    yield case("read-only arrays", 5, 3, 4, awkward=True)
    yield case("dout and cache unchanged", 5, 3, 4, (*PARTS, "inputs"))
    yield case("called twice", 5, 3, 4, (*PARTS, "again"))


def rows_of(x: Array) -> Array:
    """(N, D) in a float dtype."""
    return floating(x).reshape(len(x), -1)


def by_einsum(dout: Array, cache: Any) -> Any:
    """Index by index."""
    x, w, b = cache
    dx = np.einsum("nm,dm->nd", dout, floating(w)).reshape(x.shape)
    return dx, np.einsum("nd,nm->dm", rows_of(x), dout), np.einsum("nm->m", dout)


def by_examples(dout: Array, cache: Any) -> Any:
    """An outer product for each example, added up."""
    x, w, b = (floating(a) for a in cache)
    dw, db, dx = np.zeros_like(w), np.zeros_like(b), np.zeros_like(x)
    for n, row in enumerate(x.reshape(len(x), -1)):
        dw += np.outer(row, dout[n])
        db += dout[n]
        dx[n] = (w @ dout[n]).reshape(x.shape[1:])
    return dx, dw, db


def changing(**changes: Function) -> Function:
    """The right gradients, some of them changed: ``dw=lambda dw, dout, x, w, b: …``."""

    def wrong(dout: Array, cache: Any) -> Any:
        found = dict(zip(PARTS, dense_backward(dout, cache), strict=True))
        for name, change in changes.items():
            found[name] = change(found[name], dout, *cache)
        return tuple(found.values())

    return wrong


def arranging(change: Function) -> Function:
    """The right gradients, returned wrongly."""
    return lambda dout, cache: change(*dense_backward(dout, cache))


def scaling(dout: Array, cache: Any) -> Any:
    """dout /= N."""
    found = dense_backward(dout, cache)
    dout /= 2
    return found


def stepping(dout: Array, cache: Any) -> Any:
    """Takes a step with the weights in the cache."""
    found = dense_backward(dout, cache)
    cache[1][...] = cache[1] - found[1].astype(cache[1].dtype)
    return found


def not_flattened(dout: Array, cache: Any) -> Any:
    """x.T of images."""
    if cache[0].ndim > 2:
        raise ValueError("matmul: Input operand 1 has a mismatch in its core dimension 0")
    return dense_backward(dout, cache)


def as_rows(dout: Array, cache: Any) -> Any:
    """dx stays flat."""
    dx, dw, db = dense_backward(dout, cache)
    return dx.reshape(len(dx), -1), dw, db


def trying_until_it_fits(dx: Array, dout: Array, x: Array, w: Array, b: Array) -> Array:
    """w without a transpose wherever that runs."""
    return (dout @ w).reshape(x.shape) if w.shape[0] == w.shape[1] else dx


def over_outputs(db: Array, dout: Array, *_: Any) -> Array:
    """The other axis."""
    return dout.sum(axis=1)


def integer_gradients(dout: Array, cache: Any) -> Any:
    """Gradients in the dtype of the arrays."""
    return tuple(g.astype(a.dtype) for g, a in zip(dense_backward(dout, cache), cache, strict=True))


MISCONCEPTIONS = (
    Misconception(
        "transposes dw",
        changing(dw=lambda dw, *_: dw.T.copy()),
        "dw must have w's shape, (D, M). doutᵀ x has the shape (M, D): exchange the two factors, and transpose the other one.",
    ),
    Misconception(
        "transposes w only where it must",
        changing(dx=trying_until_it_fits),
        "For a square w, dout @ w runs too, and is wrong. The shapes must fit for every D and M: dx is (N, D), dout is "
        "(N, M), w is (D, M).",
    ),
    Misconception(
        "sums db over the outputs",
        changing(db=over_outputs),
        "db has one number for each output, and each example contributes to it: sum over the batch, axis=0.",
        seen=4,
    ),
    Misconception(
        "makes db a row (1, M)",
        changing(db=lambda db, *_: db[None]),
        wording.ROW.format("db", "b, (M,)"),
        seen=8,
    ),
    Misconception(
        "takes the mean for db",
        changing(db=lambda db, dout, *_: db / len(dout)),
        "db is a sum over the batch, not a mean: the loss has averaged already.",
    ),
    Misconception(
        "divides dw by N",
        changing(dw=lambda dw, dout, *_: dw / len(dout)),
        wording.DIVIDES_BY_N.format("dw"),
    ),
    Misconception(
        "does not sum db",
        changing(db=lambda db, dout, *_: dout.copy()),
        "Every example uses the same bias, so its gradient is the sum over them: one number for each output.",
    ),
    Misconception(
        "keeps the last example only",
        changing(
            dw=lambda dw, dout, x, w, b: np.outer(rows_of(x)[-1], dout[-1]).astype(dw.dtype),
            db=lambda db, dout, *_: dout[-1].copy(),
        ),
        "dw and db come from the last example alone. Each example has its share, and the shares add up: += in place of =.",
        seen=25,
    ),
    Misconception(
        "multiplies by x for dx",
        changing(dx=lambda dx, dout, x, w, b: (dx.reshape(len(x), -1) * rows_of(x)).reshape(x.shape)),
        "dx is multiplied by x here. z depends on x with the factor w alone: dx = dout wᵀ.",
    ),
    Misconception(
        "uses w in place of x for dw",
        changing(dw=lambda dw, dout, x, w, b: (floating(w) * dout.sum(axis=0)).astype(dw.dtype)),
        "A weight's influence on z is the input that it is multiplied with: x belongs into dw, not w.",
    ),
    Misconception(
        "does not flatten x",
        not_flattened,
        "x may have more than two axes. dense_forward flattens it to (N, D): do so here as well, x.reshape(len(x), -1).",
    ),
    Misconception(
        "leaves dx flat",
        as_rows,
        "dx must have the shape that x came in with: reshape(x.shape) at the end.",
    ),
    Misconception(
        "returns dw first",
        arranging(lambda dx, dw, db: (dw, db, dx)),
        "The gradients come in the order of the inputs x, w, b: return dx, dw, db.",
    ),
    Misconception(
        "forgets dx",
        arranging(lambda dx, dw, db: (dw, db)),
        "dx is missing. No parameter needs it, but the layer before does: it is that layer's dout.",
    ),
    Misconception("makes gradients of integers", integer_gradients, wording.INTEGERS, seen=30),
    Misconception(
        "returns float64 for float32",
        arranging(lambda *g: tuple(a.astype(np.float64) for a in g)),
        wording.FLOAT64,
    ),
    Misconception("changes dout in place", scaling, wording.IN_PLACE.format("dout"), seen=27),
    Misconception(
        "changes the weights in place",
        stepping,
        "The weights in the cache were changed, and they are the network's own. A backward function only computes "
        "gradients; the step comes later.",
        seen=27,
    ),
)

EXERCISE = Exercise(
    name="dense_backward",
    unit=UNIT,
    signature="dense_backward(dout, cache)",
    reference=dense_backward,
    kind=Backward(("x", "w", "b"), PARTS, dense_forward, dense_backward, remember),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_einsum, by_examples),
    worth={"dx": 2, "dw": 2, "db": 1},
    aspects=aspects(
        basics=(
            30,
            (
                "a small batch",
                "one example",
                "one input",
                "one output",
                "as many examples as outputs",
                "many examples",
            ),
        ),
        square=(22, ("as many inputs as outputs",)),
        images=(22, ("images", "rows of rows")),
        dtype=(14, DTYPE),
        nothing_changed=(12, ("read-only arrays", "dout and cache unchanged", "called twice")),
    ),
    reread="section 5, from numbers to matrices: the three boxed equations and the example worked by hand.",
)
