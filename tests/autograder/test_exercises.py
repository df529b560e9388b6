"""One loop over the registry: what is right passes, what is wrong is rejected and recognised, always."""

from __future__ import annotations

import functools
from collections import Counter

import numpy as np
import pytest

import autograder
from autograder import checking, marking
from autograder.racing import Race
from autograder.recognition import Evidence, Lineup, recognise

SEEDS = (1, 20, 300)
EXERCISES = autograder.exercises()
UNTIMED = tuple(exercise for exercise in EXERCISES if not isinstance(exercise.kind, Race))
each = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
each_untimed = pytest.mark.parametrize("exercise", UNTIMED, ids=lambda exercise: exercise.name)
each_seed = pytest.mark.parametrize("seed", SEEDS)


def cases_of(exercise, seed=1):
    return tuple(case for case in exercise.cases(np.random.default_rng(seed)) if not case.timed)


def grade(exercise, function, seed=1):
    return checking.examine(exercise, function, None, np.random.default_rng(seed))


@functools.cache
def identified(exercise_name, seed):
    """For each misconception: the traits it fails, which mistakes are recognised in it, its share of the points."""
    exercise = checking.find(exercise_name)
    cases = cases_of(exercise, seed)
    lineup = Lineup(exercise, cases)
    expected = tuple(checking.expected_of(exercise, case) for case in cases)
    found = {}
    for mistake in exercise.misconceptions:
        seen = tuple(lineup.show(mistake, range(len(cases))).values())
        judged = checking.judge(exercise, cases, expected, seen)
        failed = {case.trait for case, it in zip(cases, judged, strict=True) if it.credit < 1}
        names = [m.name for m in recognise(Evidence(cases, expected, seen, judged), lineup)]
        points = marking.points(exercise, cases, marking.earned(cases, judged))
        found[mistake.name] = failed, names, points / exercise.points
    return found


def blank(*args, **kwargs):
    raise NotImplementedError


def test_unit_1_has_the_points_that_were_planned():
    assert {e.name: e.points for e in EXERCISES if e.unit == "01_activations"} == {
        "dense_forward": 3,
        "collapse_linear": 3,
        "relu_forward": 1,
        "count_parameters": 2,
        "relu_backward": 2,
        "sigmoid_forward": 3,
        "sigmoid_backward": 2,
        "tanh_forward": 1,
        "tanh_backward": 2,
        "leaky_relu_forward": 2,
        "leaky_relu_backward": 2,
        "swish_forward": 2,
        "swish_backward": 3,
        "softmax": 3,
        "hunt_slope_bug": 3,
        "hunt_softmax_bug": 3,
    }


def test_the_unit_has_the_points_that_were_planned():
    assert {e.name: e.points for e in EXERCISES if e.unit == "05_convolution"} == {
        "conv_output_size": 2,
        "correlate2d": 3,
        "conv2d_forward": 5,
        "im2col": 3,
        "conv2d_backward": 6,
        "col2im": 4,
        "max_pool2d_forward": 3,
        "max_pool2d_backward": 4,
        "avg_pool2d_forward": 2,
        "avg_pool2d_backward": 3,
        "global_avg_pool_forward": 1,
        "global_avg_pool_backward": 2,
        "hunt_pool_bug": 3,
        "hunt_conv_bug": 3,
        "conv2d_forward_fast": 3,
    }
    assert {e.name: e.points for e in EXERCISES if e.unit == "02_backpropagation"} == {
        "numerical_gradient": 3,
        "relative_error": 2,
        "mse_loss": 2,
        "softmax_cross_entropy": 4,
        "sigmoid_cross_entropy": 3,
        "derivation_steps": 5,
        "dense_backward": 3,
        "two_layer_gradients": 4,
        "mlp_forward": 3,
        "mlp_backward": 5,
        "hunt_loss_bug": 3,
        "hunt_gradient_bug": 3,
        "checkpointed_gradients": 3,
        "backward_rule": 2,
        "topological_order": 2,
        "backpropagate": 2,
    }
    assert [e.name for e in EXERCISES if e.bonus and e.unit == "02_backpropagation"] == [
        "checkpointed_gradients", "backward_rule", "topological_order", "backpropagate",
    ]  # fmt: skip
    assert [e.name for e in EXERCISES if e.bonus and e.unit == "05_convolution"] == ["conv2d_forward_fast"]


def test_unit_3_has_the_points_that_were_planned():
    assert {e.name: e.points for e in EXERCISES if e.unit == "03_optimizers"} == {
        "sgd_update": 1,
        "minibatches": 3,
        "step_decay": 1,
        "exponential_decay": 1,
        "cosine_annealing": 1,
        "warmup_cosine": 2,
        "momentum_update": 2,
        "nesterov_update": 2,
        "rmsprop_update": 2,
        "adam_update": 4,
        "xavier_normal": 2,
        "he_normal": 1,
        "clip_by_global_norm": 2,
        "clip_by_value": 1,
        "train": 5,
        "hunt_adam_bug": 3,
        "hunt_batch_bug": 2,
    }


