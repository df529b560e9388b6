"""mlp_backward: the four equations, from the last layer to the first."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.adapting import Adapted, tupled
from autograder.exercise import Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, floating
from autograder.exercises.unit02.networks import (
    NAMES,
    PARTS,
    SIGMA,
    UNIT,
    BackwardWithWeights,
    backward_cases,
    remember,
)
from autograder.exercises.unit02.shares import DTYPE, aspects
from nnlib.mlp import mlp_backward, mlp_forward


def in_tuples(*arguments: Any) -> Any:
    """The reference, in the form that students' results are put into."""
    return tupled(mlp_backward(*arguments))


def backward(
    through: Function = lambda da, a_in, z, name: da * SIGMA[name][1](z),
    at_end: Function = lambda dout, z, name: dout,
    weight: Function = lambda a_in, delta: a_in.T @ delta,
    bias: Function = lambda delta: delta.sum(axis=0),
    before: Function = lambda delta, w: delta @ w.T,
    below: int = -1,
) -> Function:
    """The way back, in parts that can be done otherwise; ``below``: whose z the slope is taken at."""

    def run(dout: Array, cache: Any, weights: Any, activation: str) -> Any:
        count = len(weights)
        dweights: list[Any] = [None] * count
        dbiases: list[Any] = [None] * count
        delta = at_end(dout, floating(cache[-1][1]), activation)
        for layer in range(count - 1, -1, -1):
            a_in, z = (floating(a) for a in cache[layer][:2])
            dweights[layer] = np.asarray(weight(a_in, delta)).astype(floating(weights[layer]).dtype)
            dbiases[layer] = np.asarray(bias(delta)).astype(z.dtype)
            da = before(delta, floating(weights[layer])).astype(a_in.dtype)
            if layer:
                delta = through(da, a_in, floating(cache[layer + below][1]), activation)
        return da, dweights, dbiases

    return run


def backward_by_examples(dout: Array, cache: Any, weights: Any, activation: str) -> Any:
    """Columns, as the lecture writes them, one example at a time."""
    weights = [floating(w) for w in weights]
    dweights = [np.zeros_like(w) for w in weights]
    dbiases = [np.zeros_like(w, shape=w.shape[1]) for w in weights]
    dx = np.zeros_like(floating(cache[0][0]))
    for n in range(len(dout)):
        delta = dout[n]
        for layer in reversed(range(len(weights))):
            dweights[layer] += np.outer(cache[layer][0][n], delta)
            dbiases[layer] += delta
            da = weights[layer] @ delta
            if layer:
                delta = da * SIGMA[activation][1](floating(cache[layer - 1][1][n]))
        dx[n] = da
    return dx, tuple(dweights), tuple(dbiases)


def changing(change: Function) -> Function:
    """The right gradients, changed: ``change(dx, dweights, dbiases)``."""
    return lambda *arguments: change(*mlp_backward(*arguments))


def each(change: Function) -> Function:
    """Each of the gradients changed."""
    return changing(lambda dx, dw, db: (change(dx), [change(a) for a in dw], [change(a) for a in db]))


def integer_gradients(dout: Array, cache: Any, weights: Any, activation: str) -> Any:
    """Gradients of the weights in their own dtype."""
    dx, dw, db = mlp_backward(dout, cache, weights, activation)
    return dx, [g.astype(w.dtype) for g, w in zip(dw, weights, strict=True)], db


def multiplying_dout(dout: Array, cache: Any, weights: Any, activation: str) -> Any:
    """delta *= …"""
    found = mlp_backward(dout, cache, weights, activation)
    dout *= dout.dtype.type(2)
    return found


def stepping(dout: Array, cache: Any, weights: Any, activation: str) -> Any:
    """A step with the weights, in place."""
    found = mlp_backward(dout, cache, weights, activation)
    for w, dw in zip(weights, found[1], strict=True):
        w -= dw.astype(w.dtype)
    return found


def at_value(da: Array, a_in: Array, z: Array, name: str) -> Array:
    """The slope taken at a, where z belongs."""
    result: Array = da * SIGMA[name][1](a_in)
    return result


def at_kink(da: Array, a_in: Array, z: Array, name: str) -> Array:
    """ReLU'(0) = 1."""
    result: Array = da * (z >= 0) if name == "relu" else da * SIGMA[name][1](z)
    return result


def square(delta: Array, w: Array) -> Array:
    """w as it is, wherever that runs."""
    result: Array = delta @ (w if w.shape[0] == w.shape[1] else w.T)
    return result


def value_for_slope(da: Array, a_in: Array, z: Array, name: str) -> Array:
    """σ(z) in place of σ'(z)."""
    result: Array = da * SIGMA[name][0](z)
    return result


