"""Optimizers: first steps by hand, nothing in place, clipping; and over nested parameters, all in place."""

import numpy as np
import pytest

from nnlib import optimizers
from nnlib.nested import leaves, mapped
from nnlib.optimizers import (
    SGD,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    RMSProp,
    adam_update,
    adamw_update,
    clip_by_global_norm,
    clip_by_value,
    momentum_update,
    nesterov_update,
    rmsprop_update,
    sgd_update,
)
from nnlib.saving import load_data, save_data

UPDATES = [getattr(optimizers, name) for name in optimizers.__all__ if name.endswith("_update")]
every_update = pytest.mark.parametrize("update", UPDATES)

CLASSES = {  # with settings that are not the defaults: whether each arrives at its place
    SGD(0.1): (sgd_update, {}),
    Momentum(0.1, 0.8): (momentum_update, {"beta": 0.8}),
    Nesterov(0.1, 0.8): (nesterov_update, {"beta": 0.8}),
    RMSProp(0.1, 0.7, 1e-3): (rmsprop_update, {"beta": 0.7, "eps": 1e-3}),
    Adam(0.1, 0.8, 0.9, 1e-3): (adam_update, {"beta1": 0.8, "beta2": 0.9, "eps": 1e-3}),
    AdamW(0.1, 0.8, 0.9, 1e-3, 0.2): (
        adamw_update,
        {"beta1": 0.8, "beta2": 0.9, "eps": 1e-3, "weight_decay": 0.2},
    ),
}
every_class = pytest.mark.parametrize("optimizer", CLASSES, ids=lambda optimizer: type(optimizer).__name__)


def steps(update, gradients, **settings):
    w, state = np.array([1.0]), {}
    for dw in gradients:
        w, state = update(w, np.array([dw]), state, 0.1, **settings)
    return w[0]


def test_first_steps_by_hand():
    assert steps(sgd_update, [2, 2]) == pytest.approx(1 - 0.2 - 0.2)
    assert steps(momentum_update, [2, 2], beta=0.5) == pytest.approx(1 - 0.2 - 0.3)
    assert steps(nesterov_update, [2], beta=0.5) == pytest.approx(1 - 0.1 * (2 + 0.5 * 2))
    assert steps(rmsprop_update, [2], beta=0.75, eps=1) == pytest.approx(1 - 0.2 / (1 + 1))
    assert steps(adam_update, [2], eps=1) == pytest.approx(1 - 0.2 / (2 + 1))
    assert steps(adamw_update, [2], eps=1, weight_decay=0.5) == pytest.approx(0.95 - 0.2 / (2 + 1))


def test_adams_first_step_has_the_size_of_the_learning_rate_whatever_the_gradient():
    assert steps(adam_update, [1e-3]) == pytest.approx(0.9, abs=1e-5)
    assert steps(adam_update, [1e3]) == pytest.approx(0.9, abs=1e-5)


@every_update
def test_nothing_is_changed_in_place(rng, update):
    w, dw, state = rng.standard_normal(4), rng.standard_normal(4), {}
    for _ in range(3):
        kept = w.copy(), dw.copy(), {name: np.copy(value) for name, value in state.items()}
        new, after = update(w, dw, state, 0.1)
        np.testing.assert_array_equal(w, kept[0])
        np.testing.assert_array_equal(dw, kept[1])
        assert state.keys() == kept[2].keys()
        assert all(np.array_equal(state[name], value) for name, value in kept[2].items())
        assert not np.shares_memory(new, w)
        w, state = new, after


@every_update
def test_float32_stays_in_weights_and_state(update):
    w, state = np.ones(3, np.float32), {}
    for _ in range(2):
        w, state = update(w, np.ones(3), state, np.float64(0.1))
    assert w.dtype == np.float32
    assert {v.dtype for v in state.values() if isinstance(v, np.ndarray)} <= {np.dtype(np.float32)}