def test_unit_4_has_the_points_that_were_planned():
    assert {e.name: e.points for e in EXERCISES if e.unit == "04_overfitting"} == {
        "l2_penalty": 2,
        "l1_penalty": 2,
        "dropout_forward": 3,
        "dropout_backward": 1,
        "scaled_dropout_forward": 2,
        "early_stopping": 3,
        "batchnorm_forward": 5,
        "batchnorm_backward": 5,
        "batchnorm2d_forward": 3,
        "batchnorm2d_backward": 3,
        "translate": 2,
        "flip_horizontal": 2,
        "random_crop": 3,
        "hunt_crop_bug": 2,
        "color_jitter": 3,
        "synonym_replacement": 2,
        "random_insertion": 2,
        "random_deletion": 2,
        "add_noise": 2,
        "time_stretch": 3,
        "hunt_dropout_bug": 3,
        "hunt_batchnorm_bug": 3,
    }


def test_unit_6_has_the_points_that_were_planned():
    assert {e.name: e.points for e in EXERCISES if e.unit == "06_architectures"} == {
        "conv2d_cost": 2,
        "receptive_field": 2,
        "lenet_forward": 3,
        "lenet_backward": 3,
        "train_lenet": 6,
        "inception_forward": 3,
        "inception_backward": 4,
        "residual_forward": 3,
        "residual_backward": 5,
        "depthwise_conv2d_forward": 3,
        "depthwise_conv2d_backward": 4,
        "hunt_residual_bug": 3,
        "hunt_inception_bug": 3,
    }


def test_unit_7_has_the_points_that_were_planned():
    found = {e.name: e.points for e in EXERCISES if e.unit == "07_capstone"}
    assert found == {"accuracy_interval": 3, "hunt_measuring_bug": 3, "build_and_train": 20}


@each
def test_there_is_enough_of_everything(exercise):
    cases = cases_of(exercise)
    assert len({case.trait for case in cases}) == len(cases) >= 8
    assert len(exercise.misconceptions) >= 5
    assert len(exercise.alternatives) >= 2
    assert exercise.reread
    assert exercise.partner is None or exercise.partner in {e.name for e in EXERCISES}


@each
def test_each_mistake_has_a_name_and_a_sentence_of_its_own(exercise):
    names = [mistake.name for mistake in exercise.misconceptions]
    sentences = [mistake.sentence for mistake in exercise.misconceptions]
    assert len(set(names)) == len(names)
    assert [s for s, count in Counter(sentences).items() if count > 1 and "not at pixel i" not in s] == []
    assert all(len(sentence) > 30 and sentence.endswith((".", "?", ")")) for sentence in sentences)


@each_seed
@each_untimed
def test_the_reference_gets_full_marks(exercise, seed):
    report = grade(exercise, exercise.reference, seed)
    assert report.points == report.max_points == exercise.points, report.text
    assert report.passed
    assert not report.failures
    assert not report.mistakes


@each_seed
@each_untimed
def test_every_alternative_gets_full_marks(exercise, seed):
    for alternative in exercise.alternatives:
        report = grade(exercise, alternative, seed)
        assert report.passed, report.text


@each_untimed
@pytest.mark.parametrize("stub", [blank, lambda *args: None])
def test_a_function_without_content_gets_nothing(exercise, stub):
    report = grade(exercise, stub)
    assert report.points == 0, report.text
    assert not report.passed


def test_errors_alone_earn_nothing():
    def refusing(*args):
        raise ValueError("no")

    for name in ("conv_output_size", "correlate2d", "hunt_pool_bug"):
        assert grade(checking.find(name), refusing).points == 0, name


@pytest.mark.parametrize("seed", SEEDS[:2])
@each
def test_every_misconception_is_rejected_and_recognised(exercise, seed):
    for name, (failed, names, _) in identified(exercise.name, seed).items():
        assert failed, f"{name} survives"
        assert names[:1] == [name], f"{name} was taken for {names}"


@each_untimed
def test_every_misconception_costs_at_least_8_percent_and_some_leave_most(exercise):
    shares = [share for _, _, share in identified(exercise.name, 1).values()]
    assert max(shares) <= 0.92
    assert sum(share >= 0.65 for share in shares) >= len(shares) / 5


