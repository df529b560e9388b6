"""How functions are called and judged: plain ones, layers forward, layers backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.calling import Caller, NotTried, Opaque, Raised, describe, plain
from autograder.comparison import Problem, compare, same
from autograder.exercise import Case, Function, Judgement, Kind, Parts

OWN_CACHE = (
    "With the documented cache your function is right; with the cache of your own forward function it is not. "
    "Let the forward function return the cache exactly as its docstring says."
)
LEFT_ELSEWHERE = (
    "Your backward function uses something that the last call of your forward function left behind, perhaps a "
    "global variable. Between the two calls others may come. Take all that you need from the cache."
)
BESIDES = (
    "inputs",
    "again",
    "cache",
    "warnings",
)  # what is judged beside the returned values: where it is wrong, nothing is earned
CHANGED = "Look for +=, -=, *=, /= and x[…] = … on an array that came in; work on a copy of it."
UNFIT = {
    "inputs": "your function changed {}, which came in from outside",
    "again": "a second call with the same arguments gave another {}",
}
WARNED = {
    "overflow": "Somewhere on the way a number became too large for a float, even if it is not in the result. "
    "np.where works out both of its values everywhere, and only then picks one. What could you change before exp?",
    "divide by zero": "Somewhere on the way something was divided by 0, or log got a 0, even if that is not in "
    "the result. Which number became exactly 0?",
    "invalid value": "Somewhere on the way there was 0 / 0, inf / inf or inf − inf, even if that is not in the "
    "result. Where does the 0 or the inf come from?",
}


def fresh(value: Any) -> Any:
    """A copy of arrays and containers, for a call to do with as it likes. What is no data stays as it is."""
    if type(value) is np.ndarray:
        return value.copy() if value.flags.writeable else _awkward(value)
    if type(value) in (tuple, list):
        return type(value)(fresh(item) for item in value)
    return value


def _awkward(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy that may not be written to and does not lie in one piece, as slices of other arrays do."""
    view = np.repeat(array, 2, axis=-1)[..., ::2]
    view.flags.writeable = False
    return view


def changed(before: Any, after: Any, name: str) -> tuple[str, ...]:
    """The names of what differs between two copies of one value: "cache[0]" for the first item of a cache."""
    if type(before) is np.ndarray:
        same = type(after) is np.ndarray and before.shape == after.shape and np.array_equal(before, after)
        return () if same else (name,)
    if type(before) not in (tuple, list):
        return ()
    if len(before) != len(after):
        return (name,)
    pairs = enumerate(zip(before, after, strict=True))
    return tuple(found for i, (a, b) in pairs for found in changed(a, b, f"{name}[{i}]"))


