"""Unit 4's inputs have the traits that they claim, and mistakes that nobody listed get no full marks.

Mutants are the authored solutions with one piece of text replaced, as students slip.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import autograder
from autograder import checking

SOLUTION = Path(__file__).parents[2] / "solutions" / "04_overfitting.py"
MUTANTS = {
    "early_stopping": [
        ("loss < smallest", "loss <= smallest"), ("loss < smallest", "loss > smallest"),
        (">= patience", "> patience"), (">= patience", "== patience + 1"), ("epoch - best_epoch", "epoch"),
        ("return epoch, best_epoch", "return best_epoch, epoch"), ("- 1, best_epoch", "- 1, 0"),
        ("smallest = epoch, loss", "smallest = epoch, max(loss, smallest)"), ("np.inf", "1.0"),
        ("len(val_losses) - 1, best", "len(val_losses), best"), ("np.inf\n", "val_losses[-1]\n"),
        ("return epoch, best_epoch", "break"),
    ],
    "l2_penalty": [
        ("2 * lam * w", "lam * w"), ("np.sum(w**2)", "np.sum(w)**2"), ("np.sum(w**2)", "np.linalg.norm(w)"),
        ("np.sum(w**2)", "np.mean(w**2)"), ("lam * sum(", "sum("), ("2 * lam * w", "2 * lam * w**2"),
        ("np.sum(w**2)", "np.sum(w**2, axis=0)"), ("for w in weights]\n    ###", "for w in weights[:1]]\n    ###"),
        ("2 * lam * w for", "w for"),
    ],
    "l1_penalty": [
        ("np.sign(w)", "np.where(w < 0, -1, 1)"), ("np.abs(w)", "w"), ("np.sign(w)", "w / (np.abs(w) + 1e-8)"),
        ("np.sign(w)", "np.sign(w) * (np.abs(w) > 0.01)"), ("lam * np.sign", "np.sign"), ("np.sum(np.abs(w))", "np.abs(np.sum(w))"),
        ("np.sign(w)", "np.tanh(100 * w)"), ("lam * sum(", "lam * len(weights) * sum("),
    ],
    "dropout_forward": [
        (">= p_drop", "< p_drop"), ("rng.random(x.shape)", "np.random.random(x.shape)"), ("(1 - p_drop)", "p_drop"),
        ("kept / (1 - p_drop)", "kept * 1.0"), ("rng.random(x.shape)", "rng.random(x.shape[-1:])"),
        ("rng.random(x.shape)", "rng.random(x.shape[:1] + (1,) * (x.ndim - 1))"), (".astype(x.dtype)\n", "\n"),
        ("rng.random(x.shape)", "rng.normal(0.5, 0.29, x.shape)"), ("if train:", "if train or True:"),
        ("if train:", "if not train:"), ("np.ones_like(x)", "np.full_like(x, 1 - p_drop)"),
        ("rng.random(x.shape)", "rng.permutation(np.linspace(0, 1, x.size)).reshape(x.shape)"),
        ("return x * factor, factor", "return x * factor, x"), (">= p_drop", ">= p_drop / 2"), (">= p_drop", ">= p_drop**2"),
    ],
    "dropout_backward": [
        ("dout * cache", "dout"), ("dout * cache", "dout * (cache > 0)"), ("dout * cache", "dout * cache / len(dout)"),
        ("dout * cache", "np.multiply(dout, cache, out=dout)"), ("dout * cache", "dout + cache"),
        ("dout * cache", "dout * cache.max()"), ("dout * cache", "(dout * cache).astype(np.float32)"),
    ],
    "scaled_dropout_forward": [
        (">= p_drop", "< p_drop"), ("1 - p_drop)", "p_drop)"), ("1 - p_drop)", "1.0)"), ("if train:", "if not train:"),
        ("1 - p_drop)", "1 / (1 - p_drop))"), ("rng.random(x.shape)", "rng.random(x.shape[1:])"),
    ],
    "batchnorm_forward": [
        ("x.var(axis=0)", "x.var(axis=0, ddof=1)"), ("x.var(axis=0)", "x.std(axis=0)"), ("np.sqrt(var + eps)", "np.sqrt(var) + eps"),
        ("np.sqrt(var + eps)", "np.sqrt(var)"), ("np.sqrt(var + eps)", "np.sqrt(np.maximum(var, eps))"),
        ("np.ones(x.shape[1]", "np.zeros(x.shape[1]"), ("(1 - momentum) * var", "momentum * var"),
        ("momentum * running[1]", "momentum * running[0]"), ("x.mean(axis=0), x", "x.mean(), x"), ("axis=0), x.var", "axis=1), x.var"),
        ("if train:", "if True:"), ("if train:", "if not train:"), ("+ beta", ""), ("gamma * (x", "(x"),
        ("mean, std, train), state", "mean, var, train), state"), ("(x, gamma, mean, std", "(x - mean, gamma, mean, std"),
        ("x.var(axis=0)", "(x**2).mean(axis=0) - x.mean(axis=0)**2"), ("(x - mean) / std", "(x - x.mean(axis=0)) / std"),
        ("(1 - momentum) * mean", "(1 - momentum) * x.mean()"),
    ],
    "batchnorm_backward": [
        ("- g.mean(axis=0)", ""), ("- x_hat * (g * x_hat).mean(axis=0)", ""), ("if train:", "if True:"),
        ("if train:", "if not train:"), ("(g * x_hat).mean(axis=0)", "(g * x_hat).mean()"), ("dx / std", "dx"),
        ("dout * gamma", "dout"), ("(dout * x_hat).sum", "(g * x_hat).sum"), ("dout.sum(axis=0)", "dout.mean(axis=0)"),
        ("- x_hat * (g * x_hat)", "+ x_hat * (g * x_hat)"), ("(x - mean) / std", "(x - mean)"), ("dout.sum(axis=0)", "g.sum(axis=0)"),
        ("(g * x_hat).mean(axis=0)", "(dout * x_hat).mean(axis=0)"), ("g.mean(axis=0)", "g.mean(axis=1, keepdims=True)"),
    ],
}  # fmt: skip


def solution(name):
    """The text of the authored function, with the helper that it calls."""
    cells = re.split(r"^# %%.*$", SOLUTION.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return next(cell for cell in cells if f"\ndef {name}(" in cell), next(c for c in cells if "def as_float" in c)


def made(name, old="", new=""):
    text, helper = solution(name)
    assert old in text, (name, old)
    names = {"np": np}
    exec(helper + text.replace(old, new) if old else helper + text, names)
    return names[name]


def grade(name, function, **more):
    return autograder.grade(name, function, rng=np.random.default_rng(11), **more)


@pytest.mark.parametrize("name", MUTANTS)
def test_the_authored_solution_is_right(name):
    assert grade(name, made(name)).passed


@pytest.mark.parametrize(
    ("name", "old", "new"), [(name, *mutant) for name, mutants in MUTANTS.items() for mutant in mutants]
)
def test_a_slip_that_nobody_listed_gets_no_full_marks(name, old, new):
    report = grade(name, made(name, old, new))
    assert report.points <= 0.93 * report.max_points, report.text


def cases_of(name, seed=2):
    return {case.trait: case for case in checking.find(name).cases(np.random.default_rng(seed))}


def test_losses_have_the_form_that_is_claimed():
    cases = cases_of("early_stopping")
    falling, tied = (cases[trait].arguments[0] for trait in ("falls to the end", "a plateau"))
    assert all(later < before for before, later in pairwise(falling))
    assert len(set(tied[1:])) == 1
    assert np.isnan(cases["nan among them"].arguments[0]).sum() == 1
    assert max(cases["negative losses"].arguments[0]) < 0
    losses, patience = cases["a smaller loss after the stop"].arguments
    assert min(losses) in losses[1 + patience + 1 :]


def test_batches_have_the_trait_that_is_claimed():
    cases = cases_of("batchnorm_forward")
    x, *_ = cases["far from 0"].arguments
    assert np.abs(x.mean(axis=0)).min() > 1e4 * x.std(axis=0).max()
    assert cases["small variance"].arguments[0].var(axis=0).max() < 1e-5
    assert np.ptp(cases["constant feature"].arguments[0][:, 0]) == 0
    assert cases["empty state"].arguments[3] is None
    assert (cases["gamma and beta"].arguments[1] != 1).all()
    assert (cases["a batch in training"].arguments[1] == 1).all()
    assert cases["trained, then evaluated"].arguments[5] == (True, True, False)
    images = cases_of("batchnorm2d_forward")["image not square"].arguments[0]
    assert images.shape[2] != images.shape[3]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", ["dropout_forward", "scaled_dropout_forward"])
def test_chance_does_not_fail_who_is_right(name, seed):
    exercise = checking.find(name)
    for function in (exercise.reference, *exercise.alternatives):
        assert autograder.grade(name, function, rng=np.random.default_rng(1000 + seed)).passed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((2, 2)), "expected a tuple (x, p_drop)"),
        ((np.ones((2, 2)), 1.0), "p_drop: expected a number from 0 to below 1"),
        ((2.0, 0.5), "x: expected an array of 1 to 20000 numbers"),
        ((np.full(3, np.inf), 0.5), "x must hold finite numbers"),
    ],
)
def test_a_dropout_hunt_that_returns_no_input_is_told_why(value, words):
    assert words in grade("hunt_dropout_bug", lambda: value).text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ((np.ones((3, 2)), np.ones(3), np.ones(2), 0.5, 0.1), "expected x (N, D), gamma (D,) and beta (D,)"),
        ((np.ones((3, 2)), np.ones(2), np.ones(2), 1.0, 0.1), "momentum: expected a number from 0 to below 1"),
        ((1e9 * np.ones((3, 2)), np.ones(2), np.ones(2), 0.5, 0.1), "x: take numbers up to a million"),
    ],
)
def test_a_batch_norm_hunt_that_returns_no_input_is_told_why(value, words):
    assert words in grade("hunt_batchnorm_bug", lambda: value).text
