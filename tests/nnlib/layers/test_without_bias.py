"""Layers with bias=False: no b among the parameters, and what the same layer gives with a b of zeros."""

from dataclasses import replace

import numpy as np
import pytest

from nnlib.layers import Conv2d, Dense, DepthwiseConv2d, summary

LAYERS = [Dense(5), Conv2d(6, (3, 2), stride=2, padding=1, groups=2), DepthwiseConv2d(3, stride=(1, 2))]
every_layer = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
SHAPE = (4, 7, 6)


@every_layer
def test_there_is_no_b_to_start_count_or_learn(rng, layer):
    bare = replace(layer, bias=False)
    params, state = bare.initialize(SHAPE, rng=rng)
    out, cache, _ = bare.forward(rng.standard_normal((2, *SHAPE)), params, state, train=True)
    _, grads = bare.backward(out, cache)
    assert set(params) == set(bare.parameter_shapes(SHAPE)) == set(grads) == {"w"}
    assert summary(bare, SHAPE).parameters == params["w"].size


@every_layer
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("needs_dx", [True, False])
def test_it_computes_what_a_b_of_zeros_would_give(rng, layer, dtype, needs_dx):
    bare = replace(layer, bias=False)
    params, state = layer.initialize(SHAPE, rng=rng, dtype=dtype)
    x = rng.standard_normal((2, *SHAPE)).astype(dtype)
    expected, its_cache, _ = layer.forward(x, params, state, train=True)
    out, cache, _ = bare.forward(x, {"w": params["w"]}, state, train=True)
    np.testing.assert_array_equal(out, expected, strict=True)
    dx, grads = bare.backward(out, cache, needs_dx)
    its_dx, its_grads = layer.backward(out, its_cache, needs_dx)
    np.testing.assert_array_equal(grads["w"], its_grads["w"], strict=True)
    assert (dx is None and its_dx is None) or np.array_equal(dx, its_dx)


def test_the_setting_shows():
    assert repr(Conv2d(8, 3, bias=False)) == "Conv2d(filters=8, kernel=3, bias=False)"
