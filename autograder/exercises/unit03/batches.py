"""minibatches: every example once an epoch, in an order that is drawn anew, pairs kept together."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.calling import Opaque, describe
from autograder.exercise import Case, Exercise
from autograder.exercises.unit03 import shares
from autograder.exercises.unit03.batch_mistakes import MISCONCEPTIONS
from autograder.exercises.unit03.momentum import UNIT
from autograder.sampling import Finding, Look, Sampler, Sampling, Stopped, found, one_after_another, within
from nnlib.batches import minibatches

EPOCHS = 60  # for statistics
MOST_KEYS = 1000  # more than there are examples
Batches = list[tuple[Any, Any]]


def examples(
    rng: np.random.Generator, n: int, *rest: int, dtype: str = "float64", label: str = "int64"
) -> tuple[Any, Any]:
    """x and y of n examples, in which every number tells its example: y is k, and x lies between k and k + 1."""
    keys = rng.permutation(n)
    inside = rng.uniform(0.25, 0.75, (n, *(rest or (3,))))
    x = (keys.reshape(-1, *[1] * (inside.ndim - 1)) + inside).astype(dtype)
    return x, keys.astype(label)


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """What every way to draw batches must have."""

    def case(trait: str, examples: tuple[Any, Any], m: int) -> Case:
        return Case(trait, (*examples, m, int(rng.integers(2**32))))

    m = int(rng.integers(4, 8))
    yield case("batches of one size", examples(rng, 5 * m), m)
    yield case("a short last batch", examples(rng, 4 * m + 3), m)
    yield case("one batch larger than all", examples(rng, m + 1), 3 * m)
    yield case("batches of one example", examples(rng, m + 2), 1)
    yield case("every example once", examples(rng, 4 * m + 1), m)
    yield case("pairs kept together", examples(rng, 4 * m + 2), m)
    yield case("images", examples(rng, 3 * m + 2, 2, 4), m)
    yield case("float32", examples(rng, 3 * m + 1, dtype="float32"), m)
    yield case("shuffled", examples(rng, 40), m)
    yield case("another order each epoch", examples(rng, 40), m)
    yield case("the same rng, the same order", examples(rng, 40), m)
    yield case("new neighbours each epoch", examples(rng, 12), 3)
    yield case("every place as likely", examples(rng, 14), 4)
    x, y = examples(rng, 3 * m + 1)
    x.flags.writeable = y.flags.writeable = False
    yield case("read-only arrays", (x, y), m)
    yield case("inputs unchanged", examples(rng, 3 * m + 1), m)


def drawn(sampler: Sampler, seed: int) -> Batches:
    """One epoch. Raises Stopped where it is none."""
    batches = sampler(seed)
    for batch in batches:
        if type(batch) not in (tuple, list) or len(batch) != 2:
            raise Stopped(Opaque(f"{describe(batch)} among the batches", wanted="pairs (x, y)"))
        if not all(isinstance(part, np.ndarray) and part.ndim > 0 for part in batch):
            raise Stopped(Opaque("a pair of something else", wanted="pairs (x, y) of arrays"))
    return [(x, y) for x, y in batches]


def keys_of(y: Any) -> list[int]:
    """The keys of some labels; -1 for what is none."""
    values = np.ravel(y).astype(np.float64)
    fits = (values >= 0) & (values < MOST_KEYS)
    return [int(k) for k in np.where(fits, values, -1)]


def order(batches: Batches) -> list[int]:
    """The keys of the labels, in the order of the epoch."""
    return [k for _, y in batches for k in keys_of(y)]


def sizes(sampler: Sampler, seed: int) -> Finding | None:
    """⌈N / m⌉ batches of m, the last one of what is left."""
    x, _, m = sampler.given
    wanted = [min(m, len(x) - start) for start in range(0, len(x), m)]
    got = [len(x) for x, _ in drawn(sampler, seed)]
    if got == wanted:
        return None
    summary = f"N = {len(x)}, batch_size = {m}: expected {len(wanted)} batches of {_few(wanted)}, got {len(got)} of {_few(got)}"
    return found(f"sizes {got}", summary)


def _few(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:8])) + (", …" if len(numbers) > 8 else "")


def once(sampler: Sampler, seed: int) -> Finding | None:
    """Every example once."""
    keys, wanted = order(drawn(sampler, seed)), range(len(sampler.given[0]))
    missing, double = sum(k not in keys for k in wanted), sum(keys.count(k) > 1 for k in wanted)
    if not missing and not double:
        return None
    name = "missing" * bool(missing) + "double" * bool(double)
    return found(name, f"in one epoch {missing} examples did not come, and {double} came more than once")


def paired(sampler: Sampler, seed: int) -> Finding | None:
    """Each x with its own y."""
    rows = [(row, k) for x, y in drawn(sampler, seed) for row, k in zip(x, keys_of(y), strict=False)]
    wrong = sum(bool((np.floor(row) != k).any()) for row, k in rows)
    if not wrong:
        return None
    return found("pairs torn apart", f"{wrong} of {len(rows)} examples have the y of another example")


def shaped(sampler: Sampler, seed: int) -> Finding | None:
    """A batch of images has the images' shape."""
    x = sampler.given[0]
    got = {(b.shape[1:], b.dtype.name, y.dtype.name, y.ndim) for b, y in drawn(sampler, seed)}
    wanted = (x.shape[1:], x.dtype.name, "int64", 1)
    if got == {wanted}:
        return None
    shape, dtype, label, _ = sorted(got - {wanted}, key=str)[0] if got - {wanted} else ((), "nothing", "", 1)
    told = f"a batch has x (batch, {', '.join(map(str, shape))}) {dtype} and y {label}"
    return found(
        f"{shape} {dtype} {label}",
        f"expected x (batch, {', '.join(map(str, wanted[0]))}) {wanted[1]} and y int64, but {told}",
    )


