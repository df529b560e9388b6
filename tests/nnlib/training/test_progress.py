"""The bar: what it says, and that it says it in few lines wherever it is shown."""

import io
import sys

import pytest
from rich import progress
from rich.console import Console


@pytest.fixture
def shown(train, blobs, monkeypatch):
    """What training with a bar writes, to a terminal or into a file."""

    def run(terminal, **changes):
        output = io.StringIO()
        console = Console(file=output, force_terminal=terminal, force_jupyter=False, width=120, color_system=None)
        monkeypatch.setattr(progress, "get_console", lambda: console)
        fitted = train(validation=blobs(30, 1), progress=True, **changes)
        return output.getvalue(), fitted.history

    return run


@pytest.mark.parametrize("terminal", [True, False])
def test_at_the_end_the_bar_holds_the_last_epoch_loss_and_validation(shown, terminal):
    text, history = shown(terminal)
    assert "epoch 3/3 " + "━" * 40 in text
    assert f"loss {history.step_losses[-1]:.4f}  val_loss {history['val_loss'][-1]:.4f}" in text


def test_outside_of_a_terminal_thousands_of_steps_are_few_lines(shown):
    text, history = shown(False, epochs=40, batch_size=1)
    assert len(history.step_losses) == 2000
    assert len(text.splitlines()) <= 2


def test_a_resumed_training_begins_where_it_was(shown, tmp_path):
    shown(False, epochs=2, checkpoint=tmp_path / "run.npz")
    text, history = shown(False, epochs=2, checkpoint=tmp_path / "run.npz")
    assert "epoch 2/2" in text
    assert f"val_loss {history['val_loss'][-1]:.4f}" in text


def test_training_that_ended_early_says_in_which_epoch(shown):
    text, _ = shown(False, epochs=9, callbacks=[lambda run: len(run.history) == 2])
    assert "epoch 2/9" in text


def test_without_rich_training_goes_on_without_a_bar(train, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    assert len(train(progress=True).history) == 3
    assert capsys.readouterr() == ("", "")
