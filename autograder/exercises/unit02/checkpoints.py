"""The bonus on memory: gradients of a chain with few activations kept, watched from outside.

The layers are the grader's own functions. Who calls them, in which order, tells how much work was done, and how many
activations must have been kept: one that is used later was held from the call that made it until that use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.adapting import as_number, tupled
from autograder.calling import Caller, NotTried, Raised
from autograder.comparison import Problem
from autograder.exercise import Case, Exercise, Function, Judgement, Misconception, Parts
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.drawing import Array, draw
from autograder.exercises.unit02.shares import aspects
from autograder.kinds import changed, fresh, judge_parts, spread
from nnlib.mlp import checkpointed_gradients

UNIT = "02_backpropagation"
PARTS = ("loss", "dx", "gradients")
WATCHED = ("work", "memory")
ENOUGH = ()  # what is seen of work or memory where no more was taken than is needed


@dataclass(slots=True)
class Chain:
    """Layers a → tanh(a w) and a loss Σ out² / 2 that note down who calls them."""

    weights: tuple[Array, ...]
    log: list[tuple[str, int]] = field(default_factory=list)

    def layers(self) -> list[tuple[Function, Function]]:
        """A pair (forward, backward) for each layer."""
        return [(self._forward(k, w), self._backward(k, w)) for k, w in enumerate(self.weights)]

    def loss(self, out: Array) -> tuple[float, Array]:
        """(loss, dout)."""
        self.log.append(("loss", len(self.weights)))
        out = np.asarray(out)
        return float((out**2).sum() / 2), out.copy()

    def _forward(self, k: int, w: Array) -> Function:
        def forward(a: Array) -> Array:
            self.log.append(("forward", k))
            return np.asarray(np.tanh(a @ w))

        return forward

    def _backward(self, k: int, w: Array) -> Function:
        def backward(dout: Array, a: Array) -> tuple[Array, Array]:
            self.log.append(("backward", k))
            delta = dout * (1 - np.tanh(a @ w) ** 2)
            return delta @ w.T, np.asarray(a).T @ delta

        return backward

    def work(self) -> int:
        """How many times a forward function was called."""
        return sum(what == "forward" for what, _ in self.log)

    def held(self) -> int:
        """How many activations there must have been at once; x, which the caller holds, is not counted."""
        made: dict[int, int] = {}
        spans: dict[tuple[int, int], int] = {}
        for time, (what, k) in enumerate(self.log):
            if k in made:
                spans[k, made[k]] = time
            if what == "forward":
                made[k + 1] = time
        # one that was made at `start` and is used at `end` is there at every call in between, and at the last
        times = range(len(self.log))
        return max((sum(start < t <= end for (_, start), end in spans.items()) for t in times), default=0)


@dataclass(frozen=True, slots=True)
class Watched:
    """checkpointed_gradients(x, layers, loss, every); a case holds x, the weights of the layers, and every."""

    names: tuple[str, ...] = ("x", "weights", "every")
    parts: tuple[str, ...] = PARTS

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What is returned; where a case looks at it, how much work and memory it took."""
        return tuple(self._one(case, function, call) for case in cases)

    def _one(self, case: Case, function: Function, call: Caller) -> Parts:
        x, weights, every = case.arguments
        x = fresh(x)
        chain = Chain(weights)
        result = call(function, x, chain.layers(), chain.loss, every)
        seen = {name: tupled(value) for name, value in spread(result, PARTS).items()}
        seen["loss"] = as_number(seen["loss"])
        failed = isinstance(result, Raised | NotTried)
        watched = {
            "work": _beyond(chain.work(), fewer_than(case)["work"]),
            "memory": _beyond(chain.held(), fewer_than(case)["memory"]),
            "inputs": changed(case.arguments[0], x, "x"),
        }
        return seen | {name: result if failed else watched[name] for name in case.looks_at if name in watched}

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """Values as always; work and memory up to a bound. Whoever has no gradients has saved nothing."""
        values = {name: value for name, value in expected.items() if name not in WATCHED}
        judged = judge_parts(values, observed, tolerance)
        wasted = {name: _wasted(name, case, observed[name]) for name in expected if name in WATCHED}
        problems = {**judged.problems, **wasted}
        if wasted and any(problems.values()):
            return Judgement(problems, dict.fromkeys(judged.earned, 0.0))
        return Judgement(problems, judged.earned)


