"""A training that was interrupted and called again: the same to the bit as one that was not."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from nnlib.layers import BatchNorm, Dense, Dropout, ReLU, Sequential
from nnlib.metrics import accuracy
from nnlib.optimizers import SGD, Adam, Momentum
from nnlib.saving import save_model

GENERATORS = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]
EPOCHS = 5


def noisy(x, *, rng):
    return x + 0.1 * rng.standard_normal(x.shape, np.float32)


@pytest.fixture
def all_in(train, blobs):
    """Training with all that draws numbers or keeps something: to be resumed with whatever rng is passed."""

    def run(**changes):
        settings = {
            "model": Sequential(Dense(8), BatchNorm(), ReLU(), Dropout(0.3), Dense(3)),
            "optimizer": Momentum(0.05),
            "validation": blobs(30, 1),
            "metrics": {"accuracy": accuracy},
            "augment": noisy,
            "epochs": EPOCHS,
            "patience": 2,
            "rng": np.random.default_rng(3),
        }
        return train(**settings | changes)

    return run


def stop_after(epochs):
    def callback(run):
        if len(run.history) == epochs:
            raise KeyboardInterrupt

    return callback


def never(x, *, rng):
    pytest.fail("a training that is over went on")


def stop_in_step(step):
    calls = []

    def augment(x, *, rng):
        calls.append(x)
        if len(calls) == step + 1:
            raise KeyboardInterrupt
        return noisy(x, rng=rng)

    return augment


@pytest.mark.parametrize("epoch", range(1, EPOCHS + 1))
def test_interrupted_after_any_epoch(all_in, same_training, tmp_path, epoch):
    file = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        all_in(checkpoint=file, callbacks=[stop_after(epoch)])
    same_training(all_in(checkpoint=file, rng=np.random.default_rng(99)), all_in())


@pytest.mark.parametrize("step", [0, 2, 4, 11, 19])
def test_interrupted_within_an_epoch_it_goes_on_from_the_end_of_the_last(all_in, same_training, tmp_path, step):
    file, rng = tmp_path / "run.npz", np.random.default_rng(3)
    with pytest.raises(KeyboardInterrupt):
        all_in(checkpoint=file, augment=stop_in_step(step), rng=rng)
    steps = []
    resumed = all_in(checkpoint=file, augment=lambda x, rng: steps.append(x) or noisy(x, rng=rng), rng=rng)
    assert len(steps) == 4 * (EPOCHS - step // 4)
    same_training(resumed, all_in())


@pytest.mark.parametrize("bits", GENERATORS, ids=lambda bits: bits.__name__)
def test_interrupted_again_and_again_with_any_generator(all_in, same_training, tmp_path, bits):
    for epoch in range(1, EPOCHS):
        with pytest.raises(KeyboardInterrupt):
            all_in(
                checkpoint=tmp_path / "run", callbacks=[stop_after(epoch + 1)], rng=np.random.Generator(bits(3))
            )
    same_training(
        all_in(checkpoint=tmp_path / "run", rng=np.random.Generator(bits(4))),
        all_in(rng=np.random.Generator(bits(3))),
    )


def test_early_stopping_is_the_same_after_an_interruption(all_in, same_training, tmp_path):
    settings = {"epochs": 30, "patience": 1, "optimizer": Momentum(0.3)}
    whole = all_in(**settings)
    best = whole.history.best_epoch
    assert len(whole.history) == best + 2 < 30
    for epoch in (best + 1, best + 2):  # the best one is behind, and training about to end
        file = tmp_path / f"{epoch}.npz"
        with pytest.raises(KeyboardInterrupt):
            all_in(**settings, checkpoint=file, callbacks=[stop_after(epoch)])
        same_training(all_in(**settings, checkpoint=file), whole)


def test_a_checkpoint_changes_nothing_of_a_training(all_in, same_training, tmp_path):
    same_training(all_in(checkpoint=tmp_path / "run.npz"), all_in())


def test_a_training_that_is_over_is_returned_at_once(all_in, same_training, tmp_path):
    file = tmp_path / "run.npz"
    first = all_in(checkpoint=file)
    content = file.read_bytes()
    same_training(all_in(checkpoint=file, augment=never), first)
    assert file.read_bytes() == content


def test_a_training_that_a_callback_ended_stays_ended(all_in, same_training, tmp_path):
    file = tmp_path / "run.npz"
    first = all_in(checkpoint=file, callbacks=[lambda run: len(run.history) == 2])
    assert len(first.history) == 2
    same_training(all_in(checkpoint=file, augment=never), first)


def test_more_epochs_than_before_go_on(all_in, same_training, tmp_path):
    file = tmp_path / "run.npz"
    assert len(all_in(checkpoint=file, epochs=2).history) == 2
    same_training(all_in(checkpoint=file), all_in())


def test_the_rng_is_left_where_an_uninterrupted_training_leaves_it(all_in, tmp_path):
    rngs = [np.random.default_rng(3) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt):
        all_in(checkpoint=tmp_path / "run.npz", callbacks=[stop_after(3)], rng=rngs[0])
    all_in(checkpoint=tmp_path / "run.npz", rng=rngs[0])
    all_in(rng=rngs[1])
    assert rngs[0].random() == rngs[1].random()


X, Y = np.ones((50, 4), np.float32), np.zeros(50, int)
OTHER = {
    "model": ({"model": Sequential(Dense(3))}, r"its model is Sequential\( Dense\(units=8\), .*, not Sequential\( Den"),
    "optimizer": ({"optimizer": SGD(0.05)}, r"its optimizer is Momentum\(lr=0.05, beta=0.9\), not SGD\(lr=0.05\)"),
    "learning rate": ({"optimizer": Momentum(0.1)}, r"its optimizer is Momentum\(lr=0.05, .*not Momentum\(lr=0.1, "),
    "batch size": ({"batch_size": 17}, "its batch_size is 16, not 17"),
    "values of x": ({"data": (X, Y)}, r"its data is x \(50, 4\) float32 of checksum \w{8}, y \(50,\) int64 of check"),
    "size of the data": ({"data": (X[:9], Y[:9])}, r"its data .* not x \(9, 4\) float32"),
    "dtype of x": ({"data": (X.astype(np.float64), Y)}, r"its data .* not x \(50, 4\) float64"),
    "generator": ({"rng": np.random.Generator(np.random.MT19937(3))}, "its rng is PCG64, not MT19937"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), OTHER.values(), ids=OTHER)
def test_the_file_of_another_run_is_refused_with_what_differs_and_kept(all_in, tmp_path, changes, message):
    file = tmp_path / "run.npz"
    all_in(checkpoint=file, epochs=1)
    content = file.read_bytes()
    with pytest.raises(ValueError, match="belongs to another run: " + message):
        all_in(checkpoint=file, **changes)
    assert file.read_bytes() == content


def test_labels_that_changed_are_refused(all_in, blobs, tmp_path):
    x, y = blobs(50, 0)
    all_in(checkpoint=tmp_path / "run.npz", epochs=1)
    with pytest.raises(ValueError, match="its data is"):
        all_in(checkpoint=tmp_path / "run.npz", data=(x, (y + 1) % 3))


def test_all_that_differs_is_said_at_once(all_in, tmp_path):
    all_in(checkpoint=tmp_path / "run.npz", epochs=1)
    with pytest.raises(
        ValueError, match=r"its optimizer .*; its batch_size .*Take another file .*, or delete that"
    ):
        all_in(checkpoint=tmp_path / "run.npz", batch_size=5, optimizer=Adam(0.1))


def test_a_file_of_another_run_without_a_finished_epoch_is_written_anew(all_in, same_training, tmp_path):
    file = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        all_in(checkpoint=file, augment=stop_in_step(0), batch_size=5)
    same_training(all_in(checkpoint=file), all_in())


def test_a_damaged_file_is_refused_and_kept(all_in, tmp_path):
    file = tmp_path / "run.npz"
    all_in(checkpoint=file, epochs=1)
    content = file.read_bytes()[:-100]
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.npz is damaged, or not a file that nnlib saved"):
        all_in(checkpoint=file)
    assert file.read_bytes() == content


def test_a_file_that_holds_a_model_is_refused_and_kept(all_in, tmp_path):
    file = tmp_path / "model.npz"
    save_model(file, Sequential(Dense(3)), [{}], [{}])
    content = file.read_bytes()
    with pytest.raises(ValueError, match=r"model\.npz holds no training run: take another file as checkpoint"):
        all_in(checkpoint=file)
    assert file.read_bytes() == content


def test_an_interruption_while_the_file_is_written_leaves_the_one_before(
    all_in, same_training, tmp_path, monkeypatch
):
    file, replace, moved = tmp_path / "run.npz", os.replace, []

    def interrupted(source, target):
        moved.append(target)
        if len(moved) == 4:
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):  # noqa: PT012 - one statement, patched
        patch.setattr(os, "replace", interrupted)
        all_in(checkpoint=file)
    assert moved == [file] * 4  # before the first epoch and after each of three
    assert os.listdir(tmp_path) == ["run.npz"]
    same_training(all_in(checkpoint=file), all_in())


SCRIPT = """
import sys, time
from pathlib import Path
import numpy as np
from nnlib.layers import BatchNorm, Dense, Dropout, ReLU, Sequential
from nnlib.losses import softmax_cross_entropy
from nnlib.optimizers import Adam
from nnlib.training import fit

