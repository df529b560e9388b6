"""Update functions of optimizers, ``NAME(w, dw, state, lr, …) -> (w, state)``: called step after step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller, NotTried, Opaque, Raised, describe, plain
from autograder.comparison import Problem, compare, same
from autograder.exercise import Case, Function, Judgement, Parts
from autograder.kinds import changed, fresh, judge_parts


@dataclass(slots=True)
class Walk:
    """A parameter on its way: its weights and state as the function last gave them, and what was seen of them."""

    function: Function
    w: Any
    call: Caller
    state: Any
    seen: list[Any]
    touched: list[str]
    stopped: Any = None

    def step(self, dw: Any, lr: float, settings: tuple[Any, ...]) -> None:
        """One step, if all went well so far."""
        if self.stopped is not None:
            return
        before, dw = (fresh(self.w), _copy(self.state), fresh(dw)), fresh(dw)
        result = self.call(self.function, self.w, dw, self.state, lr, *settings)
        if isinstance(result, Raised | NotTried):
            self.stopped = result
        elif type(result) not in (tuple, list) or len(result) != 2:
            self.stopped = Opaque(describe(plain(result)), wanted="(w, state)")
        elif type(result[0]) is dict:
            self.stopped = Opaque("a tuple that begins with a dict", wanted="(w, state)")
        else:
            self.touched += _touched(before, (self.w, self.state, dw))
            self.w, self.state = result
            self.seen.append(plain(self.w))


@dataclass(frozen=True, slots=True)
class Stepping:
    """A case's arguments are w, the gradients of all steps (T, …), the learning rate (or one for each step), and
    the ``settings``. The state is {} at first, and then what the function returned.

    A case may look at "inputs" (w, dw and the state stay as they are), at "again" (once more from an empty state)
    and at "apart" (a second parameter takes its steps in between).
    """

    settings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ("w",)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a case's arguments."""
        return ("w", "gradients", "lr", *self.settings)

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """The weights after each step of each case; ``forward`` is not used."""
        return tuple(self._one(case, function, call) for case in cases)

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """The first step that is wrong is named."""
        judged = judge_parts(expected, observed, tolerance)
        if judged.problems["w"] is None:
            return judged
        found = next(_wrong_steps(expected["w"], observed["w"], tolerance), judged.problems["w"])
        return Judgement({**judged.problems, "w": found}, judged.earned)

    def _one(self, case: Case, function: Function, call: Caller) -> Parts:
        paths, touched = self._walk(case, function, call)
        seen: dict[str, Any] = {"w": paths}
        failed = isinstance(paths, Raised | NotTried | Opaque)
        if "inputs" in case.looks_at:
            seen["inputs"] = paths if failed else touched
        if "again" in case.looks_at:
            seen["again"] = paths if failed else self._again(case, function, call, paths)
        return seen

    def _again(self, case: Case, function: Function, call: Caller, paths: Any) -> tuple[str, ...]:
        return () if same(self._walk(case, function, call)[0], paths) else ("w",)

    def _walk(self, case: Case, function: Function, call: Caller) -> tuple[Any, tuple[str, ...]]:
        """The weights after each step (of both parameters, where there are two), and what was changed."""
        w, gradients, lr, *settings = case.arguments
        walks = [Walk(function, fresh(w), call, {}, [], [])]
        if "apart" in case.looks_at:
            walks.append(Walk(function, fresh(-w), call, {}, [], []))
        for t, dw in enumerate(gradients):
            rate = lr[t] if isinstance(lr, tuple) else lr
            for sign, walk in zip((1, -3), walks, strict=False):
                walk.step(sign * dw if sign != 1 else dw, rate, tuple(settings))
        stopped = next((walk.stopped for walk in walks if walk.stopped is not None), None)
        touched = tuple(dict.fromkeys(name for walk in walks for name in walk.touched))
        return stopped or tuple(w for walk in walks for w in walk.seen), touched


def _wrong_steps(expected: Any, observed: Any, tolerance: Mapping[str, float]) -> Iterator[Problem]:
    """What is wrong after each step, by the number of the step."""
    if isinstance(expected, tuple) and isinstance(observed, tuple) and len(expected) == len(observed):
        for step, (wanted, got) in enumerate(zip(expected, observed, strict=True), start=1):
            if problem := compare(f"w after step {step}", wanted, got, tolerance):
                yield problem


def _copy(state: Any) -> Any:
    return {key: fresh(value) for key, value in state.items()} if type(state) is dict else state


def _touched(before: tuple[Any, Any, Any], after: tuple[Any, Any, Any]) -> list[str]:
    """Which of w, state and dw a step changed."""
    found = [
        *changed(before[0], after[0], "w"),
        *changed(before[2], after[2], "dw"),
    ]
    if type(before[1]) is dict and not _same_state(before[1], after[1]):
        found.append("state")
    return found


def _same_state(before: dict[Any, Any], after: dict[Any, Any]) -> bool:
    if before.keys() != after.keys():
        return False
    return all(_equal(value, after[key]) for key, value in before.items())


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and not changed(a, b, "state")
    return type(a) is type(b) and (a is b or bool(a == b)) if isinstance(a, int | float | str) else True
