"""Races: a function must be right first; then its points grow with how much faster than loops it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import log
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from autograder.calling import Caller, NotTried, Raised, plain
from autograder.comparison import Problem, compare
from autograder.exercise import TOLERANCE, Case, Function, Judgement, Parts
from autograder.kinds import Layer

NOTHING, FULL = 2.0, 10.0  # times as fast as loops: no points up to here, all points from there on
NO_LOOPS = 4.0  # a forward function this much faster than our loops has none worth the name
REPEATS = 3
HINT = "What still runs in Python, once for each window? im2col and one matrix product do without."


@dataclass(frozen=True, slots=True)
class Race:
    """``layer`` says how the function is called; ``draw`` gives the inputs of a race, other values for each call,
    so that remembered results are of no use. Loops are the student's own, where these are no slower than ours.
    """

    layer: Layer
    loops: Function
    draw: Callable[[np.random.Generator], tuple[Any, ...]]
    clock: Callable[[], float] = field(default=time.perf_counter)
    parts: tuple[str, ...] = ("out",)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arguments."""
        return self.layer.names

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What the layer shows, and the speed-up in a timed case."""
        return tuple(
            self._race(case, function, forward, call)
            if case.timed
            else self.layer.observe((case,), function, None, call)[0]
            for case in cases
        )

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """A share of the credit for a share of the speed-up, on a logarithmic scale."""
        if not case.timed:
            return self.layer.judge(case, expected, observed, tolerance)
        speed_up = observed["speed"]
        if not isinstance(speed_up, float):
            return Judgement({"speed": compare("out", 0, speed_up) or Problem("it cannot be timed")}, 0.0)
        credit = min(max(log(max(speed_up, 1e-9) / NOTHING) / log(FULL / NOTHING), 0.0), 1.0)
        slow = Problem(
            f"{speed_up:.2g} times as fast as loops; points begin at {NOTHING:g} times, all are for {FULL:g}",
            (),
            HINT,
        )
        return Judgement({"speed": None if credit == 1 else slow}, credit)

    def share(self, credits: tuple[float, ...]) -> float:
        """The speed counts, if all is right."""
        *correct, speed = credits
        return speed if all(credit == 1 for credit in correct) else 0.0

    def _race(self, case: Case, function: Function, forward: Function | None, call: Caller) -> dict[str, Any]:
        rng = np.random.default_rng(case.arguments[0])
        with threadpool_limits(1):
            fast = self._seconds(function, rng, call)
            ours = self._seconds(self.loops, rng, Caller())
            own = self._seconds(forward, rng, call) if forward else None
        if not isinstance(fast, float) or not isinstance(ours, float):
            return {"speed": fast}
        usable = isinstance(own, float) and ours / NO_LOOPS < own < ours
        speed_up = (own if usable and isinstance(own, float) else ours) / max(fast, 1e-9)
        whose = "your own loops" if usable else "plain loops"
        return {"speed": speed_up, "note": f"{speed_up:.2g} times as fast as {whose}."}

    def _seconds(self, function: Function, rng: np.random.Generator, call: Caller) -> Any:
        """The least of a few times; or the first wrong result or exception in place of it."""
        times = []
        for _ in range(REPEATS):
            arguments = self.draw(rng)
            start = self.clock()
            result = call(function, *arguments)
            times.append(self.clock() - start)
            if isinstance(result, Raised | NotTried):
                return result
            if wrong := self._wrong(arguments, result):
                return wrong
        return min(times)

    def _wrong(self, arguments: tuple[Any, ...], result: Any) -> Raised | None:
        got = plain(result[0]) if type(result) in (tuple, list) and result else plain(result)
        problem = compare("out", self.loops(*arguments)[0], got, TOLERANCE)
        return Raised("a wrong result", problem.summary) if problem else None
