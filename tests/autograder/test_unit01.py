"""Unit 1's inputs have the traits that they claim; common mistakes cost what they spoil; hunts take what they ask for."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import checking
from autograder.precision import Precise

UNIT = [exercise for exercise in autograder.exercises() if exercise.unit == "01_activations"]
ELEMENTWISE = [e for e in UNIT if e.name.endswith(("_forward", "_backward")) and e.name != "dense_forward"]
TRAITS = {
    "both signs": lambda z: (z > 0).any() and (z < 0).any() and z.ndim == 2,
    "positive values": lambda z: (z > 0).all(),
    "negative values": lambda z: (z < 0).all(),
    "many examples": lambda z: len(z) > 20,
    "one example": lambda z: len(z) == 1,
    "a vector": lambda z: z.ndim == 1,
    "images": lambda z: z.ndim == 4,
    "zeros among them": lambda z: 0 < (z == 0).sum() < z.size,
    "large values": lambda z: z.min() < -8000 and z.max() > 8000 and np.abs(z).min() > 700,
    "float32": lambda z: z.dtype == np.float32,
    "integers": lambda z: z.dtype.kind == "i" and (z < 0).any() and (z == 0).any(),
    "read-only arrays": lambda z: not z.flags.writeable,
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("exercise", ELEMENTWISE, ids=lambda exercise: exercise.name)
def test_cases_have_their_trait(exercise, seed):
    cases = {case.trait: case for case in exercise.cases(np.random.default_rng(seed))}
    assert set(TRAITS) <= set(cases)
    for trait, holds in TRAITS.items():
        assert holds(cases[trait].arguments[0]), trait
        if exercise.partner:
            assert cases[trait].dout.shape == cases[trait].arguments[0].shape
            assert (cases[trait].dout < 0).any() < cases[trait].dout.size


def grade(name, function, **more):
    return autograder.grade(name, function, rng=np.random.default_rng(3), **more)


def mistake(name, which):
    return next(m for m in checking.find(name).misconceptions if m.name == which)


@pytest.mark.parametrize(
    ("name", "which", "cost"),
    [
        ("relu_backward", "has slope 1 at 0", 0.2),
        ("sigmoid_forward", "overflows for very negative z", 0.2),
        ("sigmoid_forward", "computes both branches everywhere", 0.1),
        ("softmax", "overflows", 0.2),
        ("leaky_relu_forward", "has alpha built in", 0.15),
        ("count_parameters", "checks nothing", 0.25),
        ("collapse_linear", "forgets the first bias", 0.5),
    ],
)
def test_common_mistakes_cost_what_they_spoil(name, which, cost):
    report = grade(name, mistake(name, which).function)
    assert cost - 0.01 <= 1 - report.points / report.max_points <= cost + 0.11
    assert report.mistakes[0].sentence == mistake(name, which).sentence


def test_one_mistake_in_a_forward_function_does_not_cost_the_backward_one_its_points():
    wrong = mistake("sigmoid_forward", "has the wrong sign in exp").function
    right = checking.find("sigmoid_backward").reference
    assert grade("sigmoid_backward", right, forward=wrong).passed


def test_what_must_be_stable_is_judged_to_its_digits():
    precise = {exercise.name for exercise in UNIT if isinstance(exercise.kind, Precise)}
    assert precise == {"sigmoid_forward", "tanh_forward", "swish_forward", "softmax"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((2, 2)), "expected a tuple (z, alpha)"),
        ((np.zeros((2, 2)), "much"), "alpha: expected an array, or a number up to 100"),
        ((np.zeros((2, 2)), float("nan")), "alpha: expected"),
        ((np.full((2, 2), np.inf), 0.5), "z must hold finite numbers"),
    ],
)
def test_a_slope_hunt_that_returns_no_input_is_told_why(value, words):
    assert words in grade("hunt_slope_bug", lambda: value).text


def test_an_alpha_of_any_kind_of_number_is_taken():
    for alpha in (2, 2.0, np.float64(2)):
        assert grade("hunt_slope_bug", lambda alpha=alpha: (np.arange(5) - 2, alpha)).passed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros(3), "one array of shape (N, M)"),
        (None, "one array"),
        ([[1, 2]], "one array"),
        ([1, 2], "a tuple"),
    ],
)
def test_a_softmax_hunt_that_returns_no_table_is_told_why(value, words):
    assert words in grade("hunt_softmax_bug", lambda: value).text


def test_a_single_argument_may_come_alone_or_in_a_tuple():
    logits = checking.find("hunt_softmax_bug").reference()
    assert grade("hunt_softmax_bug", lambda: logits).passed
    assert grade("hunt_softmax_bug", lambda: (logits,)).passed
