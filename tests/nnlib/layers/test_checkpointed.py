"""Checkpointed is Sequential to the bit, with less memory and one more forward pass."""

import copy
import tracemalloc
from collections import Counter

import numpy as np
import pytest

from nnlib import checkpointing, layers
from nnlib.layers import (
    BatchNorm,
    Checkpointed,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Parallel,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    Swish,
    summary,
)
from nnlib.saving import load_model, save_model

IMAGE, ROW = (3, 8, 7), (5,)


def dense_block():
    return [Dense(6), BatchNorm(), ReLU(), Dropout(0.3)]


MODELS = {  # the layers, and the shape of one example
    "none": ([], ROW),
    "one": ([Dense(4)], ROW),
    "two": ([Dense(4), Dropout(0.5)], ROW),
    "dropout everywhere": ([Dropout(0.1 * i) for i in range(1, 8)], ROW),
    "batch norm and dropout": ([*dense_block(), *dense_block(), *dense_block(), Dense(2)], ROW),
    "images": (
        [
            Conv2d(4, 3, padding=1),
            BatchNorm(),
            Swish(),
            MaxPool2d(2),
            Conv2d(5, 3),
            BatchNorm(),
            Flatten(),
            Dense(3),
        ],
        IMAGE,
    ),
    "composites": (
        [
            Conv2d(4, 1),
            Residual(Sequential(Conv2d(4, 3, padding=1), BatchNorm(), Dropout(0.2))),
            Parallel(Conv2d(2, 1), Sequential(Conv2d(3, 1), Dropout(0.4))),
            Residual(Checkpointed(Conv2d(5, 3, padding=1), Dropout(0.3), BatchNorm(), Dropout(0.2))),
            Checkpointed(Dropout(0.2), Flatten(), Dense(4), BatchNorm(), Dropout(0.1)),
        ],
        IMAGE,
    ),
}
every_model = pytest.mark.parametrize(("inner", "shape"), MODELS.values(), ids=MODELS)
in_both_modes = pytest.mark.parametrize("train", [True, False], ids=["training", "evaluation"])


def assert_same(actual, expected):
    """Equal to the bit, in form, dtype and values."""
    assert type(actual) is type(expected)
    if isinstance(actual, dict):
        assert actual.keys() == expected.keys()
        actual, expected = list(actual.values()), list(expected.values())
    if isinstance(actual, list | tuple):
        for one, other in zip(actual, expected, strict=True):
            assert_same(one, other)
    else:
        np.testing.assert_array_equal(actual, expected, strict=True)


def inputs(rng, inner, shape, dtype=np.float32):
    """(x, params, state) that do for Sequential(*inner) and Checkpointed(*inner); running statistics have moved."""
    plain = Sequential(*inner)
    params, state = plain.initialize(shape, rng=rng, dtype=dtype)
    earlier, x = rng.standard_normal((2, 6, *shape)).astype(dtype)
    return x, params, plain.forward(earlier, params, state, True, rng=rng)[2]


def both_ways(model, given, train, needs_dx=True, bits=np.random.PCG64):
    """(out, state, dx, grads, what rng draws next); dout is random, and the same for every model."""
    rng = np.random.Generator(bits(3))
    out, cache, state = model.forward(*given, train, rng=rng)
    after_forward = rng.random()
    dout = np.random.default_rng(4).standard_normal(out.shape).astype(out.dtype)
    dx, grads = model.backward(dout, cache, needs_dx)
    return out, state, dx, grads, after_forward, rng.random()


@every_model
@in_both_modes
@pytest.mark.parametrize("needs_dx", [True, False], ids=["with dx", "without dx"])
def test_everything_is_sequentials_to_the_bit(rng, inner, shape, train, needs_dx):
    given = inputs(rng, inner, shape)
    assert_same(
        both_ways(Checkpointed(*inner), given, train, needs_dx),
        both_ways(Sequential(*inner), given, train, needs_dx),
    )


