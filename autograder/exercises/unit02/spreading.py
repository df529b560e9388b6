"""The bonus, backpropagate: from the last node to the first, and a value used twice gets both gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.adapting import Adapted, as_number
from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.orders import CHAIN, DIAMOND, LATE, UNUSED, Parents, shuffled, topological_order
from autograder.exercises.unit02.shares import aspects
from autograder.kinds import Plain

UNIT = "02_backpropagation"


@dataclass(frozen=True, slots=True)
class Factors:
    """rule(node, dout) of a graph of numbers: each parent's gradient is dout times its factor."""

    factors: tuple[tuple[float, ...], ...]

    def __call__(self, node: int, dout: float) -> tuple[float, ...]:
        """A gradient for each parent of the node."""
        return tuple(float(dout) * factor for factor in self.factors[node])

    def __repr__(self) -> str:
        return f"(factors {[tuple(round(f, 3) for f in row) for row in self.factors]})"


def backpropagate(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
    """From the last to the first, adding up."""
    gradients = dict.fromkeys(order, 0.0)
    gradients[order[-1]] = 1.0
    for node in reversed(order):
        for parent, share in zip(parents[node], rule(node, gradients[node]), strict=True):
            gradients[parent] += share
    return gradients


def spread_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Graphs in which values are used once, twice, and with themselves."""

    def case(trait: str, graph: Parents, last: int = -1, looks_at: tuple[str, ...] = ()) -> Case:
        parents, end = shuffled(rng, graph, last % len(graph))
        factors = tuple(
            tuple(float(f) for f in rng.uniform(0.5, 2, len(ps)) * rng.choice([-1, 1], len(ps))) for ps in parents
        )
        return Case(trait, (parents, topological_order(parents, end), Factors(factors)), looks_at=looks_at)

    many = [(), ()] + [(int(rng.integers(n - 1)), n - 1) for n in range(2, 12)]
    yield case("one node", [()])
    yield case("one step", [(), (0,)])
    yield case("a chain", CHAIN)
    yield case("a longer chain", [(), *((n,) for n in range(8))])
    yield case("several inputs", [(), (), (), (0, 1), (3, 2)])
    yield case("a value used twice", DIAMOND)
    yield case("a value with itself", [(), (0, 0)])
    yield case("used early and late", LATE)
    yield case("used three times", [(), (0,), (0,), (0,), (1, 2), (4, 3)])
    yield case("nodes that are not needed", UNUSED)
    yield case("from the middle of a graph", LATE, 2)
    yield case("many nodes", many)
    yield case("inputs unchanged", CHAIN, looks_at=("gradients", "inputs"))


def by_children(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
    """Each node asks those that it was used for."""
    found = {order[-1]: 1.0}
    for node in list(order)[-2::-1]:
        found[node] = sum(
            share
            for child in found
            for parent, share in zip(parents[child], rule(child, found[child]), strict=True)
            if parent == node
        )
    return found


def by_paths(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
    """Every path by itself."""
    found = dict.fromkeys(order, 0.0)

    def walk(node: int, dout: float) -> None:
        found[node] += dout
        for parent, share in zip(parents[node], rule(node, dout), strict=True):
            walk(parent, share)

    walk(order[-1], 1.0)
    return found


def spreading(
    put: Function = lambda g, parent, share: g[parent] + share,
    start: float = 1.0,
    turn: Function = lambda order: order[::-1],
) -> Function:
    """The loop in parts that can be done otherwise."""

    def wrong(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
        gradients = dict.fromkeys(order, 0.0)
        gradients[order[-1]] = start
        for node in turn(list(order)):
            for parent, share in zip(parents[node], rule(node, gradients[node]), strict=True):
                gradients[parent] = put(gradients, parent, share)
        return gradients

    return wrong


def once_a_parent(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
    """A dict of shares holds one for each parent."""
    gradients = dict.fromkeys(order, 0.0)
    gradients[order[-1]] = 1.0
    for node in reversed(order):
        for parent, share in dict(zip(parents[node], rule(node, gradients[node]), strict=True)).items():
            gradients[parent] += share
    return gradients


def first_parents(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
    """Only the first parent gets something."""
    gradients = dict.fromkeys(order, 0.0)
    gradients[order[-1]] = 1.0
    for node in reversed(order):
        for parent, share in zip(parents[node][:1], rule(node, gradients[node])[:1], strict=True):
            gradients[parent] += share
    return gradients


def unscaled(parents: Parents, order: Sequence[int], rule: Function) -> dict[int, float]:
    """rule(node, 1.0)."""
    gradients = dict.fromkeys(order, 0.0)
    gradients[order[-1]] = 1.0
    for node in reversed(order):
        for parent, share in zip(parents[node], rule(node, 1.0), strict=True):
            gradients[parent] += share
    return gradients


def emptying(parents: Parents, order: Any, rule: Function) -> dict[int, float]:
    """order.pop() until nothing is left."""
    found = backpropagate(parents, order, rule)
    order.pop()
    return found


def by_node(result: Any, _parents: Any, order: Any, _rule: Any) -> Any:
    """The gradients of the nodes in ``order``."""
    if not isinstance(result, dict):
        return result if isinstance(result, tuple | list) or result is None else str(result)
    return tuple(as_number(result.get(node)) for node in order)


EXERCISE = Exercise(
    name="backpropagate",
    unit=UNIT,
    signature="backpropagate(parents, order, rule)",
    reference=backpropagate,
    kind=Adapted(Plain(("parents", "order", "rule"), ("gradients",)), by_node),
    cases=spread_cases,
    points=2,
    bonus=True,
    misconceptions=(
        Misconception(
            "overwrites",
            spreading(put=lambda g, parent, share: share),
            "A value that is used twice gets a gradient from each use, and they add up. Yours keeps the last one: += in "
            "place of =.",
            seen=25,
        ),
        Misconception(
            "counts a parent once",
            once_a_parent,
            "In x · x the same node is a parent twice, and gets two gradients. A dict by parent keeps only one of them.",
        ),
        Misconception(
            "starts with 0",
            spreading(start=0.0),
            "Everything is 0: the way back starts with the gradient of the last node with respect to itself, which is 1.",
        ),
        Misconception(
            "runs forward",
            spreading(turn=lambda order: order),
            "You go from the first node to the last. A node can pass its gradient on only once it has it: begin at the end.",
        ),
        Misconception(
            "forgets the chain",
            unscaled,
            "You ask each rule with dout = 1. The chain rule multiplies: pass the gradient that the node has received.",
        ),
        Misconception(
            "serves the first parent only",
            first_parents,
            "rule gives a gradient for each parent, not only for the first.",
        ),
        Misconception(
            "keeps the larger",
            spreading(put=lambda g, parent, share: share if abs(share) > abs(g[parent]) else g[parent]),
            "Of two uses you keep the stronger one. The influences of all uses add up.",
        ),
        Misconception(
            "gives inputs only",
            lambda parents, order, rule: {
                n: g for n, g in backpropagate(parents, order, rule).items() if not parents[n]
            },
            "The gradient of every node in order is asked for, also of those in between.",
        ),
        Misconception(
            "returns a list",
            lambda parents, order, rule: list(backpropagate(parents, order, rule).values()),
            "The result is a dict from node to gradient: {node: gradient}.",
        ),
        Misconception("empties order", emptying, wording.IN_PLACE.format("order"), seen=27),
        Misconception(
            "takes the numbers for the order",
            spreading(turn=lambda order: sorted(order)[::-1]),
            "You go by the nodes' numbers. Go through order, from its end to its beginning.",
        ),
    ),
    alternatives=(by_children, by_paths),
    aspects=aspects(
        chains=(40, ("one node", "one step", "a chain", "a longer chain", "several inputs")),
        used_twice=(
            25,
            (
                "a value used twice",
                "used early and late",
                "used three times",
                "many nodes",
            ),
        ),
        with_itself=(10, ("a value with itself",)),
        part_of_a_graph=(15, ("nodes that are not needed", "from the middle of a graph")),
        nothing_changed=(10, ("inputs unchanged",)),
    ),
    reread="section 9, adding up: the loop in words, and the example x · x.",
)
