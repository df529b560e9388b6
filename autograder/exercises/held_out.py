"""Functions that train a network, graded by its accuracy on digits that were held out.

`train(x, labels, *, rng)` returns the parameters, and the network is run here: held-out images and their labels never
leave the trusted side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.calling import Opaque, describe, plain
from autograder.exercise import Case
from autograder.sampling import Finding, Look, Sampler, Stopped, found

Array: TypeAlias = NDArray[Any]
Parameters: TypeAlias = tuple[Array, ...]
MOST = 1e3  # no weight of a network that learns is larger
HARDLY = 60.0  # per cent: below, a network has learned next to nothing
OF_SPLITS = 3  # seeds of their own: a student gets an rng with the seed itself, and must not draw the same from it


@dataclass(frozen=True, slots=True)
class Split:
    """Images to learn from, and others to be judged by."""

    x: Array
    labels: Array
    new_x: Array
    new_labels: Array

    @property
    def classes(self) -> int:
        """As many as the labels say."""
        return int(self.labels.max()) + 1

    def by_class(self) -> Split:
        """The images to learn from, sorted."""
        rows = np.argsort(self.labels, kind="stable")
        return Split(self.x[rows], self.labels[rows], self.new_x, self.new_labels)


@dataclass(frozen=True, slots=True)
class Training:
    """How such a function is looked at.

    ``wanted`` names the parameters, the last of them biases, and ``logits`` runs the network. ``split`` draws ``count``
    digits to learn from, others for each seed, and ``few`` are enough where accuracy does not matter. ``misfit`` says
    why parameters are no network for a split; ``sign`` what, in them, a low accuracy comes from, if that can be seen.
    No points up to ``nothing`` per cent, all from ``full`` on.
    """

    wanted: str
    split: Callable[..., Split]
    misfit: Callable[[Parameters, Split], Finding | None]
    logits: Callable[[Parameters, Array], Array]
    few: int
    nothing: float
    full: float
    sign: Callable[[Parameters], str] = lambda parameters: ""

    def read(self, result: Any) -> Any:
        """As many arrays as are wanted."""
        value = plain(result)
        if type(value) not in (tuple, list) or len(value) != len(self.wanted.split(", ")):
            return Opaque(describe(value), wanted=self.wanted)
        if not all(isinstance(part, np.ndarray) for part in value):
            return Opaque("a tuple with something else than arrays in it", wanted=self.wanted)
        return tuple(value)

    def problem(self, parameters: Parameters, data: Split) -> Finding | None:
        """Why the parameters are no network that has learned, or None."""
        if misfit := self.misfit(parameters, data):
            return misfit
        if not all(np.isfinite(p).all() for p in parameters):
            return found("not finite", "there are numbers in it that are no numbers: training has diverged")
        return None

    def trained(self, sampler: Sampler, seed: int, data: Split) -> Parameters:
        """The parameters that a call gives. Raises Stopped where they are no network."""
        parameters: Parameters = sampler(seed, data.x, data.labels)
        if problem := self.problem(parameters, data):
            raise Stopped(problem)
        return parameters

    def trained_on_few(self, sampler: Sampler, seed: int) -> Parameters:
        """The same, of few digits, those of the seed."""
        return self.trained(sampler, seed, self.split(seed, self.few))

    def accuracy(self, parameters: Parameters, x: Array, labels: Array) -> float:
        """Per cent of the images that the network reads rightly."""
        return 100 * float((self.logits(parameters, x).argmax(axis=1) == labels).mean())

    def how(self, per_cent: float, parameters: Parameters, chance: float) -> str:
        """What an accuracy is a sign of."""
        if not parameters[-1].any():
            return "never moved"
        if max(np.abs(p).max() for p in parameters) > MOST:
            return "blown up"
        bands = ((2 * chance, "guesses"), (HARDLY, "hardly learned"), (self.nothing, "half learned"))
        return self.sign(parameters) or next((name for most, name in bands if per_cent < most), "not yet")

    def reads(
        self,
        count: int,
        full: float | None = None,
        nothing: float | None = None,
        *,
        ordered: bool = False,
        **settings: Any,
    ) -> Look:
        """The accuracy after learning from ``count`` digits, on a scale of its own where one is given."""
        least, most = (self.nothing if nothing is None else nothing), (self.full if full is None else full)

        def look(sampler: Sampler, seed: int) -> Finding | None:
            data = self.split(seed, count, **settings)
            data = data.by_class() if ordered else data
            parameters = self.trained(sampler, seed, data)
            got = self.accuracy(parameters, data.new_x, data.new_labels)
            if got >= most:
                return None
            told = f"{got:.1f} % of {len(data.new_x)} new digits are read rightly; points begin at {least:g} %, all are for {most:g} %"
            name = self.how(got, parameters, 100 / settings.get("classes", 10))
            return found(name, told, credit=max(0.0, (got - least) / (most - least)))

        return look

    def fits(self, sampler: Sampler, seed: int) -> Finding | None:
        """The shapes of the parameters."""
        data = self.split(seed, self.few)
        return self.problem(sampler(seed, data.x, data.labels), data)

    def unchanged(self, sampler: Sampler, seed: int) -> Finding | None:
        """x and labels are as they were."""
        data = self.split(seed, self.few)
        self.trained(sampler, seed, data)
        pairs = zip(("x", "labels"), (data.x, data.labels), sampler.arguments, strict=True)
        names = [name for name, before, after in pairs if not np.array_equal(before, after)]
        if not names:
            return None
        return found("inputs changed", f"your function changed {' and '.join(names)}, which came in from outside")

    def repeatable(self, sampler: Sampler, seed: int) -> Finding | None:
        """The same rng, the same network."""
        if _alike(*(self.trained_on_few(sampler, seed) for _ in range(2))):
            return None
        return found(
            "not repeatable", "with an rng of the same seed the network is another: something else draws, too"
        )

    def another(self, sampler: Sampler, seed: int) -> Finding | None:
        """Another rng, another network."""
        data = self.split(seed, self.few)
        if not _alike(self.trained(sampler, seed, data), self.trained(sampler, seed + 1, data)):
            return None
        return found("the same network", "two networks are the same, though rng is another: is it used at all?")


def _alike(one: Parameters, other: Parameters) -> bool:
    """Whether two networks are the same."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def seeds(looks: Mapping[str, Look]) -> Callable[[np.random.Generator], Iterator[Case]]:
    """Cases: a seed for each look."""

    def cases(rng: np.random.Generator) -> Iterator[Case]:
        yield from (Case(trait, (int(rng.integers(2**32)),)) for trait in looks)

    return cases
