"""fit: what each argument does, seen by what changes with it."""

import numpy as np
import pytest

from nnlib.batches import minibatches
from nnlib.layers import BatchNorm, Conv2d, Dense, Dropout, Flatten, ReLU, Sequential
from nnlib.losses import mse_loss, softmax_cross_entropy
from nnlib.metrics import accuracy
from nnlib.nested import items, leaves, mapped
from nnlib.optimizers import SGD, Adam, Momentum
from nnlib.regularization import l2_penalty
from nnlib.training import evaluate

MODEL = Sequential(Dense(8), BatchNorm(), ReLU(), Dense(3))
ONE_STEP = {"model": MODEL, "epochs": 1, "batch_size": 50, "optimizer": SGD(0.1)}


@pytest.fixture
def start():
    return MODEL.initialize((4,), rng=np.random.default_rng(4), dtype=np.float64)


@pytest.fixture
def gradients(blobs, start):
    """Those of all 50 points, by path, in the order in which the only batch holds them."""
    x, y = next(minibatches(*blobs(50, 0), 50, rng=np.random.default_rng(1)))
    outputs, cache, _ = MODEL.forward(x.astype(float), *start, True)
    return dict(items(MODEL.backward(softmax_cross_entropy(outputs, y)[1], cache)[1]))


def changes(fitted, start):
    """How far each parameter went, by path."""
    return {path: new - old for (path, new), old in zip(items(fitted.params), leaves(start[0]), strict=True)}


def test_training_learns(train, blobs):
    fitted = train(epochs=20, optimizer=Adam(0.01))
    x, y = blobs(300, 1)
    assert accuracy(fitted.predict(x), y) > 0.9
    assert fitted.history["loss"][-1] < 0.5 * fitted.history["loss"][0]


def test_one_step_is_the_optimizers_with_the_batchs_gradients(train, start, gradients):
    params, state = start
    fitted = train(**ONE_STEP, params=params, state=state)
    for path, change in changes(fitted, start).items():
        np.testing.assert_allclose(change, -0.1 * gradients[path], rtol=1e-9, atol=1e-12)


def test_where_training_begins_stays_as_it_is(train, start, same_arrays):
    params, state = start
    before = mapped(np.copy, params), mapped(np.copy, state)
    fitted = train(model=MODEL, params=params, state=state)
    same_arrays(list(start), list(before))
    pairs = zip(leaves(fitted.params), leaves(params), strict=True)
    assert not any(np.shares_memory(ours, given) for ours, given in pairs)


def test_a_state_to_begin_with_is_taken_also_without_params(train):
    far = {"mean": np.full(8, 1e6), "var": np.ones(8)}
    assert train(model=MODEL, state=[{}, far, {}, {}]).state[1]["mean"].min() > 1e5


def test_params_that_do_not_lie_in_one_piece_are_copied_into_one(train, start):
    turned = mapped(lambda array: np.asfortranarray(array), start[0])
    assert all(w.flags.c_contiguous for w in leaves(train(model=MODEL, params=turned, state=start[1]).params))


def test_equal_seeds_give_equal_bits_and_others_do_not(train, same_training):
    model = Sequential(Dense(8), ReLU(), Dropout(0.5), Dense(3))
    one, two, other = (train(model=model, rng=np.random.default_rng(seed)) for seed in (7, 7, 8))
    same_training(one, two)
    assert one.history.step_losses != other.history.step_losses


def test_every_epoch_takes_every_example_once_in_an_order_of_its_own(train, blobs):
    x, _ = blobs(50, 0)
    batches = []
    train(data=(x, np.arange(50) % 3), augment=lambda x, rng: batches.append(x) or x)
    assert [len(batch) for batch in batches] == [16, 16, 16, 2] * 3
    epochs = [np.concatenate(batches[start : start + 4]) for start in (0, 4, 8)]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch, axis=0), np.sort(x, axis=0))
    assert not np.array_equal(epochs[0], epochs[1])


def test_validation_is_looked_at_and_never_trained_on(train, blobs, same_arrays):
    x, y = blobs(30, 1)
    model = Sequential(Dense(8), BatchNorm(), ReLU(), Dropout(0.5), Dense(3))
    without, with_it, wrong = (
        train(model=model, validation=validation) for validation in (None, (x, y), (x, (y + 1) % 3))
    )
    for other in (with_it, wrong):
        assert without.history.step_losses == other.history.step_losses
        same_arrays([without.params, without.state], [other.params, other.state])
    assert with_it.history["val_loss"] != wrong.history["val_loss"]


def test_validation_numbers_are_those_of_the_model_in_evaluation_at_the_epochs_end(train, blobs):
    model = Sequential(Dense(8), BatchNorm(), ReLU(), Dropout(0.5), Dense(3))
    validation = blobs(30, 1)
    fitted = train(model=model, validation=validation, metrics={"accuracy": accuracy})
    found = evaluate(
        model, fitted.params, fitted.state, *validation, softmax_cross_entropy, {"accuracy": accuracy}
    )
    row = fitted.history.rows[-1]
    assert (row["val_loss"], row["val_accuracy"]) == (found["loss"], found["accuracy"])


