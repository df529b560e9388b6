"""Unit 6's inputs have the traits that they claim; its hunts take what they ask for; accuracy becomes points."""

from __future__ import annotations

import numpy as np
import pytest

import autograder
from autograder import checking
from autograder.exercises.held_out import OF_SPLITS, Training
from autograder.exercises.unit06 import training
from nnlib.inception import inception_forward
from nnlib.residual import residual_forward


def cases(name, seed=1):
    return {case.trait: case for case in checking.find(name).cases(np.random.default_rng(seed))}


BLOCKS = {
    "projection": lambda x, ws, stride: ws is not None and ws.shape[0] != ws.shape[1],
    "projection, as many channels": lambda x, ws, stride: ws.shape[0] == ws.shape[1],
    "identity shortcut": lambda x, ws, stride: ws is None and stride == 1,
    "projection, stride 2": lambda x, ws, stride: stride == 2 and x.shape[2] % 2 == 0,
    "stride 2, odd size": lambda x, ws, stride: stride == 2 and x.shape[2] % 2 == x.shape[3] % 2 == 1,
    "image not square": lambda x, ws, stride: x.shape[2] != x.shape[3],
    "one image": lambda x, ws, stride: len(x) == 1,
    "many images": lambda x, ws, stride: len(x) > 8,
    "float32": lambda x, ws, stride: x.dtype == ws.dtype == np.float32,
    "integers": lambda x, ws, stride: x.dtype.kind == ws.dtype.kind == "i",
    "read-only arrays": lambda x, ws, stride: not x.flags.writeable,
}


@pytest.mark.parametrize("name", ["residual_forward", "residual_backward"])
@pytest.mark.parametrize("trait", BLOCKS)
def test_residual_blocks_have_their_trait(name, trait):
    x, *_, ws, _, stride = cases(name)[trait].arguments
    assert BLOCKS[trait](x, ws, stride)


def test_sums_are_exactly_0_where_a_case_says_so():
    *_, z2 = residual_forward(*cases("residual_backward")["the sum is exactly 0"].arguments)[1]
    _, z1, *_ = residual_forward(*cases("residual_backward")["z1 is exactly 0"].arguments)[1]
    assert not z1.any()
    assert not z2.any()


def test_numpy_would_add_the_shortcut_that_must_be_refused():
    x, w1, *_ = cases("residual_forward")["NumPy would stretch it"].arguments
    assert np.broadcast_shapes(x.shape, (len(x), len(w1), *x.shape[2:]))
    assert x.shape[1] != len(w1)


def test_branches_are_of_unequal_widths_but_where_a_case_says_so():
    for trait, case in cases("inception_backward").items():
        widths = {branch[-1][0].shape[0] for branch in case.arguments[1]}
        assert (len(widths) == 1) == (trait in ("one branch", "equal widths")), trait


def test_z_of_a_branch_is_exactly_0_where_a_case_says_so():
    cache = inception_forward(*cases("inception_backward")["z is exactly 0"].arguments)[1]
    assert not cache[0][0][1].any()


def test_channels_of_depthwise_layers_are_not_as_many_as_images():
    for trait, case in cases("depthwise_conv2d_forward").items():
        n, c = case.arguments[0].shape[:2]
        assert (c == 1) == (trait == "one channel"), trait
        assert n != c, trait


def grade(name, function):
    return autograder.grade(name, function, rng=np.random.default_rng(3))


