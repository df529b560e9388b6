"""The history: numbers by name, a table, pictures."""

import base64

import numpy as np
import pytest

from nnlib.metrics import accuracy
from nnlib.training import History

ROWS = [
    {"loss": 2.0, "accuracy": 0.25, "val_loss": 1.5, "val_accuracy": 0.5, "lr": 0.1},
    {"loss": 1.0, "accuracy": 0.5, "val_loss": 1.75, "val_accuracy": 0.4375, "lr": 0.05},
]


@pytest.fixture
def history():
    return History(ROWS, [2.5, 1.5, 1.25, 0.75], best_epoch=0)


def test_numbers_by_name_epoch_by_epoch(history):
    assert len(history) == 2
    assert history["val_loss"] == [1.5, 1.75]
    assert history["lr"] == [0.1, 0.05]


def test_another_name_is_answered_with_those_there_are(history):
    with pytest.raises(KeyError, match="no 'acc': it holds loss, accuracy, val_loss, val_accuracy, lr"):
        history["acc"]


def test_a_history_of_no_epoch_is_empty():
    assert History()["loss"] == []
    assert repr(History()) == "History of no epoch yet"
    assert History().validation() == ""


def test_fit_fills_all_of_it(train, blobs):
    history = train(validation=blobs(30, 1), metrics={"accuracy": accuracy}).history
    assert list(history.rows[0]) == ["loss", "accuracy", "val_loss", "val_accuracy", "lr"]
    assert {type(value) for row in history.rows for value in row.values()} == {float}
    assert {type(value) for value in history.step_losses} == {float}
    assert history.best_epoch == int(np.argmin(history["val_loss"]))


def test_the_table_has_a_row_an_epoch_counted_from_one(history):
    assert repr(history).splitlines() == [
        "epoch  loss  accuracy  val_loss  val_accuracy    lr",
        "    1     2      0.25       1.5           0.5   0.1",
        "    2     1       0.5      1.75        0.4375  0.05",
    ]


def test_validation_as_a_line(history):
    assert history.validation() == "val_loss 1.7500  val_accuracy 0.4375"


def test_a_picture_has_both_curves_and_says_them_in_words(history):
    picture = history.plot()
    (ax,) = picture.figure.axes
    assert [line.get_label() for line in ax.lines] == ["training", "validation"]
    np.testing.assert_array_equal([line.get_ydata() for line in ax.lines], [[2, 1], [1.5, 1.75]])
    np.testing.assert_array_equal([line.get_xdata() for line in ax.lines], [[1, 2], [1, 2]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert picture.alt == "loss over 2 epochs: training from 2 to 1; validation from 1.5 to 1.75"
    data, metadata = picture._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == picture.alt


def test_a_number_without_validation_is_one_curve(history):
    (ax,) = history.plot("lr").figure.axes
    assert [line.get_label() for line in ax.lines] == ["training"]
    assert ax.get_legend() is None


def test_a_picture_of_no_epoch_is_empty_and_says_so():
    assert "0 epochs" in History().plot().alt
