"""Classifiers are trained and asked by two functions that share nothing but data, on a clock that we set."""

from __future__ import annotations

import contextvars
from dataclasses import replace

import numpy as np
import pytest

import autograder
from autograder import checking
from autograder.competing import Entry, Examples, Trial, misfit
from autograder.cpu_time import cpu_clock
from autograder.exercises.unit07 import classifiers, looks, mistakes, sheets
from autograder.parameters import stored
from autograder.sampling import Stopped

pytestmark = pytest.mark.usefixtures("unrecognised")

train, predict = classifiers.train, classifiers.predict


class Clock:
    """A training takes as many seconds as it is told."""

    def __init__(self, seconds):
        self.now, self.seconds = 100.0, seconds

    def __call__(self):
        return self.now

    def train(self, *arguments, **named):
        self.now += self.seconds
        return train(*arguments, **named)


def checked(train=train, predict=predict, *, clock=None, seed=1, graded=None):
    """The report, as `check` makes it of two plain functions."""

    def run():
        cpu_clock.set(clock or (lambda: 0.0))
        checking.grading_seed.set(graded)
        return autograder.grade("build_and_train", train, forward=predict, rng=np.random.default_rng(seed))

    return contextvars.copy_context().run(run)


def failed(report):
    return {case.trait for case in report.failures}


def problem(report, trait):
    return next(case.summary for case in report.cases if case.trait == trait)


# the two functions -----------------------------------------------------------------------------------------


def test_two_plain_functions_are_judged_like_an_entry_of_ours():
    report = checked()
    assert report.passed, report.text
    assert report.points == 20


def test_check_takes_the_second_function_by_its_name():
    assert autograder.check("build_and_train", blank, predict=blank).points == 0


def blank(*arguments, **named):
    raise NotImplementedError


def test_one_function_alone_is_told_how_to_pass_both():
    report = checked(predict=None)
    assert report.points == 0
    assert "write check(…, predict=…)" in report.text


@pytest.mark.parametrize(("train", "predict"), [(blank, predict), (train, blank), (blank, blank)])
def test_with_one_of_them_not_written_there_are_no_points(train, predict):
    report = checked(train, predict)
    assert report.points == 0
    assert not report.written


def test_parameters_reach_the_second_function_rounded_and_in_copies():
    seen = []

    def keeping(*arguments, **named):
        seen.append({"w": np.array([1 / 3]), "k": [7]})
        return seen[-1]

    def reading(parameters, images):
        assert parameters["w"][0] == np.float32(1 / 3)
        assert parameters["k"] == [7]
        parameters["w"][0] = 9
        return np.zeros(len(images), int)

    trial = Trial(keeping, reading, 3, autograder.calling.Caller())
    task = sheets.Sheets(3, False, 5.0, 10)
    trained = trial.trained(task)
    trial.answers(trained, task.draw().new_images)
    assert trained.parameters["w"][0] == np.float32(1 / 3)
    assert seen[0]["w"][0] == 1 / 3


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (object(), "an object"),
        (lambda: 0, "a function"),
        ([b"packed"], "a bytes"),
        (np.zeros((3, 0)), "empty array"),
    ],
)
def test_what_is_no_data_is_refused_by_name(parameters, words):
    report = checked(lambda *a, **k: parameters)
    assert report.points == 0
    assert words in report.text


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (None, "got None"),
        ([1, 2, 3], "got a list of 3"),
        (np.zeros((3, 10)), r"got an array (3, 10) of float64"),
        (np.zeros((3, 1), int), "got an array (3, 1)"),
        (np.zeros(3), "got an array (3,) of float64"),
        (np.zeros(4, int), "got an array (4,) of int64"),
    ],
)
def test_what_is_no_label_for_each_image_is_told(got, words):
    found = misfit(got, 3)
    assert words in found.problem.summary
    assert misfit(np.arange(3), 3) is None


# the scale and the budget ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "share"), [(0.0, 1.0), (20.0, 1.0), (25.0, 0.75), (30.0, 0.5), (40.0, 0.0), (500.0, 0.0)]
)
def test_above_the_time_a_share_is_lost_and_nothing_else(seconds, share):
    clock = Clock(seconds)
    report = checked(clock.train, clock=clock)
    assert report.points == pytest.approx(18 + 2 * share)
    assert failed(report) == (set() if share == 1 else {"CPU seconds"})
    assert report.measured["cpu_seconds"] == seconds
    assert report.measured["over_budget"] == (seconds > 20)