def fewer_than(case: Case) -> dict[str, int]:
    """Twice as many calls as layers, and a few activations more than the checkpoints and one stretch."""
    depth, every = len(case.arguments[1]), case.arguments[2]
    return {"work": 2 * depth, "memory": -(-depth // every) + every + 1}


def _beyond(found: int, bound: int) -> tuple[int, ...]:
    return ENOUGH if found < bound else (found,)


def _wasted(name: str, case: Case, seen: Any) -> Problem | None:
    if isinstance(seen, Raised | NotTried) or seen == ENOUGH:
        return None  # what was raised is said of the values already
    depth, most = len(case.arguments[1]), fewer_than(case)[name] - 1
    said = {
        "work": f"{seen[0]} calls of forward functions for {depth} layers; at most {most} are needed",
        "memory": f"{seen[0]} activations of {depth} layers were kept at once; at most {most} are needed",
    }
    return Problem(said[name])


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Depths that `every` divides and does not; the extremes; memory and work."""

    def case(trait: str, depth: int, every: int, looks_at: tuple[str, ...] = (), n: int = 3, **look: Any) -> Case:
        weights = tuple(draw(rng, 3, 3) * 0.6 for _ in range(depth))
        return Case(trait, (draw(rng, n, 3, **look), weights, every), looks_at=looks_at)

    yield case("two stretches", 6, 3)
    yield case("three stretches", 6, 2)
    yield case("a short stretch at the end", 7, 3)
    yield case("a single layer at the end", 7, 2)
    yield case("every layer kept", 5, 1)
    yield case("one stretch", 5, 5)
    yield case("every larger than the depth", 4, 9)
    yield case("one layer", 1, 1)
    yield case("one example", 6, 3, n=1)
    yield case("float32", 4, 2, dtype="float32")
    yield case("integers", 4, 2, dtype="int64")
    yield case("read-only arrays", 6, 3, awkward=True)
    yield case("inputs unchanged", 6, 3, (*PARTS, "inputs"))
    yield case("memory of 16 layers", 16, 4, (*PARTS, "memory"))
    yield case("memory of 25 layers", 25, 5, (*PARTS, "memory"))
    yield case("work for 16 layers", 16, 4, (*PARTS, "work"))


def recursive(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """One stretch, then the others, and the stretch again."""
    layers = list(layers)
    stretch, others = layers[:every], layers[every:]
    a = x
    for forward, _ in stretch:
        a = forward(a)
    if others:
        value, da, gradients = recursive(a, others, loss, every)
    else:
        value, da = loss(a)
        gradients = []
    inputs = [x]
    for forward, _ in stretch[:-1]:
        inputs.append(forward(inputs[-1]))
    for (_, backward), a_in in zip(stretch[::-1], inputs[::-1], strict=True):
        da, gradient = backward(da, a_in)
        gradients = [gradient, *gradients]
    return value, da, gradients


def last_stretch_kept(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """The last stretch need not be computed again: its inputs are kept on the first way."""
    count = len(layers)
    last = (count - 1) // every * every
    kept, a = {}, x
    for k in range(count):
        if k % every == 0 or k > last:
            kept[k] = a
        a = layers[k][0](a)
    value, da = loss(a)
    gradients: list[Any] = [None] * count
    for start in range(last, -1, -every):
        for k in range(start + 1, min(start + every, count)):
            if k not in kept:
                kept[k] = layers[k - 1][0](kept[k - 1])
        for k in range(min(start + every, count) - 1, start - 1, -1):
            da, gradients[k] = layers[k][1](da, kept.pop(k))
    return value, da, gradients


def keeping_everything(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """The plain way."""
    return checkpointed_gradients(x, layers, loss, len(layers))


def all_inputs(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """Checkpoints or not, every input is kept on the first way."""
    inputs = [x]
    for forward, _ in layers:
        inputs.append(forward(inputs[-1]))
    value, da = loss(inputs[-1])
    gradients = []
    for (_, backward), a in zip(layers[::-1], inputs[-2::-1], strict=True):
        da, gradient = backward(da, a)
        gradients.append(gradient)
    return value, da, gradients[::-1]


def from_the_start(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """Every input anew from x."""
    a = x
    for forward, _ in layers:
        a = forward(a)
    value, da = loss(a)
    gradients = []
    for k in range(len(layers) - 1, -1, -1):
        a = x
        for forward, _ in layers[:k]:
            a = forward(a)
        da, gradient = layers[k][1](da, a)
        gradients.append(gradient)
    return value, da, gradients[::-1]


def each_from_its_checkpoint(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """Within a stretch, every input anew from the checkpoint."""
    kept, a = {}, x
    for k, (forward, _) in enumerate(layers):
        if k % every == 0:
            kept[k] = a
        a = forward(a)
    value, da = loss(a)
    gradients = []
    for k in range(len(layers) - 1, -1, -1):
        start = k // every * every
        a = kept[start]
        for forward, _ in layers[start:k]:
            a = forward(a)
        da, gradient = layers[k][1](da, a)
        gradients.append(gradient)
    return value, da, gradients[::-1]


def changing(change: Function) -> Function:
    """The right results, changed."""
    return lambda *arguments: change(*checkpointed_gradients(*arguments))


def dropping_the_rest(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """len(layers) // every stretches."""
    whole = len(layers) // every * every
    value, da, gradients = checkpointed_gradients(x, layers, loss, every)
    return value, da, gradients[:whole]


def starting_at_checkpoints(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """The stretch's first input for all of its layers."""
    kept, a = {}, x
    for k, (forward, _) in enumerate(layers):
        if k % every == 0:
            kept[k] = a
        a = forward(a)
    value, da = loss(a)
    gradients = []
    for k in range(len(layers) - 1, -1, -1):
        da, gradient = layers[k][1](da, kept[k // every * every])
        gradients.append(gradient)
    return value, da, gradients[::-1]


def needs_two(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """Indexes past the end where every is larger than the depth."""
    if every > len(layers):
        raise IndexError("list index out of range")
    return checkpointed_gradients(x, layers, loss, every)


def in_place(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """Reuses x's memory."""
    found = checkpointed_gradients(x, layers, loss, every)
    x -= x.dtype.type(1)
    return found


def restarting(x: Any, layers: Any, loss: Any, every: int) -> Any:
    """The gradient is not handed from stretch to stretch."""
    value, _, gradients = checkpointed_gradients(x, layers, loss, every)
    a, dx = x, None
    kept = []
    for forward, _ in layers:
        kept.append(a)
        a = forward(a)
    _, dout = loss(a)
    found = []
    for k in range(len(layers) - 1, -1, -1):
        if (k + 1) % every == 0 or k == len(layers) - 1:
            dx = dout
        dx, gradient = layers[k][1](dx, kept[k])
        found.append(gradient)
    return value, dx, found[::-1]


EXERCISE = Exercise(
    name="checkpointed_gradients",
    unit=UNIT,
    signature="checkpointed_gradients(x, layers, loss, every)",
    reference=checkpointed_gradients,
    kind=Watched(),
    cases=cases,
    points=3,
    bonus=True,
    misconceptions=(
        Misconception(
            "keeps every input",
            all_inputs,
            "The gradients are right, but every activation was kept on the way forward: nothing is saved. Keep the input of "
            "every `every`-th layer only.",
        ),
        Misconception(
            "begins at x each time",
            from_the_start,
            "Every input is computed anew from x: for L layers that is about L²/2 calls. Begin at the nearest checkpoint.",
        ),
        Misconception(
            "begins at the checkpoint for each layer",
            each_from_its_checkpoint,
            "Within a stretch you begin at the checkpoint again for each layer. Run through the stretch once and keep its "
            "inputs until they are used.",
        ),
        Misconception(
            "uses the checkpoint for the whole stretch",
            starting_at_checkpoints,
            "A layer's backward function needs the input of that layer, not that of the first one in its stretch.",
        ),
        Misconception(
            "forgets the last, shorter stretch",
            dropping_the_rest,
            "Where `every` does not divide the number of layers, the last stretch is shorter, but it is there.",
        ),
        Misconception(
            "begins every stretch with dout",
            restarting,
            "Each stretch begins with the gradient that the stretch after it has handed down, not with the loss's.",
        ),
        Misconception(
            "takes every to be at most the depth",
            needs_two,
            "`every` may be larger than the number of layers: then there is one stretch. A slice stops at the end by itself.",
        ),
        Misconception(
            "returns the last layer first",
            changing(lambda loss, dx, gradients: (loss, dx, gradients[::-1])),
            "The way back meets the last layer first, but the list is in the order of the layers.",
        ),
        Misconception(
            "returns two of three",
            changing(lambda loss, dx, gradients: (loss, gradients)),
            "Three things are asked for: return loss, dx, gradients.",
        ),
        Misconception("changes x in place", in_place, wording.IN_PLACE.format("x"), seen=27),
    ),
    alternatives=(recursive, last_stretch_kept),
    worth={"loss": 1, "dx": 2, "gradients": 2},
    aspects=aspects(
        gradients=(25, ("two stretches", "three stretches", "one example")),
        shorter_stretch=(10, ("a short stretch at the end", "a single layer at the end")),
        extremes=(10, ("every layer kept", "one stretch", "every larger than the depth", "one layer")),
        memory=(25, ("memory of 16 layers", "memory of 25 layers")),
        work=(15, ("work for 16 layers",)),
        dtype=(5, ("float32", "integers")),
        nothing_changed=(10, ("read-only arrays", "inputs unchanged")),
    ),
    reread="section 8, memory: the plan in three steps, and the picture of what is kept.",
)
