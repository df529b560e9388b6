"""The bonus, topological_order: any order is right in which a node comes after all that it was computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograder.calling import Caller, NotTried, Raised, describe, plain
from autograder.comparison import Problem, compare
from autograder.exercise import Case, Exercise, Function, Judgement, Misconception, Parts
from autograder.exercises.unit02 import wording
from autograder.exercises.unit02.shares import aspects
from autograder.kinds import fresh

UNIT = "02_backpropagation"
Parents: TypeAlias = Sequence[tuple[int, ...]]


def topological_order(parents: Parents, last: int) -> list[int]:
    """Depth first: a node is written down after all that it was computed from."""
    order: list[int] = []
    done: set[int] = set()

    def visit(node: int) -> None:
        if node not in done:
            done.add(node)
            for parent in parents[node]:
                visit(parent)
            order.append(node)

    visit(last)
    return order


def flaw(order: Any, parents: Parents, last: int) -> str:
    """Why this is no topological order of what ``last`` needs; an empty string if it is one."""
    needed = set(topological_order(parents, last))
    if type(order) not in (list, tuple) or not all(isinstance(n, int | np.integer) for n in order):
        return f"expected a list of node numbers, got {describe(order)}"
    if extra := [n for n in order if n not in needed]:
        return f"node {extra[0]} is in your list, but node {last} does not depend on it"
    if len(set(order)) < len(order):
        twice = next(n for i, n in enumerate(order) if n in order[:i])
        return f"node {twice} is in your list more than once"
    if missing := sorted(needed - set(order)):
        return f"node {missing[0]} is missing: node {last} depends on it"
    place = {n: i for i, n in enumerate(order)}
    early = [(n, p) for n in order for p in parents[n] if place[p] > place[n]]
    return f"node {early[0][0]} comes before node {early[0][1]}, from which it was computed" if early else ""


@dataclass(frozen=True, slots=True)
class Order:
    """A function that returns node numbers: any order is right in which parents come first."""

    names: tuple[str, ...] = ("parents", "last")
    parts: tuple[str, ...] = ("order",)

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """True where the order is right, else what came."""
        return tuple({"order": self._one(case, function, call)} for case in cases)

    def _one(self, case: Case, function: Function, call: Caller) -> Any:
        arguments = fresh(case.arguments)
        found = call(function, *arguments)
        if isinstance(found, Raised | NotTried):
            return found
        found = plain(found)
        if arguments != case.arguments:
            return "your function changed parents, which came in from outside"
        return True if not flaw(found, *case.arguments) else found

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """What is wrong with the order."""
        found, problem = observed["order"], None
        if isinstance(found, Raised | NotTried):
            problem = compare("order", True, found)
        elif isinstance(found, str):
            problem = Problem(found)
        elif found is not True:
            problem = Problem(
                flaw(found, *case.arguments), (f"your list: {found}",) if isinstance(found, list) else ()
            )
        return Judgement({"order": problem}, {"order": float(problem is None)})


def shuffled(rng: np.random.Generator, parents: Parents, last: int) -> tuple[list[tuple[int, ...]], int]:
    """The same graph with other numbers."""
    numbers = [int(n) for n in rng.permutation(len(parents))]
    found: list[tuple[int, ...]] = [()] * len(parents)
    for node, ps in enumerate(parents):
        found[numbers[node]] = tuple(numbers[p] for p in ps)
    return found, numbers[last]


CHAIN = [(), (0,), (1,), (2,), (3,)]
DIAMOND = [(), (0,), (0,), (1, 2)]
LADDER = [(), (0, 0), (1, 1), (2, 2), (3, 3)]
LATE = [(), (0,), (1,), (2,), (0, 3), (4, 1)]  # node 0 is used at once and again at the end
UNUSED = [(), (0,), (0,), (2,), (1,), (4,)]


def order_cases(rng: np.random.Generator) -> Iterator[Case]:
    """Graphs with numbers that say nothing, values used twice, and nodes that do not matter."""

    def case(trait: str, parents: Parents, last: int = -1) -> Case:
        return Case(trait, shuffled(rng, parents, last % len(parents)))

    many = [(), ()] + [(int(rng.integers(n - 1)), n - 1) for n in range(2, 16)]
    # whoever visits each use lists 131,071 nodes: too many to miss, and few enough that a notebook's check comes back
    twins = [()] + [(n - 1, n - 1) for n in range(1, 17)]
    yield case("one node", [()])
    yield Case("numbered in order", ([(), (0,), (1,)], 2))
    yield Case("numbered backwards", ([(1, 2), (2,), ()], 0))
    yield case("a chain", CHAIN)
    yield case("a value used twice", DIAMOND)
    yield case("a value with itself", LADDER)
    yield case("used early and late", LATE)
    yield case("several inputs", [(), (), (), (0, 1), (3, 2)])
    yield case("nodes that are not needed", UNUSED)
    yield case("from the middle of a graph", LATE, 2)
    yield case("many nodes", many)
    yield case("many paths", twins)


def by_counting(parents: Parents, last: int) -> list[int]:
    """Kahn: a node is ready when all its parents are written down."""
    needed, stack = {last}, [last]
    while stack:
        for p in parents[stack.pop()]:
            if p not in needed:
                needed.add(p)
                stack.append(p)
    order: list[int] = []
    while len(order) < len(needed):
        order += [n for n in sorted(needed) if n not in order and all(p in order for p in parents[n])]
    return order


def with_a_stack(parents: Parents, last: int) -> tuple[int, ...]:
    """Depth first without recursion."""
    order: list[int] = []
    stack = [(last, False)]
    while stack:
        node, ready = stack.pop()
        if node in order:
            continue
        if ready:
            order.append(node)
        else:
            stack.append((node, True))
            stack += [(p, False) for p in parents[node] if p not in order]
    return tuple(order)


def breadth_first(parents: Parents, last: int) -> list[int]:
    """Level by level from the end, each node when first met."""
    order, i = [last], 0
    while i < len(order):
        order += [p for p in dict.fromkeys(parents[order[i]]) if p not in order]
        i += 1
    return order[::-1]


def each_use(parents: Parents, last: int) -> list[int]:
    """A node for each of its uses; gives up after some."""
    order: list[int] = []

    def visit(node: int) -> None:
        if len(order) > 2000:
            raise RecursionError("too many nodes")
        for parent in parents[node]:
            visit(parent)
        order.append(node)

    visit(last)
    return order


def before_its_parents(parents: Parents, last: int) -> list[int]:
    """Written down on the way in."""
    return topological_order(parents, last)[::-1]


def popping(parents: Any, last: int) -> list[int]:
    """Removes edges from the caller's own list."""
    order = topological_order(parents, last)
    parents[last] = ()
    return order


