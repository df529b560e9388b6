"""Layers of layers: what they compute of their parts, and how they say which part something is wrong with."""

import numpy as np
import pytest
from layer_registry import assert_same, message_of

from nnlib.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Parallel,
    ReLU,
    Residual,
    Sequential,
    Tanh,
)
from nnlib.layers.contract import Composite
from nnlib.nested import items

MODEL = Sequential(Conv2d(4, 3), BatchNorm(), ReLU(), Sequential(Conv2d(8, 3), MaxPool2d(2)), Flatten(), Dense(10))
INNER = "layer 3, Sequential: layer 0, Conv2d(filters=8, kernel=3): "


def test_a_sequential_of_none_is_the_identity():
    x = np.arange(6.0).reshape(2, 3)
    out, cache, state = Sequential().forward(x, [], [], True)
    assert out is x
    assert Sequential().backward(x, cache) == (x, [])
    assert state == []


def test_a_sequential_is_one_layer_behind_the_other(rng):
    first, second = Dense(4), Tanh()
    params, state = Sequential(first, second).initialize((3,), rng=rng, dtype=np.float64)
    x = rng.standard_normal((2, 3))
    hidden = first.forward(x, params[0], {}, True)[0]
    assert_same(Sequential(first, second).forward(x, params, state, True)[0], np.tanh(hidden))


def test_a_first_layer_computes_no_dx_where_none_is_needed(rng):
    model = Sequential(Dense(4), Dense(2))
    x = rng.standard_normal((3, 5))
    params, state = model.initialize((5,), rng=rng)
    _, cache, _ = model.forward(x, params, state, True)
    assert model.backward(np.ones((3, 2)), cache, needs_dx=False)[0] is None


def test_a_residual_adds_its_input_to_what_its_body_gives(rng):
    x, dout = rng.standard_normal((2, 2, 3))
    out, cache, _ = Residual(Tanh()).forward(x, [{}, []], [{}, []], True)
    np.testing.assert_array_equal(out, np.tanh(x) + x)
    np.testing.assert_allclose(Residual(Tanh()).backward(dout, cache)[0], dout * (2 - np.tanh(x) ** 2))


def test_parallel_concatenates_the_channels_in_the_order_of_its_branches(rng):
    x = rng.standard_normal((2, 3, 4, 4))
    branches = Parallel(Tanh(), AvgPool2d(1), ReLU())
    out, _, _ = branches.forward(x, [{}] * 3, [{}] * 3, True)
    np.testing.assert_array_equal(out, np.concatenate([np.tanh(x), x, np.maximum(x, 0)], axis=1))
    assert branches.output_shape((3, 4, 4)) == (9, 4, 4)


def test_parameters_and_states_have_the_form_of_the_model(rng):
    params, state = MODEL.initialize((3, 12, 12), rng=rng)
    names = ["0.w", "0.b", "1.gamma", "1.beta", "3.0.w", "3.0.b", "5.w", "5.b"]
    assert [path for path, _ in items(params)] == names
    assert state == [{}, {}, {}, [{}, {}], {}, {}]
    _, _, state = MODEL.forward(rng.standard_normal((2, 3, 12, 12)), params, state, True)
    assert [path for path, _ in items(state)] == ["1.mean", "1.var"]


def test_only_layers_make_a_layer():
    assert message_of(TypeError, Sequential, Dense(3), 7) == "Sequential is made of layers, got 7"
    assert message_of(TypeError, Parallel, [Dense(3)]) == "Parallel is made of layers, got [Dense(units=3)]"
    assert message_of(TypeError, Residual, Dense) == f"Residual is made of layers, got {Dense!r}"


def test_parallel_needs_a_branch():
    assert message_of(ValueError, Parallel) == "Parallel needs at least one branch"


def test_an_error_names_the_layer_from_the_outside_in(rng):
    kernel = "along H: a kernel of 3 does not fit into size + 2·padding = 2 + 2·0 = 2: take a smaller kernel, "
    expected = f"{INNER}{kernel}or a padding of at least 1"
    assert message_of(ValueError, MODEL.output_shape, (3, 4, 4)) == expected
    assert message_of(ValueError, MODEL.initialize, (3, 4, 4), rng=rng) == expected
    assert message_of(ValueError, MODEL.parameter_shapes, (3, 4, 4)) == expected
    assert message_of(ValueError, MODEL.multiply_adds, (3, 4, 4)) == expected
    params, state = MODEL.initialize((3, 12, 12), rng=rng)
    assert message_of(ValueError, MODEL.forward, np.ones((2, 3, 4, 4)), params, state, True) == expected


def test_an_error_in_initialize_names_the_layer(rng):
    message = message_of(ValueError, Sequential(ReLU(), Dense(3)).initialize, (0,), rng=rng)
    assert message == "layer 1, Dense(units=3): fan_in and fan_out must be at least 1, got 0 and 3"


