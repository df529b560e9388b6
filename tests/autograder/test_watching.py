"""Of a chain of layers, the grader counts the work done, and what must have been kept, from the calls alone."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder.exercises.unit02 import checkpoints
from autograder.exercises.unit02.checkpoints import Chain
from autograder.exercises.unit02.orders import flaw
from nnlib.mlp import checkpointed_gradients


def watched(function, depth, every):
    chain = Chain(tuple(0.5 * np.eye(2) for _ in range(depth)))
    function(np.ones((1, 2)), chain.layers(), chain.loss, every)
    return chain.work(), chain.held()


@pytest.mark.parametrize(("function", "depth", "every", "work", "held"), [
    (checkpoints.all_inputs, 16, 4, 16, 16),
    (checkpointed_gradients, 16, 4, 28, 6),
    (checkpointed_gradients, 16, 16, 31, 15),
    (checkpoints.from_the_start, 4, 1, 4 + 6, 1),
])  # fmt: skip
def test_work_and_memory_are_seen_from_outside(function, depth, every, work, held):
    assert watched(function, depth, every) == (work, held)


def test_whoever_keeps_everything_gets_no_points_for_memory():
    report = autograder.grade("checkpointed_gradients", checkpoints.all_inputs, rng=np.random.default_rng(1))
    assert report.points == pytest.approx(3 * 0.75)
    assert "16 activations of 16 layers were kept at once; at most 8 are needed" in report.text


def test_whoever_begins_at_x_each_time_gets_no_points_for_work():
    report = autograder.grade("checkpointed_gradients", checkpoints.from_the_start, rng=np.random.default_rng(1))
    assert report.points == pytest.approx(3 * 0.85)
    assert "calls of forward functions for 16 layers; at most 31 are needed" in report.text


PARENTS = [(2, 3), (), (1, 1), (1, 2), (0,)]


@pytest.mark.parametrize(("order", "words"), [
    ([1, 2, 3, 0], ""), ((1, 2, 3, 0), ""), (None, "expected a list of node numbers, got None"),
    ([1, 3, 2, 0], "node 3 comes before node 2"), ([1, 2, 1, 3, 0], "node 1 is in your list more than once"),
    ([1, 2, 0], "node 3 is missing"), ([1, 2, 3, 0, 4], "node 4 is in your list, but node 0 does not depend on it"),
    (["a"], "expected a list of node numbers, got a list of 1"),
])  # fmt: skip
def test_what_is_wrong_with_an_order_is_said(order, words):
    assert flaw(order, PARENTS, 0).startswith(words)
    assert bool(flaw(order, PARENTS, 0)) is bool(words)


def test_any_topological_order_is_right():
    for order in ([0, 1, 2, 3], [0, 2, 1, 3]):
        assert flaw(order, [(), (0,), (0,), (1, 2)], 3) == ""
