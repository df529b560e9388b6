"""dense_forward: every output sees every input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.exercises.unit01.elementwise import floating
from autograder.exercises.unit01.settings import Array, frozen, mixed, whole
from autograder.kinds import Layer
from nnlib.dense import dense_forward

SHAPES: dict[str, tuple[tuple[int, ...], int]] = {  # of x; neurons
    "as many everywhere": ((3, 3), 3),
    "all sizes different": ((4, 3), 2),
    "narrow in the middle": ((4, 1), 3),
    "one neuron": ((4, 2), 1),
    "one example": ((1, 3), 4),
    "many examples": ((30, 2), 3),
    "images": ((2, 3, 2, 4), 5),
    "grey images": ((3, 2, 4), 2),
    "one number an example": ((5,), 2),
    "float32": ((3, 4), 2),
    "integers": ((4, 2), 3),
    "read-only arrays": ((4, 3), 2),
    "inputs unchanged": ((2, 2, 3), 4),
    "cache as documented": ((2, 2, 3), 4),
}
LOOKS_AT = {"inputs unchanged": ("out", "inputs"), "cache as documented": ("out", "cache")}


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """A layer in each setting."""
    for trait, (shape, m) in SHAPES.items():
        draw = whole if trait == "integers" else mixed
        d = int(np.prod(shape[1:]))
        arrays = [draw(rng, shape), draw(rng, (d, m)), draw(rng, (m,))]
        if trait == "float32":
            arrays = [a.astype(np.float32) for a in arrays]
        if trait == "read-only arrays":
            arrays = [frozen(a) for a in arrays]
        yield Case(trait, tuple(arrays), looks_at=LOOKS_AT.get(trait, ()))


def rows(x: Array) -> Array:
    """One example a row."""
    return floating(x).reshape(len(x), -1)


def by_loops(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """Neuron by neuron."""
    flat = rows(x)
    out = np.zeros((len(flat), len(b)), flat.dtype)
    for n, m in np.ndindex(out.shape):
        out[n, m] = np.sum(flat[n] * w[:, m]) + b[m]
    return out, (x, w, b)


def by_einsum(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """Sums by name; something more in the cache."""
    out = np.einsum("nd,dm->nm", rows(x), floating(w)) + b
    return out, (x, w, b, x.shape)


def by_bias_column(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """The bias as the weight of a 1."""
    flat = rows(x)
    return np.hstack([flat, np.ones((len(flat), 1), flat.dtype)]) @ np.vstack([w, b]), (x, w, b)


def flaw(change: Function) -> Function:
    """A forward function whose out is ``change(rows, w, b)``."""
    return lambda x, w, b: (change(rows(x), floating(w), floating(b)), (x, w, b))


def right(x: Array, w: Array, b: Array) -> Array:
    """The reference's out."""
    return dense_forward(x, w, b)[0]