@every_update
def test_a_gradient_of_another_shape_is_refused(update):
    with pytest.raises(ValueError, match=r"dw must have w's shape \(3,\), got \(1, 3\)"):
        update(np.ones(3), np.ones((1, 3)), {}, 0.1)


def test_one_factor_clips_all_gradients_together():
    grads = [np.array([3.0, 0.0]), np.array([[4.0]])]
    clipped, norm = clip_by_global_norm(grads, 1.0)
    assert norm == 5
    np.testing.assert_allclose(clipped[0], [0.6, 0])
    np.testing.assert_allclose(clipped[1], [[0.8]])
    np.testing.assert_array_equal(clip_by_global_norm(grads, 10.0)[0][0], grads[0])
    np.testing.assert_array_equal(clip_by_global_norm([np.zeros(2)], 1.0)[0][0], [0, 0])


def test_each_value_is_clipped_on_its_own():
    clipped = clip_by_value([np.array([-3, 0.5, 2], np.float32)], 1.0)
    np.testing.assert_array_equal(clipped[0], np.array([-1, 0.5, 1], np.float32), strict=True)


@pytest.mark.parametrize("clip", [clip_by_global_norm, clip_by_value])
def test_a_limit_that_clips_all_away_is_refused(clip):
    with pytest.raises(ValueError, match="must be positive, got 0"):
        clip([np.ones(2)], 0)


def nested_params(rng, dtype=np.float64):
    """Larger than a block of 7, exactly a block, 0-d, empty, images' filters; dicts and lists in each other."""
    shapes = [{"w": (5, 4), "b": (7,)}, {}, [{"gamma": (), "w": (0, 3)}, {"w": (2, 3, 2, 2)}]]
    return filled(shapes, lambda shape: np.asarray(rng.standard_normal(shape), dtype))


def filled(shapes, make):
    if isinstance(shapes, tuple):
        return make(shapes)
    if isinstance(shapes, list):
        return [filled(inner, make) for inner in shapes]
    return {name: filled(inner, make) for name, inner in shapes.items()}


@every_class
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_over_nested_parameters_each_step_is_the_functions_to_the_bit(rng, monkeypatch, optimizer, dtype, block):
    monkeypatch.setattr(optimizers, "BLOCK", block)
    update, settings = CLASSES[optimizer]
    params = nested_params(rng, dtype)
    expected, states = [w.copy() for w in leaves(params)], [{} for _ in leaves(params)]
    state = optimizer.initialize(params)
    for lr in (0.1, 0.03, 0.2):
        grads = nested_params(rng, dtype)
        optimizer.update(params, grads, state, lr)
        for i, dw in enumerate(leaves(grads)):
            expected[i], states[i] = update(expected[i], dw, states[i], lr, **settings)
        for w, kept, right, right_state in zip(leaves(params), state, expected, states, strict=True):
            np.testing.assert_array_equal(w, right, strict=True)
            assert kept.keys() == right_state.keys()
            for name, value in right_state.items():
                np.testing.assert_array_equal(np.reshape(kept[name], np.shape(value)), value, strict=True)


@every_class
def test_containers_and_arrays_stay_the_same_objects(rng, optimizer):
    params, grads = nested_params(rng), nested_params(rng)
    before, kept_grads = mapped(np.copy, params), mapped(np.copy, grads)
    places = [id(w) for w in leaves(params)]
    state = optimizer.initialize(params)
    dicts = [id(kept) for kept in state]
    for _ in range(2):
        assert optimizer.update(params, grads, state) is None
    assert [id(w) for w in leaves(params)] == places
    assert [id(kept) for kept in state] == dicts
    assert all((w != old).all() for w, old in zip(leaves(params), leaves(before), strict=True))
    for dw, old in zip(leaves(grads), leaves(kept_grads), strict=True):
        np.testing.assert_array_equal(dw, old)


