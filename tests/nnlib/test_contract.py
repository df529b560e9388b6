"""What every forward and backward function of nnlib promises, tested on all of them by one loop."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np
import pytest

import nnlib
from nnlib.activations import (
    leaky_relu_backward,
    leaky_relu_forward,
    relu_backward,
    relu_forward,
    sigmoid_backward,
    sigmoid_forward,
    swish_backward,
    swish_forward,
    tanh_backward,
    tanh_forward,
)
from nnlib.convolution import conv2d_backward, conv2d_forward, conv2d_forward_fast
from nnlib.dense import dense_backward, dense_forward
from nnlib.depthwise import depthwise_conv2d_backward, depthwise_conv2d_forward
from nnlib.dropout import dropout_backward, dropout_forward, scaled_dropout_backward, scaled_dropout_forward
from nnlib.gradients import check_gradient
from nnlib.normalization import (
    batchnorm2d_backward,
    batchnorm2d_forward,
    batchnorm_backward,
    batchnorm_forward,
    layernorm_backward,
    layernorm_forward,
)
from nnlib.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool_backward,
    global_avg_pool_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)
from nnlib.residual import residual_backward, residual_forward
from nnlib.response_normalization import local_response_norm_backward, local_response_norm_forward


@dataclass(frozen=True, slots=True)
class Pair:
    """A forward function, its backward, the shapes of its array arguments, the arguments behind them."""

    forward: Callable
    backward: Callable
    shapes: tuple[tuple[int, ...], ...]
    settings: tuple = ()
    input_kept: bool = True  # whether the cache holds x itself, so that dx can have x's dtype
    random: bool = False  # whether it takes an rng

    def run(self, arrays):
        drawn = {"rng": np.random.default_rng(3)} if self.random else {}
        return self.forward(*arrays, *self.settings, **drawn)[:2]

    def gradients(self, dout, cache):
        result = self.backward(dout, cache)
        return result if isinstance(result, tuple) else (result,)


CONVOLUTION = ((2, 3, 7, 6), (4, 3, 3, 2), (4,))
POOLED = ((2, 3, 7, 8),)
FEATURES, CHANNELS, ROWS = ((6, 5), (5,), (5,)), ((3, 2, 4, 5), (2,), (2,)), ((4, 3, 5), (5,), (5,))
RESPONSE = (local_response_norm_forward, local_response_norm_backward)
DEPTHWISE = (depthwise_conv2d_forward, depthwise_conv2d_backward, ((2, 4, 6, 5), (4, 3, 2), (4,)))
PROJECTED = ((2, 2, 5, 6), (3, 2, 3, 3), (3,), (3, 3, 3, 3), (3,), (3, 2, 1, 1), (3,))
DROPOUT, SCALED = (dropout_forward, dropout_backward), (scaled_dropout_forward, scaled_dropout_backward)
PAIRS = {
    "relu": Pair(relu_forward, relu_backward, ((4, 5),)),
    "leaky_relu": Pair(leaky_relu_forward, leaky_relu_backward, ((4, 5),), (0.1,)),
    "sigmoid": Pair(sigmoid_forward, sigmoid_backward, ((4, 5),)),
    "tanh": Pair(tanh_forward, tanh_backward, ((4, 5),)),
    "swish": Pair(swish_forward, swish_backward, ((4, 5),)),
    "dropout, training": Pair(*DROPOUT, ((4, 5),), (0.4, True), random=True),
    "dropout, evaluation": Pair(*DROPOUT, ((4, 5),), (0.4, False), random=True),
    "scaled_dropout, training": Pair(*SCALED, ((4, 5),), (0.4, True), random=True),
    "scaled_dropout, evaluation": Pair(*SCALED, ((4, 5),), (0.4, False), random=True),
    "batchnorm, training": Pair(batchnorm_forward, batchnorm_backward, FEATURES, ({}, True)),
    "batchnorm, evaluation": Pair(batchnorm_forward, batchnorm_backward, FEATURES, ({}, False)),
    "batchnorm2d, training": Pair(batchnorm2d_forward, batchnorm2d_backward, CHANNELS, ({}, True)),
    "batchnorm2d, evaluation": Pair(batchnorm2d_forward, batchnorm2d_backward, CHANNELS, ({}, False)),
    "layernorm": Pair(layernorm_forward, layernorm_backward, ROWS),
    "local_response_norm": Pair(*RESPONSE, ((2, 7, 3, 2),), (3, 1.5, 0.2, 0.6)),
    "dense": Pair(dense_forward, dense_backward, ((4, 5), (5, 3), (3,))),
    "dense on images": Pair(dense_forward, dense_backward, ((4, 2, 3, 1), (6, 3), (3,))),
    "conv2d": Pair(conv2d_forward, conv2d_backward, CONVOLUTION),
    "conv2d, strided and padded": Pair(conv2d_forward, conv2d_backward, CONVOLUTION, ((2, 3), (1, 2))),
    "conv2d, dilated": Pair(conv2d_forward, conv2d_backward, CONVOLUTION, (1, 1, (2, 3))),
    "conv2d, groups": Pair(conv2d_forward, conv2d_backward, ((2, 4, 6, 5), (6, 2, 3, 2), (6,)), (1, 1, 1, 2)),
    "conv2d, depthwise": Pair(conv2d_forward, conv2d_backward, ((2, 4, 6, 5), (4, 1, 3, 2), (4,)), (2, 1, 1, 4)),
    "conv2d, fast": Pair(conv2d_forward_fast, conv2d_backward, CONVOLUTION, (2, 1)),
    "depthwise_conv2d": Pair(*DEPTHWISE, ((2, 1), (0, 1))),
    "residual block, projection": Pair(residual_forward, residual_backward, PROJECTED, (2,)),
    "max_pool2d": Pair(max_pool2d_forward, max_pool2d_backward, POOLED, (2,)),
    "max_pool2d, overlapping": Pair(max_pool2d_forward, max_pool2d_backward, POOLED, (3, (2, 1))),
    "avg_pool2d": Pair(avg_pool2d_forward, avg_pool2d_backward, POOLED, (2,)),
    "avg_pool2d, overlapping": Pair(avg_pool2d_forward, avg_pool2d_backward, POOLED, ((3, 2), 1)),
    "global_avg_pool": Pair(global_avg_pool_forward, global_avg_pool_backward, POOLED, input_kept=False),
}
every_pair = pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)


def draw(rng, pair, dtype=np.float64):
    return [rng.standard_normal(shape).astype(dtype) for shape in pair.shapes]


def test_every_public_pair_is_in_the_registry():
    modules = [import_module(f"nnlib.{name}") for name in nnlib.__all__]
    of_lists = {nnlib.mlp, nnlib.inception, nnlib.lenet}  # their functions take lists of arrays
    public = {
        getattr(module, name)
        for module in modules
        for name in module.__all__
        if name.endswith(("_forward", "_backward")) and module not in of_lists
    }
    registered = {function for pair in PAIRS.values() for function in (pair.forward, pair.backward)}
    assert {f.__name__ for f in public} == {f.__name__ for f in registered}


@every_pair
def test_gradients_follow_the_slope_of_the_forward_function(rng, pair):
    arrays = draw(rng, pair)
    out, cache = pair.run(arrays)
    dout = rng.standard_normal(out.shape)
    gradients = pair.gradients(dout, cache)
    assert len(gradients) == len(arrays)
    for i, gradient in enumerate(gradients):

        def loss(value, i=i):
            return float((pair.run([*arrays[:i], value, *arrays[i + 1 :]])[0] * dout).sum())

        assert check_gradient(loss, arrays[i], gradient, rng=rng) < 1e-7


@every_pair
def test_gradients_have_the_shapes_of_the_inputs(rng, pair):
    out, cache = pair.run(draw(rng, pair))
    assert tuple(gradient.shape for gradient in pair.gradients(np.ones(out.shape), cache)) == pair.shapes


@every_pair
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_float_dtype_is_kept(rng, pair, dtype):
    out, cache = pair.run(draw(rng, pair, dtype))
    assert out.dtype == dtype
    assert {gradient.dtype for gradient in pair.gradients(np.ones_like(out), cache)} == {np.dtype(dtype)}


@every_pair
def test_float32_agrees_with_float64_to_its_own_precision(rng, pair):
    arrays = draw(rng, pair, np.float32)
    out, cache = pair.run(arrays)
    exact, exact_cache = pair.run([array.astype(np.float64) for array in arrays])
    dout = rng.standard_normal(out.shape)
    np.testing.assert_allclose(out, exact, rtol=1e-4, atol=1e-5)
    rough = pair.gradients(dout.astype(np.float32), cache)
    for actual, expected in zip(rough, pair.gradients(dout, exact_cache), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


@every_pair
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_])
def test_integers_are_computed_in_float64(rng, pair, dtype):
    arrays = [rng.integers(0, 3, shape).astype(dtype) for shape in pair.shapes]
    out, cache = pair.run(arrays)
    exact, exact_cache = pair.run([array.astype(np.float64) for array in arrays])
    np.testing.assert_array_equal(out, exact, strict=True)
    dout = rng.integers(-3, 4, out.shape)
    expected = pair.gradients(dout.astype(np.float64), exact_cache)
    for actual, gradient in zip(pair.gradients(dout, cache), expected, strict=True):
        np.testing.assert_array_equal(actual, gradient, strict=True)


@pytest.mark.parametrize("pair", [pair for pair in PAIRS.values() if pair.input_kept])
def test_each_gradient_has_the_dtype_of_its_own_array(rng, pair):
    arrays = draw(rng, pair)
    arrays[0] = arrays[0].astype(np.float32)
    out, cache = pair.run(arrays)
    dtypes = [gradient.dtype for gradient in pair.gradients(rng.standard_normal(out.shape), cache)]
    assert dtypes == [array.dtype for array in arrays]


@every_pair
def test_nothing_is_changed_in_place_and_calls_repeat(rng, pair):
    arrays = draw(rng, pair)
    before = [array.copy() for array in arrays]
    out, cache = pair.run(arrays)
    dout = rng.standard_normal(out.shape)
    dout_before, out_before = dout.copy(), out.copy()
    first, second = pair.gradients(dout, cache), pair.gradients(dout, cache)
    for array, copy in zip([*arrays, dout, out, *first], [*before, dout_before, out_before, *second], strict=True):
        np.testing.assert_array_equal(array, copy)


@every_pair
def test_read_only_inputs_are_enough(rng, pair):
    arrays = draw(rng, pair)
    for array in arrays:
        array.flags.writeable = False
    out, cache = pair.run(arrays)
    dout = np.ones(out.shape)
    dout.flags.writeable = False
    assert all(gradient.flags.writeable for gradient in (out, *pair.gradients(dout, cache)))


@every_pair
def test_results_share_no_memory_with_the_inputs(rng, pair):
    arrays = draw(rng, pair)
    out, cache = pair.run(arrays)
    dout = np.ones(out.shape)
    for result in (out, *pair.gradients(dout, cache)):
        assert not any(np.shares_memory(result, array) for array in (*arrays, dout))


@pytest.mark.parametrize("name", ["dense", "dense on images", "conv2d", "conv2d, depthwise"])
def test_a_first_layer_can_leave_out_dx_and_gets_the_other_gradients_all_the_same(rng, name):
    pair = PAIRS[name]
    out, cache = pair.run(draw(rng, pair))
    dout = rng.standard_normal(out.shape)
    dx, *others = pair.backward(dout, cache, needs_dx=False)
    assert dx is None
    for ours, full in zip(others, pair.gradients(dout, cache)[1:], strict=True):
        np.testing.assert_array_equal(ours, full)


IMAGES = [name for name in PAIRS if "2d" in name or name in {"global_avg_pool", "relu", "dropout, training"}]


@pytest.mark.parametrize("name", IMAGES)
def test_images_come_out_with_the_batch_innermost_in_memory(rng, name):
    pair = PAIRS[name]
    arrays = draw(rng, pair)
    arrays[0] = np.moveaxis(np.ascontiguousarray(np.moveaxis(arrays[0], 0, -1)), -1, 0)
    out, cache = pair.run(arrays)
    dx = pair.gradients(np.ones_like(out), cache)[0]
    assert all(np.moveaxis(result, 0, -1).flags.c_contiguous for result in (out, dx))


@every_pair
@pytest.mark.parametrize(
    "layout", [np.asfortranarray, lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[::-1]]
)
def test_the_layout_in_memory_does_not_matter(rng, pair, layout):
    arrays = [layout(array) for array in draw(rng, pair)]
    out, cache = pair.run(arrays)
    dout = layout(rng.standard_normal(out.shape))
    plain, plain_cache = pair.run([np.ascontiguousarray(array) for array in arrays])
    np.testing.assert_allclose(out, plain, rtol=1e-12, atol=1e-12)
    expected = pair.gradients(np.ascontiguousarray(dout), plain_cache)
    for actual, gradient in zip(pair.gradients(dout, cache), expected, strict=True):
        np.testing.assert_allclose(actual, gradient, rtol=1e-12, atol=1e-12)


@every_pair
def test_backward_is_linear_in_dout_so_the_batch_is_not_averaged(rng, pair):
    out, cache = pair.run(draw(rng, pair))
    dout = rng.standard_normal(out.shape)
    for once, twice in zip(pair.gradients(dout, cache), pair.gradients(2 * dout, cache), strict=True):
        np.testing.assert_allclose(twice, 2 * once)


@every_pair
def test_a_dout_of_another_shape_is_refused_with_both_shapes(rng, pair):
    out, cache = pair.run(draw(rng, pair))
    wrong = np.ones((*out.shape, 1))
    with pytest.raises(ValueError, match="dout must have") as caught:
        pair.backward(wrong, cache)
    assert str(wrong.shape) in str(caught.value)
    assert all(str(size) in str(caught.value) for size in out.shape)


@every_pair
def test_an_empty_batch_gives_empty_results(pair):
    arrays = [np.ones(shape) for shape in pair.shapes]
    arrays[0] = arrays[0][:0]
    out, cache = pair.run(arrays)
    assert len(out) == 0
    assert pair.gradients(out, cache)[0].shape == arrays[0].shape


@every_pair
def test_text_and_complex_numbers_are_refused(pair):
    arrays = [np.ones(shape) for shape in pair.shapes]
    with pytest.raises(TypeError, match="must hold real numbers, got an array of dtype complex128"):
        pair.run([arrays[0] * 1j, *arrays[1:]])


def test_without_the_input_in_the_cache_the_gradient_has_the_dtype_of_dout():
    _, cache = global_avg_pool_forward(np.ones((2, 3, 4, 4)))
    assert cache == (2, 3, 4, 4)
    assert global_avg_pool_backward(np.ones((2, 3), np.float32), cache).dtype == np.float32