def spread(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The values a function returned, by name; what is wrong as a whole is wrong in each part."""
    if isinstance(value, Raised | NotTried):
        return dict.fromkeys(names, value)
    if len(names) == 1:
        return {names[0]: plain(value)}
    if type(value) in (tuple, list) and len(value) == len(names):
        return {name: plain(item) for name, item in zip(names, value, strict=True)}
    wrong = Opaque(describe(plain(value)), wanted=f"({', '.join(names)})")
    return dict.fromkeys(names, wrong)


@dataclass(frozen=True, slots=True)
class Call:
    """One call and what it left: a result, and the arguments as they are now."""

    function: Function
    arguments: tuple[Any, ...]
    names: tuple[str, ...]
    parts: tuple[str, ...]

    def observe(self, case: Case, call: Caller) -> dict[str, Any]:
        """The parts returned, and those that ``case`` looks at besides."""
        before = fresh(self.arguments)
        result = call(self.function, *self.arguments)
        seen = spread(result, self.parts)
        failed = isinstance(result, Raised | NotTried)
        if "inputs" in case.looks_at:
            found = zip(before, self.arguments, self.names, strict=False)
            seen["inputs"] = result if failed else tuple(n for item in found for n in changed(*item))
        if "warnings" in case.looks_at:
            seen["warnings"] = result if failed else call.warned
        if "again" in case.looks_at:
            second = result if failed else call(self.function, *self.arguments)
            seen["again"] = second if isinstance(second, Raised | NotTried) else self._others(seen, second)
        return seen

    def _others(self, seen: Parts, second: Any) -> tuple[str, ...]:
        """The names of the parts that are others at the second call."""
        again = spread(second, self.parts)
        return tuple(name for name in self.parts if not same(seen[name], again[name]))


def judge_parts(expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
    """Each returned value earns by itself, unless what is looked at besides is wrong."""
    problems = {name: _problem(name, expected[name], observed.get(name), tolerance) for name in expected}
    spoilt = any(problems.get(name) for name in BESIDES)
    earned = {name: float(not (problem or spoilt)) for name, problem in problems.items() if name not in BESIDES}
    return Judgement(problems, earned)


def _problem(name: str, expected: Any, got: Any, tolerance: Mapping[str, float]) -> Problem | None:
    if name in UNFIT and isinstance(got, tuple) and got:
        return Problem(UNFIT[name].format(", ".join(got)), (), CHANGED)
    if name == "warnings" and isinstance(got, tuple) and got:
        return Problem(f"NumPy warned: {', '.join(got)}", (), _why_warned(got))
    return compare({"again": "the second call"}.get(name, name), expected, got, tolerance)


def _why_warned(heard: tuple[str, ...]) -> str:
    """What it comes from; an overflow comes first, since what is invalid often follows from it."""
    return next(hint for words, hint in WARNED.items() if any(text.startswith(words) for text in heard))


class Equal:
    """What the kinds below share: parts are compared one by one."""

    __slots__ = ()

    def judge(self, case: Case, expected: Parts, observed: Parts, tolerance: Mapping[str, float]) -> Judgement:
        """What is wrong with each part."""
        return judge_parts(expected, observed, tolerance)


class Around:
    """What kinds share that wrap another ``kind``: the names are its own."""

    __slots__ = ()
    kind: Kind

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a case's arguments."""
        return self.kind.names

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the values returned."""
        return self.kind.parts


@dataclass(frozen=True, slots=True)
class Plain(Equal):
    """A function that returns one value. ``names`` are those of its arguments."""

    names: tuple[str, ...]
    parts: tuple[str, ...] = ("result",)

    def observe(
        self,
        cases: tuple[Case, ...],
        function: Function,
        forward: Function | None,
        call: Caller,
    ) -> tuple[Parts, ...]:
        """What each case shows; ``forward`` is not used."""
        calls = (Call(function, fresh(case.arguments), self.names, self.parts) for case in cases)
        return tuple(it.observe(case, call) for it, case in zip(calls, cases, strict=True))


@dataclass(frozen=True, slots=True)
class Layer(Equal):
    """A forward function, which returns (out, cache). A cache may hold more than the ``cached`` items."""

    names: tuple[str, ...]
    cached: int
    parts: tuple[str, ...] = ("out",)

    def observe(
        self,
        cases: tuple[Case, ...],
        function: Function,
        forward: Function | None,
        call: Caller,
    ) -> tuple[Parts, ...]:
        """What each case shows; ``forward`` is not used."""
        return tuple(self._one(case, function, call) for case in cases)

    def _one(self, case: Case, function: Function, call: Caller) -> Parts:
        seen = Call(function, fresh(case.arguments), self.names, ("out", "cache")).observe(case, call)
        cache = seen.pop("cache")
        if "cache" in case.looks_at:
            seen["cache"] = cache[: self.cached] if isinstance(cache, tuple) else cache
        if case.raises is None or not isinstance(seen["out"], Raised):
            return seen
        return {"out": seen["out"]}


@dataclass(frozen=True, slots=True)
class Backward(Equal):
    """A backward function: it gets the student's own cache where their forward function is right, else the
    documented one. Right with either is right: a mistake in the forward function has cost its points there.
    All caches are made before the first one is used, so that what a forward function left elsewhere is of no use.
    """

    names: tuple[str, ...]
    parts: tuple[str, ...]
    forward: Function
    backward: Function
    remember: Callable[..., Any]  # the documented cache for the arguments of forward

    def observe(
        self, cases: tuple[Case, ...], function: Function, forward: Function | None, call: Caller
    ) -> tuple[Parts, ...]:
        """What each case shows, with the cache of ``forward`` or the documented one."""
        caches = [self._own_cache(case, forward, call) if forward else None for case in cases]
        seen = [self._one(case, function, own, call) for case, own in zip(cases, caches, strict=True)]
        wrong = (i for i, case in enumerate(cases) if caches[i] and not self._right(case, seen[i]))
        first = next(wrong, None) if forward else None
        if forward and first is not None and self._right_at_once(cases[first], function, forward, call):
            seen[first] = {**seen[first], "note": LEFT_ELSEWHERE}
        return tuple(seen)

    def _right_at_once(self, case: Case, function: Function, forward: Function, call: Caller) -> bool:
        """Whether backward is right if forward has only just been called."""
        own = self._own_cache(case, forward, call)
        return own is not None and self._right(case, self._with(own[0], case, function, call))

    def _one(self, case: Case, function: Function, own: tuple[Any] | None, call: Caller) -> Parts:
        documented = self.remember(*case.arguments)
        if own is None:
            return self._with(documented, case, function, call)
        seen = self._with(own[0], case, function, call)
        if self._right(case, seen):
            return seen
        other = self._with(documented, case, function, call)
        return {**other, "note": OWN_CACHE} if self._right(case, other) else seen

    def _own_cache(self, case: Case, forward: Function, call: Caller) -> tuple[Any] | None:
        """The student's own cache, in a tuple; None where their forward function is wrong here."""
        result = call(forward, *fresh(case.arguments))
        if type(result) not in (tuple, list) or len(result) != 2:
            return None
        expected = self.forward(*case.arguments)[0]
        return None if compare("out", expected, plain(result[0])) else (result[1],)

    def _with(self, cache: Any, case: Case, function: Function, call: Caller) -> dict[str, Any]:
        arguments = (fresh(case.dout), fresh(cache))
        return Call(function, arguments, ("dout", "cache"), self.parts).observe(case, call)

    def _right(self, case: Case, seen: Parts) -> bool:
        expected = self._with(self.remember(*case.arguments), case, self.backward, Caller())
        return not any(self.judge(case, expected, seen, {"float64": 1e-9, "float32": 1e-4}).problems.values())