@every_class
def test_a_state_that_was_saved_goes_on_to_the_same_bits(rng, tmp_path, optimizer):
    params, gradients = nested_params(rng), [nested_params(rng) for _ in range(4)]
    state = optimizer.initialize(params)
    for grads in gradients[:2]:
        optimizer.update(params, grads, state)
    save_data(tmp_path / "run.npz", {"params": params, "state": state})
    loaded = load_data(tmp_path / "run.npz")
    for grads in gradients[2:]:
        optimizer.update(params, grads, state)
        optimizer.update(loaded["params"], grads, loaded["state"])
    for ours, theirs in zip(leaves(params), leaves(loaded["params"]), strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)


def test_a_learning_rate_of_the_step_takes_the_place_of_the_optimizers_own():
    params = [np.ones(2), np.ones(2)]
    SGD(0.5).update(params, [np.ones(2), np.ones(2)], [{}, {}], lr=0.25)
    np.testing.assert_array_equal(params, np.full((2, 2), 0.75))
    SGD(0.5).update(params, [np.ones(2), np.ones(2)], [{}, {}], lr=0.0)
    np.testing.assert_array_equal(params, np.full((2, 2), 0.75))
    SGD(0.5).update(params, [np.ones(2), np.ones(2)], [{}, {}])
    np.testing.assert_array_equal(params, np.full((2, 2), 0.25))


@every_class
def test_gradients_may_lie_in_any_order_in_memory_and_be_of_another_float_dtype(rng, optimizer):
    dw = rng.standard_normal((3, 4))
    one, two = np.ones((3, 4), np.float32), np.ones((3, 4), np.float32)
    optimizer.update(one, dw.astype(np.float32), optimizer.initialize(one))
    optimizer.update(two, np.asfortranarray(dw), optimizer.initialize(two))
    np.testing.assert_array_equal(one, two)


def test_gradients_find_their_parameters_by_name_whatever_the_order():
    params = {"gamma": np.zeros(3), "beta": np.zeros(3)}
    SGD(1.0).update(params, {"beta": np.full(3, 2.0), "gamma": np.ones(3)}, [{}, {}])
    np.testing.assert_array_equal(params["gamma"], np.full(3, -1.0))
    np.testing.assert_array_equal(params["beta"], np.full(3, -2.0))


REFUSED = {
    "another shape": ([{"w": np.ones((2, 3)), "b": np.ones(3)}], "0.b is (3,) for (2,)"),
    "one more": ([{"w": np.ones((2, 3)), "b": np.ones(2), "c": np.ones(1)}], "0.c is (1,) for nothing"),
    "one less": ([{"w": np.ones((2, 3))}], "0.b is nothing for (2,)"),
    "another name": ([{"w": np.ones((2, 3)), "d": np.ones(2)}], "0.b is nothing for (2,)"),
}


@pytest.mark.parametrize(("grads", "message"), REFUSED.values(), ids=REFUSED)
def test_gradients_of_another_form_are_refused_before_anything_changes(grads, message):
    params = [{"w": np.ones((2, 3)), "b": np.ones(2)}]
    state = Adam(0.1).initialize(params)
    with pytest.raises(ValueError, match="grads must have the form of params: ") as caught:
        Adam(0.1).update(params, grads, state)
    assert str(caught.value).endswith(message)
    assert all((array == 1).all() for array in leaves(params))
    assert state == [{}, {}]


def test_parameters_that_cannot_be_changed_in_place_are_refused_before_anything_changes():
    params = [{"b": np.ones(3), "w": np.ones((3, 4)).T}]
    with pytest.raises(ValueError, match="changed in place, and 0.w is not in one piece: copy it first"):
        SGD(0.1).update(params, mapped(np.ones_like, params), [{}, {}])
    np.testing.assert_array_equal(params[0]["b"], np.ones(3))


def test_a_state_of_other_parameters_is_refused():
    with pytest.raises(ValueError, match=r"state must be what initialize\(params\) gave, 1 dicts, got 2"):
        SGD(0.1).update(np.ones(2), np.ones(2), [{}, {}])


def test_every_update_function_has_its_class():
    assert {update for update, _ in CLASSES.values()} == set(UPDATES)
