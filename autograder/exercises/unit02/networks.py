"""The networks that mlp_forward and mlp_backward are tried on, and how the two are called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.adapting import tupled
from autograder.calling import Caller
from autograder.exercise import Case, Function
from autograder.exercises.unit02.drawing import Array, draw, widths
from autograder.kinds import Backward, Call, fresh
from nnlib.mlp import mlp_forward

UNIT = "02_backpropagation"
NAMES = ("x", "weights", "biases", "activation")
PARTS = ("dx", "dweights", "dbiases")
WHOLE = 1000  # of a cache: all layers


@dataclass(frozen=True, slots=True)
class BackwardWithWeights(Backward):
    """A backward function that gets the weights and the activation beside dout and the cache."""

    def _with(self, cache: Any, case: Case, function: Function, call: Caller) -> dict[str, Any]:
        _, weights, _, activation = case.arguments
        arguments = (fresh(case.dout), fresh(cache), fresh(weights), activation)
        return Call(function, arguments, ("dout", "cache", "weights", "activation"), self.parts).observe(
            case, call
        )


def remember(*arguments: Any) -> Any:
    """The documented cache."""
    return mlp_forward(*arguments)[1]


def two_columns(result: Any, *_arguments: Any) -> Any:
    """Of each layer in the cache what is documented; more may follow it."""
    if type(result) not in (tuple, list) or len(result) != 2 or type(result[1]) not in (tuple, list):
        return result
    return result[0], tuple(tupled(item)[:2] if type(item) in (tuple, list) else item for item in result[1])


def settings(rng: np.random.Generator) -> Iterator[tuple[str, list[Any]]]:
    """The networks that both functions are tried on, by trait."""

    def network(
        n: int = 5, sizes: Sequence[int] = (3, 6, 2), activation: str = "tanh", shift: float = 0, **look: Any
    ) -> list[Any]:
        weights, biases = widths(rng, sizes, **look)
        biases = [b + b.dtype.type(shift) for b in biases] if shift else biases
        return [draw(rng, n, sizes[0], **look), weights, biases, activation]

    yield "two layers, tanh", network()
    yield "two layers, sigmoid", network(activation="sigmoid")
    yield "two layers, ReLU", network(activation="relu")
    yield "four layers, ReLU", network(sizes=(3, 5, 4, 6, 2), activation="relu", shift=0.5)
    yield "four layers, tanh", network(sizes=(3, 5, 4, 6, 2))
    yield "one layer", network(sizes=(4, 3))
    yield "one example", network(n=1)
    yield "one unit in each layer", network(sizes=(1, 1, 1))
    yield "all widths the same", network(n=4, sizes=(4, 4, 4, 4))
    yield "many examples", network(n=14)
    yield "float32", network(dtype="float32")
    yield "integers", network(n=3, dtype="int64", activation="sigmoid", sizes=(2, 2, 2))
    yield "read-only arrays", network(awkward=True)


def forward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Networks; then purity and the cache."""
    for trait, arguments in settings(rng):
        yield Case(trait, tuple(arguments))
    again = dict(settings(rng))
    yield Case("inputs unchanged", tuple(again["two layers, tanh"]), looks_at=("out", "inputs"))
    yield Case("called twice", tuple(again["two layers, ReLU"]), looks_at=("out", "again"))
    yield Case("cache as documented", tuple(again["four layers, tanh"]), looks_at=("out", "cache"))
    yield Case("cache of one layer", tuple(again["one layer"]), looks_at=("out", "cache"))


def backward_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Networks, and dout; a kink; then purity."""

    def case(trait: str, arguments: list[Any], looks_at: tuple[str, ...] = ()) -> Case:
        x, weights = arguments[0], arguments[1]
        dtype = "float32" if x.dtype == np.float32 else "float64"
        dout = draw(rng, len(x), weights[-1].shape[1], dtype=dtype, awkward=not x.flags.writeable)
        return Case(trait, tuple(arguments), dout, looks_at=looks_at)

    for trait, arguments in settings(rng):
        yield case(trait, arguments)
    again = dict(settings(rng))
    x, weights, biases, _ = again["two layers, ReLU"]
    yield case("z is exactly 0", [x, [0 * weights[0], weights[1]], [0 * biases[0], biases[1]], "relu"])
    yield case("dout and cache unchanged", again["two layers, tanh"], (*PARTS, "inputs"))
    yield case("called twice", again["four layers, ReLU"], (*PARTS, "again"))


def sigmoid(z: Array) -> Array:
    """Without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -z)))


SIGMA: dict[str, tuple[Function, Function]] = {  # an activation and its slope, both of z
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}
