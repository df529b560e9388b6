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
from autograder.kinds import Layer, fresh

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
            wrong = compare("out", 0, speed_up) or Problem("it cannot be timed")
            return Judgement({"speed": wrong}, {"speed": 0.0})
        credit = min(max(log(max(speed_up, 1e-9) / NOTHING) / log(FULL / NOTHING), 0.0), 1.0)
        slow = Problem(
            f"{speed_up:.2g} times as fast as loops; points begin at {NOTHING:g} times, all are for {FULL:g}",
            (),
            HINT,
        )
        return Judgement({"speed": None if credit == 1 else slow}, {"speed": credit})

    def _race(self, case: Case, function: Function, forward: Function | None, call: Caller) -> dict[str, Any]:
        rng = np.random.default_rng(case.arguments[0])
        inputs = [self.draw(rng) for _ in range(REPEATS)]
        with threadpool_limits(1):
            fast, results = self._timed(function, inputs, call)
            if not fast:
                return {"speed": results[-1]}
            ours, right = self._timed(self.loops, inputs, Caller())
            own, loops = self._timed(forward, inputs, call) if forward else (0.0, [])
        if wrong := _wrong(right, results):
            return {"speed": wrong}
        usable = ours / NO_LOOPS < own < ours and not _wrong(right, loops)
        speed_up = (own if usable else ours) / max(fast, 1e-9)
        whose = "your own loops" if usable else "plain loops"
        return {"speed": speed_up, "note": f"{speed_up:.2g} times as fast as {whose}."}

    def _timed(self, function: Function, inputs: list[tuple[Any, ...]], call: Caller) -> tuple[float, list[Any]]:
        """The least of the times, and the results; 0 where a result is an exception, which is the last one."""
        times, results = [], []
        for arguments in inputs:
            given = fresh(arguments)
            start = self.clock()
            result = call(function, *given)
            times.append(self.clock() - start)
            results.append(plain(result[0] if type(result) in (tuple, list) and result else result))
            if isinstance(result, Raised | NotTried):
                return 0.0, results
        return max(min(times), 1e-9), results


def _wrong(right: list[Any], results: list[Any]) -> Raised | None:
    """What is wrong with the first wrong result."""
    found = (compare("out", wanted, got, TOLERANCE) for wanted, got in zip(right, results, strict=False))
    problem = next(filter(None, found), None)
    return Raised("a wrong result", problem.summary) if problem else None