def test_an_error_in_backward_names_the_layer(rng):
    params, state = MODEL.initialize((3, 12, 12), rng=rng)
    _, cache, _ = MODEL.forward(rng.standard_normal((2, 3, 12, 12)), params, state, True)
    assert message_of(ValueError, MODEL.backward, np.ones((2, 9)), cache) == (
        "layer 5, Dense(units=10): dout must have shape (N, M) with N = 2, M = 10, got (2, 9): "
        "dout is ∂L/∂out, of dense_forward's out's shape"
    )


def test_an_error_in_a_branch_names_it_in_forward_and_backward(rng):
    branches = Parallel(ReLU(), Sequential(Dropout(0.5)))
    assert message_of(ValueError, branches.forward, np.ones((2, 3)), [{}, [{}]], [{}, [{}]], True) == (
        "layer 1, Sequential: layer 0, Dropout(p_drop=0.5): "
        "dropout draws numbers in training: pass rng=np.random.default_rng(…) to forward"
    )
    _, cache, _ = branches.forward(np.ones((2, 3)), [{}, [{}]], [{}, [{}]], False)
    message = message_of(ValueError, branches.backward, np.ones((2, 7)), cache)
    assert message == (
        "layer 1, Sequential: layer 0, Dropout(p_drop=0.5): dout must have x's shape (2, 3), got (2, 4)"
    )


def test_a_type_error_stays_one_and_names_the_layer():
    message = message_of(TypeError, Sequential(ReLU()).forward, np.array(["a"]), [{}], [{}], True)
    assert message == "layer 0, ReLU(): z must hold real numbers, got an array of dtype <U1"


def test_an_error_whose_class_wants_more_than_a_text_still_names_the_layer():
    model = Sequential(ReLU())
    with pytest.raises(ValueError, match="^layer 0, ReLU\\(\\): 'ascii' codec"), model.naming(0):
        "é".encode("ascii")
    with pytest.raises(TypeError, match="^layer 0, ReLU\\(\\): ufunc 'add'"), model.naming(0):
        np.add(np.array("a"), 1)


def test_other_errors_pass_as_they_are():
    with pytest.raises(KeyError, match="^'w'$"):
        Sequential(Dense(3)).forward(np.ones((2, 3)), [{}], [{}], True)


BODY = Conv2d(8, 3, stride=2, padding=1)
CANNOT_BE_ADDED = (
    "the body gives {} and the shortcut {}, which cannot be added: "
    "a shortcut of a 1×1 convolution with the body's filters and stride makes them agree"
)


def test_a_body_and_a_shortcut_that_cannot_be_added_are_refused(rng):
    expected = CANNOT_BE_ADDED.format((8, 4, 4), (3, 8, 8))
    assert message_of(ValueError, Residual(BODY).output_shape, (3, 8, 8)) == expected
    assert message_of(ValueError, Residual(BODY).initialize, (3, 8, 8), rng=rng) == expected
    assert Residual(BODY, Conv2d(8, 1, stride=2)).output_shape((3, 8, 8)) == (8, 4, 4)


def test_images_of_another_size_are_not_added_by_broadcasting(rng):
    block = Residual(Conv2d(3, 3, stride=3), AvgPool2d(2))
    params, state = block.initialize((3, 3, 3), rng=rng)  # 1 × 1 of each
    message = message_of(ValueError, block.forward, np.ones((2, 3, 4, 4)), params, state, True)
    assert message == CANNOT_BE_ADDED.format((3, 1, 1), (3, 2, 2))


def test_branches_that_disagree_are_refused(rng):
    branches = Parallel(Conv2d(4, 1), Conv2d(4, 3))
    expected = "the branches' outputs must agree in all but the first axis, got [(4, 8, 8), (4, 6, 6)]"
    assert message_of(ValueError, branches.output_shape, (3, 8, 8)) == expected
    fitting = Parallel(Conv2d(4, 1, stride=2), Conv2d(4, 2, stride=2))
    params, state = fitting.initialize((3, 8, 8), rng=rng)
    assert message_of(ValueError, fitting.forward, np.ones((1, 3, 7, 7)), params, state, True) == (
        "the branches' outputs must agree in all but the first axis, got [(4, 4, 4), (4, 3, 3)]"
    )
    with pytest.raises(ValueError, match=r"agree in all but the first axis, got \[\(\), \(\)\]"):
        Parallel(ReLU(), Tanh()).output_shape(())


def test_a_residual_takes_single_numbers_too():
    out, cache, _ = Residual(ReLU()).forward(np.array([-1.0, 2.0]), [{}, []], [{}, []], True)
    assert out.tolist() == [-1, 4]
    assert Residual(ReLU()).backward(np.ones(2), cache)[0].tolist() == [1, 2]


def test_the_shared_class_of_layers_of_layers_is_not_one_itself():
    with pytest.raises(TypeError, match="abstract"):
        Composite(ReLU())