def test_means_over_an_epoch_count_every_example_once_also_of_a_short_last_batch(train):
    history = train(
        metrics={"size": lambda outputs, y: len(y), "half": lambda outputs, y: np.float32(0.5)}
    ).history
    sizes = np.array([16, 16, 16, 2])
    assert history["size"] == pytest.approx([(sizes**2).sum() / 50] * 3)
    assert history["half"] == [0.5] * 3
    assert history["loss"] == pytest.approx((np.reshape(history.step_losses, (3, 4)) @ sizes / 50).tolist())


def test_a_schedule_is_asked_for_each_step_from_zero_on_and_obeyed(train, same_arrays):
    asked = []
    fitted = train(schedule=lambda step: asked.append(step) or 0.05 * (step < 8), optimizer=SGD(100.0))
    assert asked == list(range(12))
    assert fitted.history["lr"] == [0.05, 0.05, 0.0]
    same_arrays(fitted.params, train(epochs=2, optimizer=SGD(0.05)).params)


def test_without_a_schedule_the_learning_rate_is_the_optimizers(train):
    assert train().history["lr"] == [0.1] * 3


def test_a_penalty_adds_to_the_loss_and_to_the_gradients_of_the_arrays_called_w_alone(train, start, gradients):
    params, state = start
    plain, fitted = (
        train(**ONE_STEP, params=params, state=state, penalty=penalty)
        for penalty in (None, lambda weights: l2_penalty(weights, 0.3))
    )
    weights = dict(items(params))
    penalty = 0.3 * sum((weights[path] ** 2).sum() for path in ("0.w", "3.w"))
    assert fitted.history["loss"][0] == pytest.approx(plain.history["loss"][0] + penalty)
    for path, change in changes(fitted, start).items():
        slope = 0.6 * weights[path] if path.endswith("w") else 0
        np.testing.assert_allclose(change, -0.1 * (gradients[path] + slope), rtol=1e-9, atol=1e-12)


def test_a_penalty_is_no_part_of_the_validation_loss(train, blobs):
    validation = blobs(30, 1)
    fitted = train(validation=validation, penalty=lambda weights: l2_penalty(weights, 10.0), optimizer=SGD(1e-6))
    assert fitted.history["val_loss"][-1] < 5 < fitted.history["loss"][-1]


def test_a_model_without_weights_has_no_penalty(train):
    history = train(model=Sequential(BatchNorm()), data=(np.eye(4, 3), np.array([0, 1, 2, 0])),
                    penalty=lambda weights: l2_penalty(weights, 1.0)).history  # fmt: skip
    assert all(np.isfinite(history["loss"]))


@pytest.mark.parametrize("limit", [0.01, 1e6])
def test_the_norm_of_all_gradients_together_is_clipped(train, start, gradients, limit):
    params, state = start
    fitted = train(**ONE_STEP, params=params, state=state, clip_norm=limit)
    norm = np.sqrt(sum((dw**2).sum() for dw in gradients.values()))
    for path, change in changes(fitted, start).items():
        expected = -0.1 * gradients[path] * min(1, limit / norm)
        np.testing.assert_allclose(change, expected, rtol=1e-9, atol=1e-12)


def test_the_penalty_is_clipped_with_the_rest(train, start):
    params, state = start
    fitted = train(
        **ONE_STEP, params=params, state=state, clip_norm=0.01, penalty=lambda weights: l2_penalty(weights, 9.0)
    )
    norm = np.sqrt(sum((change**2).sum() for change in changes(fitted, start).values()))
    assert norm == pytest.approx(0.1 * 0.01)


def test_augmentation_gets_the_runs_rng_and_the_training_inputs_alone(train, blobs):
    seen, rng = [], np.random.default_rng(3)

    def augment(x, *, rng):
        seen.append((x.shape, x.dtype, rng))
        return x + rng.standard_normal(x.shape)  # float64

    x, y = blobs(50, 0)
    single = lambda outputs, y: outputs.dtype == np.float32  # noqa: E731
    fitted = train(
        data=(x.astype(np.float64), y), validation=blobs(30, 1), augment=augment, rng=rng, epochs=1,
        metrics={"single": single},
    )  # fmt: skip
    assert fitted.history["single"] == [1]
    assert [shape for shape, _, _ in seen] == [(16, 4)] * 3 + [(2, 4)]
    assert all(dtype == np.float32 and given is rng for _, dtype, given in seen)
    assert {w.dtype for w in leaves(fitted.params)} == {np.dtype(np.float32)}


def test_what_augmentation_returns_is_trained_on(train):
    history = train(augment=lambda x, rng: np.zeros_like(x), optimizer=SGD(1e-9)).history
    assert history.step_losses == pytest.approx([np.log(3)] * 12, abs=1e-6)  # the biases are 0


