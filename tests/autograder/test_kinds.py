"""Backward functions and their partners: one mistake never costs its points twice."""

from __future__ import annotations

import numpy as np

import autograder
from autograder import checking
from autograder.exercises.unit05 import max_pooling
from nnlib.convolution import conv2d_backward, conv2d_forward
from nnlib.pooling import max_pool2d_forward


def grade(name, function, forward=None, seed=1):
    return autograder.grade(name, function, forward=forward, rng=np.random.default_rng(seed))


def test_a_wrong_forward_function_does_not_cost_the_points_of_backward():
    for mistake in checking.find("conv2d_forward").misconceptions[::5]:
        assert grade("conv2d_backward", conv2d_backward, forward=mistake.function).passed, mistake.name


def test_a_forward_function_that_raises_does_not_cost_the_points_of_backward():
    def failing(*args):
        raise NotImplementedError

    assert grade("conv2d_backward", conv2d_backward, forward=failing).passed
    assert grade("conv2d_backward", conv2d_backward, forward="nothing").passed


def test_an_own_cache_with_more_in_it_is_accepted():
    def forward(x, size, stride=None):
        out, cache = max_pool2d_forward(x, size, stride)
        return out, (*cache[:3], out)

    def backward(dout, cache):
        *documented, out = cache
        assert out.shape == dout.shape
        return max_pooling.by_masks(dout, tuple(documented))

    assert grade("max_pool2d_forward", forward).passed
    assert grade("max_pool2d_backward", backward, forward=forward).passed
    assert grade("max_pool2d_backward", backward).points == 0  # alone, it gets the documented one


def test_an_own_cache_of_another_form_is_accepted_by_backward_and_costs_forward_its_trait():
    def forward(x, size, stride=None):
        return max_pool2d_forward(x, size, stride)[0], {"x": x, "size": size, "stride": stride}

    def backward(dout, cache):
        return max_pooling.by_masks(dout, (cache["x"], cache["size"], cache["stride"]))

    assert [case.trait for case in grade("max_pool2d_forward", forward).failures] == ["cache as documented"]
    assert grade("max_pool2d_backward", backward, forward=forward).passed


def test_a_cache_that_backward_cannot_use_is_told_and_costs_nothing():
    def forward(*args):
        out, (x, w, b, _, padding) = conv2d_forward(*args)
        return out, (x, w, b, 1, padding)  # the stride is lost

    report = grade("conv2d_backward", conv2d_backward, forward=forward)
    assert report.passed
    assert any("with the cache of your own forward function it is not" in note for note in report.notes)
    assert report.notes[0][:40] in " ".join(report.text.split())


def test_what_the_last_forward_call_left_elsewhere_is_of_no_use_and_is_told():
    last = {}

    def forward(*args):
        last["cache"] = conv2d_forward(*args)[1]
        return conv2d_forward(*args)

    def backward(dout, cache):
        return conv2d_backward(dout, last["cache"])

    report = grade("conv2d_backward", backward, forward=forward)
    assert report.points < 0.2 * report.max_points
    assert any("a global variable" in note for note in report.notes)
    assert not grade("conv2d_backward", lambda *args: None, forward=conv2d_forward).notes


def test_gradients_each_earn_their_share():
    def db_only(dout, cache):
        return None, None, conv2d_backward(dout, cache)[2]

    report = grade("conv2d_backward", db_only)
    assert report.points == 1
    assert {case.mark for case in report.failures} == {"◐"}
