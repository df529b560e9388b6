"""Optimizers are called step after step: the first wrong step is named, and a state stays its own."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import checking
from nnlib.optimizers import adam_update, momentum_update


def grade(name, function, seed=1):
    return autograder.grade(name, function, rng=np.random.default_rng(seed))


def failed(report):
    return {case.trait for case in report.failures}


def test_the_first_wrong_step_is_named():
    report = grade(
        "momentum_update", lambda w, dw, state, lr, beta=0.9: (momentum_update(w, dw, {}, lr)[0], state)
    )
    case = next(case for case in report.cases if case.trait == "three steps")
    assert case.summary == "w after step 2 has wrong values"
    assert case.details[0].startswith("w after step 2[0]: expected ")


def test_a_state_that_is_no_dict_is_accepted():
    class Memory:
        def __init__(self, v):
            self.v = v

    def update(w, dw, state, lr, beta=0.9):
        v = beta * (state.v if isinstance(state, Memory) else 0) + np.asarray(
            dw, w.dtype if w.dtype.kind == "f" else float
        )
        return w - lr * v, Memory(v)

    assert grade("momentum_update", update).passed


@pytest.mark.parametrize("change", ["w", "state", "dw"])
def test_what_was_changed_in_place_is_told(change):
    def update(w, dw, state, lr, beta=0.9):
        new, after = momentum_update(w, dw, state, lr, beta)
        if change == "state":
            state.update(after)
        elif w.flags.writeable and w.dtype.kind == "f":
            {"w": w, "dw": dw}[change][...] = 0
        return new, after

    report = grade("momentum_update", update)
    case = next(case for case in report.cases if case.trait == "inputs unchanged")
    assert case.summary == f"your function changed {change}, which came in from outside"


def test_t_in_an_array_that_is_changed_in_place_is_seen():
    def update(w, dw, state, lr, *settings):
        count = state.get("count", np.zeros(1))
        new, after = adam_update(w, dw, {**state, "t": int(count[0])}, lr, *settings)
        count += 1
        return new, {**after, "count": count}

    assert failed(grade("adam_update", update)) == {"inputs unchanged"}


def test_a_single_value_in_place_of_two_is_told():
    report = grade("sgd_update", lambda w, dw, state, lr: w - lr * dw)
    assert "expected (w, state), got an array" in report.text
    assert report.points == 0


def test_a_memory_outside_is_found_by_two_parameters_in_turn():
    exercise = checking.find("adam_update")
    mistake = next(m for m in exercise.misconceptions if m.name == "shares one memory between parameters")
    assert failed(grade("adam_update", mistake.function)) == {"two parameters in turn"}
