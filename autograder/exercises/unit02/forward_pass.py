"""mlp_forward: any number of layers, and the cache of each."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.adapting import Adapted
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, floating
from autograder.exercises.unit02.networks import (
    NAMES,
    SIGMA,
    UNIT,
    WHOLE,
    forward_cases,
    sigmoid,
    two_columns,
)
from autograder.exercises.unit02.shares import DTYPE, UNCHANGED, aspects
from autograder.kinds import Layer
from nnlib.mlp import mlp_forward


def forward(
    activate: Function = lambda z, layer, count, name: SIGMA[name][0](z) if layer < count - 1 else z,
    product: Function = lambda a, w, b: a @ w + b,
    keep: Function = lambda a_in, z, a: (a_in, z),
) -> Function:
    """The forward pass in parts that can be done otherwise."""

    def run(x: Array, weights: Any, biases: Any, activation: str) -> Any:
        a, cache = floating(x), []
        for layer, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = product(a, floating(w), floating(b))
            out = activate(z, layer, len(weights), activation)
            cache.append(keep(a, z, out))
            a = out
        return a, cache

    return run


def recursive(x: Array, weights: Any, biases: Any, activation: str) -> Any:
    """The first layer, then the others; the cache holds more than it must."""
    x = floating(x)
    z = x @ floating(weights[0]) + floating(biases[0])
    if len(weights) == 1:
        return z, ((x, z, "last"),)
    out, cache = recursive(SIGMA[activation][0](z), weights[1:], biases[1:], activation)
    return out, ((x, z, activation), *cache)


def changing_cache(change: Function) -> Function:
    """The right out, with another cache."""

    def wrong(*arguments: Any) -> Any:
        out, cache = mlp_forward(*arguments)
        return out, change(cache)

    return wrong


def adding_in_place(x: Array, weights: Any, biases: Any, activation: str) -> Any:
    """x -= its mean."""
    found = mlp_forward(x, weights, biases, activation)
    x -= x.dtype.type(1)
    return found


def changing_list(x: Array, weights: Any, biases: Any, activation: str) -> Any:
    """weights.pop(0)."""
    found = mlp_forward(x, list(weights), list(biases), activation)
    weights.pop(0)
    return found


EXERCISE = Exercise(
    name="mlp_forward",
    unit=UNIT,
    signature="mlp_forward(x, weights, biases, activation)",
    reference=mlp_forward,
    kind=Adapted(Layer(NAMES, cached=WHOLE), two_columns),
    cases=forward_cases,
    points=3,
    misconceptions=(
        Misconception(
            "activates the last layer too",
            forward(activate=lambda z, layer, count, name: SIGMA[name][0](z)),
            "The last layer stays linear: its z is the output. Loss functions such as softmax_cross_entropy expect logits.",
        ),
        Misconception(
            "activates nothing",
            forward(activate=lambda z, layer, count, name: z),
            "Nothing is activated here, and a stack of linear layers is linear. After each layer but the last: "
            "activate(z, activation).",
        ),
        Misconception(
            "always takes ReLU",
            forward(activate=lambda z, layer, count, name: np.maximum(z, 0) if layer < count - 1 else z),
            'activation says which function is meant: "relu", "sigmoid" or "tanh". Yours is always the ReLU.',
        ),
        Misconception(
            "always takes the sigmoid",
            forward(activate=lambda z, layer, count, name: sigmoid(z) if layer < count - 1 else z),
            'activation says which function is meant: "relu", "sigmoid" or "tanh". Yours is always the sigmoid.',
        ),
        Misconception(
            "activates the first layer only",
            forward(activate=lambda z, layer, count, name: SIGMA[name][0](z) if layer == 0 and count > 1 else z),
            "Only the first layer is activated. All layers but the last are.",
        ),
        Misconception(
            "activates one layer where there is one",
            forward(activate=lambda z, layer, count, name: SIGMA[name][0](z) if layer < max(count - 1, 1) else z),
            "A network of one layer has a last layer, too: it stays linear.",
        ),
        Misconception(
            "forgets the biases",
            forward(product=lambda a, w, b: a @ w),
            "The biases are not used: z = a w + b.",
        ),
        Misconception(
            "transposes square weights",
            forward(product=lambda a, w, b: a @ (w.T if w.shape[0] == w.shape[1] else w) + b),
            "w is (D, M), inputs first, and stays as it is: z = a w + b. The transpose belongs to the way back.",
        ),
        Misconception(
            "keeps what comes out",
            forward(keep=lambda a_in, z, a: (a, z)),
            "The cache must hold what came into the layer, a_in, and z. You keep what goes out.",
        ),
        Misconception(
            "keeps a in place of z",
            forward(keep=lambda a_in, z, a: (a_in, a)),
            "The cache must hold z, before the activation: the way back needs the slope there.",
        ),
        Misconception(
            "keeps z first",
            forward(keep=lambda a_in, z, a: (z, a_in)),
            "In the cache, a_in comes before z.",
        ),
        Misconception(
            "keeps nothing of the last layer",
            changing_cache(lambda cache: cache[:-1]),
            "The cache has an entry for each layer, the last one included: its a_in is needed for its dw.",
        ),
        Misconception(
            "keeps the last layer first",
            changing_cache(lambda cache: cache[::-1]),
            "The cache is in the order of the layers: append.",
        ),
        Misconception(
            "returns out alone",
            lambda *arguments: mlp_forward(*arguments)[0],
            "A forward function returns two things: the result and the cache. End with: return out, cache.",
        ),
        Misconception(
            "returns float64 for float32",
            lambda *arguments: (mlp_forward(*arguments)[0].astype(np.float64), mlp_forward(*arguments)[1]),
            wording.FLOAT64,
        ),
        Misconception(
            "keeps integers",
            lambda *arguments: (mlp_forward(*arguments)[0].astype(arguments[0].dtype), mlp_forward(*arguments)[1]),
            wording.INTEGERS,
            seen=30,
        ),
        Misconception("changes x in place", adding_in_place, wording.IN_PLACE.format("x"), seen=27),
        Misconception(
            "empties the list of weights",
            changing_list,
            "weights.pop changes the caller's own list. Loop over it: for w, b in zip(weights, biases).",
            seen=27,
        ),
    ),
    alternatives=(forward(), recursive),
    aspects=aspects(
        basics=(
            20,
            ("two layers, tanh", "one example", "one unit in each layer", "many examples"),
        ),
        activations=(15, ("two layers, sigmoid", "two layers, ReLU")),
        more_layers=(15, ("four layers, ReLU", "four layers, tanh")),
        one_layer=(10, ("one layer",)),
        equal_widths=(10, ("all widths the same",)),
        cache=(10, ("cache as documented", "cache of one layer")),
        dtype=(10, DTYPE),
        nothing_changed=(10, UNCHANGED),
    ),
    reread="section 6, any number of layers: the two forward equations, and what the cache keeps.",
)
