"""count_parameters: weights and biases of a fully connected network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from autograder.exercise import Case, Exercise, Function, Misconception
from autograder.exercises.unit01 import shares, wording
from autograder.kinds import Plain
from nnlib.linear import count_parameters


def cases(rng: np.random.Generator) -> Iterator[Case]:
    """Networks of all depths; then what must be refused."""
    a, b, c, d, e = (int(n) for n in rng.permutation(np.arange(2, 12))[:5])
    yield Case("one layer", ([a, b],))
    yield Case("one neuron, one input", ([1, 1],))
    yield Case("one hidden layer", ([a, b, c],))
    yield Case("the digits", ([784, 100 + a, 10],))
    yield Case("as many everywhere", ([b] * 4,))
    yield Case("deep", ([a, b, c, d, e, a, d],))
    yield Case("a tuple", ((c, a, e, b),))
    yield Case("very large", ([3_000_000 + a, 2_000 + b, 1000],))
    yield Case("inputs unchanged", ([e, d, c, b],), looks_at=("result", "inputs"))
    yield Case("no layer", ([a],), raises=ValueError)
    yield Case("no sizes", ([],), raises=ValueError)
    yield Case("a size of 0", ([a, 0, b],), raises=ValueError)
    yield Case("a negative size", ([a, b, -c],), raises=ValueError)


def by_index(layer_sizes: Sequence[int]) -> int:
    """A loop over positions."""
    if len(layer_sizes) <= 1 or any(size <= 0 for size in layer_sizes):
        raise ValueError("not a network")
    total = 0
    for i in range(1, len(layer_sizes)):
        total += layer_sizes[i - 1] * layer_sizes[i] + layer_sizes[i]
    return total


def by_arrays(layer_sizes: Sequence[int]) -> int:
    """A scalar product."""
    sizes = np.array(layer_sizes, dtype=np.int64)
    if sizes.size < 2 or sizes.min() < 1:
        raise ValueError("not a network")
    return int(np.dot(sizes[:-1] + 1, sizes[1:]))


def by_recursion(layer_sizes: Sequence[int]) -> int:
    """The first layer, and the rest."""
    if len(layer_sizes) < 2 or min(layer_sizes) < 1:
        raise ValueError("not a network")
    d, m, *rest = layer_sizes
    return (d + 1) * m + (by_recursion([m, *rest]) if rest else 0)


def refusing(formula: Function) -> Function:
    """A wrong ``formula`` behind the right errors."""

    def wrong(layer_sizes: Sequence[int]) -> object:
        count_parameters(layer_sizes)
        return formula(list(layer_sizes))

    return wrong


def layers(layer: Function) -> Function:
    """The sum of ``layer(d, m)``."""
    return refusing(lambda sizes: sum(layer(d, m) for d, m in pairwise(sizes)))


def unchecked(layer_sizes: Sequence[int]) -> int:
    """The formula alone."""
    return sum((d + 1) * m for d, m in pairwise(layer_sizes))


def checking_length(layer_sizes: Sequence[int]) -> int:
    """Any number will do."""
    if len(layer_sizes) < 2:
        raise ValueError("too few")
    return unchecked(layer_sizes)


def checking_zero(layer_sizes: Sequence[int]) -> int:
    """0 is refused, less is not."""
    if len(layer_sizes) < 2 or 0 in layer_sizes:
        raise ValueError("not a network")
    return unchecked(layer_sizes)


def asserting(layer_sizes: Sequence[int]) -> int:
    """Errors by assert."""
    assert len(layer_sizes) > 1, "no layer"
    assert min(layer_sizes) > 0, "not a size"
    return unchecked(layer_sizes)


def popping(layer_sizes: list[int]) -> int:
    """Takes the list apart."""
    if not isinstance(layer_sizes, list):
        return count_parameters(layer_sizes)
    total = count_parameters(layer_sizes)
    layer_sizes.pop(0)
    return total


MISCONCEPTIONS = (
    Misconception(
        "forgets the biases",
        layers(lambda d, m: d * m),
        "These are the weights alone. Each neuron has a bias as well.",
    ),
    Misconception(
        "counts a bias for each input",
        layers(lambda d, m: d * m + d),
        "A bias belongs to a neuron, so a layer from D to M has M of them, not D.",
    ),
    Misconception(
        "counts one bias a layer",
        layers(lambda d, m: d * m + 1),
        "A layer has not one bias but one for each of its neurons.",
    ),
    Misconception(
        "counts biases of the inputs too",
        refusing(lambda s: unchecked(s) + s[0]),
        "The inputs are no neurons: they have neither weights nor biases of their own.",
    ),
    Misconception(
        "counts neurons", refusing(sum), "These are the neurons. Each has a weight for every input, and a bias."
    ),
    Misconception(
        "multiplies all sizes",
        refusing(lambda s: int(np.prod([float(n) for n in s]))),
        "The sizes of all layers are multiplied. Each layer has a table of its own: count one by one, and add up.",
    ),
    Misconception(
        "forgets the last layer",
        refusing(lambda s: unchecked(s[:-1])),
        "The last layer is missing: does the loop stop one step too early?",
    ),
    Misconception(
        "counts the first layer only",
        refusing(lambda s: unchecked(s[:2])),
        "Only the first layer is counted. Does `return` stand inside the loop?",
    ),
    Misconception(
        "goes from the inputs to the outputs at once",
        refusing(lambda s: unchecked([s[0], s[-1]])),
        "The hidden layers are left out: their weights count too.",
    ),
    Misconception(
        "forgets the biases of the outputs",
        refusing(lambda s: unchecked(s) - s[-1]),
        "The last layer has biases as well, one for each output.",
    ),
    Misconception(
        "returns a float",
        layers(lambda d, m: float((d + 1) * m)),
        "Parameters are counted, so the result is an int. Where does a float come in?",
    ),
    Misconception(
        "counts in 32 bits",
        refusing(lambda s: (unchecked(s) + 2**31) % 2**32 - 2**31),
        "The sum is too large for a 32-bit integer, and starts again from below. Python's own int has no limit.",
    ),
    Misconception(
        "checks nothing",
        unchecked,
        "Fewer than two sizes, or a size below 1, make no network. Raise a ValueError before you count.",
    ),
    Misconception(
        "checks the length only", checking_length, "A layer cannot have 0 neurons, or fewer: raise a ValueError."
    ),
    Misconception(
        "lets negative sizes pass",
        checking_zero,
        "A negative size is none either: raise a ValueError for size < 1.",
    ),
    Misconception(
        "stops with assert",
        asserting,
        "assert raises an AssertionError, and Python can be told to skip it. Use: if …: raise ValueError(…).",
    ),
    Misconception("takes the list apart", popping, wording.IN_PLACE.format("layer_sizes"), seen=27),
)

EXERCISE = Exercise(
    name="count_parameters",
    unit="01_activations",
    signature="count_parameters(layer_sizes)",
    reference=count_parameters,
    kind=Plain(("layer_sizes",)),
    cases=cases,
    points=2,
    misconceptions=MISCONCEPTIONS,
    alternatives=(by_index, by_arrays, by_recursion),
    aspects=shares.COUNT,
    reread="section 4, how many parameters: the boxed formula and the example with 65.",
)
