"""Classifiers within a budget: trained and asked by two functions, which share nothing but data.

``train(images, labels, *, rng, cpu_seconds) -> parameters``, and ``predict(parameters, images) -> labels``.
Between the two calls the parameters are on the trusted side, where they are counted and rounded
(``autograder.parameters``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from autograder.calling import Caller, NotTried, Raised, describe, plain
from autograder.comparison import Problem, compare
from autograder.cpu_time import cpu_clock
from autograder.exercise import Case, Function, Judgement, Parts
from autograder.kinds import changed
from autograder.parameters import NoParameters, count, stored
from autograder.sampling import Finding, Stopped, found

Array: TypeAlias = NDArray[Any]
ALONE = "the function that predicts is missing; write check(…, predict=…) with the names of both of your functions"


@dataclass(frozen=True, slots=True)
class Entry:
    """A classifier of ours: both functions in one. ``seconds`` is what it is said to take, so that no test of the
    checks depends on a clock. ``repeats``: whether a training may be remembered.
    """

    train: Function
    predict: Function
    seconds: float = 1.0
    repeats: bool = True

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Train."""
        return self.train(*arguments, **named)


@dataclass(frozen=True, slots=True)
class Examples:
    """Images to learn from, and others to be asked about; labels of both."""

    images: Array
    labels: Array
    new_images: Array
    new_labels: Array


class Task(Hashable, Protocol):
    """Says what is learned: examples, which are the same each time, and the time for it."""

    @property
    def cpu_seconds(self) -> float:
        """What the function is told."""

    def draw(self) -> Examples:
        """The examples."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training gave: parameters as they are kept, how many, the time, the arguments it changed."""

    parameters: Any
    count: int
    seconds: float
    changed: tuple[str, ...]


@dataclass(slots=True)
class Trial:
    """Both functions of somebody, and what was seen of them. ``measured`` is for the report."""

    train: Function
    predict: Function
    seed: int
    call: Caller
    kept: dict[Any, Trained | Stopped] = field(default_factory=dict)
    spoilt: set[str] = field(default_factory=set)  # arguments that a call changed
    measured: dict[str, float] = field(default_factory=dict)
    note: str = ""

    def trained(self, task: Task, seed: int = 0) -> Trained:
        """The parameters that a training gives, which is done once. Raises Stopped where they are none."""
        key = task, seed
        if key not in self.kept:
            try:
                self.kept[key] = self.once(task, seed)
            except Stopped as stopped:
                self.kept[key] = stopped
        known = self.kept[key]
        if isinstance(known, Stopped):
            raise known
        return known

    def once(self, task: Task, seed: int = 0) -> Trained:
        """As ``trained``, done now. Raises Stopped."""
        if isinstance(self.train, Entry):
            train = _remembered if self.train.repeats else _trained
            return train(self.train, task, self.seed + seed)
        return _trained(self.train, task, self.seed + seed, self.call)

    def answers(self, trained: Trained, images: Array, parameters: Any = None) -> Array:
        """A label for each image. Raises Stopped where it is no such array."""
        given = stored(trained.parameters if parameters is None else parameters), given_as(images)
        result = self.call(self.predict, *given)
        if isinstance(result, Raised | NotTried):
            raise Stopped(result)
        got = plain(result)
        if problem := misfit(got, len(images)):
            raise Stopped(problem)
        self.spoilt.update(changed(images, given[1], "the images to predict"))
        labels: Array = got
        return labels


def given_as(array: Array) -> Array:
    """A copy, as writeable as the array is."""
    copy = array.copy()
    copy.flags.writeable = array.flags.writeable
    return copy


def misfit(got: Any, images: int) -> Finding | None:
    """Why a result is no label for each image, or None."""
    wanted = f"expected labels ({images},), whole numbers,"
    if not isinstance(got, np.ndarray):
        return found("no array", f"{wanted} got {describe(got)}")
    if got.shape != (images,):
        kind = "scores" if got.ndim == 2 and got.shape[0] == images and got.shape[1] > 1 else f"{got.ndim} axes"
        kind = "a column" if got.shape == (images, 1) else kind
        return found(f"labels: {kind}", f"{wanted} got {describe(got)}")
    if got.dtype.kind not in "iu":
        return found("labels: no integers", f"{wanted} got {describe(got)}")
    return None


def _trained(function: Function, task: Task, seed: int, call: Caller | None = None) -> Trained:
    examples, rng = task.draw(), np.random.default_rng(seed)
    given = given_as(examples.images), given_as(examples.labels)
    clock = cpu_clock.get()
    start = clock()
    result = (call or Caller())(lambda *both: function(*both, rng=rng, cpu_seconds=task.cpu_seconds), *given)
    seconds = function.seconds if isinstance(function, Entry) else clock() - start
    if isinstance(result, Raised | NotTried):
        raise Stopped(result)
    try:
        kept, size = stored(result), count(result)
    except NoParameters as error:
        raise Stopped(found("no parameters", str(error))) from None
    before = (examples.images, examples.labels)
    names = (name for it in zip(before, given, ("images", "labels"), strict=True) for name in changed(*it))
    return Trained(kept, size, seconds, tuple(names))


_remembered = lru_cache(maxsize=1024)(_trained)  # ours alone: a student's function may be another each time

Look: TypeAlias = Callable[[Trial], Finding | None]


@dataclass(frozen=True, slots=True)
class Competing:
    """A case's argument is the seed; ``looks`` says by trait what is looked at."""

    looks: Mapping[str, Look]
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("seen",)

    def cases(self, rng: np.random.Generator) -> tuple[Case, ...]:
        """A case for each look, all with one seed: one training serves many of them."""
        seed = int(rng.integers(2**63))
        return tuple(Case(trait, (seed,)) for trait in self.looks)

    def expected(self, case: Case) -> Parts:
        """What a right classifier shows; no training is needed to know."""
        return {"seen": True}

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """True where all is well, else what was found. ``forward`` is the function that predicts."""
        predict = function.predict if isinstance(function, Entry) else forward
        if predict is None:
            return tuple({"seen": NotTried(ALONE)} for _ in cases)
        trial = Trial(function, predict, cases[0].arguments[0], call)
        seen = [{"seen": self._look(case, trial)} for case in cases]
        if trial.note:
            seen[0] |= {"note": trial.note, "measured": trial.measured}
        return tuple(seen)

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """Full credit where nothing was found."""
        seen = observed["seen"]
        if seen is True:
            return Judgement({"seen": None}, {"seen": 1.0})
        if isinstance(seen, Finding):
            return Judgement({"seen": seen.problem}, {"seen": seen.credit})
        problem = compare("the result", (), seen) or Problem("it cannot be judged")
        return Judgement({"seen": problem}, {"seen": 0.0})

    def _look(self, case: Case, trial: Trial) -> Any:
        try:
            with np.errstate(all="ignore"):
                return self.looks[case.trait](trial) or True
        except Stopped as stopped:
            return stopped.result
