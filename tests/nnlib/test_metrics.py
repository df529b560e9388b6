"""Accuracy and the confusion matrix: by hand, and what they refuse."""

import numpy as np
import pytest

from nnlib.metrics import accuracy, confusion_matrix

OUTPUTS = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, -1.0], [0.0, 0.0, -1.0], [-3.0, -2.0, -1.0], [9.0, 1.0, 1.0]])
LABELS = np.array([0, 1, 1, 2, 2])  # the third is a tie, which class 0 gets; the last is wrong


def test_accuracy_by_hand():
    assert accuracy(OUTPUTS, LABELS) == 3 / 5
    assert type(accuracy(OUTPUTS, LABELS)) is float
    assert accuracy(OUTPUTS[:1], LABELS[:1]) == 1
    assert accuracy(OUTPUTS.astype(np.float32), LABELS.astype(np.uint8)) == 3 / 5


def test_rows_are_the_true_classes_and_columns_the_predicted_ones():
    counts = confusion_matrix(OUTPUTS, LABELS)
    np.testing.assert_array_equal(counts, np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1]], np.int64), strict=True)


def test_the_diagonals_share_is_the_accuracy(rng):
    outputs, labels = rng.standard_normal((200, 4)), rng.integers(0, 4, 200)
    counts = confusion_matrix(outputs, labels)
    assert counts.sum() == 200
    assert np.trace(counts) / 200 == accuracy(outputs, labels)
    np.testing.assert_array_equal(counts.sum(axis=1), np.bincount(labels))


def test_no_examples_have_no_accuracy_and_an_empty_matrix():
    none = np.ones((0, 3)), np.ones(0, int)
    with pytest.raises(ValueError, match=r"accuracy of no examples is not defined: outputs has shape \(0, 3\)"):
        accuracy(*none)
    np.testing.assert_array_equal(confusion_matrix(*none), np.zeros((3, 3), np.int64), strict=True)


@pytest.mark.parametrize("metric", [accuracy, confusion_matrix])
def test_what_does_not_fit_together_is_refused(metric):
    with pytest.raises(ValueError, match=r"outputs must have shape \(N, M\), got \(5,\): one row an example"):
        metric(OUTPUTS[:, 0], LABELS)
    with pytest.raises(ValueError, match=r"labels must have shape \(N,\) with N = 5, got \(4,\): one label a row"):
        metric(OUTPUTS, LABELS[:4])
    with pytest.raises(ValueError, match=r"labels must be integers, got dtype float64: of one-hot rows take"):
        metric(OUTPUTS, LABELS.astype(float))


def test_one_hot_rows_are_answered_with_what_to_do():
    with pytest.raises(ValueError, match=r"labels must have shape \(N,\).*got \(5, 3\).*\.argmax\(axis=1\)"):
        accuracy(OUTPUTS, np.eye(3)[LABELS])


@pytest.mark.parametrize(("labels", "span"), [([0, 1, 1, 2, 3], "0 to 3"), ([-1, 1, 1, 2, 2], "-1 to 2")])
def test_a_label_outside_of_the_classes_has_no_row(labels, span):
    with pytest.raises(ValueError, match=rf"labels must lie in \[0, 3\), got {span}"):
        confusion_matrix(OUTPUTS, np.array(labels))