def flattened_in_place(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """x.shape = …"""
    x.shape = (len(x), -1)
    return right(x, w, b), (x, w, b)


def added_in_place(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """The bias grows."""
    out = right(x, w, b)
    b += 1
    return out, (x, w, b)


def images_only(x: Array, w: Array, b: Array) -> tuple[Array, Any]:
    """Four axes or two."""
    if x.ndim > 2:
        n, c, h, width = x.shape
        return right(x.reshape(n, c * h * width), w, b), (x, w, b)
    n, d = x.shape
    return right(x.reshape(n, d), w, b), (x, w, b)


def first_only(flat: Array, w: Array, b: Array) -> Array:
    """The others stay 0."""
    out = np.zeros((len(flat), len(b)), flat.dtype)
    out[0] = flat[0] @ w + b
    return out


MISCONCEPTIONS = (
    Misconception(
        "does not flatten",
        lambda x, w, b: (floating(x) @ w + b, (x, w, b)),
        "x may have more axes than two, an image for example. Make one row of each example first: "
        "x.reshape(len(x), -1).",
    ),
    Misconception(
        "flattens images only",
        images_only,
        "x.shape is unpacked into a fixed number of names. Let NumPy work out the number of features: "
        "x.reshape(len(x), -1) takes any shape.",
    ),
    Misconception(
        "flattens the wrong way round",
        lambda x, w, b: (right(floating(x).reshape(-1, len(x)).T, w, b), (x, w, b)),
        "The numbers of different examples are mixed up. A row must hold one example: x.reshape(len(x), -1).",
    ),
    Misconception(
        "flattens column by column",
        lambda x, w, b: (right(np.stack([one.ravel(order="F") for one in x]), w, b), (x, w, b)),
        "The features of an example are in another order. Keep reading order, as reshape does by itself.",
    ),
    Misconception(
        "forgets the bias",
        flaw(lambda x, w, b: x @ w),
        "The bias is missing: each neuron adds its own b at the end.",
    ),
    Misconception(
        "subtracts the bias", flaw(lambda x, w, b: x @ w - b), "The bias is added, not subtracted: x w + b."
    ),
    Misconception(
        "adds one bias to all neurons",
        flaw(lambda x, w, b: x @ w + b[0]),
        "All neurons get the first bias. b holds one number for each neuron.",
        seen=20,
    ),
    Misconception(
        "adds the biases to the rows",
        flaw(lambda x, w, b: x @ w + b[:, None]),
        "b belongs to the columns: out is (N, M), and b (M,) is added to each of its rows.",
    ),
    Misconception(
        "transposes w",
        flaw(lambda x, w, b: x @ w.T + b),
        "w is (D, M) here, features in times features out. No transpose is needed: the D of x (N, D) meets the D of w.",
    ),
    Misconception(
        "multiplies element by element",
        flaw(lambda x, w, b: x * w + b),
        "* multiplies number by number. A neuron multiplies and adds up: that is a matrix product, @.",
    ),
    Misconception(
        "puts a ReLU behind it",
        flaw(lambda x, w, b: np.maximum(x @ w + b, 0)),
        "Negative sums have become 0. This layer is linear; the activation function comes after it.",
    ),
    Misconception(
        "divides by the number of features",
        flaw(lambda x, w, b: x @ w / x.dtype.type(x.shape[1]) + b),
        "A neuron takes the sum of its products, not their mean.",
    ),
    Misconception("does the first example only", flaw(first_only), wording.FIRST_EXAMPLE),
    Misconception("returns the result without the cache", right, wording.ONLY_OUT),
    Misconception(
        "keeps the rows in the cache",
        lambda x, w, b: (right(x, w, b), (rows(x), w, b)),
        "The cache must hold x as it came in: backward must give back a gradient of x's own shape.",
    ),
    Misconception(
        "keeps out in the cache",
        lambda x, w, b: (right(x, w, b), (right(x, w, b), w, b)),
        "The cache must hold (x, w, b) as they came in, not what the layer made of them.",
    ),
    Misconception(
        "returns float64 for float32", flaw(lambda x, w, b: (x @ w + b).astype(np.float64)), wording.FLOAT64
    ),
    Misconception(
        "keeps integers", lambda x, w, b: (right(x, w, b).astype(x.dtype), (x, w, b)), wording.INTEGERS, seen=30
    ),
    Misconception(
        "flattens x in place",
        flattened_in_place,
        "x itself has another shape now, and the caller still needs it. x.reshape(…) gives a new view; x.shape = … "
        "does not.",
        seen=27,
    ),
    Misconception("changes b in place", added_in_place, wording.IN_PLACE.format("b"), seen=27),
)

EXERCISE = Exercise(
    name="dense_forward",
    unit="01_activations",
    signature="dense_forward(x, w, b)",
    reference=dense_forward,
    kind=Layer(("x", "w", "b"), cached=3),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_loops, by_einsum, by_bias_column),
    aspects=shares.DENSE,
    reread="section 1, from one neuron to a layer: the boxed formula and the worked example.",
)