EXERCISE = Exercise(
    name="topological_order",
    unit=UNIT,
    signature="topological_order(parents, last)",
    reference=topological_order,
    kind=Order(),
    cases=order_cases,
    points=2,
    bonus=True,
    misconceptions=(
        Misconception(
            "goes by the numbers",
            lambda parents, last: sorted(topological_order(parents, last)),
            "The numbers say nothing about the order: a node may have a smaller number than one that it was computed from.",
        ),
        Misconception(
            "lists all nodes",
            lambda parents, last: (lambda order: [n for n in range(len(parents)) if n not in order] + order)(
                topological_order(parents, last)
            ),
            "Only the nodes that `last` depends on belong into the list: start there and follow the parents.",
        ),
        Misconception(
            "starts with the last",
            before_its_parents,
            "The list runs the wrong way: parents come first, and `last` is at the end.",
        ),
        Misconception(
            "lists a node for each use",
            each_use,
            "A node that is used twice must be in the list once. Remember which nodes you have visited.",
        ),
        Misconception(
            "goes level by level",
            breadth_first,
            "Level by level from the end, a node that is used early and late comes too late in the list. Write a node down "
            "only after all of its parents are.",
        ),
        Misconception(
            "looks at the first parent only",
            lambda parents, last: topological_order([p[:1] for p in parents], last),
            "A node can have several parents. Visit all of them.",
        ),
        Misconception(
            "returns nothing for one node",
            lambda parents, last: topological_order(parents, last) if parents[last] else [],
            "A node without parents depends on nothing but itself: the list then holds that node.",
        ),
        Misconception(
            "leaves out the last",
            lambda parents, last: topological_order(parents, last)[:-1],
            "`last` itself belongs into the list, at its end.",
        ),
        Misconception(
            "leaves out what has no parents",
            lambda parents, last: [n for n in topological_order(parents, last) if parents[n]],
            "Inputs and parameters have no parents, but they are nodes: their gradients are what we want.",
        ),
        Misconception(
            "starts from the highest number",
            lambda parents, last: topological_order(parents, len(parents) - 1),
            "Start from `last`, which may be any node, not from the one with the highest number.",
        ),
        Misconception("changes parents in place", popping, wording.IN_PLACE.format("parents"), seen=27),
    ),
    alternatives=(by_counting, with_a_stack),
    aspects=aspects(
        chains=(20, ("one node", "numbered in order", "a chain", "several inputs")),
        numbers_mean_nothing=(10, ("numbered backwards",)),
        used_twice=(30, ("a value used twice", "a value with itself", "many paths")),
        early_and_late=(20, ("used early and late", "many nodes")),
        not_needed=(20, ("nodes that are not needed", "from the middle of a graph")),
    ),
    reread="section 9, in which order: the rule, and the graph worked by hand.",
)