def test_labels_and_inputs_given_stay_as_they_are(train, blobs):
    x, y = blobs(50, 0)
    train(data=(x, y), validation=(x, y), augment=lambda x, rng: np.negative(x, out=x))
    np.testing.assert_array_equal(x, blobs(50, 0)[0])
    np.testing.assert_array_equal(y, blobs(50, 0)[1])


def test_inputs_are_converted_to_the_dtype_of_the_params_a_batch_at_a_time(train, same_training):
    images = np.random.default_rng(0).integers(0, 4, (20, 1, 6, 6))
    labels = np.arange(20) % 3
    model = Sequential(Conv2d(2, 3), ReLU(), Flatten(), Dense(3))
    whole, small, floats = (
        train(model=model, data=(images.astype(dtype), labels), validation=(images.astype(dtype), labels))
        for dtype in (np.int64, np.uint8, np.float64)
    )
    same_training(whole, small)
    same_training(whole, floats)
    assert {w.dtype for w in leaves(whole.params)} == {np.dtype(np.float32)}


def test_params_of_float64_are_trained_in_float64(train, start):
    fitted = train(model=MODEL, params=start[0], state=start[1])
    assert {array.dtype for array in [*leaves(fitted.params), fitted.predict(np.ones((1, 4), np.float32))]} == {
        np.dtype(np.float64)
    }


def test_lists_are_data_too(train, blobs, same_training):
    x, y = blobs(50, 0)
    same_training(
        train(data=(x.tolist(), y.tolist()), validation=(x.tolist(), y.tolist())), train(validation=(x, y))
    )


def test_regression_trains_as_well(train, rng):
    x = rng.standard_normal((64, 2))
    fitted = train(
        model=Sequential(Dense(1)),
        data=(x, x @ [[2.0], [-1.0]] + 0.5),
        loss=mse_loss,
        optimizer=Momentum(0.1),
        epochs=100,
    )
    np.testing.assert_allclose(fitted.params[0]["w"], [[2], [-1]], atol=1e-3)
    np.testing.assert_allclose(fitted.params[0]["b"], [0.5], atol=1e-3)


def test_callbacks_are_all_called_with_the_run_after_every_epoch(train):
    seen = []
    fitted = train(
        callbacks=[lambda run: seen.append(("a", len(run.history))), lambda run: seen.append(("b", run))]
    )
    assert [name for name, _ in seen] == ["a", "b"] * 3
    assert [number for name, number in seen if name == "a"] == [1, 2, 3]
    assert seen[-1][1].params is fitted.params


@pytest.mark.parametrize("answer", [True, np.True_])
def test_a_callback_that_returns_true_ends_training_after_all_were_called(train, answer):
    others = []
    fitted = train(epochs=9, callbacks=[lambda run: answer if len(run.history) == 2 else None, others.append])
    assert len(fitted.history) == len(others) == 2


@pytest.mark.parametrize("answer", [None, False, 1, "text", np.ones(3)], ids=str)
def test_any_other_answer_of_a_callback_is_none(train, answer):
    assert len(train(callbacks=[lambda run: answer]).history) == 3


def test_nothing_is_printed_without_progress(train, blobs, capsys):
    train(validation=blobs(30, 1))
    assert capsys.readouterr() == ("", "")


def test_settings_of_numpy_that_raise_do_not_touch_training(train):
    with np.errstate(all="raise"):
        train(data=(np.eye(4, dtype=np.float32) * 90, np.array([0, 1, 2, 0])))  # exp(−large) underflows


REFUSED = {
    "no epoch": ({"epochs": 0}, "epochs and batch_size must be at least 1, got 0 and 16"),
    "no batch": ({"batch_size": 0}, "epochs and batch_size must be at least 1, got 3 and 0"),
    "no example": (
        {"data": (np.ones((0, 4)), np.ones(0, int))},
        r"data must be \(x, y\) with at least one example",
    ),
    "labels missing": ({"data": (np.ones((5, 4)), np.ones(4, int))}, r"as many x as y, got \(5, 4\) and \(4,\)"),
    "validation of nothing": (
        {"validation": (np.ones((0, 4)), np.ones(0, int))},
        r"validation must be \(x, y\) with at least one example",
    ),
    "patience alone": ({"patience": 2}, r"patience waits for the validation loss: pass validation=\(x, y\)"),
    "no patience": (
        {"patience": 0, "validation": (np.ones((5, 4)), np.ones(5, int))},
        "patience must be at least 1 epoch, got 0",
    ),
    "params alone": (
        {"params": [{"w": np.ones((4, 3)), "b": np.ones(3)}], "model": Sequential(Dense(3))},
        "params without their state: pass both",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_arguments_that_do_not_fit_together_are_refused_before_anything_is_drawn(train, arguments, message):
    rng = np.random.default_rng(1)
    with pytest.raises(ValueError, match=message):
        train(**arguments, rng=rng)
    assert rng.bit_generator.state == np.random.default_rng(1).bit_generator.state
