"""What goes wrong in any update function, whatever its rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.exercise import Function, Misconception

RARE = ("returns the step alone", "returns state and w in the wrong order", "forgets the learning rate")


def uphill(right: Function) -> Function:
    """Adds the step."""

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, state = right(w, dw, state, *rest)
        return (2 * w - new).astype(new.dtype), state

    return wrong


def in_place(right: Function) -> Function:
    """w -= step."""

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, state = right(w, dw, state, *rest)
        np.subtract(w, w - new, out=w)
        return w, state

    return wrong


def state_in_place(right: Function) -> Function:
    """state["v"] = …"""

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, after = right(w, dw, dict(state), *rest)
        state.update(after)
        return new, state

    return wrong


def state_lost(right: Function) -> Function:
    """return w, state, as it came in."""
    return lambda w, dw, state, *rest: (right(w, dw, state, *rest)[0], state)


def shared(right: Function) -> Function:
    """The state lives in a variable outside of the function, empty again whenever someone begins."""
    kept: dict[str, Any] = {}

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        if not state:
            kept.clear()
        new, after = right(w, dw, dict(kept), *rest)
        kept.update(after)
        return new, {"begun": True}

    return wrong


def never_emptied(right: Function) -> Function:
    """The state lives in a variable outside of the function, for each shape, and is never emptied."""
    kept: dict[Any, Any] = {}

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, kept[np.shape(w)] = right(w, dw, kept.get(np.shape(w), {}), *rest)
        return new, {}

    return wrong


def to_float64(right: Function) -> Function:
    """np.zeros(w.shape) or np.float64 somewhere."""

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, state = right(w, dw, state, *rest)
        return new.astype(np.float64), state

    return wrong


def to_integers(right: Function) -> Function:
    """The result has the dtype of w, whatever it is."""

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, state = right(w, dw, state, *rest)
        return new.astype(w.dtype), state

    return wrong


def averaged(right: Function) -> Function:
    """dw / len(dw)."""
    return lambda w, dw, state, *rest: right(w, dw / len(dw), state, *rest)


def without_rate(right: Function) -> Function:
    """lr is not used."""
    return lambda w, dw, state, lr, *rest: right(w, dw, state, 1.0, *rest)


def step_alone(right: Function) -> Function:
    """Returns what is to be subtracted."""

    def wrong(w: Any, dw: Any, state: Any, *rest: Any) -> Any:
        new, state = right(w, dw, state, *rest)
        return w - new, state

    return wrong


def first_rate(right: Function) -> Misconception:
    """The learning rate of the first step is kept."""

    def wrong(w: Any, dw: Any, state: Any, lr: float, *rest: Any) -> Any:
        kept = dict(state)
        lr = kept.pop("lr", lr)
        new, after = right(w, dw, kept, lr, *rest)
        return new, {**after, "lr": lr}

    return Misconception(
        "keeps its first learning rate",
        wrong,
        "Your function goes on with the learning rate of its first step. lr may be another one at each step.",
    )


def every(right: Function) -> Iterator[Misconception]:
    """The mistakes that can be made with any rule."""
    yield Misconception(
        "goes uphill",
        uphill(right),
        "The weights move along the gradient, so the loss grows. Downhill is the opposite direction: mind the sign.",
    )
    yield Misconception(
        "changes w in place",
        in_place(right),
        "w -= … changes the caller's array, and fails for integers or read-only arrays. Make a new one: w - ….",
    )
    yield Misconception(
        "makes float64 of float32",
        to_float64(right),
        "float32 came in, float64 went out. np.zeros(w.shape) makes float64; np.zeros_like(w) has w's dtype.",
    )
    yield Misconception(
        "cuts integers off",
        to_integers(right),
        "Integer weights gave integer results, with all behind the point cut off. Convert w with as_float(w) first.",
        seen=30,
    )
    yield Misconception(
        "divides by the length again",
        averaged(right),
        "dw is divided by its length. The loss has averaged over the batch already: use dw as it is.",
    )
    yield Misconception(
        "forgets the learning rate",
        without_rate(right),
        "The step is as large as for lr = 1, whatever lr is. Where does the learning rate enter your formula?",
    )
    yield Misconception(
        "returns the step alone",
        step_alone(right),
        "This is what has to be subtracted from w. Return the new weights, w minus the step.",
    )
    yield Misconception(
        "returns w alone",
        lambda *given: right(*given)[0],
        "Two things are asked for: the new weights and the state. End with: return w, state.",
    )
    yield Misconception(
        "returns state and w in the wrong order",
        lambda *given: right(*given)[::-1],
        "The state comes first in your tuple. The order is (w, state).",
    )


def with_state(right: Function, without: tuple[str, ...] = ()) -> Iterator[Misconception]:
    """The mistakes that can be made with any rule that remembers."""
    yield from (mistake for mistake in every(right) if mistake.name not in without)
    yield first_rate(right)
    yield Misconception(
        "changes the state in place",
        state_in_place(right),
        "state[…] = … changes the dict that came in, which somebody may still need. Return a new one, such as "
        '{"v": v}.',
    )
    yield Misconception(
        "returns the old state",
        state_lost(right),
        "Every step begins from an empty memory. What you remember must be in the state that you return, and be used "
        "at the next step.",
    )
    yield Misconception(
        "shares one memory between parameters",
        shared(right),
        "Two parameters that take their steps in turn disturb each other: the memory lies outside of the function. "
        "All that a parameter remembers must be in its own state.",
    )
    yield Misconception(
        "never forgets",
        never_emptied(right),
        "From an empty state a second run gives other results than the first: something was left outside of the "
        "function. All memory belongs into the state.",
    )