@pytest.mark.parametrize(("more", "share"), [(5189, 1.0), (10_189, 0.5), (20_000, 0.0)])
def test_above_the_size_a_share_is_lost_and_nothing_else(more, share):
    def padded(*arguments, **named):
        return {**train(*arguments, **named), "p": np.ones(more - 1)}

    report = checked(padded)
    assert report.measured["parameters"] == 4811 + more
    assert report.points == pytest.approx(18 + 2 * share, abs=0.01)
    assert failed(report) == (set() if share == 1 else {"parameters"})


def answering_rightly(share):
    """Knows the held-out labels, for so large a share of them."""

    def answers(parameters, images):
        got = predict(parameters, images)
        data = sheets.Sheets(SEED, False, looks.SECONDS).draw()
        if images.shape == data.new_images.shape and np.array_equal(images, data.new_images):
            got = data.new_labels.copy()
            got[round(share * len(got)) :] = (got[round(share * len(got)) :] + 5) % 10
        return got

    return answers


SEED = int(np.random.default_rng(1).integers(2**63))


@pytest.mark.parametrize(
    ("share", "part"), [(1.0, 1), (0.92, 1), (0.84, 0.75), (0.76, 0.5), (0.68, 0.25), (0.6, 0), (0.3, 0)]
)
def test_points_for_accuracy_are_those_of_the_published_scale(share, part):
    report = checked(predict=answering_rightly(share))
    accuracy = next(mark for mark in report.marks if mark.name == "accuracy")
    assert accuracy.points == pytest.approx(8 * part)
    assert report.measured["accuracy"] == pytest.approx(100 * share, abs=0.2)


def test_the_note_has_the_interval_and_what_was_used_also_where_all_is_right():
    report = checked()
    assert "95 % interval: " in report.text
    assert "4,811 parameters" in report.text
    assert "95 % interval: " in report._repr_html_()


def test_who_has_one_answer_for_all_gets_nothing_for_keeping_the_budget():
    report = checked(lambda *a, **k: 0, lambda parameters, images: np.zeros(len(images), int))
    assert report.points <= 2
    assert "CPU seconds" in failed(report)


# what is held out ------------------------------------------------------------------------------------------


def test_in_a_notebook_only_the_open_digits_are_used_and_while_grading_others_are_asked_about():
    images, labels = sheets.digits()
    at_home, graded = (sheets.Sheets(5, it, 20.0).draw() for it in (False, True))
    assert len(at_home.images) + len(at_home.new_images) == sheets.OPEN == len(graded.images)
    assert len(graded.new_images) == len(images) - sheets.OPEN == 597

    def share_of_classes(of):
        return np.sort(np.bincount(of, minlength=10))

    assert np.array_equal(share_of_classes(graded.new_labels), share_of_classes(labels[sheets.OPEN :]))


def test_classes_have_other_numbers_and_sheets_are_drawn_anew_for_each_seed():
    _, labels = sheets.digits()
    one, other = (sheets.Sheets(seed, True, 20.0).draw() for seed in (1, 2))
    assert not np.array_equal(one.new_labels, labels[sheets.OPEN :])
    assert not np.array_equal(one.new_labels, other.new_labels)
    assert not np.array_equal(one.new_images, other.new_images)
    assert len(np.unique(one.new_labels)) == 10


def test_the_order_of_what_is_asked_and_the_sheets_cannot_be_told_from_the_rng_that_comes_along():
    seen = {}

    def spying(images, labels, *, rng, cpu_seconds):
        seen.setdefault(len(images), rng.bit_generator.state["state"]["state"])
        return train(images, labels, rng=rng, cpu_seconds=cpu_seconds)

    checked(spying, graded=9)
    for number in (0, 1, 2):
        known = np.random.default_rng([number, SEED]).bit_generator.state["state"]["state"]
        assert known not in seen.values()
    one, other = (sheets.Sheets(seed, True, 20.0).draw().new_labels for seed in (1, 2))
    kinds = [np.unique(labels, return_inverse=True)[1] for labels in (one, other)]
    assert not any(np.array_equal(np.argsort(k, kind="stable"), np.arange(597)) for k in kinds)
    assert np.mean(kinds[0] == kinds[1]) < 0.2


