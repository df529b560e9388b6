"""Wrong ways to draw mini-batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception

Rng = np.random.Generator
Orders = Callable[[int, int, Rng], Any]  # from N, batch size and rng to the numbers of each batch


def drawing(chosen: Orders) -> Function:
    """Batches of the examples with these numbers."""

    def wrong(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
        for rows in chosen(len(x), batch_size, rng):
            yield x[rows], y[rows]

    return wrong


def cut(order: Any, m: int) -> list[Any]:
    """Pieces of m, and a rest."""
    return [order[i : i + m] for i in range(0, len(order), m)]


def filled_up(n: int, m: int, rng: Rng) -> Any:
    """The last batch takes examples from the beginning again."""
    order = rng.permutation(n)
    missing = -n % m if n > m else 0
    return cut(np.concatenate([order, order[:missing]]), m)


def whole_batches(n: int, m: int, rng: Rng) -> Any:
    """The order of the batches is random, and nothing else."""
    pieces = cut(np.arange(n), m)
    full = pieces[:-1] if n % m else pieces
    return [full[i] for i in rng.permutation(len(full))] + ([pieces[-1]] if n % m else [])


def rest_left(n: int, m: int, rng: Rng) -> Any:
    """Only what fills whole batches is shuffled."""
    full = n // m * m
    return cut(np.concatenate([rng.permutation(full), np.arange(full, n)]).astype(int), m)


def with_empty(n: int, m: int, rng: Rng) -> Any:
    """N // m + 1 batches."""
    order = rng.permutation(n)
    return [order[k * m : (k + 1) * m] for k in range(n // m + 1)]


def apart(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
    """x and y have an order each."""
    one, other = rng.permutation(len(x)), rng.permutation(len(x))
    for a, b in zip(cut(one, batch_size), cut(other, batch_size), strict=True):
        yield x[a], y[b]


def x_alone(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
    """y stays in its order."""
    order = rng.permutation(len(x))
    for i in range(0, len(x), batch_size):
        yield x[order[i : i + batch_size]], y[i : i + batch_size]


def in_place(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
    """The caller's arrays are put in another order."""
    order = rng.permutation(len(x))
    x[:], y[:] = x[order].copy(), y[order].copy()
    for i in range(0, len(x), batch_size):
        yield x[i : i + batch_size].copy(), y[i : i + batch_size].copy()


def first_only(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Any:
    """return inside the loop."""
    order = rng.permutation(len(x))
    return [(x[order[:batch_size]], y[order[:batch_size]])]


def one_pair(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Any:
    """A batch, and not a list of them."""
    order = rng.permutation(len(x))
    return x[order[:batch_size]], y[order[:batch_size]]


def flat(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
    """Images become rows."""
    for rows in cut(rng.permutation(len(x)), batch_size):
        yield x.reshape(len(x), -1)[rows], y[rows]


def float64(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
    """np.zeros for the batch."""
    for rows in cut(rng.permutation(len(x)), batch_size):
        batch = np.zeros((len(rows), *x.shape[1:]))
        batch[:] = x[rows]
        yield batch, y[rows]


def numbers(x: Any, y: Any, batch_size: int, *, rng: Rng) -> Iterator[Any]:
    """The numbers of the examples."""
    yield from cut(rng.permutation(len(x)), batch_size)


MISCONCEPTIONS = (
    Misconception(
        "drops the short last batch",
        drawing(lambda n, m, rng: [b for b in cut(rng.permutation(n), m) if len(b) == m]),
        "What is left over for the last batch never comes. A short batch is a batch: there are ⌈N / batch_size⌉ of them.",
        seen=4,
    ),
    Misconception(
        "fills the last batch up",
        drawing(filled_up),
        "The last batch is filled up with examples that have been there already, so these count twice. Let it be short.",
    ),
    Misconception(
        "makes all batches about equal",
        drawing(lambda n, m, rng: np.array_split(rng.permutation(n), math.ceil(n / m))),
        "Your batches are made about equally large. All have batch_size examples, and only the last one what is left.",
    ),
    Misconception(
        "yields an empty batch at the end",
        drawing(with_empty),
        "Where batch_size divides N there is one batch too many, and it is empty. Round N / batch_size up; do not add 1.",
    ),
    Misconception(
        "does not shuffle",
        drawing(lambda n, m, rng: cut(np.arange(n), m)),
        "The examples come in the order of x, at each epoch again. Draw a new order: rng.permutation(N).",
    ),
    Misconception(
        "shuffles x and y apart",
        apart,
        "x and y are shuffled on their own, so images get the labels of others. Draw one order, and index both with it.",
    ),
    Misconception(
        "shuffles x alone",
        x_alone,
        "x is shuffled and y is not. Index both with the same order.",
    ),
    Misconception(
        "draws with replacement",
        drawing(lambda n, m, rng: cut(rng.integers(0, n, n), m)),
        "Each batch is drawn from all examples again: some come twice in an epoch and some never. Draw one order of all "
        "of them, and cut it into batches.",
    ),
    Misconception(
        "has an rng of its own",
        drawing(lambda n, m, rng: cut(np.random.default_rng(0).permutation(n), m)),
        "Your function makes its own generator, so every epoch has the same order. Use the rng that came in: it has "
        "moved on since the last epoch.",
    ),
    Misconception(
        "ignores rng",
        drawing(lambda n, m, rng: cut(np.random.default_rng().permutation(n), m)),
        "With the same rng the order should be the same. You draw from something else, such as np.random: then nobody "
        "can repeat your experiment.",
    ),
    Misconception(
        "shuffles whole batches",
        drawing(whole_batches),
        "Only the order of the batches is random: the same examples are always together. Shuffle the examples, then cut.",
    ),
    Misconception(
        "leaves the rest at its place",
        drawing(rest_left),
        "The last examples of x always come last. Shuffle all N of them, also those of the short batch.",
    ),
    Misconception(
        "changes x and y in place",
        in_place,
        "Your function puts the caller's own arrays into another order. x[order] makes a new array; x[:] = … or "
        "rng.shuffle(x) change it.",
    ),
    Misconception(
        "takes batch_size for the number of batches",
        drawing(lambda n, m, rng: np.array_split(rng.permutation(n), min(m, n))),
        "You make batch_size batches. batch_size says how many examples are in each.",
    ),
    Misconception(
        "stops after one batch",
        first_only,
        "There is only one batch: is there a return inside of the loop, where yield belongs?",
    ),
    Misconception(
        "returns one pair",
        one_pair,
        "A single pair came out. All batches of the epoch are asked for: use yield inside of the loop, or collect them "
        "in a list.",
    ),
    Misconception(
        "makes images flat",
        flat,
        "The examples lost their shape. Index along the first axis only, x[chosen], and leave the others alone.",
    ),
    Misconception(
        "makes float64 of float32",
        float64,
        "float32 came in, float64 went out: np.zeros makes float64. x[chosen] keeps the dtype.",
    ),
    Misconception(
        "gives numbers in place of examples",
        numbers,
        "These are the numbers of the examples. Index with them: x[chosen], y[chosen].",
    ),
)
