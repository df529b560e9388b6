"""What is drawn is judged by properties and by statistics whose bounds are told."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder.exercises.held_out import Training
from autograder.exercises.unit03 import training
from autograder.sampling import within
from nnlib.batches import minibatches
from nnlib.initialization import he_normal


def grade(name, function, seed=1):
    return autograder.grade(name, function, rng=np.random.default_rng(seed))


def failed(report):
    return {case.trait for case in report.failures}


def test_a_statistic_within_chance_passes_and_others_tell_the_bounds():
    assert within("mean", 0.4, 0.0, 0.1) is None
    problem = within("mean", 0.6, 0.0, 0.1)
    assert problem.problem.summary == "mean: expected -0.5 to 0.5, got 0.6"


@pytest.mark.parametrize("seed", range(5, 15))
def test_right_draws_pass_whatever_the_seed(seed):
    assert grade("he_normal", he_normal, seed).passed
    assert grade("minibatches", minibatches, seed).passed


def test_a_variance_one_fifth_too_large_is_found():
    report = grade("he_normal", lambda a, b, *, rng: rng.normal(0, np.sqrt(2.4 / a), (a, b)))
    assert failed(report) == {
        "a square layer",
        "more inputs than outputs",
        "more outputs than inputs",
        "one input",
    }
    assert "variance: expected 0.0" in report.text


@pytest.mark.parametrize("value", [np.nan, np.inf, -7.0, 1e300])
@pytest.mark.usefixtures("unrecognised")
def test_labels_and_weights_that_are_no_numbers_are_wrong_and_no_more(value):
    def draw(x, y, batch_size, *, rng):
        yield x, np.full(len(y), value)

    assert grade("minibatches", draw).points < 1
    assert grade("he_normal", lambda a, b, *, rng: np.full((a, b), value)).points < 0.5
    four = lambda x, labels, *, rng: tuple(np.full_like(p, value) for p in starting(x, labels, rng=rng))  # noqa: E731 - one line
    assert grade("train", four).points < 2


def test_an_endless_generator_ends():
    def endless(x, y, batch_size, *, rng):
        while True:
            yield x[:batch_size], y[:batch_size]

    assert "batches of one size" in failed(grade("minibatches", endless))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x, y, batch_size, *, rng: None, "expected batches (x, y), one after another, got None"),
        (lambda x, y, batch_size, *, rng: [x, y], "expected pairs (x, y)"),
        (lambda x, y, batch_size, *, rng: x, "expected batches (x, y), one after another, got an array"),
        (lambda x, y, batch_size: [(x, y)], "unexpected keyword argument 'rng'"),
    ],
)
def test_what_is_no_batches_is_told(function, words):
    report = grade("minibatches", function)
    assert words in report.text
    assert report.points == 0


# train ----------------------------------------------------------------------------------------------------


def reading(accuracy, monkeypatch):
    """The report of a train whose network reads that many per cent of the new digits."""
    monkeypatch.setattr(Training, "accuracy", lambda *_: accuracy)
    report = grade("train", starting)
    return next(case for case in report.cases if case.trait == "new digits")


def starting(x, labels, *, rng):
    classes = int(labels.max()) + 1
    return rng.normal(size=(x.shape[1], 8)), np.zeros(8), rng.normal(size=(8, classes)), np.ones(classes)


@pytest.mark.parametrize(("accuracy", "credit"), [(95.0, 1), (90.0, 0.75), (85.0, 0.5), (75.0, 0), (10.0, 0)])
def test_points_grow_with_the_accuracy_along_the_published_scale(monkeypatch, accuracy, credit):
    assert reading(accuracy, monkeypatch).credit == pytest.approx(credit)


def test_an_accuracy_is_told_with_the_scale(monkeypatch):
    summary = reading(85.0, monkeypatch).summary
    assert summary == "85.0 % of 597 new digits are read rightly; points begin at 75 %, all are for 95 %"


def test_held_out_digits_are_none_of_those_to_learn_from_and_their_labels_stay_here():
    data = training.split(7, 1200)
    assert (len(data.x), len(data.new_x)) == (1200, 597)
    known = {row.tobytes() for row in data.x}
    assert not any(row.tobytes() in known for row in data.new_x)
    given = []

    def watching(x, labels, *, rng):
        given.append((x, labels))
        return starting(x, labels, rng=rng)

    grade("train", watching)
    seen = {len(labels) for _, labels in given}
    assert seen == {1200, 500, 250, 211, 120}
    assert all(len(x) == len(labels) for x, labels in given)


def test_pixels_and_classes_are_others_each_time():
    one, other = training.split(1, 100), training.split(2, 100)
    assert not np.allclose(np.sort(one.x.mean(0)), np.sort(training.digits()[0].reshape(-1, 64)[:100].mean(0)))
    assert not np.array_equal(one.x, other.x)


def test_a_network_that_does_not_fit_is_told_with_its_shapes():
    report = grade("train", lambda x, labels, *, rng: (np.ones((3, 4)), np.ones(4), np.ones((4, 10)), np.ones(10)))
    assert (
        "expected w1 (64, H), b1 (H,), w2 (H, 10), b2 (10,), got w1 (3, 4), b1 (4,), w2 (4, 10), b2 (10,)"
        in report.text
    )