BLOCK = checking.find("hunt_residual_bug").reference()
MODULE = checking.find("hunt_inception_bug").reference()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((*BLOCK[:7], 0), "stride: expected an int from 1 to 10, got 0"),
        ((*BLOCK[:7], (2, 1)), "stride: expected an int from 1 to 10, got a tuple of 2"),
        ((None, *BLOCK[1:]), "x: expected an array, got None"),
        ((np.ones((2, 2, 400, 400)), *BLOCK[1:]), "x has 640000 values"),
        ((BLOCK[0] * np.nan, *BLOCK[1:]), "x must hold finite numbers up to"),
        ((np.ones((9, 1, 40, 40)), np.ones((30, 1, 3, 3)), *BLOCK[2:]), "too large to be tried"),
        ((*BLOCK[:5], None, None, 2), "the right version does not take this input: ValueError: the body gives"),
        (BLOCK[:3], "expected a tuple (x, w1, b1, w2, b2, ws, bs, stride), got a tuple of 3"),
    ],
)
def test_a_hunt_says_why_an_answer_is_no_residual_block(answer, said):
    report = grade("hunt_residual_bug", lambda: answer)
    assert report.points == 0
    assert said in report.text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((MODULE[0], np.ones(3)), "branches: expected a list of 1 to 8 branches, got an array (3,)"),
        ((MODULE[0], []), "branches: expected a list of 1 to 8 branches, got a list of 0"),
        ((MODULE[0], [[]]), "branches[0]: expected a list of pairs (w, b), got a list of 0"),
        ((MODULE[0], [[(np.ones((1, 2, 1, 1)),)]]), "branches[0][0]: expected a pair (w, b), got a tuple of 1"),
        ((MODULE[0], [[(np.ones((1, 2, 1, 1)), 0.0)]]), "branches[0][0], b: expected an array, got 0.0"),
        ((MODULE[0], [[(np.ones((1, 2, 2, 2)), np.zeros(1))]]), "K odd, so that H and W stay"),
    ],
)
def test_a_hunt_says_why_an_answer_is_no_inception_module(answer, said):
    report = grade("hunt_inception_bug", lambda: answer)
    assert report.points == 0
    assert said in report.text


def test_arrays_in_lists_are_described_and_not_printed():
    report = grade("inception_forward", lambda x, branches: (x, ()))
    assert "branches [[((2, 3, 1, 1) float64, (2,) float64)], [(" in report.text


def test_digits_to_be_judged_by_are_others_than_those_to_learn_from():
    data = training.split(5, 60)
    assert data.x.shape == (60, 1, 28, 28)
    assert len(data.new_x) == training.READ
    seen = data.x.reshape(60, -1).astype(float)
    distances = np.linalg.norm(data.new_x.reshape(training.READ, 1, -1)[:40] - seen, axis=2)
    assert distances.min() > 1  # the noise alone makes 0.02 · √784 · √2 = 0.8


def test_each_data_set_has_classes_of_its_own():
    _, labels = training.digits()
    names = []
    for seed in (1, 2):
        rng = np.random.default_rng([OF_SPLITS, seed])
        chosen = rng.permutation(len(labels))[:460]
        data = training.split(seed, 60)
        renamed = dict(zip(labels[chosen[:60]].tolist(), data.labels.tolist(), strict=True))
        assert [renamed[digit] for digit in labels[chosen[:60]]] == data.labels.tolist()
        names.append(renamed)
    assert names[0] != names[1]


@pytest.mark.parametrize(("accuracy", "credit"), [(96.0, None), (88.0, 0.75), (78.0, 0.25), (70.0, 0.0)])
def test_accuracy_becomes_points_by_the_published_scale(monkeypatch, accuracy, credit):
    monkeypatch.setattr(Training, "trained", lambda *_: [np.ones(1)] * 10)
    monkeypatch.setattr(Training, "accuracy", lambda *_: accuracy)
    found = training.LOOKS["new digits"](None, 1)
    assert (found.credit if found else None) == (pytest.approx(credit) if credit is not None else None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p[:9], "expected (w1, b1, w2, b2, w3, b3, w4, b4, w5, b5), got a tuple of 9"),
        (lambda p: (p[0][:5], *p[1:]), "expected w1 (6, 1, 5, 5), got (5, 1, 5, 5)"),
        (lambda p: (p[0] * np.nan, *p[1:]), "there are numbers in it that are no numbers"),
    ],
)
@pytest.mark.usefixtures("unrecognised")
def test_what_is_no_lenet_is_named(change, said):
    from nnlib.lenet import lenet_start

    def train(x, labels, *, rng):
        return change(lenet_start(int(labels.max()) + 1, rng=rng))

    report = grade("train_lenet", train)
    assert report.points == 0
    assert said in report.text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("conv2d_cost", "Each result earns its own part of them: of 2 parts, parameters 1, multiply_adds 1."),
        ("inception_backward", "Each gradient earns its own part of them: of 2 parts, dx 1, dbranches 1."),
    ],
)
def test_parts_that_earn_for_themselves_are_called_what_they_are(name, said):
    mistake = next(m for m in checking.find(name).misconceptions if m.name == "forgets the biases")
    assert said in grade(name, mistake.function).rule