@pytest.mark.parametrize("bits", [np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_dropout_draws_the_same_masks_from_any_bit_generator(rng, bits):
    inner, shape = MODELS["dropout everywhere"]
    given = inputs(rng, inner, shape)
    assert_same(
        both_ways(Checkpointed(*inner), given, True, bits=bits),
        both_ways(Sequential(*inner), given, True, bits=bits),
    )


@pytest.mark.parametrize("length", range(1, 20))
def test_every_number_of_layers_gives_sequentials_gradients(rng, length):
    inner = [Dropout(0.2) if i % 3 == 2 else Dense(4) for i in range(length)]
    given = inputs(rng, inner, ROW)
    assert_same(both_ways(Checkpointed(*inner), given, True), both_ways(Sequential(*inner), given, True))


@every_model
def test_without_rng_evaluation_is_sequentials(rng, inner, shape):
    given = inputs(rng, inner, shape)
    results = []
    for model in (Checkpointed(*inner), Sequential(*inner)):
        out, cache, state = model.forward(*given, False)
        results.append((out, state, *model.backward(np.ones_like(out), cache)))
    assert_same(*results)


@every_model
def test_backward_repeats_and_changes_nothing(rng, inner, shape):
    given = inputs(rng, inner, shape)
    model = Checkpointed(*inner)
    out, cache, state = model.forward(*given, True, rng=rng)
    before = copy.deepcopy((given, out, cache, state))
    first = model.backward(np.ones_like(out), cache)
    assert_same(model.backward(np.ones_like(out), cache), first)
    assert_same((given, out, cache, state), before)


def test_the_repeated_pass_moves_no_running_statistics(rng):
    seen = []

    class Watched(BatchNorm):
        def forward(self, x, params, state, train, *, rng=None):
            result = super().forward(x, params, state, train, rng=rng)
            seen.append((state, result[2]))
            return result

    model = Checkpointed(Watched())
    params, state = model.initialize(ROW, rng=rng)
    out, cache, new = model.forward(rng.standard_normal((6, *ROW)), params, state, True)
    model.backward(out, cache)
    once, twice = seen
    assert_same(twice, once)  # from the same statistics to the same ones
    assert_same(new, [once[1]])


@pytest.mark.parametrize("length", [1, 2, 9, 10, 36])
def test_every_layer_runs_forward_exactly_once_more(rng, length):
    calls = Counter()

    def counting(i):
        class Counting(Sigmoid):
            def forward(self, *args, **kwargs):
                calls[i, "forward"] += 1
                return super().forward(*args, **kwargs)

            def backward(self, *args, **kwargs):
                calls[i, "backward"] += 1
                return super().backward(*args, **kwargs)

        return Counting()

    model = Checkpointed(*map(counting, range(length)))
    nothing = [{} for _ in range(length)]
    out, cache, _ = model.forward(rng.standard_normal((2, 3)), nothing, nothing, True)
    assert calls == {(i, "forward"): 1 for i in range(length)}
    model.backward(out, cache)
    assert calls == {(i, way): times for i in range(length) for way, times in (("forward", 2), ("backward", 1))}


@pytest.mark.parametrize("length", [0, 1, 2, 3, 8, 16, 17, 50, 144])
def test_segments_are_about_the_root_of_the_layers_in_number_and_length(length):
    nothing = [{} for _ in range(length)]
    model = Checkpointed(*[Sigmoid() for _ in range(length)])
    starts, *_ = model.forward(np.ones((1, 2)), nothing, nothing, False)[1]
    segments = [segment for segment, *_ in starts]
    assert [i for segment in segments for i in segment] == list(range(length))
    assert abs(len(segments) - length**0.5) <= 1
    assert max(map(len, segments)) - min(map(len, segments)) <= 1
    assert max(map(len, segments)) <= length**0.5 + 1


def peak(kind, length):
    """Memory at its peak in forward and backward, in units of one layer's input."""
    model = kind(*[Dense(8, init="xavier") for _ in range(length)])
    params, state = model.initialize((8,), rng=np.random.default_rng(1))
    x = np.random.default_rng(2).standard_normal((8000, 8)).astype(np.float32)
    tracemalloc.start()
    try:
        out, cache, _ = model.forward(x, params, state, True)
        model.backward(out, cache)
        return tracemalloc.get_traced_memory()[1] / x.nbytes
    finally:
        tracemalloc.stop()


def test_36_layers_take_well_under_half_of_sequentials_memory():
    assert peak(Checkpointed, 36) < 0.42 * peak(Sequential, 36)


def test_memory_grows_as_the_root_of_the_layers():
    small, middle, large = (peak(Checkpointed, length) for length in (16, 64, 144))
    assert large - middle == pytest.approx(middle - small, rel=0.2)  # the roots are 4, 8, 12
    assert large < 0.25 * peak(Sequential, 144)
    plain = [peak(Sequential, length) for length in (16, 64, 144)]
    assert plain[2] - plain[1] == pytest.approx(80 / 48 * (plain[1] - plain[0]), rel=0.2)  # as the layers


@pytest.mark.parametrize(
    "around",
    [
        lambda part: Residual(part),
        lambda part: Residual(Dense(5), part),
        lambda part: Parallel(part, Dense(2)),
        lambda part: Sequential(Dense(5), part, Dropout(0.2), part),
        lambda part: type(part)(part, Dropout(0.3), part),
    ],
    ids=["residual", "shortcut", "parallel", "sequential", "in its own kind"],
)
def test_inside_other_layers_it_is_sequential_too(rng, around):
    inner = [Dense(5), Dropout(0.2), BatchNorm(), Dense(5), Dropout(0.3)]
    plain, model = around(Sequential(*inner)), around(Checkpointed(*inner))
    params, state = plain.initialize(ROW, rng=rng)
    given = rng.standard_normal((6, *ROW)), params, state
    assert_same(both_ways(model, given, True), both_ways(plain, given, True))


@every_model
def test_parameters_shapes_and_costs_are_sequentials(inner, shape):
    plain, model = Sequential(*inner), Checkpointed(*inner)
    assert_same(*(each.initialize(shape, rng=np.random.default_rng(8)) for each in (model, plain)))
    assert model.output_shape(shape) == plain.output_shape(shape)
    assert model.parameter_shapes(shape) == plain.parameter_shapes(shape)
    ours, theirs = summary(model, shape), summary(plain, shape)
    assert ours.rows[1:] == theirs.rows[1:]
    assert (ours.parameters, ours.multiply_adds) == (theirs.parameters, theirs.multiply_adds)


@every_model
def test_it_is_saved_and_loaded_and_repr_makes_it_again(rng, inner, shape, tmp_path):
    model = Checkpointed(*inner)
    params, state = model.initialize(shape, rng=rng)
    save_model(tmp_path / "model.npz", model, params, state)
    loaded, *arrays = load_model(tmp_path / "model.npz")
    assert loaded == model == eval(repr(model), vars(layers).copy())
    assert loaded != Sequential(*inner)
    assert_same(arrays, [params, state])


def test_parameters_can_move_between_both(rng, tmp_path):
    inner, shape = MODELS["batch norm and dropout"]
    given = inputs(rng, inner, shape)
    save_model(tmp_path / "plain.npz", Sequential(*inner), *given[1:])
    _, params, state = load_model(tmp_path / "plain.npz")
    out = Checkpointed(*inner).forward(given[0], params, state, False)[0]
    assert_same(out, Sequential(*inner).forward(*given, False)[0])


def test_errors_count_the_layers_from_the_first_and_not_from_the_segments(rng):
    model = Checkpointed(*[Sigmoid() for _ in range(8)], Dropout(0.5))
    nothing = [{} for _ in range(9)]
    with pytest.raises(ValueError, match=r"layer 8, Dropout\(p_drop=0.5\): dropout draws numbers in training"):
        model.forward(np.ones((2, 3)), nothing, nothing, True)
    _, cache, _ = model.forward(np.ones((2, 3)), nothing, nothing, True, rng=rng)
    with pytest.raises(ValueError, match="layer 8, Dropout.*"):
        model.backward(np.ones((2, 4)), cache)


def test_it_is_at_home_in_layers_and_found_under_its_topic():
    assert checkpointing.Checkpointed is layers.Checkpointed
