"""collapse_linear: one layer that does what two linear layers do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.exercises.unit01.elementwise import floating
from autograder.exercises.unit01.settings import Array, frozen, mixed, whole
from autograder.kinds import Plain
from nnlib.linear import collapse_linear

SIZES = {  # D, K, M
    "as many everywhere": (3, 3, 3),
    "all sizes different": (4, 3, 2),
    "narrow in the middle": (4, 1, 3),
    "one neuron": (3, 2, 1),
    "no biases": (2, 4, 3),
    "biases": (2, 3, 4),
    "float32": (3, 4, 2),
    "integers": (2, 4, 3),
    "read-only arrays": (4, 2, 3),
    "inputs unchanged": (2, 3, 4),
}


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Two layers of each setting."""
    for trait, (d, k, m) in SIZES.items():
        draw = whole if trait == "integers" else mixed
        layers = [draw(rng, shape) for shape in ((d, k), (k,), (k, m), (m,))]
        if trait == "no biases":
            layers[1], layers[3] = np.zeros(k), np.zeros(m)
        if trait == "biases":
            layers[1], layers[3] = 10 + np.abs(layers[1]), 20 + np.abs(layers[3])
        if trait == "float32":
            layers = [layer.astype(np.float32) for layer in layers]
        if trait == "read-only arrays":
            layers = [frozen(layer) for layer in layers]
        yield Case(trait, tuple(layers), looks_at=("inputs",) if trait == "inputs unchanged" else ())


def by_probing(w1: Array, b1: Array, w2: Array, b2: Array) -> tuple[Array, Array]:
    """The images of 0 and of the unit vectors say what a linear function is."""
    w1, b1, w2, b2 = map(floating, (w1, b1, w2, b2))
    b = (np.zeros(len(w1), w1.dtype) @ w1 + b1) @ w2 + b2
    return (np.eye(len(w1), dtype=w1.dtype) @ w1 + b1) @ w2 + b2 - b, b


def by_einsum(w1: Array, b1: Array, w2: Array, b2: Array) -> tuple[Array, Array]:
    """Sums by name."""
    w1, b1, w2, b2 = map(floating, (w1, b1, w2, b2))
    return np.einsum("dk,km->dm", w1, w2), np.einsum("k,km->m", b1, w2) + b2


def by_one_matrix(w1: Array, b1: Array, w2: Array, b2: Array) -> tuple[Array, Array]:
    """The bias as one more row."""
    w1, b1, w2, b2 = map(floating, (w1, b1, w2, b2))
    both = np.vstack([w1, b1]) @ w2
    return both[:-1], both[-1] + b2


def flaw(change: Function) -> Function:
    """``change`` for float arrays."""
    return lambda *layers: change(*map(floating, layers))


def in_place(w1: Array, b1: Array, w2: Array, b2: Array) -> tuple[Array, Array]:
    """+= on what came in."""
    w, b = collapse_linear(w1, b1, w2, b2)
    b2 += b1 @ w2
    return w, b


def w1_in_place(w1: Array, b1: Array, w2: Array, b2: Array) -> tuple[Array, Array]:
    """Scales its input."""
    w, b = collapse_linear(w1, b1, w2, b2)
    w1 *= 2
    return w, b


MISCONCEPTIONS = (
    Misconception(
        "multiplies in the wrong order",
        flaw(lambda w1, b1, w2, b2: (w2 @ w1, b1 @ w2 + b2)),
        "The order is exchanged. x meets the first layer first, so in x @ w1 @ w2 the first layer's weights stand left.",
    ),
    Misconception(
        "multiplies element by element",
        flaw(lambda w1, b1, w2, b2: (w1 * w2, b1 @ w2 + b2)),
        "w1 * w2 multiplies number by number. Two layers one behind the other are a matrix product.",
    ),
    Misconception(
        "adds the biases as they are",
        flaw(lambda w1, b1, w2, b2: (w1 @ w2, b1 + b2)),
        "The first layer's bias goes through the second layer too. What happens to it on the way?",
    ),
    Misconception(
        "forgets the first bias",
        flaw(lambda w1, b1, w2, b2: (w1 @ w2, b2)),
        "b1 is lost. Let x be all zeros: what do the two layers give then?",
    ),
    Misconception(
        "forgets the second bias",
        flaw(lambda w1, b1, w2, b2: (w1 @ w2, b1 @ w2)),
        "b2 is lost. The second layer adds it at the very end.",
    ),
    Misconception(
        "puts the biases into the weights",
        flaw(lambda w1, b1, w2, b2: (w1 @ w2 + b1 @ w2 + b2, b1 @ w2 + b2)),
        "The biases are in w as well. w is what multiplies x; what does not depend on x belongs into b.",
    ),
    Misconception(
        "makes b a row of a matrix",
        flaw(lambda w1, b1, w2, b2: (w1 @ w2, b1[None] @ w2 + b2)),
        "b must have shape (M,), one number for each output, not (1, M).",
        seen=8,
    ),
    Misconception(
        "returns w transposed",
        flaw(lambda w1, b1, w2, b2: ((w1 @ w2).T, b1 @ w2 + b2)),
        "w is transposed. Weights are (features in, features out), so here (D, M).",
    ),
    Misconception(
        "puts a ReLU between the layers",
        flaw(lambda w1, b1, w2, b2: (np.maximum(w1, 0) @ w2, np.maximum(b1, 0) @ w2 + b2)),
        "Something sets negative numbers to 0. These two layers are linear: there is nothing between them.",
    ),
    Misconception(
        "returns w alone",
        lambda *layers: collapse_linear(*layers)[0],
        "Two things are asked for, the weights and the bias: return w, b.",
    ),
    Misconception(
        "returns float64 for float32",
        lambda *layers: tuple(a.astype(np.float64) for a in collapse_linear(*layers)),
        wording.FLOAT64,
    ),
    Misconception(
        "keeps integers",
        lambda *layers: tuple(a.astype(layers[0].dtype) for a in collapse_linear(*layers)),
        "Integers came in, and integers went out. A layer computes with floats: use as_float first.",
        seen=30,
    ),
    Misconception(
        "drops axes of length 1",
        lambda *layers: tuple(np.squeeze(a) if i == 0 else a for i, a in enumerate(collapse_linear(*layers))),
        "With a single output w must still be a table, of shape (D, 1). Something here drops axes of length 1.",
    ),
    Misconception("changes w1 in place", w1_in_place, wording.IN_PLACE.format("w1"), seen=27),
    Misconception("changes b2 in place", in_place, wording.IN_PLACE.format("b2"), seen=27),
)

EXERCISE = Exercise(
    name="collapse_linear",
    unit="01_activations",
    signature="collapse_linear(w1, b1, w2, b2)",
    reference=collapse_linear,
    kind=Plain(("w1", "b1", "w2", "b2"), ("w", "b")),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_probing, by_einsum, by_one_matrix),
    aspects=shares.COLLAPSE,
    reread="section 2, a stack of linear layers: the three lines that end in the box.",
)