EXERCISE = Exercise(
    name="mlp_backward",
    unit=UNIT,
    signature="mlp_backward(dout, cache, weights, activation)",
    reference=mlp_backward,
    kind=Adapted(BackwardWithWeights(NAMES, PARTS, mlp_forward, in_tuples, remember), tupled),
    cases=backward_cases,
    points=5,
    misconceptions=(
        Misconception(
            "forgets the activations",
            backward(through=lambda da, a_in, z, name: da),
            "On the way back through an activation, the gradient is multiplied by its slope: δ = da ⊙ σ'(z).",
        ),
        Misconception(
            "activates the last layer on the way back",
            backward(at_end=lambda dout, z, name: dout * SIGMA[name][1](z)),
            "The last layer is linear, so dout is its δ already: no slope there.",
        ),
        Misconception(
            "takes the slope at a",
            backward(through=at_value),
            "The slope is taken at z, before the activation. You take it at what came out of it.",
        ),
        Misconception(
            "takes the slope at the wrong layer's z",
            lambda dout, cache, weights, activation: backward(
                through=lambda da, a_in, z, name: (
                    da * SIGMA[name][1](z) if z.shape == da.shape else np.asarray(da * SIGMA[name][1](z))
                ),
                below=0,
            )(dout, cache, weights, activation),
            "da of layer l goes back through the activation before that layer, so the slope is that of the z one layer "
            "below: cache[layer − 1].",
        ),
        Misconception(
            "multiplies by the activation, not its slope",
            backward(through=value_for_slope),
            "You multiply by σ(z). The chain rule wants the derivative, σ'(z).",
        ),
        Misconception(
            "always takes ReLU's slope",
            backward(through=lambda da, a_in, z, name: da * SIGMA["relu"][1](z)),
            "activation says whose slope is meant. Yours is always that of the ReLU.",
        ),
        Misconception(
            "takes 1 for ReLU's derivative at 0",
            backward(through=at_kink),
            "At exactly 0 the derivative of ReLU is taken to be 0 in this course: z > 0, not z >= 0.",
            seen=23,
        ),
        Misconception(
            "transposes w only where it must",
            backward(before=square),
            "For a square w, δ @ w runs too, and is wrong. The way back uses the transpose, whatever the sizes.",
        ),
        Misconception(
            "returns the last layer first",
            changing(lambda dx, dw, db: (dx, dw[::-1], db[::-1])),
            "The way back meets the last layer first, but the lists are in the order of the layers: turn them round, or "
            "insert at the front.",
        ),
        Misconception(
            "divides by N",
            backward(weight=lambda a, d: a.T @ d / len(d), bias=lambda d: d.sum(axis=0) / len(d)),
            wording.DIVIDES_BY_N.format("Each gradient"),
        ),
        Misconception(
            "makes the bias gradients rows",
            backward(bias=lambda d: d.sum(axis=0, keepdims=True)),
            wording.ROW.format("Each of dbiases", "its bias"),
            seen=8,
        ),
        Misconception(
            "sums the bias gradients over the units",
            backward(bias=lambda d: d.sum(axis=1)),
            "A bias has one gradient for each unit, and all examples contribute: sum over axis 0.",
            seen=4,
        ),
        Misconception(
            "transposes the weight gradients",
            backward(weight=lambda a, d: d.T @ a),
            "Each of dweights must have the shape of its w, inputs first: a_inᵀ δ.",
        ),
        Misconception(
            "returns δ in place of dx",
            lambda dout, cache, weights, activation: (
                backward()(dout, cache[1:], weights[1:], activation)[0] if len(weights) > 1 else dout,
                *mlp_backward(dout, cache, weights, activation)[1:],
            ),
            "dx is missing its last factor: after the first layer's δ comes one more δ wᵀ.",
        ),
        Misconception(
            "returns no dx",
            changing(lambda dx, dw, db: (dw, db)),
            "Three things are asked for: return dx, dweights, dbiases.",
        ),
        Misconception(
            "skips the first layer",
            changing(lambda dx, dw, db: (dx, dw[1:], db[1:])),
            "The first layer has weights too: the loop must go down to layer 0.",
        ),
        Misconception(
            "does nothing where there is one layer",
            lambda dout, cache, weights, activation: (
                mlp_backward(dout, cache, weights, activation) if len(weights) > 1 else (dout, [], [])
            ),
            "A network of one layer has weights, biases and inputs too: the loop runs once, with dout as its δ.",
        ),
        Misconception("returns float64 for float32", each(lambda a: a.astype(np.float64)), wording.FLOAT64),
        Misconception("makes gradients of integers", integer_gradients, wording.INTEGERS, seen=30),
        Misconception("changes dout in place", multiplying_dout, wording.IN_PLACE.format("dout"), seen=27),
        Misconception(
            "changes the weights in place",
            stepping,
            "The weights were changed, and they are the network's own. A backward function only computes gradients; the "
            "step comes later.",
            seen=27,
        ),
    ),
    alternatives=(backward(), backward_by_examples),
    worth={"dx": 1, "dweights": 2, "dbiases": 1},
    aspects=aspects(
        basics=(15, ("two layers, tanh", "one example", "one unit in each layer", "many examples")),
        activations=(12, ("two layers, sigmoid", "two layers, ReLU")),
        more_layers=(12, ("four layers, ReLU", "four layers, tanh")),
        one_layer=(8, ("one layer",)),
        equal_widths=(13, ("all widths the same",)),
        at_the_kink=(12, ("z is exactly 0",)),
        dtype=(17, DTYPE),
        nothing_changed=(11, ("read-only arrays", "dout and cache unchanged", "called twice")),
    ),
    reread="section 6, any number of layers: the four equations, and the loop from the last layer to the first.",
    partner="mlp_forward",
)
