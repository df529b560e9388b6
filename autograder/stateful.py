"""Layers with running statistics: ``NAME_forward(x, …, state, train, …) -> (out, cache, state)``.

A case gives the state's values one by one, after the names "state: …"; None for all of them is the empty state {}.
Where ``train`` is a tuple, x holds as many batches, and each call gets the state that the one before returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller, NotTried, Opaque, Raised, describe, plain
from autograder.comparison import compare, same
from autograder.exercise import Case, Function, Parts
from autograder.kinds import Backward, Equal, changed, fresh

STATE = "state: "


@dataclass(frozen=True, slots=True)
class Stateful(Equal):
    """``names`` are those of a case's arguments; ``parts`` are out and the names of what the state holds.

    ``defaults(*arguments)`` is what the empty state stands for. A cache may hold more than the ``cached`` items.
    """

    names: tuple[str, ...]
    cached: int
    defaults: Callable[..., tuple[Any, ...]]
    parts: tuple[str, ...] = ("out", "mean", "var")

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What each case shows; ``forward`` is not used."""
        return tuple(self._one(case, function, call) for case in cases)

    def arguments(self, case: Case) -> tuple[list[Any], dict[str, Any], list[Any]]:
        """Fresh: what stands before the state, the state, and what stands behind it."""
        given = list(zip(self.names, fresh(case.arguments), strict=False))
        inside = {name.removeprefix(STATE): v for name, v in given if name.startswith(STATE)}
        place = self.names.index(STATE + next(iter(inside)))
        state = {name: value for name, value in inside.items() if value is not None}
        return [v for _, v in given[:place]], state, [v for _, v in given[place + len(inside) :]]

    def _one(self, case: Case, function: Function, call: Caller) -> Parts:
        before, state, (train, *rest) = self.arguments(case)
        if isinstance(train, tuple):
            return self._in_turn(case, function, call)
        kept = fresh(before), {name: fresh(value) for name, value in state.items()}
        result = call(function, *before, state, train, *rest)
        seen = self._parts(case, result)
        if "inputs" in case.looks_at:
            seen["inputs"] = result if _failed(result) else self._touched(kept, (before, state))
        if "again" in case.looks_at:
            again = self._parts(case, call(function, *before, state, train, *rest))
            seen["again"] = tuple(n for n in self.parts if not same(seen[n], again[n]))
        if "cache" not in case.looks_at:
            del seen["cache"]
        return seen

    def _in_turn(self, case: Case, function: Function, call: Caller) -> Parts:
        """The last call's state, and out of all calls."""
        (batches, *before), state, (flags, *rest) = self.arguments(case)
        outs: list[Any] = []
        seen: Parts = {}
        for x, train in zip(batches, flags, strict=True):
            result = call(function, x, *before, state, train, *rest)
            seen = self._parts(case, result)
            if any(isinstance(seen[name], Raised | NotTried | Opaque) for name in self.parts):
                return {name: seen[name] for name in self.parts}
            outs.append(seen["out"])
            state = result[2]
        return {**{name: seen[name] for name in self.parts}, "out": tuple(outs)}

    def _parts(self, case: Case, result: Any) -> dict[str, Any]:
        """out, cache and what the returned state holds, by name."""
        names = ("cache", *self.parts)
        if _failed(result):
            return dict.fromkeys(names, result)
        if type(result) not in (tuple, list) or len(result) != 3:
            return dict.fromkeys(names, Opaque(describe(plain(result)), wanted="(out, cache, state)"))
        out, cache, state = result
        cache = plain(cache)
        cache = cache[: self.cached] if isinstance(cache, tuple) else cache
        return {"out": plain(out), "cache": cache, **self._inside(case, state)}

    def _inside(self, case: Case, state: Any) -> dict[str, Any]:
        """What a state holds; the empty one stands for its defaults."""
        if type(state) is not dict:
            wanted = f"a state, a dict with {' and '.join(map(repr, self.parts[1:]))}"
            return dict.fromkeys(self.parts[1:], Opaque(describe(plain(state)), wanted=wanted))
        if not state:
            return dict(zip(self.parts[1:], self.defaults(*case.arguments), strict=True))
        nothing = {name: Opaque("none in it", wanted=f'state["{name}"]') for name in self.parts[1:]}
        return {name: plain(state[name]) if name in state else nothing[name] for name in self.parts[1:]}

    def _touched(self, before: tuple[Any, Any], after: tuple[Any, Any]) -> tuple[str, ...]:
        """The names of the arguments that were changed."""
        (arrays, state), (now, other) = before, after
        found = [n for pair in zip(arrays, now, self.names, strict=False) for n in changed(*pair)]
        alike = state.keys() == other.keys() and all(np.array_equal(state[k], other[k]) for k in state)
        return (*found, *(() if alike else ("state",)))


@dataclass(frozen=True, slots=True)
class BackwardOfStateful(Backward):
    """A backward function whose forward function takes a state and returns one."""

    stateful: Stateful

    def _own_cache(self, case: Case, forward: Function, call: Caller) -> tuple[Any] | None:
        """The student's own cache, in a tuple; None where their forward function is wrong here."""
        before, state, behind = self.stateful.arguments(case)
        result = call(forward, *before, state, *behind)
        if type(result) not in (tuple, list) or len(result) != 3:
            return None
        before, state, behind = self.stateful.arguments(case)
        expected = self.forward(*before, state, *behind)[0]
        return None if compare("out", expected, plain(result[0])) else (result[1],)


def _failed(result: Any) -> bool:
    return isinstance(result, Raised | NotTried)