@pytest.mark.parametrize(("name", "mistake", "least", "most"), [
    ("conv2d_backward", "unpads dx with p:-p", 0.15, 0.3), ("conv2d_backward", "ignores the stride", 0.15, 0.3),
    ("col2im", "unpads with p:-p", 0.15, 0.3), ("max_pool2d_backward", "overwrites overlapping windows", 0.15, 0.3),
    ("max_pool2d_backward", "gives all tied maxima the whole gradient", 0.1, 0.2),
    ("conv2d_forward", "assumes square images", 0.15, 0.3), ("conv2d_backward", "makes gradients of integers", 0.1, 0.2),
    ("avg_pool2d_backward", "changes dout in place", 0.1, 0.2), ("conv2d_forward", "refuses a leftover", 0.15, 0.3),
])  # fmt: skip
def test_common_mistakes_cost_what_they_spoil(name, mistake, least, most):
    assert least - 1e-9 <= 1 - identified(name, 1)[mistake][2] <= most + 1e-9


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.aspects], ids=lambda exercise: exercise.name)
def test_aspects_divide_all_points_among_all_traits(exercise):
    assert sum(aspect.percent for aspect in exercise.aspects) == 100
    for case in cases_of(exercise):
        assert sum(case.trait in aspect.traits for aspect in exercise.aspects) == 1, case.trait
    assert set(exercise.worth) <= set(exercise.kind.parts)
    report = grade(exercise, exercise.misconceptions[0].function)
    assert report.points == pytest.approx(sum(mark.points for mark in report.marks), abs=0.006)
    assert sum(mark.max_points for mark in report.marks) == pytest.approx(exercise.points)


@each
def test_every_trait_is_failed_by_a_misconception(exercise):
    failed = set().union(*(traits for traits, *_ in identified(exercise.name, 1).values()))
    survivors = [case.trait for case in cases_of(exercise) if case.trait not in failed]
    assert survivors == []


@each_untimed
def test_most_traits_are_told_apart_by_a_misconception(exercise):
    """Points are partial: few mistakes cost everything, and many cost a trait or two only."""
    shares = [len(failed) / len(cases_of(exercise)) for failed, *_ in identified(exercise.name, 1).values()]
    assert min(shares) <= 0.25
    assert sum(share < 0.5 for share in shares) >= len(shares) / 3


@pytest.mark.parametrize("name", ["conv2d_backward", "max_pool2d_backward", "conv_output_size", "hunt_conv_bug"])
def test_the_public_function_says_the_sentence(name):
    exercise = checking.find(name)
    mistake = max(exercise.misconceptions, key=lambda m: m.seen)
    report = autograder.grade(name, mistake.function, rng=np.random.default_rng(7))
    assert report.mistakes[0].sentence == mistake.sentence
    assert 0 <= report.points < report.max_points


@each
def test_inputs_differ_from_seed_to_seed_and_never_for_one(exercise):
    one, same, other = (
        repr([case.arguments for case in exercise.cases(np.random.default_rng(s))]) for s in (1, 1, 2)
    )
    assert one == same
    assert one != other


# the inputs have the trait that is claimed -----------------------------------------------------------------

UNIT_5 = [e for e in UNTIMED if e.unit == "05_convolution"]
IMAGES = [e for e in UNIT_5 if e.name not in ("conv_output_size", "col2im") and not e.name.startswith("hunt")]
TRAITS = {
    "image not square": lambda x, rest: x.shape[-1] != x.shape[-2],
    "one image": lambda x, rest: len(x) == 1,
    "one channel": lambda x, rest: x.shape[1] == 1,
    "many images": lambda x, rest: len(x) > 8,
    "float32": lambda x, rest: x.dtype == np.float32,
    "integers": lambda x, rest: x.dtype.kind == "i",
    "read-only arrays": lambda x, rest: not x.flags.writeable,
    "negative values": lambda x, rest: (x < 0).all(),
    "equal values": lambda x, rest: (x[..., :2, :2] == 1).all(),
    "no padding": lambda x, rest: rest[-1] == 0,
    "stride and padding left out": lambda x, rest: len(rest) <= 2,
    "kernel not square": lambda x, rest: (
        len(set(rest[0] if isinstance(rest[0], tuple) else rest[0].shape[-2:])) == 2
    ),
    "window not square": lambda x, rest: rest[0][0] != rest[0][1],
}


@pytest.mark.parametrize("exercise", IMAGES, ids=lambda exercise: exercise.name)
def test_cases_have_their_trait(exercise):
    checked = 0
    for case in cases_of(exercise):
        if case.trait in TRAITS:
            x, *rest = case.arguments
            assert TRAITS[case.trait](x, rest), case.trait
            checked += 1
    assert checked >= 4


def arrays_in(value):
    """All arrays in nested tuples and lists."""
    if isinstance(value, np.ndarray):
        return [value]
    return [a for item in value for a in arrays_in(item)] if isinstance(value, tuple | list) else []


@each_untimed
def test_float32_and_float64_are_both_tried(exercise):
    kinds = {a.dtype.name for case in cases_of(exercise) for a in arrays_in(case.arguments)}
    assert not kinds or {"float32", "float64", "int64"} <= kinds


def test_leftovers_leave_something_over():
    for name in ("conv2d_forward", "max_pool2d_forward"):
        case = next(c for c in cases_of(checking.find(name)) if c.trait == "leftover at the end")
        x, window, *rest = case.arguments
        size = window if isinstance(window, int) else window.shape[2]
        stride, padding = (rest[1], rest[2]) if len(rest) > 1 else (size, 0)
        assert (x.shape[2] + 2 * padding - size) % stride > padding