def shuffled(sampler: Sampler, seed: int) -> Finding | None:
    """Not in the order of the inputs."""
    keys = order(drawn(sampler, seed))
    came = [int(k) for k in sampler.given[1]]
    return found("not shuffled", "the examples come in the order of x") if keys == came else None


def another(sampler: Sampler, seed: int) -> Finding | None:
    """Other orders for other states of the rng."""
    if order(drawn(sampler, seed)) != order(drawn(sampler, seed + 1)):
        return None
    return found("the same order", "two epochs have the same order, though rng has moved on")


def repeatable(sampler: Sampler, seed: int) -> Finding | None:
    """What is drawn comes from rng alone."""
    if order(drawn(sampler, seed)) == order(drawn(sampler, seed)):
        return None
    return found("another order", "with an rng of the same seed the order is another: something else draws, too")


def neighbours(sampler: Sampler, seed: int) -> Finding | None:
    """How often the first two examples are in one batch: with chance (m − 1) / (N − 1)."""
    x, y, m = sampler.given
    together = 0
    for epoch in range(EPOCHS):
        batches = drawn(sampler, seed + epoch)
        together += any({int(y[0]), int(y[1])} <= set(keys_of(labels)) for _, labels in batches)
    chance = (m - 1) / (len(x) - 1)
    deviation = math.sqrt(chance * (1 - chance) / EPOCHS)
    return within("share of epochs with examples 0 and 1 in one batch", together / EPOCHS, chance, deviation)


def places(sampler: Sampler, seed: int) -> Finding | None:
    """Where the last example comes, on average: in the middle."""
    _, y, _ = sampler.given
    n = len(y)
    keys = [order(drawn(sampler, seed + epoch)) for epoch in range(EPOCHS)]
    if any(int(y[-1]) not in one for one in keys):
        return found("missing", "the last example does not come in every epoch")
    mean = float(np.mean([one.index(int(y[-1])) for one in keys]))
    deviation = math.sqrt((n**2 - 1) / 12 / EPOCHS)
    return within("place of the last example, on average", mean, (n - 1) / 2, deviation)


def unchanged(sampler: Sampler, seed: int) -> Finding | None:
    """x and y are as they were."""
    drawn(sampler, seed)
    names = [
        n for n, a, b in zip("xy", sampler.given, sampler.arguments, strict=False) if not np.array_equal(a, b)
    ]
    if not names:
        return None
    together = " and ".join(names)
    return found(
        f"{together} changed",
        f"your function changed {together}, which came in from outside",
        hint="rng.shuffle(x) changes x. rng.permutation(len(x)) gives a new order, to index with.",
    )


LOOKS: dict[str, Look] = {
    "batches of one size": sizes,
    "a short last batch": sizes,
    "one batch larger than all": sizes,
    "batches of one example": sizes,
    "every example once": once,
    "pairs kept together": paired,
    "images": shaped,
    "float32": shaped,
    "shuffled": shuffled,
    "another order each epoch": another,
    "the same rng, the same order": repeatable,
    "new neighbours each epoch": neighbours,
    "every place as likely": places,
    "read-only arrays": once,
    "inputs unchanged": unchanged,
}


def as_list(x: Any, y: Any, batch_size: int, *, rng: np.random.Generator) -> Any:
    """All batches in a list, cut from copies in a new order."""
    order = rng.permutation(len(x))
    x, y = np.asarray(x)[order], np.asarray(y)[order]
    return [(x[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(x), batch_size)]


def by_popping(x: Any, y: Any, batch_size: int, *, rng: np.random.Generator) -> Any:
    """Takes from a shuffled list of numbers until none is left."""
    left = list(range(len(x)))
    rng.shuffle(left)
    while left:
        chosen, left = left[:batch_size], left[batch_size:]
        yield np.array([x[i] for i in chosen]), np.array([y[i] for i in chosen])


def by_sorting(x: Any, y: Any, batch_size: int, *, rng: np.random.Generator) -> Any:
    """Sorts random numbers; the batches are lists of two."""
    order = np.argsort(rng.random(len(x)))
    for k in range(math.ceil(len(x) / batch_size)):
        chosen = order[k * batch_size : (k + 1) * batch_size]
        yield [x[chosen], y[chosen]]


READ = one_after_another("batches (x, y), one after another")

EXERCISE = Exercise(
    name="minibatches",
    unit=UNIT,
    signature="minibatches(x, y, batch_size, *, rng)",
    reference=minibatches,
    kind=Sampling(("x", "y", "batch_size"), LOOKS, READ),
    cases=cases,
    points=3,
    misconceptions=MISCONCEPTIONS,
    alternatives=(as_list, by_popping, by_sorting),
    aspects=shares.BATCHES,
    reread="section 2, epochs and batches: the example with five numbers, and the hints.",
)
