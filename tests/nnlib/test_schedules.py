"""Schedules: their values at known steps, and PyTorch's."""

import math

import numpy as np
import pytest

from nnlib.schedules import cosine_annealing, exponential_decay, step_decay, warmup_cosine


def test_steps():
    assert [step_decay(1.0, s, 3, 0.5) for s in range(7)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_exponential_halves_in_equal_times():
    assert exponential_decay(2.0, 10, math.log(2) / 10) == pytest.approx(1.0)


def test_cosine_begins_at_lr_passes_the_middle_and_stays_at_the_least():
    assert [cosine_annealing(1.0, s, 10, 0.2) for s in (0, 5, 10, 11)] == pytest.approx([1, 0.6, 0.2, 0.2])


def test_warm_up_rises_to_lr_and_goes_on_as_cosine():
    rates = [warmup_cosine(1.0, s, 4, 10) for s in range(11)]
    assert rates[:5] == pytest.approx([0.25, 0.5, 0.75, 1, 1])
    assert np.all(np.diff(rates[4:]) < 0)
    assert rates[-1] == pytest.approx(0)
    assert warmup_cosine(1.0, 0, 0, 10) == 1


@pytest.mark.parametrize(("schedule", "words"), [
    (lambda: step_decay(1, -1, 3), "step counts from 0, got -1"),
    (lambda: warmup_cosine(1, -1, 2, 3), "step counts from 0"),
    (lambda: step_decay(1, 1, 0), "every must be at least 1"),
    (lambda: cosine_annealing(1, 1, 0), "total must be at least 1"),
    (lambda: warmup_cosine(1, 1, 5, 5), r"warmup must lie in \[0, total\) with total = 5"),
])  # fmt: skip
def test_settings_without_sense_are_refused(schedule, words):
    with pytest.raises(ValueError, match=words):
        schedule()


def test_pytorch_has_the_same_rates():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed, so there is nothing to compare with")
    schedulers = torch.optim.lr_scheduler
    peers = {
        lambda s: step_decay(0.3, s, 7, 0.2): lambda o: schedulers.StepLR(o, 7, 0.2),
        lambda s: exponential_decay(0.3, s, 0.05): lambda o: schedulers.ExponentialLR(o, math.exp(-0.05)),
        lambda s: cosine_annealing(0.3, s, 40, 0.01): lambda o: schedulers.CosineAnnealingLR(o, 40, 0.01),
    }
    for ours, peer in peers.items():
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
        scheduler = peer(optimizer)
        for step in range(40):
            assert optimizer.param_groups[0]["lr"] == pytest.approx(ours(step), rel=1e-9)
            optimizer.step()
            scheduler.step()