def test_the_notebook_takes_the_same_digits_for_its_own():
    source = (sheets.__file__.partition("autograder")[0]) + "solutions/07_capstone.py"
    with open(source) as file:
        text = file.read()
    assert f"default_rng({sheets.ORDER}).permutation(len(digits))" in text
    assert f"order[:{sheets.OPEN}]" in text


def test_classes_count_as_never_seen_only_where_they_are_few_and_the_others_are_read():
    labels = np.arange(40) % 10
    data = Examples(labels, labels, labels, labels)
    without_9 = np.where(labels == 9, 0, labels)
    assert looks.never_seen(data, without_9, 60.0) == [9]
    assert looks.never_seen(data, np.roll(without_9, 3), 60.0) == []
    assert looks.never_seen(data, labels % 5, 60.0) == []


@pytest.mark.parametrize("seed", [4, 11])
def test_while_grading_right_classifiers_pass_as_well(seed):
    exercise = checking.find("build_and_train")
    for entry in (exercise.reference, *exercise.alternatives):
        report = checked(entry, None, seed=seed, graded=9)
        assert report.passed, report.text
        assert report.measured["images"] == 597


# cheats ----------------------------------------------------------------------------------------------------


def test_a_store_outside_that_knows_parameters_by_their_bytes_finds_none_again():
    store = {}

    def hiding(images, labels, **named):
        mark = np.random.default_rng(len(images)).random(3)
        store[mark.tobytes()] = train(images, labels, **named)
        return mark

    report = checked(hiding, lambda mark, images: predict(store[mark.tobytes()], images))
    assert report.points == 0
    assert "KeyError" in report.text


def test_a_store_outside_that_takes_whatever_it_has_is_found_by_older_parameters():
    report = checked(mistakes.keep, mistakes.look_up)
    assert "its parameters alone" in failed(report)


def test_of_bytes_packed_into_one_number_most_do_not_survive():
    pixels = np.random.default_rng(0).integers(1, 17, (50, 8), np.uint8)
    kept = stored(pixels.view(np.int64)).view(np.uint8)
    assert np.mean(kept == pixels, axis=0).tolist()[:4] == pytest.approx([0, 0, 0, 0], abs=0.2)
    assert np.mean(kept == pixels) < 0.5


def test_packed_images_are_over_the_budget_and_read_worse_than_they_would():
    def packing(images, labels, **named):
        return np.round(images.reshape(len(images), -1) * 16).astype(np.uint8).view(np.int64), labels

    def nearest(parameters, images):
        known = parameters[0].view(np.uint8).astype(float) / 16
        x = images.reshape(len(images), -1)
        squares = (x**2).sum(axis=1)[:, None] - 2 * x @ known.T + (known**2).sum(axis=1)
        return parameters[1][squares.argmin(axis=1)]

    whole = sheets.Sheets(SEED, False, 20.0).draw()
    unrounded = looks.right(nearest(packing(whole.images, whole.labels), whole.new_images), whole.new_labels)
    measured = checked(packing, nearest).measured
    assert measured["accuracy"] < unrounded
    assert measured["over_budget"]


def test_a_training_that_changes_its_images_is_named():
    def spoiling(images, labels, **named):
        images *= 0.5
        return train(images, labels, **named)

    report = checked(spoiling)
    assert "images came in from outside, and changed" in problem(report, "inputs unchanged")
    assert "read-only" in problem(report, "read-only arrays")


def test_what_says_it_takes_no_time_is_timed_all_the_same():
    entry = replace(classifiers.REFERENCE, seconds=21.0)
    assert Trial(entry, predict, 1, None).trained(sheets.Sheets(1, False, 20.0, 20)).seconds == 21.0
    with pytest.raises(Stopped):
        Trial(blank, predict, 1, autograder.calling.Caller()).trained(sheets.Sheets(1, False, 20.0, 20))


def test_entries_are_callable_as_what_they_train_with():
    entry = Entry(lambda x, *, k: x + k, None)
    assert entry(2, k=3) == 5
