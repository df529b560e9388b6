"""Layers with running statistics: what becomes of the state is judged, and whose cache a gradient gets."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from nnlib.normalization import batchnorm_backward, batchnorm_forward


def grade(name, function, forward=None):
    return autograder.grade(name, function, forward=forward, rng=np.random.default_rng(4))


def failed(report):
    return {case.trait for case in report.failures}


def summary(report, trait):
    return next(case.summary for case in report.cases if case.trait == trait)


def changing(change):
    def function(x, gamma, beta, state, train, *rest):
        return change(*batchnorm_forward(x, gamma, beta, state, train, *rest), state)

    return function


def test_lists_and_more_in_the_cache_are_accepted():
    report = grade("batchnorm_forward", changing(lambda out, cache, new, state: [out, (*cache, "more"), new]))
    assert report.passed, report.text


def test_an_empty_state_in_evaluation_may_come_back_filled():
    def filled(x, gamma, beta, state, train, *rest):
        size, dtype = len(gamma), x.dtype if x.dtype.kind == "f" else float
        state = state or {"mean": np.zeros(size, dtype), "var": np.ones(size, dtype)}
        return batchnorm_forward(x, gamma, beta, state, train, *rest)

    assert grade("batchnorm_forward", filled).passed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda out, cache, new, state: (out, cache), "expected (out, cache, state), got a tuple of 2"),
        (
            lambda out, cache, new, state: (out, cache, None),
            "expected a state, a dict with 'mean' and 'var', got None",
        ),
        (
            lambda out, cache, new, state: (out, cache, {"mean": new["mean"]} if new else new),
            'expected state["var"], got none in it',
        ),
    ],
)
def test_what_is_missing_is_said(change, said):
    report = grade("batchnorm_forward", changing(change))
    assert said in summary(report, "a batch in training")
    assert said in summary(report, "two batches in turn")


def test_a_changed_state_is_told_and_a_copy_is_none():
    def filling(x, gamma, beta, state, train, *rest):
        out, cache, new = batchnorm_forward(x, gamma, beta, state, train, *rest)
        state.update(new)
        return out, cache, state

    report = grade("batchnorm_forward", filling)
    assert "your function changed state, which came in from outside" in summary(report, "inputs unchanged")
    copying = grade("batchnorm_forward", lambda x, g, b, state, *rest: filling(x, g, b, dict(state), *rest))
    assert copying.passed


def test_the_state_of_one_call_goes_into_the_next():
    def forgetful(x, gamma, beta, state, train, *rest):
        out, cache, new = batchnorm_forward(x, gamma, beta, state, train, *rest)
        return out, cache, {name: value + 1e-3 for name, value in new.items()} if train else new

    assert {"two batches in turn", "trained, then evaluated"} <= failed(grade("batchnorm_forward", forgetful))


def test_backward_gets_the_students_own_cache_or_else_the_documented_one():
    def forward(x, gamma, beta, state, train, *rest):
        out, cache, new = batchnorm_forward(x, gamma, beta, state, train, *rest)
        return out, {"all": cache}, new

    def backward(dout, cache):
        return batchnorm_backward(dout, cache["all"])

    assert grade("batchnorm_backward", backward, forward).passed
    report = grade("batchnorm_backward", batchnorm_backward, forward)
    assert report.passed
    assert "Let the forward function return the cache" in report.notes[0]
    wrong_forward = changing(lambda out, cache, new, state: (out + 1, None, new))
    assert grade("batchnorm_backward", batchnorm_backward, wrong_forward).passed


def test_dropouts_gradient_is_judged_by_what_the_students_own_mask_dropped():
    def floating(a):
        return a if a.dtype.kind == "f" else a.astype(float)

    def forward(x, p_drop, train, *, rng):
        x = floating(x)
        keep = rng.random(x.shape) > p_drop if train else np.ones(x.shape, bool)
        scale = 1 / (1 - p_drop) if train else 1.0
        return x * (keep * scale).astype(x.dtype), (keep, scale)

    def backward(dout, cache):
        keep, scale = cache
        dout = floating(dout)
        return (dout * keep * scale).astype(dout.dtype)

    assert grade("dropout_backward", backward, forward).passed
    assert not grade("dropout_backward", lambda dout, cache: dout * cache[1], forward).passed