def train(folder, wait_in=None):
    steps = []
    def augment(x, *, rng):
        if len(steps) == wait_in:
            (folder / "waiting").touch()
            time.sleep(600)
        steps.append(None)
        return x + rng.standard_normal(x.shape, np.float32)
    x = np.random.default_rng(0).standard_normal((40, 5), np.float32)
    return fit(Sequential(Dense(8), BatchNorm(), ReLU(), Dropout(0.2), Dense(3)), (x, np.arange(40) % 3),
               softmax_cross_entropy, Adam(0.01), epochs=6, batch_size=16, rng=np.random.default_rng(1),
               augment=augment, checkpoint=folder / "run.npz", progress=False)

if __name__ == "__main__":
    train(Path(sys.argv[1]), wait_in=10)
"""


def test_killed_in_the_middle_of_an_epoch(same_training, tmp_path, root):
    script, waiting = tmp_path / "script.py", tmp_path / "waiting"
    script.write_text(SCRIPT)
    process = subprocess.Popen([sys.executable, script, tmp_path], env={**os.environ, "PYTHONPATH": str(root)})
    try:
        for _ in range(6000):
            if waiting.exists() or process.poll() is not None:
                break
            time.sleep(0.02)
        assert waiting.exists(), "the training did not come to its eleventh step"
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    train = runpy.run_path(str(script))["train"]
    whole = tmp_path / "whole"
    whole.mkdir()
    with np.load(tmp_path / "run.npz") as left:
        assert len(json.loads(str(left["form"]))["dict"]["rows"]["list"]) == 3
    same_training(train(tmp_path), train(whole))
