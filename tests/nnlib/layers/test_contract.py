"""What every layer promises, tested on all of the registry by one loop."""

import copy
import inspect

import numpy as np
import pytest
from layer_registry import LAYERS, arrays_in, assert_same, replaced, run

from nnlib import layers
from nnlib.gradients import check_gradient
from nnlib.layers import Conv2d, Dense, Flatten, Layer, Residual, Sequential, Sigmoid
from nnlib.nested import items, leaves, mapped
from nnlib.saving import load_model, save_model

every_layer = pytest.mark.parametrize("entry", LAYERS.values(), ids=LAYERS)
in_both_modes = pytest.mark.parametrize("train", [True, False], ids=["training", "evaluation"])


def both_ways(layer, x, params, state, train, dout):
    out, cache, state = run(layer, x, params, state, train)
    return out, state, *layer.backward(dout, cache)


def a_dout(rng, entry, batch=3, dtype=np.float64):
    return rng.standard_normal((batch, *entry.layer.output_shape(entry.shape))).astype(dtype)


def kinds_within(layer):
    return {type(layer)}.union(*(kinds_within(inner) for inner in getattr(layer, "layers", ())))


def test_every_public_layer_is_in_the_registry():
    public = [getattr(layers, name) for name in layers.__all__]
    kinds = {kind for kind in public if inspect.isclass(kind) and issubclass(kind, Layer)}
    registered = set().union(*(kinds_within(entry.layer) for entry in LAYERS.values()))
    assert {kind for kind in kinds if not inspect.isabstract(kind)} == registered


@every_layer
@in_both_modes
def test_output_shape_tells_the_truth(rng, entry, train):
    out, _, _ = run(entry.layer, *entry.inputs(rng), train)
    assert out.shape == (3, *entry.layer.output_shape(entry.shape))


@every_layer
def test_parameter_shapes_tell_what_initialize_makes(rng, entry):
    params, _ = entry.layer.initialize(entry.shape, rng=rng)
    assert mapped(np.shape, params) == entry.layer.parameter_shapes(entry.shape)
    assert {array.dtype for array in leaves(params)} <= {np.dtype(np.float32)}


@every_layer
def test_initialize_is_reproducible_and_only_rounds_to_its_dtype(entry):
    exact, again = (entry.layer.initialize(entry.shape, rng=np.random.default_rng(7), dtype=float) for _ in "12")
    rounded = entry.layer.initialize(entry.shape, rng=np.random.default_rng(7))
    assert_same(exact, again)
    assert_same(mapped(lambda array: array.astype(np.float32), exact[0]), rounded[0])
    for (name, array), other in zip(items(exact[0]), leaves(rounded[0]), strict=True):
        assert (array == other).all() == (not name.endswith("w"))  # ones and zeros need no rounding


@every_layer
@in_both_modes
def test_grads_have_the_form_the_shapes_and_the_dtypes_of_params(rng, entry, train):
    x, params, state = entry.inputs(rng, np.float32)
    *_, dx, grads = both_ways(entry.layer, x, params, state, train, a_dout(rng, entry, dtype=np.float32))
    for nested, other in ((grads, params), ([dx], [x])):
        assert mapped(lambda a: (a.shape, a.dtype), nested) == mapped(lambda a: (a.shape, a.dtype), other)


@every_layer
@in_both_modes
def test_gradients_follow_the_slope_of_forward(rng, entry, train):
    x, params, state = entry.inputs(rng)
    dout = a_dout(rng, entry)

    def slope_error(array, grad, loss):
        r = rng.standard_normal(array.shape)  # a bias before batch norm has gradient 0: 1e-7 of what, then?
        return check_gradient(lambda value: loss(value) + float((value * r).sum()), array, grad + r, rng=rng)

    def loss(x, params):
        return float((run(entry.layer, x, params, state, train)[0] * dout).sum())

    _, _, dx, grads = both_ways(entry.layer, x, params, state, train, dout)
    assert slope_error(x, dx, lambda value: loss(value, params)) < 1e-7
    for i, (array, grad) in enumerate(zip(leaves(params), leaves(grads), strict=True)):
        assert slope_error(array, grad, lambda value, i=i: loss(x, replaced(params, i, value))) < 1e-7


@every_layer
@in_both_modes
def test_float32_stays_float32_and_is_near_float64(rng, entry, train):
    x, params, state = entry.inputs(rng, np.float32)
    dout = a_dout(rng, entry, dtype=np.float32)
    rough = arrays_in(both_ways(entry.layer, x, params, state, train, dout))
    doubled = mapped(lambda array: array.astype(np.float64), [x, params, state])
    exact = arrays_in(both_ways(entry.layer, *doubled, train, dout.astype(np.float64)))
    assert {array.dtype for array in rough} == {np.dtype(np.float32)}
    for one, other in zip(rough, exact, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4)


@every_layer
@in_both_modes
def test_nothing_is_changed_in_place_and_calls_repeat(rng, entry, train):
    given = (*entry.inputs(rng), train)
    dout = a_dout(rng, entry)
    before = copy.deepcopy((given, dout))
    out, cache, state = run(entry.layer, *given)
    made = copy.deepcopy((out, cache, state))
    first, second = entry.layer.backward(dout, cache), entry.layer.backward(dout, cache)
    assert_same(first, second)
    assert_same(run(entry.layer, *given), made)
    assert_same((out, cache, state), made)
    assert_same((given, dout), before)


@every_layer
@in_both_modes
def test_read_only_arrays_are_enough(rng, entry, train):
    given, dout = entry.inputs(rng), a_dout(rng, entry)
    for array in arrays_in((given, dout)):
        array.flags.writeable = False
    out, cache, _ = run(entry.layer, *given, train)
    for array in arrays_in((out, cache)):
        array.flags.writeable = False
    dx, _ = entry.layer.backward(dout, cache)
    assert dx.shape == given[0].shape


@every_layer
@in_both_modes
def test_the_layout_in_memory_does_not_matter(rng, entry, train):
    x, params, state = entry.inputs(rng)
    dout = a_dout(rng, entry)
    strange = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)  # batch innermost
    plain = both_ways(entry.layer, x, params, state, train, dout)
    other = both_ways(entry.layer, strange, params, state, train, np.asfortranarray(dout))
    for one, expected in zip(arrays_in(other), arrays_in(plain), strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-11, atol=1e-11)


@every_layer
@in_both_modes
def test_without_dx_the_grads_are_the_same(rng, entry, train):
    _, cache, _ = run(entry.layer, *entry.inputs(rng), train)
    dout = a_dout(rng, entry)
    assert_same(entry.layer.backward(dout, cache, needs_dx=False)[1], entry.layer.backward(dout, cache)[1])


@every_layer
def test_evaluation_draws_no_numbers_needs_no_rng_and_keeps_the_state(rng, entry):
    x, params, state = entry.inputs(rng)
    unused = np.random.default_rng(1)
    before = unused.bit_generator.state
    drawn = entry.layer.forward(x, params, state, False, rng=unused)
    assert unused.bit_generator.state == before
    assert_same(drawn, entry.layer.forward(x, params, state, False))
    assert_same(drawn[2], state)


@every_layer
def test_evaluation_takes_each_example_on_its_own(rng, entry):
    x, params, state = entry.inputs(rng)
    together = run(entry.layer, x, params, state, False)[0]
    alone = [run(entry.layer, x[i : i + 1], params, state, False)[0] for i in range(len(x))]
    np.testing.assert_allclose(np.concatenate(alone), together, rtol=1e-11, atol=1e-11)


@every_layer
@in_both_modes
def test_an_empty_batch_gives_empty_results_and_zero_gradients(rng, entry, train):
    x, params, state = entry.inputs(rng)
    dout = a_dout(rng, entry, batch=0)
    out, kept, dx, grads = both_ways(entry.layer, x[:0], params, state, train, dout)
    assert (out.shape, dx.shape) == (dout.shape, x[:0].shape)
    assert_same(grads, mapped(np.zeros_like, params))
    assert_same(kept, state)


@pytest.mark.parametrize("name", [name for name, entry in LAYERS.items() if entry.checks_dout])
@in_both_modes
def test_a_dout_of_another_shape_is_refused(rng, name, train):
    entry = LAYERS[name]
    out, cache, _ = run(entry.layer, *entry.inputs(rng), train)
    with pytest.raises(ValueError, match="dout must have"):
        entry.layer.backward(np.ones((*out.shape, 1)), cache)


@every_layer
def test_a_saved_layer_comes_back_equal_with_equal_arrays(rng, entry, tmp_path):
    _, params, state = entry.inputs(rng)
    save_model(tmp_path / "model.npz", entry.layer, params, state)
    assert_same(load_model(tmp_path / "model.npz")[1:], (params, state))
    assert load_model(tmp_path / "model.npz")[0] == entry.layer


@every_layer
def test_repr_evaluates_to_an_equal_layer_with_an_equal_hash(entry):
    again = eval(repr(entry.layer), {name: getattr(layers, name) for name in layers.__all__})
    assert again == entry.layer
    assert hash(again) == hash(entry.layer)


def test_layers_of_other_kinds_or_settings_are_not_equal():
    assert len({entry.layer for entry in LAYERS.values()}) == len(LAYERS)


def test_repr_says_only_what_is_not_the_default():
    assert repr(Conv2d(6, (5, 3), padding=2)) == "Conv2d(filters=6, kernel=(5, 3), padding=2)"
    assert repr(Sequential(Residual(Sigmoid()), Flatten())) == (
        "Sequential(\n    Residual(\n        Sigmoid(),\n        Sequential(),\n    ),\n    Flatten(),\n)"
    )


@pytest.mark.parametrize(
    ("init", "std"), [("he", np.sqrt(2 / 200)), ("xavier", np.sqrt(2 / (200 + 300))), ("small", 0.01)]
)
def test_weights_have_the_spread_that_init_asks_for(rng, init, std):
    dense, _ = Dense(300, init=init).initialize((200,), rng=rng)
    assert dense["w"].std() == pytest.approx(std, rel=0.02)
    conv, _ = Conv2d(30, (2, 5), init=init).initialize((20, 9, 9), rng=rng)  # fan_in 200, fan_out 300
    assert conv["w"].std() == pytest.approx(std, rel=0.05)


def test_fans_of_a_grouped_convolution_count_its_own_channels(rng):
    params, _ = Conv2d(64, 3, groups=16).initialize((64, 5, 5), rng=rng)
    assert params["w"].std() == pytest.approx(np.sqrt(2 / (4 * 9)), rel=0.05)


def test_shifts_begin_at_0_and_scales_at_1(rng):
    model = Sequential(Dense(3), layers.BatchNorm(), layers.LayerNorm())
    first = {
        path: set(array.tolist()) for path, array in items(model.initialize((4,), rng=rng)[0]) if "w" not in path
    }
    assert first == {"0.b": {0.0}, "1.gamma": {1.0}, "1.beta": {0.0}, "2.gamma": {1.0}, "2.beta": {0.0}}
